"""Who withdraws from whom (X05 to X07, X32; 000 A7 10(7); 001 D4 8(7); 004 S四(三)1-2, E四(五)2)."""

from __future__ import annotations

import pytest

from jiangheng.rules.pack import pack_named
from jiangheng.rules.relations import (
    EXAM_POSTS,
    KINDS,
    ExamPost,
    Kind,
    Tie,
    check_relation,
    check_ties,
    withdrawals,
)
from jiangheng.rules.schema import schema

JILIN, FILING, MANUAL = "jilin", "jilin-filing", "xinjiang-inner-mongolia"
SOCIAL, ENTERPRISE, SCHOOL = "shandong-social", "shandong-enterprise", "shandong-school"
LISTED = {"relative", "friend", "teacher_student", "master_apprentice", "trainer"}


def refused(pack: str, post: ExamPost) -> dict[str, set[str]]:
    """Which relations are refused to a post, by which rules."""
    found = {kind: {each.rule for each in check_relation(post, kind, pack_named(pack))} for kind in KINDS}
    return {kind: rules for kind, rules in found.items() if rules}


def test_the_words_are_those_of_the_parameter() -> None:
    options = set(schema().parameters["staff.avoidance_relations"].shape.options)
    assert options - {"withdrawal_rule"} == set(KINDS) - {"self"}


@pytest.mark.parametrize("post", ["examiner", "group_leader", "judge"])
def test_examiners_withdraw_from_the_relations_of_the_list(post: ExamPost) -> None:
    jilin, manual = refused(JILIN, post), refused(MANUAL, post)
    assert jilin == {**{kind: {"X06"} for kind in LISTED}, "self": {"X32"}}
    # C10: without friends; a trainer is a teacher of his trainees
    assert manual == {**{kind: {"X06"} for kind in LISTED - {"friend"}}, "self": {"X32"}}


def test_supervisors_withdraw_by_the_same_list() -> None:
    assert refused(JILIN, "internal_supervisor") == {
        **{kind: {"SUP-015"} for kind in LISTED},
        "self": {"X32"},
    }
    assert refused(MANUAL, "external_supervisor").keys() == (LISTED - {"friend"}) | {"self"}


@pytest.mark.parametrize("pack", [JILIN, MANUAL])
def test_the_list_of_examiners_does_not_bind_proctors(pack: str) -> None:
    assert refused(pack, "proctor") == {"self": {"X32"}}


@pytest.mark.requirement("EXM-023")
def test_a_trainer_does_not_proctor_own_trainees() -> None:
    found = check_relation("proctor", "trainer", pack_named(SOCIAL))
    assert [(each.rule, each.clause) for each in found] == [("X05", "004 S四(三)1")]
    assert check_relation("examiner", "trainer", pack_named(SOCIAL)) == ()


@pytest.mark.parametrize("post", EXAM_POSTS)
def test_the_general_rule_exempts_no_relation(post: ExamPost) -> None:
    assert refused(ENTERPRISE, post) == {**{kind: {"X07"} for kind in LISTED}, "self": {"X32"}}
    assert refused(SOCIAL, post).keys() >= (LISTED - {"trainer"}) | {"self"}


@pytest.mark.parametrize("pack", [FILING, SCHOOL])
@pytest.mark.parametrize("post", EXAM_POSTS)
def test_silent_packs_refuse_only_the_candidate_himself(pack: str, post: ExamPost) -> None:
    assert refused(pack, post) == {"self": {"X32"}}


def test_reasons_name_post_and_relation_and_no_person() -> None:
    (reason,) = check_relation("judge", "friend", pack_named(JILIN))
    assert reason.zh == "评委与考生有朋友关系，应当回避。"
    assert reason.clause == "000 A7 10(7)"


def test_the_reasons_of_one_person_stand_once() -> None:
    kinds: list[Kind] = ["friend", "friend", "relative"]
    assert len(check_ties("examiner", kinds, pack_named(JILIN))) == 2
    assert check_ties("examiner", [], pack_named(JILIN)) == ()


def test_combinations_that_are_refused() -> None:
    ties = [
        Tie("e1", "c1", "friend"),
        Tie("e1", "c2", "relative"),
        Tie("p1", "c1", "friend"),
        Tie("x", "c1", "self"),
    ]
    posts: dict[str, ExamPost] = {"e1": "examiner", "p1": "proctor"}
    jilin = withdrawals(ties, posts, pack_named(JILIN))
    manual = withdrawals(ties, posts, pack_named(MANUAL))
    assert [each.tie for each in jilin] == ties[:2]
    assert [each.tie for each in manual] == [ties[1]]
