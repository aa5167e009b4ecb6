"""Acts of several persons: who must take part, who may not do two things, and what stays undisclosed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.acts import (
    Participant,
    Stage,
    UnknownAct,
    UnknownMatter,
    UnknownTask,
    act_kinds,
    check_act,
    check_disclosure,
)
from jiangheng.rules.incompatibility import Verdict
from jiangheng.rules.pack import Pack, overlaid, pack_named, pack_names
from jiangheng.rules.posts import UnknownPost, posts
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table

JILIN, XINJIANG = "jilin", "xinjiang-inner-mongolia"
SHANDONG = "shandong-social"


def people(text: str) -> list[Participant]:
    """`a exam_staff fetch, b …` as participants."""
    return [Participant(*each.split()) for each in text.split(",") if each.strip()]


# rule, kind, pack where a text binds, a lawful act, and unlawful ones
ACTS = [
    (
        "X14",
        "vault_entry",
        JILIN,
        "a bank_manager enter, b bank_manager enter",
        [
            "a bank_manager enter",
            "a bank_manager enter, a paper_keeper enter",
            "a bank_manager enter, b bank_manager enter, c marker enter",
            "",
        ],
    ),
    (
        "X14",
        "vault_keys",
        JILIN,
        "a bank_manager hold_key, b vault_custodian hold_key",
        [
            "a bank_manager hold_key, a vault_custodian hold_key",
            "a bank_manager hold_key, b head hold_key",
            "a bank_manager hold_key, b bank_manager hold_key, c head hold_key",
        ],
    ),
    (
        "X15",
        "paper_pickup",
        JILIN,
        "a internal_supervisor fetch, b external_supervisor fetch",
        [
            "a internal_supervisor fetch",
            "a exam_staff fetch, b exam_staff fetch",
            "a exam_staff fetch, c internal_supervisor watch",
            "a exam_staff fetch, b exam_staff fetch, a internal_supervisor watch",
            "a exam_staff fetch, b exam_staff fetch, c external_supervisor watch",
        ],
    ),
    (
        "X15",
        "paper_pickup",
        JILIN,
        "a exam_staff fetch, b paper_keeper fetch, c internal_supervisor watch",
        ["a exam_staff fetch, b internal_supervisor fetch"],
    ),
    (
        "X16",
        "secret_travel",
        XINJIANG,
        "a bank_manager carry, b proctor carry, c head approve",
        [
            "a bank_manager carry, c head approve",
            "a bank_manager carry, b proctor carry",
            "a bank_manager carry, b proctor carry, c manager approve",
        ],
    ),
    (
        "X17",
        "defective_bank",
        XINJIANG,
        "a bank_manager handle, b bank_manager handle",
        ["a bank_manager handle", "a bank_manager handle, a item_reviewer handle"],
    ),
    (
        "X18",
        "archive_consultation",
        XINJIANG,
        "h head approve, g general_department attend, i internal_supervisor attend, r manager read",
        [
            "g general_department attend, i internal_supervisor attend, r manager read",
            "h head approve, i internal_supervisor attend, r manager read",
            "h head approve, g general_department attend, r manager read",
            "h head approve, g general_department attend, i internal_supervisor attend, r manager read,"
            "r candidate concerned",
            "h head approve, g general_department attend, i internal_supervisor attend, g manager read",
            "h head approve, g general_department attend, i internal_supervisor attend,"
            "i internal_supervisor concerned",
            "h head approve, g general_department attend, i internal_supervisor attend, h head concerned",
        ],
    ),
    (
        "X19",
        "papers_signed",
        XINJIANG,
        "a proctor sign, b proctor sign",
        ["a proctor sign", "a proctor sign, b exam_staff sign"],
    ),
    (
        "X20",
        "papers_fetched_by_proctors",
        XINJIANG,
        "a proctor fetch, b proctor fetch",
        ["a proctor fetch", "a proctor fetch, b exam_staff fetch"],
    ),
    (
        "X20",
        "papers_fetched_between_sessions",
        XINJIANG,
        "a proctor fetch, b proctor bind",
        ["a proctor fetch, a proctor bind", "a proctor fetch"],
    ),
    (
        "X21",
        "sealed_bag",
        JILIN,
        "a candidate witness, b candidate witness",
        ["a candidate witness", "a candidate witness, b proctor witness"],
    ),
    (
        "X22",
        "score_database",
        XINJIANG,
        "a data_manager answer_for, b system_manager answer_for",
        [
            "a data_manager answer_for",
            "a data_manager answer_for, b data_manager answer_for",
            "a data_manager answer_for, a system_manager answer_for",
        ],
    ),
    (
        "X23",
        "mark_recording",
        SHANDONG,
        "a mark_entry record, b mark_check check",
        [
            "a mark_entry record",
            "a mark_entry record, a mark_check check",
            "a mark_entry record, m mark_check check, m marker mark",
        ],
    ),
    (
        "X24",
        "link_list_opening",
        XINJIANG,
        "r room_head approve, a exam_staff open, m marker mark",
        ["a exam_staff open", "r room_head approve, m marker open, m marker mark"],
    ),
    (
        "X24",
        "numbering_room_entry",
        XINJIANG,
        "a numbering_person enter",
        ["a numbering_person enter, b marker enter", "a examiner enter"],
    ),
    (
        "X25",
        "destruction",
        JILIN,
        "m manager appraise, l leader_in_charge approve, a archive_clerk destroy, w manager witness",
        [
            "m manager appraise, l leader_in_charge approve, a archive_clerk destroy",
            "m manager appraise, l leader_in_charge approve, a archive_clerk destroy, a manager witness",
            "m manager appraise, a archive_clerk destroy, w manager witness",
            "m manager appraise, l leader_in_charge approve, l leader_in_charge destroy, w manager witness",
            "m manager appraise, m leader_in_charge approve, a archive_clerk destroy, w manager witness",
            "l leader_in_charge approve, a archive_clerk destroy, w manager witness",
            "m manager appraise, k manager approve, a archive_clerk destroy, w manager witness",
        ],
    ),
    (
        "X25",
        "destruction",
        XINJIANG,
        "a manager appraise, b manager appraise, c archive_clerk destroy",
        [
            "a manager appraise, c archive_clerk destroy",
            "a manager appraise, b manager appraise, b archive_clerk destroy",
        ],
    ),
    (
        "X25",
        "destruction",
        "shandong-school",
        "a archive_clerk destroy, h head approve",
        ["a archive_clerk destroy", "h head destroy, h head approve"],
    ),
    (
        "X25",
        "secret_destruction",
        XINJIANG,
        "h head approve, a bank_manager destroy, g general_department witness",
        [
            "h head approve, a bank_manager destroy",
            "h head approve, g bank_manager destroy, g general_department witness",
            "h head approve, h head destroy, g general_department witness",
        ],
    ),
    (
        "X29",
        "internal_audit",
        XINJIANG,
        "a auditor audit, b exam_affairs_leader concerned",
        ["a auditor audit, a exam_affairs_leader concerned"],
    ),
    (
        "X33",
        "objection",
        "jilin-filing",
        "a objection_handler decide, m marker mark",
        ["m objection_handler decide, m marker mark", "m marker mark"],
    ),
]
REFUSED = [(rule, kind, pack, bad) for rule, kind, pack, _good, each in ACTS for bad in each]


@pytest.mark.parametrize(("kind", "pack", "good"), [(kind, pack, good) for _r, kind, pack, good, _b in ACTS])
def test_what_is_lawful(kind: str, pack: str, good: str) -> None:
    assert check_act(kind, people(good), pack_named(pack)) == Verdict()


@pytest.mark.parametrize(("rule", "kind", "pack", "bad"), REFUSED)
def test_what_is_not(rule: str, kind: str, pack: str, bad: str) -> None:
    verdict = check_act(kind, people(bad), pack_named(pack))
    assert {each.rule for each in verdict.refusals} == {rule}
    assert not verdict.warnings
    assert all(each.zh and each.en and each.clause for each in verdict.refusals)


@pytest.mark.requirement("IAM-009")
@pytest.mark.parametrize(
    ("kind", "there", "rule"),
    [
        ("mark_recording", "m examiner mark, a mark_entry record, m mark_check check", "X23"),
        ("mark_recording", "m examiner mark, m mark_entry record, m mark_check check", "X23"),
        ("objection", "m examiner mark, m objection_handler decide", "X33"),
        ("objection", "m marker mark, a objection_handler decide, m manager decide", "X33"),
    ],
)
def test_who_gave_the_marks_neither_checks_their_entry_nor_decides_the_objection(
    kind: str, there: str, rule: str
) -> None:
    assert {each.rule for each in check_act(kind, people(there), pack_named(JILIN)).refusals} == {rule}


def test_where_no_text_binds_the_reasons_are_warnings() -> None:
    alone = people("a bank_manager enter")
    verdict = check_act("vault_entry", alone, pack_named(XINJIANG))
    assert verdict.allowed
    assert verdict.warnings == check_act("vault_entry", alone, pack_named(JILIN)).refusals


@pytest.mark.parametrize(
    "kind", [row["kind"] for row in table("acts")["act"] if not row.get("elsewhere", True)]
)
def test_what_the_others_regulate_otherwise_is_not_even_a_warning(kind: str) -> None:
    assert check_act(kind, [], pack_named("shandong-school")) == Verdict()


def test_a_pack_that_builds_on_another_is_bound_by_its_texts() -> None:
    jilin = pack_named("jilin")
    own = replace(jilin, head=replace(jilin.head, id="own", extends=("jilin",)))
    assert not check_act("vault_entry", people("a bank_manager enter"), own).allowed


def test_the_number_is_that_of_the_pack() -> None:
    three = overlaid(pack_named(XINJIANG), {"bank.defect_handling.min_persons": 3})
    two = people("a bank_manager handle, b bank_manager handle")
    assert not check_act("defective_bank", two, three).allowed
    assert check_act("defective_bank", [*two, Participant("c", "bank_manager", "handle")], three).allowed


@given(
    st.sampled_from(act_kinds()),
    st.sampled_from(sorted(pack_names())).map(pack_named),
    st.lists(
        st.builds(
            Participant,
            person=st.sampled_from("abc"),
            post=st.sampled_from(sorted(posts())),
            task=st.sampled_from(sorted(table("acts")["tasks"])),
        ),
        max_size=5,
    ),
)
def test_neither_order_nor_repetition_matters(kind: str, pack: Pack, there: list[Participant]) -> None:
    found = check_act(kind, there, pack)
    turned = check_act(kind, [*there[::-1], *there], pack)
    assert (set(found.refusals), set(found.warnings)) == (set(turned.refusals), set(turned.warnings))


def test_every_act_rule_has_a_row_that_this_test_tries() -> None:
    rules = {
        row["id"] for row in table("incompatibilities")["rule"] if "acts:check_act" in row["enforced_by"]
    }
    assert rules == {row["rule"] for row in table("acts")["act"]} == {rule for rule, *_rest in ACTS}
    assert set(act_kinds()) == {kind for _rule, kind, *_rest in ACTS}


def test_the_table_names_nothing_that_there_is_not() -> None:
    for row in table("acts")["act"]:
        needs = [need for way in row["ways"] for need in way]
        tasks = {need["task"] for need in needs} | {task for pair in row.get("distinct", ()) for task in pair}
        assert tasks <= set(table("acts")["tasks"])
        assert {name for need in needs for name in need.get("posts", ())} <= set(posts())
        assert set(row.get("only", ())) <= set(posts())
        assert set(row.get("packs", ())) <= set(pack_names())
        assert {need["least_key"] for need in needs if "least_key" in need} <= set(schema().parameters)


@pytest.mark.parametrize("post", ["marker", "mark_entry", "proctor", "examiner", "internal_supervisor"])
def test_results_are_not_told_before_they_are_public(post: str) -> None:
    kept = check_disclosure(post, "results", Stage(marked=True), authorised=True)
    assert [each.rule for each in kept] == ["X31"]
    assert check_disclosure(post, "results", Stage(published=True)) == ()


def test_items_and_supervision_records() -> None:
    told = Stage(marked=True, published=True)
    assert [each.rule for each in check_disclosure("judge", "items", told, authorised=True)] == ["X31"]
    assert [each.rule for each in check_disclosure("external_supervisor", "supervision_records", told)] == [
        "X31"
    ]
    assert check_disclosure("external_supervisor", "supervision_records", told, authorised=True) == ()
    assert check_disclosure("candidate", "items", told) == ()


def test_markers_do_not_know_whose_work_it_is() -> None:
    for post in ("marker", "examiner"):
        kept = check_disclosure(post, "candidate_identity", Stage())
        assert [(each.rule, each.clause) for each in kept] == [("X24", "001 D13.9, D17.9")]
        assert check_disclosure(post, "candidate_identity", Stage(marked=True)) == ()
    assert check_disclosure("numbering_person", "candidate_identity", Stage()) == ()


def test_what_is_unknown_is_named() -> None:
    with pytest.raises(UnknownAct) as caught:
        check_act("coronation", [], pack_named(JILIN))
    assert caught.value.kind == "coronation"
    with pytest.raises(UnknownTask):
        check_act("vault_entry", [Participant("a", "bank_manager", "sing")], pack_named(JILIN))
    with pytest.raises(UnknownPost):
        check_act("vault_entry", [Participant("a", "emperor", "enter")], pack_named(JILIN))
    with pytest.raises(UnknownPost):
        check_disclosure("emperor", "results", Stage())
    with pytest.raises(UnknownMatter):
        check_disclosure("marker", "weather", Stage())
