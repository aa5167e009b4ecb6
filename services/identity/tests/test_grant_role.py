"""Giving and ending roles: the first wall, and a history that stands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.domain import grant as rules
from jiangheng.identity.operations.end_grant import end_grant
from jiangheng.identity.operations.grant_role import Wanted, grant_role
from jiangheng.identity.operations.read_persons import get_person
from jiangheng.identity.store import tables


def refused(world: Any, act: Any) -> Problem:
    before = world.facts(), world.rows(tables.role_grant), world.rows(tables.grant_end)
    with pytest.raises(Problem) as problem:
        act()
    assert (world.facts(), world.rows(tables.role_grant), world.rows(tables.grant_end)) == before
    return problem.value


@pytest.mark.requirement("IAM-001")
def test_a_grant_names_person_role_place_and_period(world: Any) -> None:
    person_id = world.register()
    start, end = world.clock.now() + timedelta(days=1), world.clock.now() + timedelta(days=30)
    grant = world.grant(person_id, "institution_officer", start=start, end=end)
    [fact] = world.facts("grant.given.v1")
    assert fact == {
        "grant_id": grant.grant_id,
        "person_id": person_id,
        "role": "institution_officer",
        "institution": "52220101MJ12345679",
        "valid_from": "2026-03-03T04:00:00Z",
        "valid_until": "2026-04-01T04:00:00Z",
        "type": "grant.given.v1",
        "subject": grant.grant_id,
        "actor": "person:admin",
    }
    assert get_person(world.identity, world.admin, person_id).grants == (grant,)


@pytest.mark.requirement("IAM-001")
def test_a_grant_always_has_an_end(world: Any) -> None:
    grant = world.grant(world.register(), "examiner")
    assert (grant.valid_from, grant.valid_until - grant.valid_from) == (
        world.clock.now(),
        timedelta(days=365),
    )


@pytest.mark.requirement("IAM-006")
@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ("filing_officer", "examiner", "X09"),
        ("examiner", "hr_department_staff", "X09"),
        ("auditor", "identity_administrator", "IAM-014"),
        ("institution_officer", "filing_officer", "FILING-SELF"),
        ("identity_administrator", "key_approver", "KEY-FOUR-EYES"),
    ],
)
def test_the_first_wall_refuses_conflicting_roles(world: Any, first: str, second: str, rule: str) -> None:
    person_id = world.register()
    given = world.grant(person_id, first)
    problem = refused(world, lambda: world.grant(person_id, second))
    assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, rule)
    assert problem.clause
    # The same role is lawful for another person, and for this one once the first has ended.
    world.grant(world.register(), second)
    end_grant(world.identity, world.admin, given.grant_id, "调岗")
    world.grant(person_id, second)


@pytest.mark.requirement("IAM-006")
def test_two_conflicting_grants_at_once_are_not_both_given(world: Any, meet: Any) -> None:
    person_id = world.register()
    meet(rules, "check_held_with")

    def give(role: str) -> str:
        try:
            world.grant(person_id, role)
        except Problem as problem:
            return problem.rule
        return ""

    with ThreadPoolExecutor(2) as pool:
        refusals = list(pool.map(give, ("filing_officer", "examiner")))
    assert sorted(refusals) == ["", "X09"]


@pytest.mark.requirement("IAM-001")
def test_nobody_grants_himself_and_nobody_unknown_is_granted(world: Any) -> None:
    itself = refused(world, lambda: world.grant("admin", "quality_supervisor"))
    assert (itself.kind, itself.rule) == (Kind.FORBIDDEN, "IAM-001")
    assert refused(world, lambda: world.grant("nobody", "examiner")).kind is Kind.NOT_FOUND


def test_asked_again_the_same_grant_is_given_back(world: Any) -> None:
    person_id = world.register()
    first = world.grant(person_id, "examiner")
    world.passes(seconds=5)
    assert world.grant(person_id, "examiner") == first
    assert world.grant(person_id, "examiner", region="37") != first
    start, end = world.clock.now(), world.clock.now() + timedelta(days=2)
    other = world.grant(person_id, "examiner", start=start, end=end)
    assert other != first
    assert world.grant(person_id, "examiner", start=start, end=end) == other
    assert len(world.facts("grant.given.v1")) == 3


def test_another_granter_gives_a_grant_of_his_own(world: Any) -> None:
    person_id = world.register()
    first = world.grant(person_id, "examiner")
    second = grant_role(world.identity, world.caller("other"), Wanted(person_id, "examiner", region="22"))
    assert second.grant_id != first.grant_id


def test_an_ended_grant_stays_in_the_history(world: Any) -> None:
    person_id = world.register()
    grant = world.grant(person_id, "examiner")
    world.passes(days=3)
    end_grant(world.identity, world.admin, grant.grant_id, " 离岗 ")
    [kept] = get_person(world.identity, world.admin, person_id).grants
    assert (kept.grant_id, kept.valid_until) == (grant.grant_id, world.clock.now())
    [row] = world.rows(tables.grant_end)
    assert (row.reason, row.ended_by, row.ended_at) == ("离岗", "person:admin", world.clock.now())
    [fact] = world.facts("grant.ended.v1")
    assert (fact["grant_id"], fact["person_id"], fact["reason"]) == (grant.grant_id, person_id, "离岗")


def test_a_grant_ends_once_and_with_a_reason(world: Any) -> None:
    grant = world.grant(world.register(), "examiner")

    def end(reason: str = "离岗", grant_id: str = grant.grant_id) -> None:
        end_grant(world.identity, world.admin, grant_id, reason)

    assert refused(world, lambda: end("")).field == "reason"
    assert refused(world, lambda: end(grant_id="none")).kind is Kind.NOT_FOUND
    end()
    again = refused(world, end)
    assert (again.kind, again.details["state"]) == (Kind.WRONG_STATE, "ended")
