"""Grants: periods, and conflicts at any moment of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.domain.grant import (
    MOST_AT_ONCE,
    Grant,
    check_granter,
    check_held_with,
    check_period,
    check_reason,
    check_together,
)
from jiangheng.identity.domain.targets import Target
from jiangheng.rules import duties

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, tzinfo=UTC)


def held(role: str, first: int, last: int) -> Grant:
    """A grant from the first day to the end of the last."""
    return Grant(
        f"{role}-{first}", "p", role, Target(region="22"), START + first * DAY, START + last * DAY, "a"
    )


def rule(new: Grant, *others: Grant) -> str:
    try:
        check_held_with(new, others)
    except Problem as problem:
        return problem.rule if problem.kind is Kind.FORBIDDEN else problem.code
    return ""


@pytest.mark.requirement("IAM-006")
@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0, 10, "X09"),
        (9, 12, "X09"),
        (10, 20, ""),
        (-5, 0, ""),
        (-5, 1, "X09"),
        (3, 4, "X09"),
        (-5, 20, "X09"),
    ],
)
def test_conflicts_count_where_periods_overlap(first: int, last: int, expected: str) -> None:
    assert rule(held("examiner", first, last), held("filing_officer", 0, 10)) == expected


@pytest.mark.requirement("IAM-006")
def test_what_does_not_meet_does_not_conflict_through_a_third() -> None:
    officer, examiner = held("filing_officer", 0, 10), held("examiner", 10, 20)
    assert rule(held("quality_supervisor", 0, 20), officer, examiner) == ""


@pytest.mark.requirement("IAM-006")
def test_implied_roles_conflict_too() -> None:
    assert "hr_department_staff" in duties.closure(["filing_officer"])
    assert rule(held("examiner", 0, 1), held("filing_officer", 0, 1)) == "X09"


@pytest.mark.requirement("IAM-014")
def test_an_auditor_changes_nothing() -> None:
    changing = {"identity_administrator", "institution_officer", "filing_officer", "examiner", "key_approver"}
    for role in changing:
        assert rule(held("auditor", 0, 1), held(role, 0, 1)) == "IAM-014", role
    assert rule(held("auditor", 0, 1), held("quality_supervisor", 0, 1)) == ""


def test_who_manages_grants_does_not_start_keys() -> None:
    assert rule(held("key_approver", 0, 1), held("identity_administrator", 0, 1)) == "KEY-FOUR-EYES"


@given(st.sets(st.sampled_from(sorted(duties.roles())), min_size=1), st.data())
def test_order_of_giving_does_not_matter(roles: set[str], data: st.DataObject) -> None:
    order = data.draw(st.permutations(sorted(roles)))
    given_so_far: list[Grant] = []
    refused = False
    for role in order:
        refused = refused or bool(rule(held(role, 0, 10), *given_so_far))
        given_so_far.append(held(role, 0, 10))
    try:
        check_together(roles)
    except Problem:
        assert refused
    else:
        assert not refused


@pytest.mark.requirement("IAM-001")
@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(1, 1, "valid_until"), (2, 1, "valid_until"), (-3, -1, "valid_until"), (-1, 1, "valid_from")],
)
def test_a_period_lies_ahead_and_has_an_end(first: int, last: int, field: str) -> None:
    with pytest.raises(Problem) as refused:
        check_period(START + first * DAY, START + last * DAY, START)
    assert refused.value.field == field


def test_a_few_minutes_back_are_no_backdating() -> None:
    check_period(START - timedelta(minutes=9), START + DAY, START)


@pytest.mark.requirement("IAM-001")
def test_nobody_grants_himself() -> None:
    check_granter("one", "another")
    with pytest.raises(Problem) as refused:
        check_granter("one", "one")
    assert (refused.value.kind, refused.value.rule) == (Kind.FORBIDDEN, "IAM-001")


def test_only_what_a_token_holds_is_granted() -> None:
    many = [held("quality_supervisor", 0, 10) for _ in range(MOST_AT_ONCE)]
    check_held_with(held("auditor", 0, 10), many[1:])
    with pytest.raises(Problem) as refused:
        check_held_with(held("auditor", 0, 10), many)
    assert refused.value.kind is Kind.EXHAUSTED


@pytest.mark.parametrize(
    "reason", ["", "  ", "离岗" * 300, "身份证 11010519491231002X 离岗", "电话 13900000001"]
)
def test_a_reason_is_given_and_holds_no_numbers(reason: str) -> None:
    with pytest.raises(Problem) as refused:
        check_reason(reason)
    assert refused.value.field == "reason"


def test_a_role_the_rules_forgot_carries_nothing() -> None:
    assert not held("emperor", 0, 10).in_force(START)
