"""Measures against candidates and institutions, row by row of the sources."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules import sanctions
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import NotRegulated, Pack, overlaid, pack_named
from jiangheng.rules.sanctions import Ruling
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table

SCALE = "exam.violation.scale"
DECIDER = "exam.violation.decider"
PAPER_REMOVED = "exam.paper_removed_sanction"
LADDER_KEY = "sanction.institution_ladder"
JILIN = pack_named("jilin")
FILING = pack_named("jilin-filing")
MANUAL = pack_named("xinjiang-inner-mongolia")
SHANDONG = [pack_named(f"shandong-{kind}") for kind in ("social", "enterprise", "school")]
CONDUCTS = sorted(schema().parameters[SCALE].shape.fields["conduct"].shape.options)

CLASS_1 = [("forbidden_articles", 1), ("whispering", 2), ("disturbance", 3), ("signals", 4), ("notes", 5)]
CLASS_2 = [("exchanging", 1), ("copying", 2), ("marking_paper", 3), ("damaging_or_removing", 4)]
CLASS_3 = [("impersonation", 1), ("outside_links", 2), ("organised_cheating", 3), ("violence_or_disorder", 4)]


def ids(named: tuple[sanctions.Named, ...]) -> list[str]:
    return [each.id for each in named]


def summary(ruling: Ruling) -> tuple[list[str], list[str], str, str]:
    return ids(ruling.measures), ids(ruling.one_of), ruling.state, ruling.reason.clause


@pytest.mark.requirement("EXM-119")
@pytest.mark.parametrize(("conduct", "item"), CLASS_1)
def test_class_1_is_warned_and_void_at_the_second_time(conduct: str, item: int) -> None:
    first = sanctions.candidate_ruling(conduct, [], MANUAL)
    assert summary(first) == (["warning"], [], "", f"001 D22 1({item})")
    assert ids(first.deciders) == ["proctor"]
    for earlier, _ in CLASS_1:  # any conduct of the class is the first time
        again = sanctions.candidate_ruling(conduct, [earlier], MANUAL)
        assert summary(again) == (["paper_void"], [], "void", f"001 D22 1({item})")
        assert again.raised
        assert "再次" in again.reason.zh


@pytest.mark.requirement("EXM-120")
@pytest.mark.parametrize(("conduct", "item"), CLASS_2)
def test_class_2_is_reminded_first(conduct: str, item: int) -> None:
    first = sanctions.candidate_ruling(conduct, [], MANUAL)
    assert summary(first) == (["reminder"], [], "", f"001 D22 2({item})")
    again = sanctions.candidate_ruling(conduct, ["copying"], MANUAL)
    assert summary(again) == (["session_result_cancelled", "sent_out"], [], "void", f"001 D22 2({item})")


@pytest.mark.requirement("EXM-121")
@pytest.mark.parametrize(("conduct", "item"), CLASS_3)
def test_class_3_is_out_at_once(conduct: str, item: int) -> None:
    ruling = sanctions.candidate_ruling(conduct, [], MANUAL)
    assert summary(ruling) == (
        ["qualification_cancelled", "sent_out"],
        [],
        "disqualified",
        f"001 D22 3({item})",
    )
    assert ids(ruling.deciders) == ["patrol_inspector", "chief"]


def test_another_class_is_no_second_time() -> None:
    assert ids(sanctions.candidate_ruling("notes", ["copying"], MANUAL).measures) == ["warning"]


def test_where_examiners_assess_they_decide() -> None:
    ruling = sanctions.candidate_ruling("notes", [], MANUAL, part="skill")
    assert ids(ruling.deciders) == ["examiner", "group_leader"]


@pytest.mark.parametrize("conduct", [name for name, _ in CLASS_1 + CLASS_2 + CLASS_3])
def test_jilin_chooses_by_gravity(conduct: str) -> None:
    ruling = sanctions.candidate_ruling(conduct, [conduct], JILIN, part="skill")
    ladder = ["reminder", "warning", "exam_ended", "result_void"]
    assert summary(ruling) == ([], ladder, "", "000 A7 13")
    assert "或" in ruling.reason.zh
    assert not ruling.raised


def test_jilin_lets_the_group_deliberate_and_the_leader_decide() -> None:
    ruling = sanctions.candidate_ruling("notes", [], JILIN, part="skill")
    assert ids(ruling.deciders) == ["examiner_group", "group_leader"]
    assert "考评记录" in ruling.records[0].zh


def test_a_collective_case_asks_the_institution_too() -> None:
    ruling = sanctions.candidate_ruling("collective", [], JILIN, part="skill")
    assert ids(ruling.one_of) == ["exam_ended", "result_void"]
    assert ids(ruling.deciders) == ["examiner_group", "group_leader", "institution"]


@pytest.mark.parametrize("pack", SHANDONG, ids=lambda pack: pack.id)
def test_shandong_sends_to_a_paper_outside(pack: Pack) -> None:
    ruling = sanctions.candidate_ruling("notes", [], pack)
    assert (ruling.measures, ruling.one_of, ruling.state) == ((), (), "")
    assert "未提供" in ruling.reason.zh
    assert ruling.reason.clause == "; ".join(pack.answer(SCALE).cite)
    assert ids(ruling.deciders) == ["quality_supervisor"]


def test_a_conduct_of_which_a_scale_says_nothing() -> None:
    ruling = sanctions.candidate_ruling("serious_cheating", [], MANUAL)
    assert (ruling.measures, ruling.one_of) == ((), ())
    assert "未规定" in ruling.reason.zh


def test_a_pack_without_a_scale_or_a_decider() -> None:
    with pytest.raises(NotRegulated):
        sanctions.candidate_ruling("notes", [], FILING)
    answers = {key: value for key, value in MANUAL.answers.items() if key != DECIDER}
    assert sanctions.candidate_ruling("notes", [], replace(MANUAL, answers=answers)).deciders == ()


def test_jilin_names_nobody_for_theory() -> None:
    assert sanctions.candidate_ruling("notes", [], JILIN, part="theory").deciders == ()


def test_an_unknown_conduct() -> None:
    with pytest.raises(sanctions.UnknownViolation):
        sanctions.candidate_ruling("sneezing", [], MANUAL)


def test_sending_out_goes_with_whatever_is_chosen() -> None:
    scale = [{"measures": ["exam_ended", "result_void", "sent_out"]}]
    ruling = sanctions.candidate_ruling("notes", [], overlaid(JILIN, {SCALE: scale}))
    assert (ids(ruling.measures), ids(ruling.one_of)) == (["sent_out"], ["exam_ended", "result_void"])


@settings(deadline=None)
@given(st.sampled_from(CONDUCTS), st.lists(st.sampled_from(CONDUCTS), max_size=5), st.sampled_from(CONDUCTS))
def test_more_history_never_makes_it_lighter(conduct: str, history: list[str], more: str) -> None:
    before = sanctions.candidate_ruling(conduct, history, MANUAL)
    after = sanctions.candidate_ruling(conduct, [*history, more], MANUAL)
    assert after.raised >= before.raised
    assert bool(after.state) >= bool(before.state)
    assert sanctions.candidate_ruling(conduct, sorted(history), MANUAL) == before


PAPERS = [
    (JILIN, "found_afterwards", "leading_group_decides"),
    (MANUAL, "found_afterwards", "zero_proposed"),
    (MANUAL, "during_exam", "session_result_cancelled"),
]


@pytest.mark.parametrize(("pack", "found", "measure"), PAPERS)
def test_a_paper_taken_away(pack: Pack, found: sanctions.FoundOut, measure: str) -> None:
    ruling = sanctions.paper_removed_ruling(found, pack)
    assert ruling is not None
    assert ids(ruling.measures) == [measure]
    assert ruling.measures[0].zh in ruling.reason.zh
    assert ruling.reason.clause == "; ".join(pack.answer(PAPER_REMOVED).cite)


def test_a_paper_taken_away_at_a_moment_of_which_the_pack_says_nothing() -> None:
    assert sanctions.paper_removed_ruling("during_exam", JILIN) is None


LATER = [
    (JILIN, "irregular_registration", "void", "000 A1 13"),
    (MANUAL, "forged_application", "disqualified", "001 D1 33"),
    (MANUAL, "certificate_abuse", "", "001 D3 28"),
]


@pytest.mark.parametrize(("pack", "violation", "state", "clause"), LATER)
def test_what_comes_out_later(pack: Pack, violation: str, state: str, clause: str) -> None:
    ruling = sanctions.later_ruling(violation, pack)
    assert (ruling.state, ruling.reason.clause) == (state, clause)
    assert {"certificate_annulled", "data_deleted"} <= set(ids(ruling.measures))


def test_what_comes_out_later_is_of_the_packs_own_source() -> None:
    assert set(sanctions.later_violations(JILIN)) == {"irregular_registration"}
    with pytest.raises(sanctions.UnknownViolation):
        sanctions.later_ruling("forged_application", JILIN)


GROUNDS = [
    (JILIN, "lax_review", "ordinary", [], ["interview", "rectification_with_suspension"], "000 A1 14"),
    (
        JILIN,
        "forging_for_candidates",
        "ordinary",
        ["evaluation_stopped", "removed_from_catalogue"],
        [],
        "000 A1 14",
    ),
    (JILIN, "covering_examiners", "ordinary", ["investigation"], [], "000 A7 29"),
]
HINDERING = [
    "refusing_papers",
    "stopping_people",
    "ignoring_opinions",
    "deceiving_supervision",
    "revenge",
    "hindering_supervision",
]
for number, ground in enumerate(HINDERING, 1):
    serious = ["warning", "rectification_with_suspension"]
    GROUNDS += [
        (JILIN, ground, "ordinary", ["interview"], [], f"000 A8 25({number})"),
        (JILIN, ground, "serious", serious, [], f"000 A8 25({number})"),
        (JILIN, ground, "gravest", serious, [], f"000 A8 25({number})"),  # the text goes no further
        (MANUAL, ground, "ordinary", ["criticism"], [], f"001 D5 20({number})"),
        (MANUAL, ground, "serious", ["rectification"], [], f"001 D5 20({number})"),
        (MANUAL, ground, "gravest", ["qualification_lost"], [], f"001 D5 20({number})"),
    ]
for ground in ("breach_of_rules", "false_evaluation", "outside_scope", "across_regions", "platform_port"):
    GROUNDS += [
        (MANUAL, ground, "ordinary", [], ["public_criticism", "rectification"], "001 D1 34"),
        (MANUAL, ground, "gravest", ["qualification_lost", "blacklisted"], [], "001 D1 34"),
    ]
NON_RECOGNITION = [
    "entry_conditions",
    "examiners_not_as_prescribed",
    "papers_not_filed",
    "exam_procedure",
    "pass_mark_changed",
]
ENDING = [
    "outside_filed_occupations",
    "outside_filed_premises",
    "qualification_lent",
    "staff_fraud",
    "proven_disorder",
    "serious_accident",
    "repeated_non_recognition",
    "idle",
]
GROUNDS += [
    (FILING, ground, "ordinary", ["results_not_recognised"], [], f"002 31({number})")
    for number, ground in enumerate(NON_RECOGNITION, 1)
]
GROUNDS += [
    (FILING, ground, "ordinary", ["filing_cancelled"], [], f"002 32({number})")
    for number, ground in enumerate(ENDING, 1)
]


@pytest.mark.parametrize(("pack", "ground", "gravity", "taken", "choice", "clause"), GROUNDS)
def test_each_ground(
    pack: Pack,
    ground: str,
    gravity: sanctions.Gravity,
    taken: list[str],
    choice: list[str],
    clause: str,
) -> None:
    ruling = sanctions.institution_ruling(ground, pack, gravity=gravity)
    assert summary(ruling) == (taken, choice, "", clause)
    assert ruling.deciders
    assert all(each.zh in ruling.reason.zh for each in (*ruling.measures, *ruling.one_of))


@pytest.mark.parametrize("pack", [JILIN, FILING, MANUAL], ids=lambda pack: pack.id)
def test_every_ground_of_a_pack_is_in_the_table_above(pack: Pack) -> None:
    assert set(sanctions.institution_grounds(pack)) == {ground for of, ground, *_ in GROUNDS if of is pack}


@pytest.mark.parametrize("pack", [JILIN, FILING, MANUAL], ids=lambda pack: pack.id)
def test_every_measure_is_of_the_packs_ladder(pack: Pack) -> None:
    ladder = {*pack.choices(LADDER_KEY), "investigation"}
    for ground in sanctions.institution_grounds(pack).values():
        for step in ground.steps.values():
            assert {*step.get("all", ()), *step.get("one_of", ())} <= ladder


@pytest.mark.requirement("SUP-051")
@pytest.mark.parametrize("pack", [JILIN, MANUAL], ids=lambda pack: pack.id)
def test_hindering_supervision_in_each_way_is_a_ground(pack: Pack) -> None:
    assert set(HINDERING) <= set(sanctions.institution_grounds(pack))


@pytest.mark.requirement("SUP-053")
def test_the_eight_grounds_that_end_a_filing() -> None:
    grounds = sanctions.institution_grounds(FILING).values()
    ending = {ground.id for ground in grounds if "filing_cancelled" in ground.steps["ordinary"]["all"]}
    assert ending == set(ENDING)
    assert len(ENDING) == 8


@pytest.mark.requirement("SUP-054")
@pytest.mark.parametrize(
    "ground", ["breach_of_rules", "false_evaluation", "outside_scope", "across_regions", "platform_port"]
)
def test_the_ladder_of_the_manual_goes_by_gravity(ground: str) -> None:
    light = sanctions.institution_ruling(ground, MANUAL)
    grave = sanctions.institution_ruling(ground, MANUAL, gravity="gravest")
    assert ids(light.one_of) == ["public_criticism", "rectification"]
    assert ids(grave.measures) == ["qualification_lost", "blacklisted"]


def test_an_unknown_ground_or_a_pack_without_a_ladder() -> None:
    with pytest.raises(sanctions.UnknownViolation):
        sanctions.institution_ruling("idle", JILIN)
    with pytest.raises(NotRegulated):
        sanctions.institution_grounds(SHANDONG[0])


STANDINGS = sorted(table("sanctions")["standings"])
LADDER = sorted(schema().parameters[LADDER_KEY].shape.options)
ENDS = {"removed_from_catalogue", "filing_cancelled", "qualification_lost"}
ALLOWED = {  # standing, measure: what it leads to; written out a second time
    ("active", "rectification"): "rectifying",
    ("active", "rectification_with_suspension"): "rectifying",
    ("rectifying", "rectification"): "rectifying",
    ("rectifying", "rectification_with_suspension"): "rectifying",
    ("rectifying", "rectification_accepted"): "active",
    ("active", "evaluation_stopped"): "stopped",
    ("rectifying", "evaluation_stopped"): "stopped",
    **{(standing, end): "ended" for standing in ("active", "rectifying", "stopped") for end in ENDS},
}
MOVING = {measure for _, measure in ALLOWED}


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("measure", [*LADDER, "rectification_accepted"])
def test_lawful_transitions(standing: str, measure: str) -> None:
    after = sanctions.standing_after(standing, measure)
    if measure not in MOVING:
        assert after == standing
    elif (standing, measure) in ALLOWED:
        assert after == ALLOWED[standing, measure]
    else:
        assert isinstance(after, Explanation)
        assert table("sanctions")["standings"][standing]["zh"] in after.zh


def test_nothing_leads_back_from_the_end() -> None:
    assert not [step for step in table("sanctions")["transitions"].values() if "ended" in step["from"]]
    with pytest.raises(LookupError):
        sanctions.standing_after("sleeping", "warning")


def test_who_may_evaluate() -> None:
    assert sanctions.explain_evaluating("active", MANUAL) == ()
    (why,) = sanctions.explain_evaluating("rectifying", JILIN)
    assert why.clause == "000 A1 14; 000 A8 25"
    for standing in ("stopped", "ended"):
        assert sanctions.explain_evaluating(standing, MANUAL)
    free = overlaid(JILIN, {"sanction.suspend_during_rectification": False})
    assert sanctions.explain_evaluating("rectifying", free) == ()


def test_where_nothing_says_whether_it_stops_nothing_is_guessed() -> None:
    key = "sanction.suspend_during_rectification"
    silent = replace(MANUAL, answers={name: value for name, value in MANUAL.answers.items() if name != key})
    with pytest.raises(NotRegulated):
        sanctions.explain_evaluating("rectifying", silent)


@pytest.mark.requirement("SUP-053")
@pytest.mark.parametrize(
    ("count", "years", "clauses"),
    [
        (2, 1, []),
        (3, 0, ["002 32(7)"]),
        (4, 0, ["002 32(7)"]),
        (0, 2, ["002 32(8)"]),
        (3, 2, ["002 32(7)", "002 32(8)"]),
    ],
)
def test_counts_that_end_a_filing(count: int, years: int, clauses: list[str]) -> None:
    found = sanctions.explain_end_of_filing(count, years, FILING)
    assert [why.clause for why in found] == clauses


def test_a_pack_that_counts_nothing_ends_nothing() -> None:
    answers = {key: value for key, value in JILIN.answers.items() if not key.startswith("org.deregister")}
    assert sanctions.explain_end_of_filing(99, 99, replace(JILIN, answers=answers)) == ()
