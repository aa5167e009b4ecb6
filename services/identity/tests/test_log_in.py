"""Logging in: one answer for every no, lock-out that grows, a token that says what counts now."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest

from jiangheng.chassis.auth import MAX_TOKEN_LENGTH
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.domain.grant import MOST_AT_ONCE
from jiangheng.identity.operations.activate_credential import activate_credential
from jiangheng.identity.operations.end_grant import end_grant
from jiangheng.identity.operations.log_in import log_in
from jiangheng.identity.operations.read_persons import get_person
from jiangheng.identity.operations.refresh_token import refresh_token
from jiangheng.identity.operations.reset_credential import reset_credential
from jiangheng.identity.passwords import Passwords
from jiangheng.identity.store import grants, tables

PASSWORD = "correct horse battery"
WRONG = "incorrect horse battery"


def refused(world: Any, login: str, password: str = PASSWORD) -> Problem:
    with pytest.raises(Problem) as problem:
        log_in(world.identity, login, password, "registration")
    return problem.value


def said(problem: Problem) -> tuple[object, ...]:
    return problem.kind, problem.code, problem.zh, problem.en, problem.rule, dict(problem.details)


@pytest.mark.requirement("IAM-001")
def test_a_token_carries_the_grants_that_count_now(world: Any) -> None:
    person_id = world.activated("qian", "filing_officer", region="2201")
    soon = world.clock.now() + timedelta(days=1)
    world.grant(person_id, "quality_supervisor", region="22", start=soon)
    ended = world.grant(person_id, "quality_supervisor", region="37")
    end_grant(world.identity, world.admin, ended.grant_id, "调岗")
    caller = world.token("QIAN ")
    assert (caller.kind, caller.id) == ("person", person_id)
    assert [(grant.role, grant.region) for grant in caller.grants] == [
        ("self", ""),
        ("filing_officer", "2201"),
    ]
    assert caller.holds(["account.own"])
    assert caller.holds(["registration.filing.decide"])
    world.passes(days=1)
    assert [grant.role for grant in world.token("qian").grants[1:]] == [
        "filing_officer",
        "quality_supervisor",
    ]
    world.passes(days=364)
    assert [grant.role for grant in world.token("qian").grants[1:]] == ["quality_supervisor"]


@pytest.mark.requirement("IAM-001")
def test_a_token_is_for_one_known_service(world: Any) -> None:
    world.activated("qian")
    with pytest.raises(Problem) as unknown:
        log_in(world.identity, "qian", PASSWORD, "gibberish")
    assert (unknown.value.kind, unknown.value.field) == (Kind.INVALID, "audience")
    token = log_in(world.identity, "qian", PASSWORD, "registration").access.text
    with pytest.raises(Problem) as other:
        world.verified(token, "supervision")
    assert other.value.code == "wrong-audience"


def test_tokens_live_ten_minutes(world: Any) -> None:
    world.activated("qian")
    pair = log_in(world.identity, "qian", PASSWORD, "registration")
    assert pair.access.expires - world.clock.now() == timedelta(seconds=600)
    assert pair.refresh_expires - world.clock.now() == timedelta(hours=12)
    claims = jwt.decode(pair.access.text, options={"verify_signature": False})
    assert claims["exp"] == pair.access.expires.timestamp()
    assert jwt.get_unverified_header(pair.access.text)["alg"] == "EdDSA"


def test_a_token_holds_the_most_that_can_be_granted(world: Any) -> None:
    person_id = world.activated("busy")
    for number in range(MOST_AT_ONCE):
        world.grant(person_id, "auditor", region=f"22{number + 1:04d}")
    with pytest.raises(Problem) as one_more:
        world.grant(person_id, "auditor", region="37")
    assert one_more.value.kind is Kind.EXHAUSTED
    token = log_in(world.identity, "busy", PASSWORD, "registration").access.text
    assert len(token) < MAX_TOKEN_LENGTH


@pytest.mark.requirement("IAM-001")
def test_every_no_reads_the_same(world: Any) -> None:
    world.activated("locked")
    world.register("inactive")
    first = refused(world, "nobody")
    assert said(refused(world, "locked", WRONG)) == said(first)
    assert said(refused(world, "inactive")) == said(first)
    for _ in range(5):
        refused(world, "locked", WRONG)
    assert said(refused(world, "locked", PASSWORD)) == said(first)
    assert first.kind is Kind.UNAUTHENTICATED


def test_an_unknown_login_takes_the_work_of_a_known_one(world: Any) -> None:
    slow = Passwords(time_cost=2, memory_kib=32768)
    object.__setattr__(world.identity, "passwords", slow)
    world.activated("known")

    def seconds(login: str) -> float:
        started = time.perf_counter()
        refused(world, login, WRONG)
        return time.perf_counter() - started

    known, unknown = (min(seconds(login) for _ in range(4)) for login in ("known", "nobody"))
    # Without the decoy an unknown login answers in a hundredth of the time.
    assert unknown > known / 3


def test_five_wrong_passwords_lock_and_each_further_one_longer(world: Any) -> None:
    person_id = world.activated("qian")
    for _ in range(4):
        refused(world, "qian", WRONG)
    assert world.facts("person.locked.v1") == []
    world.token("qian")
    for _ in range(5):
        refused(world, "qian", WRONG)
    refused(world, "qian")
    [fact] = world.facts("person.locked.v1")
    assert (fact["person_id"], fact["until"], fact["actor"]) == (person_id, "2026-03-02T04:01:00Z", "system")
    assert get_person(world.identity, world.admin, person_id).locked
    world.passes(seconds=61)
    refused(world, "qian", WRONG)
    world.passes(seconds=61)
    refused(world, "qian")
    world.passes(seconds=60)
    world.token("qian")
    assert not get_person(world.identity, world.admin, person_id).locked
    assert len(world.facts("person.locked.v1")) == 2


def test_many_guesses_at_once_are_no_more_than_five(world: Any) -> None:
    world.activated("qian")
    looked_at: list[str] = []
    matches = world.identity.passwords.matches

    class Counting(Passwords):
        def matches(self, stored: str | None, password: str) -> bool:
            looked_at.extend([password] if stored else [])
            return bool(matches(stored, password))

    object.__setattr__(world.identity, "passwords", Counting(time_cost=1, memory_kib=8))
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda number: refused(world, "qian", f"{WRONG} {number}"), range(12)))
    assert len(looked_at) == 5
    assert len(world.facts("person.locked.v1")) == 1


def test_a_reset_lifts_the_lock_and_ends_the_old_password(world: Any) -> None:
    person_id = world.activated("qian")
    for _ in range(5):
        refused(world, "qian", WRONG)
    code = reset_credential(world.identity, world.admin, person_id)
    refused(world, "qian")
    activate_credential(world.identity, "qian", code, "another horse battery")
    refused(world, "qian")
    log_in(world.identity, "qian", "another horse battery", "identity")


def test_a_reset_during_a_log_in_wins(world: Any) -> None:
    person_id = world.activated("qian")

    class Slow(Passwords):
        def matches(self, stored: str | None, password: str) -> bool:
            reset_credential(world.identity, world.admin, person_id)
            return True

    object.__setattr__(world.identity, "passwords", Slow(time_cost=1, memory_kib=8))
    assert refused(world, "qian").kind is Kind.UNAUTHENTICATED
    assert world.rows(tables.login_session) == []


@pytest.mark.requirement("IAM-006")
def test_the_second_wall_refuses_conflicting_grants_at_the_token(world: Any) -> None:
    person_id = world.activated("qian", "filing_officer")
    clean = log_in(world.identity, "qian", PASSWORD, "registration")
    _past_the_first_wall(world, person_id, "examiner")
    problem = refused(world, "qian")
    assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "X09")
    [fact] = world.facts("refusal.recorded.v1")
    assert (fact["caller"], fact["rule"], fact["clause"]) == (f"person:{person_id}", "X09", "000 A7 6")
    assert fact["method"] == "/jiangheng.api.identity.v1.TokenService/LogIn"
    with pytest.raises(Problem) as at_refresh:
        refresh_token(world.identity, clean.refresh_token, "registration")
    assert at_refresh.value.rule == "X09"
    assert [each["method"].rpartition("/")[2] for each in world.facts("refusal.recorded.v1")] == [
        "LogIn",
        "RefreshToken",
    ]


def test_a_refusal_at_the_token_is_no_wrong_try(world: Any) -> None:
    person_id = world.activated("qian", "filing_officer")
    _past_the_first_wall(world, person_id, "examiner")
    for _ in range(7):
        assert refused(world, "qian").kind is Kind.FORBIDDEN


def test_old_hashes_are_made_anew(world: Any) -> None:
    world.activated("qian")
    [before] = world.rows(tables.credential)
    object.__setattr__(world.identity, "passwords", Passwords(time_cost=2, memory_kib=8))
    world.token("qian")
    [after] = world.rows(tables.credential)
    assert before.password_hash != after.password_hash
    assert "t=2" in after.password_hash
    world.token("qian")


def _past_the_first_wall(world: Any, person_id: str, role: str) -> None:
    """A grant that the first wall would refuse, as a bug or a changed rule would leave it."""
    other = world.grant(world.register(), role)
    with world.identity.db.write() as tx:
        smuggled = {**vars(other), "grant_id": "smuggled", "person_id": person_id}
        grants.add(tx, type(other)(**smuggled), world.clock.now())
