"""How many persons a session needs (EXM-015 to EXM-017, EXM-019; X26)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.pack import NotRegulated, overlaid, pack_named
from jiangheng.rules.staffing import (
    GROUPS,
    Need,
    ReviewRoom,
    Room,
    SkillRoom,
    Standard,
    StandardNeeded,
    TheoryRoom,
    check_examiner_pool,
    check_group,
    check_heads,
    check_room,
    check_rooms,
    check_supervisors,
    examiners_needed,
    judges_needed,
    proctors_needed,
    supervisors_needed,
)

JILIN, FILING, MANUAL = "jilin", "jilin-filing", "xinjiang-inner-mongolia"
SOCIAL, ENTERPRISE, SCHOOL = "shandong-social", "shandong-enterprise", "shandong-school"
STANDARD = Standard(candidates_per_proctor=15, candidates_per_examiner=5, min_examiners=3, min_scorers=3)


def rules_of(pack: str, room: Room, standard: Standard = STANDARD) -> list[str]:
    """Which rules the room breaks."""
    return [fault.rule for fault in check_room(room, pack_named(pack), standard)]


@pytest.mark.requirement("EXM-015")
@pytest.mark.parametrize(
    ("pack", "candidates", "proctors"),
    [
        # 000 A3 9(2): 1:15, at least 2, one more for every 15 more
        (JILIN, 0, 2),
        (JILIN, 15, 2),
        (JILIN, 30, 2),
        (JILIN, 31, 3),
        (JILIN, 45, 3),
        (JILIN, 46, 4),
        # 001 D11.4, D5-form note 2(1): 2 for up to 30
        (MANUAL, 1, 2),
        (MANUAL, 30, 2),
        # 004 S四(三)1, E四(五)2(1), T五(一) with a national standard of 1:15
        (SOCIAL, 60, 2),
        (ENTERPRISE, 60, 2),
        (SCHOOL, 30, 2),
        (SCHOOL, 60, 4),
    ],
)
def test_proctors_of_a_theory_room(pack: str, candidates: int, proctors: int) -> None:
    need = proctors_needed(candidates, pack_named(pack), STANDARD)
    assert need.least == proctors
    assert need.most == (proctors if pack == SOCIAL else None)
    assert rules_of(pack, TheoryRoom("1", candidates, proctors)) == []
    assert rules_of(pack, TheoryRoom("1", candidates, proctors - 1)) == ["EXM-015"]
    assert rules_of(pack, TheoryRoom("1", candidates, proctors + 1)) == (
        ["EXM-015"] if pack == SOCIAL else []
    )


@pytest.mark.requirement("EXM-015")
def test_rooms_of_every_kind_have_proctors_in_shandong() -> None:
    skill, review = SkillRoom("2", 5, 3, {"": 3}, 3), ReviewRoom("3", 3, 3, has_leader=True)
    for pack in (SOCIAL, ENTERPRISE, SCHOOL):
        assert rules_of(pack, skill) == rules_of(pack, review) == ["EXM-015"]
        assert rules_of(pack, SkillRoom("2", 5, 3, {"": 3}, 3, proctors=2)) == []
        assert rules_of(pack, ReviewRoom("3", 3, 3, has_leader=True, proctors=2)) == []
    assert rules_of(JILIN, skill) == rules_of(JILIN, review) == []


def test_agencies_rules_say_nothing_of_proctors() -> None:
    assert rules_of(FILING, TheoryRoom("1", 90, 0)) == []
    with pytest.raises(NotRegulated):
        proctors_needed(90, pack_named(FILING))


def test_a_ratio_of_the_national_standard_must_be_given() -> None:
    with pytest.raises(StandardNeeded, match="national standard"):
        proctors_needed(30, pack_named(SCHOOL))
    assert [fault.rule for fault in check_room(TheoryRoom("1", 30, 2), pack_named(SCHOOL))] == ["EXM-016"]


def test_a_room_has_no_negative_candidates() -> None:
    with pytest.raises(ValueError, match="negative"):
        proctors_needed(-1, pack_named(JILIN))


@given(st.integers(0, 500), st.integers(0, 500))
def test_more_candidates_never_need_fewer_proctors(few: int, more: int) -> None:
    jilin = pack_named(JILIN)
    few, more = sorted((few, more))
    assert proctors_needed(few, jilin).least <= proctors_needed(more, jilin).least


@pytest.mark.requirement("EXM-016")
@pytest.mark.parametrize(
    ("pack", "at_once", "examiners"),
    [
        (JILIN, 5, 3),
        (JILIN, 16, 5),  # 4 by the standard, and odd
        (JILIN, 25, 5),
        (FILING, 50, 3),  # 002 16 knows no ratio
        (MANUAL, 16, 4),  # 001 D4 9: not odd
        (SOCIAL, 16, 4),
        (ENTERPRISE, 16, 5),
        (SCHOOL, 16, 4),
    ],
)
def test_examiners_of_a_group(pack: str, at_once: int, examiners: int) -> None:
    need = examiners_needed(at_once, pack_named(pack), STANDARD)
    assert need.least == examiners
    room = SkillRoom("2", at_once, examiners, {"": 3}, 3, proctors=2)
    check = [rule for rule in rules_of(pack, room) if rule != "EXM-015"]
    assert check == []
    fewer = SkillRoom("2", at_once, examiners - 1, {"": 3}, 3, proctors=2)
    assert set(rules_of(pack, fewer)) >= {"EXM-016"}


@pytest.mark.parametrize(
    ("pack", "odd"),
    [(JILIN, True), (FILING, True), (MANUAL, False), (SOCIAL, False), (ENTERPRISE, True), (SCHOOL, False)],
)
def test_an_even_group_where_it_must_be_odd(pack: str, odd: bool) -> None:
    room = SkillRoom("2", 5, 4, {"": 3}, 3, proctors=2)
    assert ("EXM-016" in rules_of(pack, room)) is odd


@pytest.mark.parametrize(
    ("pack", "scorers", "broken"),
    [
        (JILIN, {"A": 3, "B": 3}, 0),  # 000 A7 23: 3 for every module
        (JILIN, {"A": 3, "B": 2}, 1),
        (MANUAL, {"": 5}, 0),  # 001 D5-form note 2(2): 3 to 5
        (MANUAL, {"": 6}, 1),
        (MANUAL, {"A": 6, "B": 2}, 2),
        (ENTERPRISE, {"": 2}, 1),
        (SCHOOL, {"": 2}, 1),
        (SOCIAL, {"": 2}, 1),  # by the standard
        (FILING, {"": 1}, 0),
    ],
)
def test_scorers_of_a_candidate(pack: str, scorers: dict[str, int], broken: int) -> None:
    room = SkillRoom("2", 5, 7, scorers, 3, proctors=2)
    assert len(rules_of(pack, room)) == broken


def test_without_the_standard_a_group_is_judged_as_far_as_it_can_be() -> None:
    found = [fault.en for fault in check_room(SkillRoom("2", 5, 2, {}, 3), pack_named(JILIN))]
    assert len(found) == 3
    assert "national standard" in found[0]
    assert "needs 3 members" in found[1]
    assert "odd" in found[2]
    social = [fault.en for fault in check_room(SkillRoom("2", 5, 2, {"": 1}, 3), pack_named(SOCIAL))]
    assert sum("national standard" in each for each in social) == 2
    with pytest.raises(StandardNeeded):
        examiners_needed(5, pack_named(MANUAL))


def test_a_leader_with_experience() -> None:
    assert rules_of(JILIN, SkillRoom("2", 5, 3, {}, None)) == ["EXM-019"]
    assert rules_of(JILIN, SkillRoom("2", 5, 3, {}, 0)) == []  # 000 A7 24 says no years
    assert rules_of(MANUAL, SkillRoom("2", 5, 3, {}, None)) == ["EXM-019"]
    assert rules_of(MANUAL, SkillRoom("2", 5, 3, {}, 2)) == ["EXM-019"]  # 001 D4 10: 3 years
    assert rules_of(MANUAL, SkillRoom("2", 5, 3, {}, 3)) == []
    assert rules_of(FILING, SkillRoom("2", 5, 3, {}, None)) == []


@pytest.mark.requirement("EXM-017")
@pytest.mark.parametrize(
    ("pack", "judges", "scorers", "broken"),
    [
        (JILIN, 3, 0, 0),
        (JILIN, 2, 0, 2),
        (JILIN, 4, 0, 1),
        (ENTERPRISE, 3, 0, 0),
        (ENTERPRISE, 4, 0, 1),
        (SCHOOL, 4, 3, 0),
        (SCHOOL, 4, 2, 1),  # 004 T五(二): 3 for each candidate
        (SOCIAL, 1, 1, 0),
        (MANUAL, 1, 1, 0),
        (FILING, 1, 1, 0),
    ],
)
def test_judges_of_a_review(pack: str, judges: int, scorers: int, broken: int) -> None:
    assert len(rules_of(pack, ReviewRoom("3", judges, scorers, has_leader=True, proctors=2))) == broken


def test_judges_for_a_plan() -> None:
    jilin = judges_needed(pack_named(JILIN))
    assert jilin == Need(3, odd=True, cite=("000 A3 9(4)",))
    assert not judges_needed(pack_named(SCHOOL)).odd
    with pytest.raises(NotRegulated):
        judges_needed(pack_named(MANUAL))


def test_a_review_of_an_enterprise_has_a_leader() -> None:
    assert rules_of(ENTERPRISE, ReviewRoom("3", 3, 3, proctors=2)) == ["EXM-019"]


def test_groups_have_their_smallest_size() -> None:
    for group, wanted in zip(GROUPS, (5, 5, 3), strict=True):
        assert check_group(group, wanted, pack_named(JILIN)) == ()
        assert [fault.rule for fault in check_group(group, wanted - 1, pack_named(JILIN))] == ["X26"]
    assert check_group("item_acceptance", 4, pack_named(MANUAL))[0].clause == "001 D2 20(2)"
    assert check_group("item_review", 1, pack_named(MANUAL)) == ()


def test_an_institution_has_enough_examiners_for_an_occupation() -> None:
    assert check_examiner_pool(4, pack_named(MANUAL)) == ()
    assert [fault.rule for fault in check_examiner_pool(3, pack_named(MANUAL))] == ["EXM-046"]
    assert check_examiner_pool(0, pack_named(JILIN)) == ()


def test_a_site_has_its_head() -> None:
    assert check_heads(1, pack_named(SOCIAL)) == check_heads(0, pack_named(FILING)) == ()
    assert [fault.rule for fault in check_heads(0, pack_named(JILIN))] == ["EXM-014"]
    assert check_heads(0, pack_named(SCHOOL)) == ()  # the text names one and gives no number


def test_all_rooms_of_a_session() -> None:
    rooms: list[Room] = [TheoryRoom("1", 31, 2), TheoryRoom("2", 30, 2), ReviewRoom("3", 2, 2)]
    found = check_rooms(rooms, pack_named(JILIN))
    assert [fault.rule for fault in found] == ["EXM-015", "EXM-017", "EXM-017"]
    assert "考场1" in found[0].zh
    assert found[0].clause == "000 A3 9(2)"


def test_a_pack_of_its_own_may_ask_for_less() -> None:
    jilin = pack_named(JILIN)
    silent = overlaid(jilin, {"staff.skill.min_examiners": None, "staff.skill.odd_number": None})
    assert check_room(SkillRoom("2", 5, 0, {"": 3}, 3), silent, STANDARD) == ()
    no_system = overlaid(jilin, {"examiner.leader.min_years": {"leader_system": False}})
    assert check_room(SkillRoom("2", 5, 3, {"": 3}, None), no_system, STANDARD) == ()


@pytest.mark.parametrize(
    ("pack", "kinds"),
    [
        (JILIN, ("internal",)),
        (FILING, ()),
        (MANUAL, ("internal",)),
        (SOCIAL, ("internal", "district")),
        (ENTERPRISE, ("internal", "district")),
        (SCHOOL, ("internal", "district")),
    ],
)
def test_supervisors_of_every_session(pack: str, kinds: tuple[str, ...]) -> None:
    assert supervisors_needed(pack_named(pack)) == kinds
    assert check_supervisors(kinds, pack_named(pack)) == ()
    assert [fault.rule for fault in check_supervisors([], pack_named(pack))] == ["SUP-014"] * len(kinds)
    assert supervisors_needed(overlaid(pack_named(pack), {"supervisor.coverage": None})) == ()
