"""Rooms and sites that can be used (000 A3 4-6; 001 D11; 002 11, 21; 004 S四(一), E四(五)1, T四)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.pack import overlaid, pack_named
from jiangheng.rules.rooms import PARTS, ExamRoom, Part, Site, check_room, check_site, theory_rooms_needed
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table

JILIN, FILING, MANUAL = "jilin", "jilin-filing", "xinjiang-inner-mongolia"
SOCIAL, ENTERPRISE, SCHOOL = "shandong-social", "shandong-enterprise", "shandong-school"
PACKS = (JILIN, FILING, MANUAL, SOCIAL, ENTERPRISE, SCHOOL)

EVERY_FACT = frozenset(fact["id"] for fact in table("rooms")["fact"])
EVERY_DEVICE = frozenset(schema().parameters["room.devices"].shape.options)
EVERY_ROOM = frozenset(schema().parameters["room.functional_rooms"].shape.fields["room"].shape.options)
VIDEO = frozenset({"cameras", "no_blind_spot", "sound", "whole_site", "storing"})
LAYOUT = frozenset(schema().parameters["room.theory.layout"].shape.options)
THEORY = ExamRoom("1", "theory", 30, "computer", "computer_room", 80, LAYOUT, VIDEO, EVERY_DEVICE, EVERY_FACT)
PAPER = replace(THEORY, delivery="paper", kind="class_room", devices=frozenset(), computers_lack=True)
SKILL = ExamRoom("2", "skill", 10, video=VIDEO, facts=EVERY_FACT)
REVIEW = ExamRoom("3", "comprehensive", 1, video=VIDEO, facts=EVERY_FACT)


def rules_of(pack: str, room: ExamRoom, candidates: int = 1) -> list[str]:
    """Which rules a room breaks."""
    return [fault.rule for fault in check_room(room, candidates, pack_named(pack))]


def said_of(pack: str, site: Site) -> list[str]:
    """What a site lacks."""
    return [fault.en for fault in check_site(site, pack_named(pack))]


@pytest.mark.parametrize("pack", PACKS)
def test_rooms_with_everything_can_be_used(pack: str) -> None:
    for room in (THEORY, PAPER, SKILL, REVIEW):
        if pack == SOCIAL and room is PAPER:
            continue
        assert rules_of(pack, room) == []


@pytest.mark.requirement("REG-107")
def test_the_manual_has_thirty_candidates_at_most() -> None:
    big = replace(THEORY, seats=40)
    assert rules_of(MANUAL, big, 30) == []
    assert rules_of(MANUAL, big, 31) == ["REG-107"]
    assert rules_of(MANUAL, replace(SKILL, seats=40), 31) == []
    for pack in set(PACKS) - {MANUAL}:
        assert rules_of(pack, big, 40) == []


def test_nobody_is_without_a_seat() -> None:
    assert rules_of(JILIN, THEORY, 31) == rules_of(JILIN, SKILL, 11) == ["REG-106"]


@pytest.mark.parametrize(
    ("pack", "on_paper", "on_computers"),
    [
        (JILIN, True, False),
        (FILING, False, False),  # 002 names no distance
        (MANUAL, True, True),
        (SOCIAL, True, True),
        (SCHOOL, True, True),
    ],
)
def test_seats_are_80_cm_apart(pack: str, on_paper: bool, on_computers: bool) -> None:
    # 000 A3 4(1): computers are screened instead
    assert ("REG-106" in rules_of(pack, replace(THEORY, spacing_cm=79))) is on_computers
    paper = [fault.en for fault in check_room(replace(PAPER, spacing_cm=79), 1, pack_named(pack))]
    assert any("80 cm" in each for each in paper) is on_paper


@pytest.mark.parametrize(
    ("pack", "layout"),
    [
        (JILIN, {"one_person", "one_desk", "one_row"}),
        (MANUAL, {"one_person", "one_desk"}),
        (SOCIAL, {"one_person", "one_desk", "one_row"}),
        (ENTERPRISE, {"orderly_clean_bright"}),
        (SCHOOL, {"one_person", "one_desk"}),
        (FILING, set()),
    ],
)
def test_layout(pack: str, layout: set[str]) -> None:
    paper = replace(PAPER, kind="computer_room" if pack == SOCIAL else "class_room")
    missing = {each for each in LAYOUT if rules_of(pack, replace(paper, layout=LAYOUT - {each}))}
    assert missing == layout


def test_kinds_of_theory_rooms() -> None:
    assert rules_of(SOCIAL, replace(THEORY, kind="class_room")) == ["REG-106"]
    assert rules_of(SCHOOL, replace(PAPER, kind="computer_room")) == ["REG-106"]
    # 000 A3 4(1) says "as a rule"; 001 D5-form takes points away and does not forbid (I19e)
    assert (
        rules_of(JILIN, replace(THEORY, kind="hall")) == rules_of(MANUAL, replace(PAPER, kind="hall")) == []
    )
    assert rules_of(FILING, replace(PAPER, computers_lack=False)) == ["REG-106"]
    silent = overlaid(pack_named(SCHOOL), {"room.theory.kind": None})
    assert check_room(replace(PAPER, kind="hall"), 1, silent) == ()


@pytest.mark.parametrize(
    ("pack", "wanted"),
    [
        (JILIN, {"cameras", "no_blind_spot"}),
        (FILING, {"cameras"}),
        (MANUAL, set()),
        (SOCIAL, {"cameras", "sound", "whole_site", "storing"}),
        (ENTERPRISE, {"cameras"}),
        (SCHOOL, {"cameras", "sound", "whole_site", "storing"}),
    ],
)
def test_cameras(pack: str, wanted: set[str]) -> None:
    missing = {each for each in VIDEO if rules_of(pack, replace(SKILL, video=VIDEO - {each}))}
    assert missing == wanted


def test_a_recorder_will_do_for_agencies() -> None:
    recorder = replace(SKILL, video=frozenset({"recorder"}))
    assert rules_of(FILING, recorder) == []
    assert rules_of(JILIN, recorder) == ["REG-106"]


@pytest.mark.requirement("REG-112")
def test_an_enterprise_without_cameras_has_another_full_trace() -> None:
    dark = replace(SKILL, video=frozenset())
    assert rules_of(ENTERPRISE, dark) == ["REG-112"]
    assert rules_of(ENTERPRISE, replace(dark, video=frozenset({"other_trace"}))) == []
    assert rules_of(SCHOOL, replace(dark, video=frozenset({"other_trace"}))) == ["REG-106"]


def test_devices_of_rooms_with_computers() -> None:
    bare = replace(THEORY, devices=frozenset())
    assert rules_of(JILIN, bare) == ["REG-108"] * 3
    assert rules_of(MANUAL, bare) == ["REG-108"]
    assert rules_of(JILIN, replace(PAPER, devices=frozenset())) == []


FACTS: dict[tuple[str, Part], set[str]] = {
    (JILIN, "theory"): {"fire_and_light", "proctor_reaches_seats"},
    (JILIN, "skill"): {"fire_and_light", "evacuation", "safe_production", "tools_and_material", "closed_off"},
    (JILIN, "comprehensive"): {"fire_and_light", "judges_seats"},
    (MANUAL, "skill"): {
        "safe_production",
        "equipment_tested",
        "one_person_per_place",
        "tools_and_material",
        "clean_and_bright",
        "repair_staff",
    },
    (SOCIAL, "skill"): {
        "safe_production",
        "equipment_tested",
        "one_person_per_place",
        "tools_and_material",
        "clean_and_bright",
    },
    (ENTERPRISE, "skill"): {
        "safe_production",
        "equipment_tested",
        "tools_and_material",
        "clean_and_bright",
        "repair_tools",
    },
}
FACTS[SCHOOL, "skill"] = FACTS[SOCIAL, "skill"]


@pytest.mark.requirement("REG-110")
@pytest.mark.requirement("REG-111")
@pytest.mark.requirement("REG-111a")
@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("part", PARTS)
def test_facts_on_record(pack: str, part: Part) -> None:
    room = {"theory": THEORY, "skill": SKILL, "comprehensive": REVIEW}[part]
    missing = {each for each in EVERY_FACT if rules_of(pack, replace(room, facts=EVERY_FACT - {each}))}
    assert missing == FACTS.get((pack, part), set())


def test_the_projector_of_a_defence() -> None:
    assert rules_of(JILIN, replace(REVIEW, needs_projector=True)) == ["REG-110"]
    assert rules_of(JILIN, replace(REVIEW, needs_projector=True, has_projector=True)) == []


SITE_ROOMS: dict[tuple[str, Part], set[str]] = {
    (JILIN, "theory"): {"exam_office"},
    (JILIN, "skill"): {"exam_office", "preparation_room", "drawing_point", "scoring_room"},
    (JILIN, "comprehensive"): {"exam_office", "waiting_room", "preparation_room"},
}
for _part in PARTS:
    SITE_ROOMS[MANUAL, _part] = {
        "exam_office",
        "emergency_exam_room",
        "strong_room",
        "first_aid_room",
        "forbidden_articles_place",
    } | ({"cordon"} if _part == "skill" else set())
    SITE_ROOMS[SOCIAL, _part] = SITE_ROOMS[SCHOOL, _part] = {
        "exam_office",
        "emergency_exam_room",
        "waiting_room",
        "strong_room",
        "first_aid_room",
        "recovery_room",
        "forbidden_articles_place",
        "cordon",
    }


@pytest.mark.requirement("REG-108")
@pytest.mark.requirement("REG-110")
@pytest.mark.requirement("REG-111")
@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("part", PARTS)
def test_functional_rooms(pack: str, part: Part) -> None:
    whole = Site(
        frozenset({part}), EVERY_ROOM, EVERY_ROOM, EVERY_DEVICE, frozenset({"work_pieces", "topics_drawn"})
    )
    assert said_of(pack, whole) == []
    missing = {each for each in EVERY_ROOM if said_of(pack, replace(whole, rooms=EVERY_ROOM - {each}))}
    assert missing == SITE_ROOMS.get((pack, part), set())


def test_rooms_that_only_some_exams_need() -> None:
    skill = Site(frozenset({"skill"}), EVERY_ROOM - {"scoring_room"}, EVERY_ROOM)
    review = Site(frozenset({"comprehensive"}), EVERY_ROOM - {"preparation_room"}, EVERY_ROOM)
    assert said_of(JILIN, skill) == said_of(JILIN, review) == []


@pytest.mark.requirement("REG-110")
def test_office_and_waiting_room_are_near() -> None:
    far = Site(frozenset({"comprehensive"}), EVERY_ROOM)
    assert said_of(JILIN, far) == [
        "On the same or a near floor must be: exam office.",
        "On the same or a near floor must be: waiting room.",
    ]
    assert said_of(JILIN, Site(frozenset({"skill"}), EVERY_ROOM)) == []


@pytest.mark.requirement("REG-108")
def test_devices_of_a_site() -> None:
    bare = Site(frozenset({"theory"}), EVERY_ROOM, EVERY_ROOM)
    wanted = {pack: len(said_of(pack, bare)) for pack in PACKS}
    assert wanted == {JILIN: 0, FILING: 0, MANUAL: 1, SOCIAL: 2, ENTERPRISE: 0, SCHOOL: 2}
    silent = overlaid(pack_named(SCHOOL), {"room.devices": None})
    assert check_site(bare, silent) == ()


@pytest.mark.parametrize(
    ("pack", "candidates", "rooms"), [(MANUAL, 61, 3), (MANUAL, 60, 2), (JILIN, 61, 2), (JILIN, 0, 0)]
)
def test_how_many_theory_rooms(pack: str, candidates: int, rooms: int) -> None:
    assert theory_rooms_needed(candidates, 40, pack_named(pack)) == rooms


@given(st.integers(0, 3000), st.integers(1, 60))
def test_so_many_rooms_are_enough_and_not_one_too_many(candidates: int, seats: int) -> None:
    rooms = theory_rooms_needed(candidates, seats, pack_named(MANUAL))
    held = min(seats, 30)
    assert rooms * held >= candidates > (rooms - 1) * held or candidates == rooms == 0


@pytest.mark.parametrize(("candidates", "seats"), [(1, 0), (-1, 1)])
def test_impossible_rooms(candidates: int, seats: int) -> None:
    with pytest.raises(ValueError, match="seats"):
        theory_rooms_needed(candidates, seats, pack_named(JILIN))
