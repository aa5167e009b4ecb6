"""The first administrator: once, by a code of the server's own, whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.operations.bootstrap import bootstrap, make_code
from jiangheng.identity.operations.log_in import log_in
from jiangheng.identity.store import principals, tables

PASSWORD = "correct horse battery"


def refused(world: Any, code: str, password: str = PASSWORD, **person: str) -> Problem:
    with pytest.raises(Problem) as problem:
        bootstrap(world.identity, code, world.new_person(**person), password)
    return problem.value


@pytest.mark.requirement("IAM-001")
def test_the_code_makes_the_first_administrator_once(world: Any) -> None:
    code = make_code(world.identity)
    person_id = bootstrap(world.identity, code, world.new_person("zhao.admin"), PASSWORD)
    caller = world.token("zhao.admin", "identity")
    assert caller.id == person_id
    assert caller.holds(["identity.grant.manage"])
    assert [(fact["type"], fact["actor"]) for fact in world.facts()] == [
        ("person.registered.v1", "system"),
        ("grant.given.v1", "system"),
    ]
    again = refused(world, code)
    assert (again.kind, again.code) == (Kind.WRONG_STATE, "bootstrap-done")
    with pytest.raises(Problem) as no_more:
        make_code(world.identity)
    assert no_more.value.code == "bootstrap-done"
    assert len(world.rows(tables.person)) == 1


def test_the_last_code_counts_for_an_hour(world: Any) -> None:
    assert refused(world, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA").kind is Kind.UNAUTHENTICATED
    first, second = make_code(world.identity), make_code(world.identity)
    assert refused(world, first).kind is Kind.UNAUTHENTICATED
    world.passes(hours=1)
    assert refused(world, second).kind is Kind.UNAUTHENTICATED
    assert second not in repr(world.rows(tables.bootstrap))
    bootstrap(world.identity, make_code(world.identity), world.new_person(), PASSWORD)


def test_a_refused_password_leaves_the_code(world: Any) -> None:
    code = make_code(world.identity)
    assert refused(world, code, "short").code == "password-short"
    assert refused(world, code, "zhao.admin-2026", login="zhao.admin").code == "password-login"
    assert world.facts() == []
    bootstrap(world.identity, code, world.new_person(), PASSWORD)


def test_two_bootstraps_at_once_make_one_administrator(world: Any, meet: Any) -> None:
    code = make_code(world.identity)
    meet(principals, "bootstrap_state")

    def attempt(login: str) -> str:
        try:
            return bootstrap(world.identity, code, world.new_person(login), PASSWORD)
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(attempt, ("one.admin", "two.admin")))
    made = [outcome for outcome in outcomes if outcome != "bootstrap-done"]
    assert len(made) == 1
    assert [row.person_id for row in world.rows(tables.person)] == made
    assert len(world.rows(tables.role_grant)) == 1


def test_a_taken_document_leaves_the_code(world: Any) -> None:
    world.register("zhao.admin")
    code = make_code(world.identity)
    assert refused(world, code, login="zhao.admin").kind is Kind.EXISTS
    bootstrap(world.identity, code, world.new_person("real.admin"), PASSWORD)
    log_in(world.identity, "real.admin", PASSWORD, "identity")
