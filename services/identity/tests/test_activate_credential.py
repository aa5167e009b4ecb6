"""One-time codes and changes of passwords: single use, a day long, on record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.operations.activate_credential import activate_credential
from jiangheng.identity.operations.change_password import change_password
from jiangheng.identity.operations.log_in import log_in
from jiangheng.identity.operations.refresh_token import refresh_token
from jiangheng.identity.operations.register_person import register_person
from jiangheng.identity.operations.reset_credential import reset_credential
from jiangheng.identity.store import tables

PASSWORD = "correct horse battery"
OTHER = "another horse battery"


def code_of(world: Any, login: str) -> str:
    code: str = register_person(world.identity, world.admin, world.new_person(login)).activation_code
    return code


def refused(world: Any, login: str, code: str, password: str = PASSWORD) -> Problem:
    with pytest.raises(Problem) as problem:
        activate_credential(world.identity, login, code, password)
    return problem.value


def test_a_code_is_used_once(world: Any) -> None:
    code = code_of(world, "wu.xiao")
    activate_credential(world.identity, "wu.xiao", code.lower().replace("-", " "), PASSWORD)
    assert refused(world, "wu.xiao", code, OTHER).kind is Kind.UNAUTHENTICATED
    log_in(world.identity, "wu.xiao", PASSWORD, "identity")


def test_a_code_lasts_a_day_and_is_one_persons(world: Any) -> None:
    code = code_of(world, "wu.xiao")
    other = code_of(world, "li.qiang")
    answers = {refused(world, login, guess).en for login, guess in (("wu.xiao", other), ("nobody", code))}
    world.passes(hours=24)
    answers.add(refused(world, "wu.xiao", code).en)
    assert len(answers) == 1


def test_a_bad_password_does_not_use_the_code_up(world: Any) -> None:
    code = code_of(world, "wu.xiao")
    assert refused(world, "wu.xiao", code, "too short").code == "password-short"
    assert refused(world, "wu.xiao", code, "it is 测试甲 himself").code == "password-name"
    activate_credential(world.identity, "wu.xiao", code, PASSWORD)


def test_codes_lie_hashed(world: Any) -> None:
    code = code_of(world, "wu.xiao")
    stored = repr(world.rows(tables.activation_code))
    assert code not in stored
    assert code.replace("-", "") not in stored


def test_two_activations_at_once_set_one_password(world: Any) -> None:
    code = code_of(world, "wu.xiao")

    def activate(password: str) -> str | None:
        try:
            activate_credential(world.identity, "wu.xiao", code, password)
        except Problem:
            return None
        return password

    with ThreadPoolExecutor(2) as pool:
        won = [password for password in pool.map(activate, (PASSWORD, OTHER)) if password]
    assert len(won) == 1
    log_in(world.identity, "wu.xiao", won[0], "identity")


def test_every_change_is_on_record_and_ends_the_log_ins(world: Any) -> None:
    person_id = world.activated("wu.xiao")
    before = log_in(world.identity, "wu.xiao", PASSWORD, "identity")
    change_password(world.identity, world.caller(person_id), PASSWORD, OTHER)
    with pytest.raises(Problem):
        refresh_token(world.identity, before.refresh_token, "identity")
    with pytest.raises(Problem):
        log_in(world.identity, "wu.xiao", PASSWORD, "identity")
    after = log_in(world.identity, "wu.xiao", OTHER, "identity")
    reset_credential(world.identity, world.admin, person_id)
    with pytest.raises(Problem):
        refresh_token(world.identity, after.refresh_token, "identity")
    assert [(row.what, row.changed_by) for row in world.rows(tables.credential_change)] == [
        ("activated", f"person:{person_id}"),
        ("changed", f"person:{person_id}"),
        ("reset", "person:admin"),
    ]
    assert [fact["actor"] for fact in world.facts("person.reset.v1")] == ["person:admin"]


def test_a_change_needs_the_old_password_and_a_new_one(world: Any) -> None:
    person_id = world.activated("wu.xiao")
    caller = world.caller(person_id)
    with pytest.raises(Problem) as same:
        change_password(world.identity, caller, PASSWORD, PASSWORD)
    assert (same.value.code, same.value.field) == ("password-same", "new_password")
    for _ in range(5):
        with pytest.raises(Problem) as wrong:
            change_password(world.identity, caller, OTHER, OTHER)
        assert wrong.value.kind is Kind.UNAUTHENTICATED
    # Wrong old passwords count as tries.
    with pytest.raises(Problem):
        change_password(world.identity, caller, PASSWORD, OTHER)


def test_only_the_last_code_counts(world: Any) -> None:
    person_id = world.register("wu.xiao")
    first, second = (reset_credential(world.identity, world.admin, person_id) for _ in range(2))
    refused(world, "wu.xiao", first)
    activate_credential(world.identity, "wu.xiao", second, PASSWORD)
    with pytest.raises(Problem) as unknown:
        reset_credential(world.identity, world.admin, "nobody")
    assert unknown.value.kind is Kind.NOT_FOUND
