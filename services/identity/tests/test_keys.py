"""A person's signing key: proposed by him, started by two others after a cooling-off time, stopped by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.domain.signing_key import KeyState, SigningKey, proof_text
from jiangheng.identity.operations import approve_key as approving
from jiangheng.identity.operations import propose_key as proposing
from jiangheng.identity.operations.activate_keys import activate_due_keys
from jiangheng.identity.operations.approve_key import approve_key
from jiangheng.identity.operations.propose_key import propose_key
from jiangheng.identity.operations.read_keys import list_keys, list_own_keys
from jiangheng.identity.operations.revoke_key import revoke_key
from jiangheng.identity.store import tables


def approve(world: Any, key: SigningKey, approver: str) -> SigningKey:
    approved: SigningKey = approve_key(world.identity, world.caller(approver), key.key_id)
    return approved


def refused(world: Any, act: Any) -> Problem:
    before = world.facts(), world.rows(tables.signing_key), world.rows(tables.key_approval)
    with pytest.raises(Problem) as problem:
        act()
    assert (world.facts(), world.rows(tables.signing_key), world.rows(tables.key_approval)) == before
    return problem.value


def active(world: Any, person_id: str) -> SigningKey:
    """A key of the person that has gone all the way."""
    key: SigningKey = world.propose(person_id)
    approve(world, key, "first")
    approve(world, key, "second")
    world.passes(days=1)
    activate_due_keys(world.identity)
    return key


def states(world: Any, person_id: str) -> list[KeyState]:
    return [key.state for key in list_own_keys(world.identity, world.caller(person_id))]


def test_a_key_goes_its_way(world: Any) -> None:
    holder = world.activated("qian")
    key = world.propose(holder)
    assert approve(world, key, "first").state is KeyState.PROPOSED
    cooling = approve(world, key, "second")
    assert (cooling.state, cooling.active_from) == (
        KeyState.COOLING,
        world.clock.now() + timedelta(days=1),
    )
    assert cooling.approvers == ("first", "second")
    world.passes(hours=23, minutes=59)
    assert activate_due_keys(world.identity) == 0
    assert world.token("qian").key == b""
    world.passes(minutes=1)
    assert activate_due_keys(world.identity) == 1
    assert activate_due_keys(world.identity) == 0
    caller = world.token("qian")
    assert (caller.key_id, caller.key) == (key.key_id, key.public_key)
    assert [(fact["type"], fact["actor"]) for fact in world.facts() if fact["type"].startswith("key")] == [
        ("key.proposed.v1", f"person:{holder}"),
        ("key.approved.v1", "person:first"),
        ("key.approved.v1", "person:second"),
        ("key.activated.v1", "system"),
    ]


def test_neither_the_holder_nor_the_same_approver_counts(world: Any) -> None:
    holder = world.register()
    key = world.propose(holder)
    own = refused(world, lambda: approve(world, key, holder))
    approve(world, key, "first")
    again = refused(world, lambda: approve(world, key, "first"))
    assert {(p.kind, p.rule) for p in (own, again)} == {(Kind.FORBIDDEN, "IAM-007")}
    assert states(world, holder) == [KeyState.PROPOSED]
    approve(world, key, "second")
    late = refused(world, lambda: approve(world, key, "third"))
    assert (late.kind, late.details["state"]) == (Kind.WRONG_STATE, "cooling")
    # Asked again after a lost answer, the approver hears that his approval stands.
    assert refused(world, lambda: approve(world, key, "second")).code == "already-approved"


def test_two_approvers_at_once_both_count(world: Any, meet: Any) -> None:
    key = world.propose(world.register())
    meet(approving, "check_approver")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda approver: approve(world, key, approver), ("first", "second")))
    assert {result.state for result in results} == {KeyState.PROPOSED, KeyState.COOLING}
    assert len(world.facts("key.approved.v1")) == 2


def test_one_approver_twice_at_once_counts_once(world: Any, meet: Any) -> None:
    holder = world.register()
    key = world.propose(holder)
    meet(approving, "check_approver")

    def attempt(_: int) -> str:
        try:
            approve(world, key, "first")
        except Problem as problem:
            return problem.code
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["", "already-approved"]
    assert states(world, holder) == [KeyState.PROPOSED]


def test_a_log_in_does_not_wait_for_the_sweeper(world: Any) -> None:
    holder = world.activated("qian")
    key = world.propose(holder)
    approve(world, key, "first")
    approve(world, key, "second")
    world.passes(days=1)
    assert world.token("qian").key_id == key.key_id
    assert activate_due_keys(world.identity) == 0
    assert len(world.facts("key.activated.v1")) == 1


def test_several_sweepers_activate_once(world: Any) -> None:
    keys = [world.propose(world.register()) for _ in range(3)]
    for key in keys:
        approve(world, key, "first")
        approve(world, key, "second")
    world.passes(days=1)
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda _: activate_due_keys(world.identity), range(3))) == 3
    assert len(world.facts("key.activated.v1")) == 3


def test_the_next_key_supersedes_the_last(world: Any) -> None:
    holder = world.activated("qian")
    old = active(world, holder)
    new = active(world, holder)
    assert states(world, holder) == [KeyState.SUPERSEDED, KeyState.ACTIVE]
    assert world.token("qian").key_id == new.key_id
    assert [fact.get("supersedes_key_id", "") for fact in world.facts("key.activated.v1")] == ["", old.key_id]
    late = refused(world, lambda: revoke_key(world.identity, world.caller("first"), old.key_id, "丢失"))
    assert (late.kind, late.details["state"]) == (Kind.WRONG_STATE, "superseded")


def test_one_open_proposal_at_a_time(world: Any) -> None:
    holder = world.register()
    key = world.propose(holder)
    problem = refused(world, lambda: world.propose(holder))
    assert (problem.kind, problem.code, problem.details["key_id"]) == (
        Kind.WRONG_STATE,
        "proposal-open",
        key.key_id,
    )
    revoke_key(world.identity, world.caller("first"), key.key_id, "重新生成")
    world.propose(holder)


def test_proposed_again_the_same_proposal_is_given_back(world: Any) -> None:
    holder = world.register()
    first = world.propose(holder)
    private = world.keys[holder]

    def again() -> SigningKey:
        proof = private.sign(proof_text(holder, first.public_key))
        return propose_key(world.identity, world.caller(holder), first.public_key, proof)

    assert again() == first
    assert len(world.facts("key.proposed.v1")) == 1
    revoke_key(world.identity, world.caller("first"), first.key_id, "丢失")
    assert refused(world, again).kind is Kind.EXISTS


def test_two_proposals_at_once_leave_one(world: Any, meet: Any) -> None:
    holder = world.register()
    meet(proposing, "_check_free")

    def attempt(_: int) -> str:
        try:
            world.propose(holder)
        except Problem as problem:
            return problem.code
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["", "proposal-open"]
    assert states(world, holder) == [KeyState.PROPOSED]


@pytest.mark.parametrize("stage", ["proposed", "cooling", "active"])
def test_one_person_stops_a_key_at_any_stage(world: Any, stage: str) -> None:
    holder = world.activated("qian")
    key = active(world, holder) if stage == "active" else world.propose(holder)
    if stage == "cooling":
        approve(world, key, "first")
        approve(world, key, "second")
    revoke_key(world.identity, world.caller("first"), key.key_id, "钥匙丢失")
    world.passes(days=2)
    assert activate_due_keys(world.identity) == 0
    assert world.token("qian").key == b""
    assert states(world, holder) == [KeyState.REVOKED]
    [fact] = world.facts("key.revoked.v1")
    assert (fact["person_id"], fact["reason"], fact["actor"]) == (holder, "钥匙丢失", "person:first")


def test_unknown_keys_are_not_found(world: Any) -> None:
    for act in (
        lambda: approve_key(world.identity, world.caller("first"), "none"),
        lambda: revoke_key(world.identity, world.caller("first"), "none", "丢失"),
    ):
        assert refused(world, act).kind is Kind.NOT_FOUND


def test_lists_show_what_waits_and_each_within_his_area(world: Any) -> None:
    mine, other = world.register(), world.register()
    world.grant(mine, "filing_officer", region="22")
    world.grant(other, "filing_officer", region="37")
    done, waiting, elsewhere = active(world, mine), world.propose(mine), world.propose(other)
    approver, auditor = (
        world.caller("first", ("key_approver", "", "00")),
        world.caller("second", ("auditor", "", "22")),
    )

    def listed(caller: Any, person_id: str = "") -> list[str]:
        return [key.key_id for key in list_keys(world.identity, caller, person_id)]

    assert set(listed(approver)) == {waiting.key_id, elsewhere.key_id}
    assert listed(auditor) == [waiting.key_id]
    assert listed(auditor, mine) == [done.key_id, waiting.key_id]
    with pytest.raises(Problem) as beyond:
        listed(auditor, other)
    assert beyond.value.rule == "IAM-011"
