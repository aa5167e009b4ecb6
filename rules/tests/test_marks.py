"""From marks to a result (000 A3 16-21; 001 D1 26)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules.mark_rules import MarkRules, mark_rules
from jiangheng.rules.marks import (
    GivenMark,
    Marked,
    Module,
    NotMarked,
    PartResult,
    Reviewed,
    Verdict,
    explain_order,
    part_result,
    shown,
    whole_result,
)
from jiangheng.rules.pack import NotRegulated, overlaid, pack_named
from jiangheng.rules.tables import table

RULES = MarkRules(Decimal(100), Decimal(60))
PARTS = ("theory", "skill", "comprehensive")


def given_marks(*values: str | Decimal) -> tuple[GivenMark, ...]:
    return tuple(GivenMark(f"examiner {n}", Decimal(value)) for n, value in enumerate(values))


def one_module(*values: str | Decimal) -> Marked:
    return Marked((Module("m", Decimal(100), given_marks(*values)),))


def skill(evidence: Marked, rules: MarkRules = RULES) -> PartResult:
    return part_result("skill", evidence, rules)


marks = st.decimals(0, 100, places=2)
several = st.lists(marks, min_size=1, max_size=7)


@settings(deadline=None)
@given(several)
def test_the_mean_is_exact(values: list[Decimal]) -> None:
    exact = sum(map(Fraction, values), Fraction(0)) / len(values)
    result = skill(one_module(*values))
    assert result.mark is not None
    assert Fraction(result.mark) == Fraction(int(exact * 100), 100)
    assert (result.verdict is Verdict.PASSED) is (exact >= 60)


@settings(deadline=None)
@given(several)
def test_what_is_shown_never_contradicts_the_verdict(values: list[Decimal]) -> None:
    result = skill(one_module(*values))
    assert result.mark is not None
    assert (result.mark >= RULES.pass_mark) is (result.verdict is Verdict.PASSED)


@settings(deadline=None)
@given(several, st.randoms())
def test_the_order_of_markers_does_not_matter(values: list[Decimal], random: object) -> None:
    given_ = list(given_marks(*values))
    mixed = list(given_)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert skill(Marked((Module("m", Decimal(100), tuple(mixed)),))) == skill(
        Marked((Module("m", Decimal(100), tuple(given_)),))
    )


@settings(deadline=None)
@given(several, st.integers(0, 6), marks)
def test_a_higher_mark_never_lowers_the_result(values: list[Decimal], place: int, other: Decimal) -> None:
    place %= len(values)
    higher = [*values]
    higher[place] = max(values[place], other)
    before, after = skill(one_module(*values)), skill(one_module(*higher))
    assert before.mark is not None
    assert after.mark is not None
    assert after.mark >= before.mark
    assert not (before.verdict is Verdict.PASSED and after.verdict is not Verdict.PASSED)


@settings(deadline=None)
@given(st.lists(st.tuples(marks, marks), min_size=1, max_size=4), st.randoms())
def test_the_order_of_modules_does_not_matter(pairs: list[tuple[Decimal, Decimal]], random: object) -> None:
    full = Decimal(100) / len(pairs)
    rules = replace(RULES, full=full * len(pairs))
    modules = [
        Module(str(n), full, given_marks(*(mark / 100 * int(full) for mark in pair)))
        for n, pair in enumerate(pairs)
    ]
    mixed = list(modules)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert skill(Marked(tuple(mixed)), rules) == skill(Marked(tuple(modules)), rules)


@pytest.mark.requirement("EXM-102")
@pytest.mark.parametrize(
    ("mark", "verdict"),
    [("60", "passed"), ("59.99", "not_passed"), ("100", "passed"), ("0", "not_passed"), ("60.01", "passed")],
)
def test_the_pass_mark_itself_passes(mark: str, verdict: str) -> None:
    result = skill(one_module(mark))
    assert result.verdict == verdict
    assert "60" in result.reasons[0].zh
    assert "60" in result.reasons[0].en


def test_rounding_never_lifts_a_mark_over_the_pass_mark() -> None:
    result = skill(one_module("59.99", "59.99", "60.01"))  # 59.9966…
    assert (result.verdict, result.mark) == (Verdict.NOT_PASSED, Decimal("59.99"))
    assert shown(Decimal("85.679")) == Decimal("85.67")


def test_modules_add_up() -> None:
    modules = (
        Module("a", Decimal(70), given_marks("50", "51", "50")),
        Module("b", Decimal(30), given_marks("20", "20")),
    )
    result = skill(Marked(modules))
    assert result.mark == Decimal("70.33")


BASIC = Module("m", Decimal(100), given_marks("70", "80"))
OPEN = [
    ("no_mark", Marked((replace(BASIC, marks=()),)), RULES),
    ("too_few", Marked((BASIC,)), replace(RULES, markers=3)),
    ("modules", Marked((replace(BASIC, full=Decimal(90)),)), RULES),
    ("modules", Marked(()), RULES),
    ("range", one_module("100.01"), RULES),
    ("range", one_module("-0.01"), RULES),
    ("range", one_module("NaN"), RULES),
    ("range", one_module("NaN", "NaN"), replace(RULES, disagreement=Decimal(5))),
    ("twice", Marked((replace(BASIC, marks=BASIC.marks + BASIC.marks[:1]),)), RULES),
    (
        "not_present",
        Marked((replace(BASIC, on_the_spot=True, marks=(GivenMark("a", Decimal(70), present=False),)),)),
        RULES,
    ),
    ("late_mark", Marked((replace(BASIC, marks=(GivenMark("a", Decimal(70), late=True),)),)), RULES),
    ("disputed", Marked((BASIC,), disputed=True), RULES),
    ("apart", Marked((BASIC,)), replace(RULES, disagreement=Decimal("9.99"))),
]


@pytest.mark.parametrize(("reason", "evidence", "rules"), OPEN)
def test_what_leaves_a_part_open(reason: str, evidence: Marked, rules: MarkRules) -> None:
    result = skill(evidence, rules)
    assert (result.verdict, result.mark) == (Verdict.OPEN, None)
    row = table("marks")["reasons"][reason]
    assert (row["rule"], row["clause"]) in [(why.rule, why.clause) for why in result.reasons]
    assert len(result.reasons) == 1


def test_marks_just_as_far_apart_as_allowed_are_combined() -> None:
    rules = replace(RULES, disagreement=Decimal(10))
    assert skill(Marked((BASIC,)), rules).mark == Decimal("75.00")


def test_without_a_threshold_no_distance_is_too_far() -> None:
    assert skill(one_module("0", "100")).mark == Decimal("50.00")


def test_whoever_was_there_marks_on_the_spot_and_the_mean_still_holds() -> None:
    evidence = Marked((replace(BASIC, on_the_spot=True),))
    assert skill(evidence).mark == Decimal("75.00")


def test_the_leader_ends_a_dispute() -> None:
    result = skill(Marked((BASIC,), disputed=True, settled=Decimal("61")))
    assert (result.verdict, result.mark) == (Verdict.PASSED, Decimal("61.00"))
    assert result.reasons[-1].clause == "000 A7 24; 001 D4 10"
    assert skill(Marked((BASIC,), settled=Decimal("12"))).verdict is Verdict.NOT_PASSED


def test_the_leader_too_keeps_to_the_range() -> None:
    assert skill(Marked((BASIC,), settled=Decimal(101))).verdict is Verdict.OPEN


STATES = {  # written out a second time
    "absent": "not_passed",
    "late": "not_passed",
    "abandoned": "not_passed",
    "void": "not_passed",
    "disqualified": "cancelled",
    "deferred": "open",
}


@pytest.mark.requirement("EXM-103")
@pytest.mark.parametrize(("state", "verdict"), STATES.items())
def test_a_state_is_no_mark(state: str, verdict: str) -> None:
    result = part_result("theory", NotMarked(state), RULES)
    assert (result.verdict, result.mark, result.state) == (verdict, None, state)
    (why,) = result.reasons
    assert table("marks")["states"][state]["zh"] in why.zh
    assert why.clause


def test_the_states_are_these() -> None:
    assert set(table("marks")["states"]) == set(STATES)
    with pytest.raises(LookupError):
        part_result("theory", NotMarked("asleep"), RULES)
    with pytest.raises(LookupError):
        part_result("singing", Reviewed(True), RULES)


@pytest.mark.parametrize(("passed", "verdict"), [(True, "passed"), (False, "not_passed")])
def test_a_review_without_marks(passed: bool, verdict: str) -> None:
    result = part_result("comprehensive", Reviewed(passed), RULES)
    assert (result.verdict, result.mark) == (verdict, None)
    assert result.reasons[0].clause == "001 D1 26"


def result_of(part: str, verdict: str) -> PartResult:
    return PartResult(part, Verdict(verdict), None, "", ())


@pytest.mark.requirement("EXM-102")
@pytest.mark.parametrize(
    ("theory", "of_skill", "whole"),
    [
        ("passed", "passed", "passed"),
        ("passed", "not_passed", "not_passed"),
        ("not_passed", "passed", "not_passed"),
        ("not_passed", "open", "not_passed"),
        ("passed", "open", "open"),
        ("passed", "cancelled", "cancelled"),
        ("cancelled", "not_passed", "cancelled"),
    ],
)
def test_the_whole_passes_only_if_every_part_does(theory: str, of_skill: str, whole: str) -> None:
    result = whole_result(("theory", "skill"), [result_of("skill", of_skill), result_of("theory", theory)])
    assert result.verdict == whole
    assert [part.part for part in result.parts] == ["theory", "skill"]
    partial = theory != of_skill and whole == "not_passed" and "passed" in (theory, of_skill)
    assert any("未作规定" in why.zh for why in result.reasons) is partial


def test_a_part_without_a_result_leaves_the_whole_open() -> None:
    result = whole_result(("theory", "skill"), [result_of("theory", "passed")])
    assert result.verdict is Verdict.OPEN
    assert "技能操作考核" in result.reasons[-1].zh


def test_a_part_that_is_not_asked_for_does_not_count() -> None:
    assert whole_result(("theory",), [result_of("theory", "passed"), result_of("skill", "open")]).verdict == (
        "passed"
    )


def test_the_review_comes_after_theory_and_skill() -> None:
    results = [result_of("theory", "passed"), result_of("skill", "not_passed")]
    (why,) = explain_order("comprehensive", ("theory", "skill"), results)
    assert "技能操作考核" in why.zh
    assert why.clause == "001 D1 26"
    assert explain_order("comprehensive", ("theory",), results) == ()


@pytest.mark.parametrize(
    ("name", "part", "markers"),
    [
        ("jilin", "theory", 1),
        ("jilin", "skill", 3),
        ("xinjiang-inner-mongolia", "skill", 3),
        ("shandong-social", "skill", 1),  # by the standard: no number here
        ("shandong-school", "skill", 3),
    ],
)
def test_what_the_packs_say(name: str, part: str, markers: int) -> None:
    pack = pack_named(name)
    rules = mark_rules(part, pack)
    assert (rules.full, rules.pass_mark, rules.markers) == (100, 60, markers)
    assert rules.cite == pack.answer("score.pass_mark").cite
    assert rules.disagreement is None
    result = part_result(part, one_module("60", "60", "60"), rules)
    assert result.verdict is Verdict.PASSED
    assert result.reasons[0].clause == "; ".join(rules.cite)


@pytest.mark.requirement("EXM-101")
def test_several_markers_are_combined_by_the_mean_and_the_result_says_whose_rule_it_is() -> None:
    (_, jilin) = part_result(
        "skill", one_module("60", "61", "62"), mark_rules("skill", pack_named("jilin"))
    ).reasons
    assert jilin.clause == "; ".join(pack_named("jilin").answer("score.skill.aggregate").cite)
    (_, filing) = part_result(
        "skill", one_module("60", "61", "62"), mark_rules("skill", pack_named("shandong-school"))
    ).reasons
    assert "not regulated" in filing.en
    assert len(part_result("theory", one_module("60"), RULES).reasons) == 1


def test_the_judges_mean() -> None:
    rules = mark_rules("comprehensive", pack_named("jilin"))
    assert rules.mean_cite == pack_named("jilin").answer("score.comprehensive.aggregate").cite


@pytest.mark.requirement("EXM-081")
def test_whether_one_examiner_is_enough_on_the_spot() -> None:
    jilin = pack_named("jilin")
    key = "score.single_scorer_items"
    alone = overlaid(jilin, {key: {"items": ["on_the_spot_marks"], "scorers": "one_alone"}})
    spot = Marked((Module("m", Decimal(100), given_marks("70"), on_the_spot=True),))
    assert part_result("skill", spot, mark_rules("skill", jilin)).verdict is Verdict.OPEN
    assert part_result("skill", spot, mark_rules("skill", alone)).verdict is Verdict.PASSED
    assert part_result("skill", one_module("70"), mark_rules("skill", alone)).verdict is Verdict.OPEN


def test_an_institutions_own_threshold() -> None:
    assert mark_rules("skill", pack_named("jilin"), disagreement=Decimal(15)).disagreement == 15


def test_without_a_pass_mark_nothing_is_guessed() -> None:
    pack = pack_named("jilin")
    silent = replace(
        pack, answers={key: value for key, value in pack.answers.items() if key != "score.pass_mark"}
    )
    with pytest.raises(NotRegulated):
        mark_rules("theory", silent)


def test_a_pack_with_another_pass_mark() -> None:
    rules = mark_rules("theory", overlaid(pack_named("jilin"), {"score.pass_mark": 70}))
    assert part_result("theory", one_module("69.99"), rules).verdict is Verdict.NOT_PASSED
