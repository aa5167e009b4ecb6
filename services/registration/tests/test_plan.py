"""The annual plan's course and faults, without IO."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.course import Course
from jiangheng.registration.domain.plan import (
    COURSE,
    MAX_LINES,
    Act,
    Plan,
    PlanLine,
    State,
    refuse_incomplete,
    refuse_unstorable,
)

FILED = {("6-31-01-03", 4), ("6-18-01-01-02", 3)}
# The table a second time, as the regulations have it (000 main 7(9); 004 S二(一)-(二)).
LAWFUL = {
    ("draft", "save"): "draft",
    ("draft", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "confirm"): "confirmed",
    ("returned", "save"): "returned",
    ("returned", "submit"): "submitted",
    ("confirmed", "save"): "draft",
}


def walked(course: Course[Any, Any], state: Any, act: Any) -> Any:
    """Where an act leads from a state; the Problem if it is refused."""
    try:
        return course.after(state, 3, act, 3)
    except Problem as problem:
        return problem


def drafted(*lines: PlanLine, year: int = 2026) -> Plan:
    return Plan("91220101MA0Y000013", year, "220102", lines, State.DRAFT, 1, b"d" * 32)


def faults_of(*lines: PlanLine, year: int = 2026) -> Problem:
    with pytest.raises(Problem) as raised:
        refuse_incomplete(drafted(*lines, year=year), FILED)
    return raised.value


@pytest.mark.parametrize(("state", "act"), product(State, Act))
def test_every_act_in_every_state_leads_where_the_regulations_say_or_is_refused(
    state: State, act: Act
) -> None:
    lawful = LAWFUL.get((state.value, act.value))
    came_to = walked(COURSE, state, act)
    if lawful is not None:
        assert came_to is State(lawful)
    else:
        assert came_to.kind is Kind.WRONG_STATE
        assert came_to.details == {"state": state.value, "revision": "3"}
        assert COURSE.states_zh[state] in came_to.zh


@pytest.mark.parametrize(("state", "act"), product(State, Act))
def test_an_act_on_another_revision_is_refused_whatever_the_state(state: State, act: Act) -> None:
    for looked_at in (0, 2, 4, 2**64 - 1):
        with pytest.raises(Problem) as refused:
            COURSE.after(state, 3, act, looked_at)
        assert refused.value.kind is Kind.WRONG_STATE


@given(st.lists(st.sampled_from(Act)))
@settings(deadline=None)
def test_no_order_of_acts_confirms_what_was_not_submitted_just_before(acts: list[Act]) -> None:
    state, last = State.DRAFT, None
    for act in acts:
        came_to = walked(COURSE, state, act)
        if isinstance(came_to, State):
            assert came_to is not State.CONFIRMED or (act, last) == (Act.CONFIRM, Act.SUBMIT)
            state, last = came_to, act


def test_who_prepared_decides_nothing_and_who_decides_prepares_nothing() -> None:
    for act in Act:
        ours = act in (Act.SAVE, Act.SUBMIT)
        assert COURSE.scopes[act] == f"registration.plan.{'prepare' if ours else 'confirm'}"
        assert (act in COURSE.own) is ours
        if ours:
            COURSE.refuse_doer(act, {"zhao"}, "zhao")
            continue
        assert COURSE.apart[act].acts == COURSE.own
        COURSE.refuse_doer(act, {"zhao"}, "sun")
        with pytest.raises(Problem) as refused:
            COURSE.refuse_doer(act, {"zhao", "sun"}, "zhao")
        assert (refused.value.kind, refused.value.rule) == (Kind.FORBIDDEN, "PLAN-SELF")


def test_a_whole_plan_within_the_filed_scope_has_no_fault(lines: tuple[PlanLine, ...]) -> None:
    refuse_incomplete(drafted(*lines), FILED)
    refuse_unstorable(2026, lines)


@pytest.mark.parametrize(
    "beyond",
    [
        {"level": 3},  # of the occupation another level only
        {"level": 0},
        {"occupation_code": "6-18-01-01-02"},  # that one is filed for level 3
        {"occupation_code": "6-18-01-01"},  # the occupation around the filed trade
        {"occupation_code": ""},
    ],
)
def test_a_line_beyond_the_filed_scope_is_named(beyond: dict[str, Any], lines: tuple[PlanLine, ...]) -> None:
    problem = faults_of(lines[1], replace(lines[0], **beyond))
    assert (problem.field, problem.rule, problem.code) == ("lines[1]", "REG-017", "out-of-scope")
    assert "002 32(1)" in problem.clause


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"candidates": 0}, "candidates"),
        ({"candidates": 1_000_001}, "candidates"),
        ({"exam_date": ""}, "exam_date"),
        ({"exam_date": "2025-12-31"}, "exam_date"),
        ({"exam_date": "2027-01-01"}, "exam_date"),
        ({"exam_date": "2026-02-29"}, "exam_date"),
        ({"exam_date": "20260411"}, "exam_date"),
        ({"exam_date": "2026-W15-6"}, "exam_date"),
        ({"place": " \n"}, "place"),
    ],
)
def test_a_line_with_a_gap_is_named(changes: dict[str, Any], field: str, lines: tuple[PlanLine, ...]) -> None:
    problem = faults_of(replace(lines[0], **changes))
    assert (problem.kind, problem.field, problem.rule) == (Kind.INVALID, f"lines[0].{field}", "REG-037")


def test_an_empty_plan_is_no_plan_and_all_faults_are_told_at_once(lines: tuple[PlanLine, ...]) -> None:
    assert faults_of().field == "lines"
    bad = PlanLine("6-31-01-03", 1, 0, "", "")
    problem = faults_of(bad, lines[0], bad)
    assert problem.details["faults"] == "8"
    assert all(f"fault.{number}" in problem.details for number in range(2, 9))


@pytest.mark.parametrize(
    ("year", "lines", "field"),
    [
        (1999, (), "year"),
        (2200, (), "year"),
        (0, (), "year"),
        (2026, (PlanLine("6-31-01-03", 4, 1, "2026-04-11", "长春\x00"),), "lines[0].place"),
        (2026, (PlanLine("6-31-01-03", 4, 1, "2026-04-11" * 2, ""),), "lines[0].exam_date"),
        (2026, (PlanLine("6-31-01-03", 4, 1, "", "长" * 201),), "lines[0].place"),
        (2026, (PlanLine("电工", 4, 1, "", ""),), "lines[0].occupation_code"),
        (2026, (PlanLine("6-31-01-03", 4, 1, "", ""),) * (MAX_LINES + 1), "lines"),
    ],
)
def test_what_cannot_be_stored_is_named(year: int, lines: tuple[PlanLine, ...], field: str) -> None:
    with pytest.raises(Problem) as refused:
        refuse_unstorable(year, lines)
    assert (refused.value.kind, refused.value.field) == (Kind.INVALID, field)


def test_gaps_may_be_stored() -> None:
    refuse_unstorable(2026, (PlanLine("6-31-01-03", 0, 0, "", ""),))
