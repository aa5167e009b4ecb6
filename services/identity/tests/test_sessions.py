"""Refresh tokens: used once; twice ends the log-in; twelve hours and no more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.operations.access import TokenPair
from jiangheng.identity.operations.end_grant import end_grant
from jiangheng.identity.operations.forget_expired import forget_expired
from jiangheng.identity.operations.log_in import log_in
from jiangheng.identity.operations.log_out import log_out
from jiangheng.identity.operations.refresh_token import refresh_token
from jiangheng.identity.store import sessions, tables

PASSWORD = "correct horse battery"


def log_in_as(world: Any, login: str) -> TokenPair:
    return log_in(world.identity, login, PASSWORD, "registration")


def refresh(world: Any, token: str) -> TokenPair:
    return refresh_token(world.identity, token, "registration")


def is_refused(world: Any, token: str) -> bool:
    with pytest.raises(Problem) as problem:
        refresh(world, token)
    return problem.value.kind is Kind.UNAUTHENTICATED


def test_a_refresh_sees_what_changed_since(world: Any) -> None:
    person_id = world.activated("qian")
    given = world.grant(person_id, "filing_officer")
    first = log_in_as(world, "qian")
    end_grant(world.identity, world.admin, given.grant_id, "调岗")
    caller = world.verified(refresh(world, first.refresh_token).access.text, "registration")
    assert [grant.role for grant in caller.grants] == ["self"]


def test_a_token_used_twice_ends_the_whole_log_in(world: Any) -> None:
    person_id = world.activated("qian")
    stolen = log_in_as(world, "qian")
    other = log_in_as(world, "qian")
    fresh = refresh(world, stolen.refresh_token)
    assert is_refused(world, stolen.refresh_token)
    assert is_refused(world, fresh.refresh_token)
    refresh(world, other.refresh_token)
    [fact] = world.facts("refusal.recorded.v1")
    assert fact["caller"] == f"person:{person_id}"


def test_a_log_in_ends_after_twelve_hours_however_often_refreshed(world: Any) -> None:
    world.activated("qian")
    pair = log_in_as(world, "qian")
    end = pair.refresh_expires
    for _ in range(11):
        world.passes(hours=1)
        pair = refresh(world, pair.refresh_token)
        assert pair.refresh_expires == end
    world.passes(hours=1)
    assert is_refused(world, pair.refresh_token)


def test_log_out_ends_one_log_in(world: Any) -> None:
    world.activated("qian")
    first, second = log_in_as(world, "qian"), log_in_as(world, "qian")
    log_out(world.identity, first.refresh_token)
    log_out(world.identity, first.refresh_token)
    log_out(world.identity, "unknown")
    assert is_refused(world, first.refresh_token)
    refresh(world, second.refresh_token)


def test_two_refreshes_at_once_give_one_pair_and_end_the_log_in(world: Any, meet: Any) -> None:
    world.activated("qian")
    token = log_in_as(world, "qian").refresh_token
    meet(sessions, "find")

    def attempt(_: int) -> TokenPair | None:
        try:
            return refresh(world, token)
        except Problem:
            return None

    with ThreadPoolExecutor(2) as pool:
        won = [pair for pair in pool.map(attempt, range(2)) if pair]
    assert len(won) == 1
    assert is_refused(world, won[0].refresh_token)


def test_refresh_tokens_lie_hashed_and_are_forgotten_in_the_end(world: Any) -> None:
    world.activated("qian")
    pair = log_in_as(world, "qian")
    assert pair.refresh_token not in repr(world.rows(tables.refresh_token))
    world.passes(days=30)
    forget_expired(world.identity)
    assert len(world.rows(tables.login_session)) == 1
    world.passes(hours=12, seconds=1)
    forget_expired(world.identity)
    assert world.rows(tables.refresh_token) == world.rows(tables.login_session) == []
