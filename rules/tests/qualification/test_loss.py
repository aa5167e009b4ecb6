"""How a post is lost and for how long (000 A7 25-27, A8 13, 24; 001 D4 18-24, D5 17-23)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.pack import overlaid, pack_named
from jiangheng.rules.qualification.grades import POSTS, Post
from jiangheng.rules.qualification.loss import (
    RESPONSES,
    Response,
    UnknownGround,
    bar_after_loss,
    check_retraining,
    consequence,
    failed_assessment,
    failed_education,
    grounds,
    refusals,
)

JILIN, FILING, MANUAL = "jilin", "jilin-filing", "xinjiang-inner-mongolia"
SHANDONG = ("shandong-social", "shandong-enterprise", "shandong-school")
ON = date(2026, 6, 1)


@pytest.mark.requirement("EXM-050")
def test_the_seven_grounds_of_jilin() -> None:
    found = grounds("examiner", pack_named(JILIN))
    assert [each.clause for each in found] == [f"000 A7 27({number})" for number in range(1, 8)]
    for ground in found:
        follows = consequence(ground.id, "examiner", ON, pack_named(JILIN))
        assert follows.effects == ("engagement_ends", "card_cancelled")
        assert follows.bar is not None
        assert follows.bar.until == date(2029, 6, 1)


@pytest.mark.requirement("EXM-050a")
def test_the_grounds_of_the_manual() -> None:
    manual = pack_named(MANUAL)
    found = {each.id: each.crime for each in grounds("examiner", manual)}
    assert found == {
        "refusals_in_a_row": False,
        "favouritism": True,
        "fraud_or_misjudging": True,
        "bribery": True,
        "absent_from_training": False,
        "assessment_failed": False,
        "education_failed_or_missed": False,
        "other_breach": False,
    }
    bribes = consequence("bribery", "examiner", ON, manual)
    assert bribes.effects == (
        "qualification_ends",
        "card_withdrawn",
        "data_removed",
        "blacklisted",
        "judicial_authorities",
    )
    assert bribes.reason.clause == "001 D4 22"


@pytest.mark.requirement("SUP-010")
def test_eight_grounds_by_gravity_for_supervisors_of_jilin() -> None:
    jilin = pack_named(JILIN)
    listed = [each for each in grounds("supervisor", jilin) if each.clause.startswith("000 A8 24")]
    assert [each.clause for each in listed] == [f"000 A8 24({number})" for number in range(1, 9)]
    for ground in listed:
        light = consequence(ground.id, "supervisor", ON, jilin, grave=False)
        grave = consequence(ground.id, "supervisor", ON, jilin)
        assert (light.one_of, light.bar) == (("criticism", "dispatch_paused"), None)
        assert grave.one_of == ("qualification_ends", "not_renewed")
        assert grave.bar is not None
        assert grave.bar.until is None


@pytest.mark.requirement("SUP-010a")
def test_grounds_of_the_manual_for_supervisors() -> None:
    manual = pack_named(MANUAL)
    listed = [each for each in grounds("supervisor", manual) if each.by_gravity]
    assert [each.clause for each in listed] == [f"001 D5 21({number})" for number in range(1, 8)]
    for ground in listed:
        light = consequence(ground.id, "supervisor", ON, manual, grave=False)
        grave = consequence(ground.id, "supervisor", ON, manual)
        assert (light.effects, light.one_of) == (
            ("judicial_authorities",),
            ("criticism", "administrative_sanction"),
        )
        assert light.bar is None
        assert grave.one_of == ("qualification_ends",)
        assert grave.effects == ("card_withdrawn", "data_removed", "blacklisted", "judicial_authorities")


def test_refusals_lose_a_supervisors_post_at_once_in_the_manual() -> None:
    follows = consequence("refusals_in_a_row", "supervisor", ON, pack_named(MANUAL), grave=False)
    assert follows.effects == ("qualification_ends", "card_withdrawn", "data_removed", "blacklisted")
    assert follows.bar is not None


@pytest.mark.parametrize("post", POSTS)
@pytest.mark.parametrize("pack", [FILING, *SHANDONG])
def test_packs_without_such_papers_know_no_grounds(pack: str, post: Post) -> None:
    assert grounds(post, pack_named(pack)) == ()
    with pytest.raises(UnknownGround, match="bribery"):
        consequence("bribery", post, ON, pack_named(pack))
    assert bar_after_loss(post, ON, pack_named(pack)) is None
    assert failed_assessment(post, ON, pack_named(pack)) is None


def test_a_bar_ends_in_jilin_and_the_blacklist_does_not() -> None:
    three_years = bar_after_loss("examiner", date(2024, 2, 29), pack_named(JILIN))
    assert three_years is not None
    assert three_years.until == date(2027, 2, 28)
    assert [three_years.holds(date(2027, 2, 28)), three_years.holds(date(2027, 3, 1))] == [True, False]
    assert not three_years.holds(date(2024, 2, 28))
    for post in POSTS:
        listed = bar_after_loss(post, ON, pack_named(MANUAL))
        assert listed is not None
        assert listed.holds(date(2099, 1, 1))
        assert "blacklist" in listed.reason.en
    for_good = bar_after_loss("supervisor", ON, pack_named(JILIN))
    assert for_good is not None
    assert "never again" in for_good.reason.en


@pytest.mark.parametrize(
    ("pack", "post", "responses", "in_a_row", "reached"),
    [
        (JILIN, "examiner", ["refused"] * 3, 3, True),
        (JILIN, "examiner", ["refused", "refused"], 2, False),
        (JILIN, "examiner", ["refused", "refused", "took_part", "refused"], 1, False),
        (JILIN, "examiner", ["refused", "refused", "refused_with_reason"], 0, False),
        (MANUAL, "examiner", ["refused", "absent", "refused_with_reason"], 3, True),
        (MANUAL, "supervisor", ["refused", "refused_with_reason", "refused"], 3, True),
        (MANUAL, "supervisor", ["refused", "absent", "refused"], 1, False),
        (JILIN, "supervisor", ["refused"], 1, True),  # 000 A8 24(1): each is an offence
        (JILIN, "supervisor", ["refused_with_reason"], 0, False),
        (FILING, "examiner", ["refused"] * 9, 9, False),
    ],
)
def test_refusals_in_a_row(
    pack: str, post: Post, responses: list[Response], in_a_row: int, reached: bool
) -> None:
    found = refusals(post, responses, pack_named(pack))
    assert (found.in_a_row, found.ground is not None) == (in_a_row, reached)


@given(st.lists(st.sampled_from(RESPONSES), max_size=12), st.sampled_from(POSTS))
def test_taking_part_ends_every_row(responses: list[Response], post: Post) -> None:
    for pack in (JILIN, MANUAL):
        assert refusals(post, [*responses, "took_part"], pack_named(pack)).in_a_row == 0
        assert refusals(post, responses, pack_named(pack)).in_a_row <= len(responses)


def test_a_failed_assessment_ends_the_engagement_in_jilin_and_the_qualification_in_the_manual() -> None:
    jilin = failed_assessment("examiner", ON, pack_named(JILIN))
    assert jilin is not None
    assert (jilin.effects, jilin.bar) == (("engagement_ends",), None)
    manual = failed_assessment("examiner", ON, pack_named(MANUAL))
    assert manual is not None
    assert manual.effects[0] == "qualification_ends"
    assert manual.reason.clause == "001 D4 21, 23"


def test_supervisors_who_fail_are_paused_or_lose_the_post() -> None:
    jilin = failed_assessment("supervisor", ON, pack_named(JILIN))
    manual = failed_assessment("supervisor", ON, pack_named(MANUAL))
    assert jilin is not None
    assert manual is not None
    assert jilin.one_of == ("qualification_ends",)
    light = consequence("assessment_failed", "supervisor", ON, pack_named(JILIN), grave=False)
    assert light.one_of == ("dispatch_paused",)
    assert manual.effects[0] == "qualification_ends"


def test_a_pack_of_its_own_names_what_a_failure_ends() -> None:
    own = overlaid(
        pack_named(FILING), {"examiner.annual_assessment": {"failure": "qualification_ends"}}, ("own rule",)
    )
    found = failed_assessment("examiner", ON, own)
    assert found is not None
    assert (found.effects, found.reason.clause) == (("qualification_ends",), "own rule")


def test_missed_education_ends_the_qualification_in_the_manual() -> None:
    manual, jilin = pack_named(MANUAL), pack_named(JILIN)
    examiner = failed_education("examiner", ON, manual)
    internal = failed_education("supervisor", ON, manual, kind="internal")
    assert examiner is not None
    assert internal is not None
    assert examiner.effects[0] == internal.effects[0] == "qualification_ends"
    assert failed_education("supervisor", ON, manual, kind="external") is None
    assert failed_education("examiner", ON, jilin) is None
    assert failed_education("examiner", ON, pack_named(FILING)) is None


def test_changes_that_need_new_training() -> None:
    needing = {
        pack: [
            each
            for each in ("core_technique", "standard", "policy")
            if check_retraining(each, pack_named(pack))
        ]
        for pack in (JILIN, MANUAL, FILING)
    }
    assert needing == {
        JILIN: ["core_technique", "standard"],
        MANUAL: ["core_technique", "standard", "policy"],
        FILING: [],
    }
