"""Approving a proposed signing key: two persons, neither of them its holder (design 6; IAM-007)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.identity.v1.events_pb2 import KeyApproved
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import not_found, wrong_state
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain.signing_key import APPROVALS_NEEDED, KeyState, SigningKey, check_approver
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import keys


def approve_key(identity: Identity, caller: Caller, key_id: str) -> SigningKey:
    """Put the caller's approval on record; the second one starts the cooling-off time.

    Raises FORBIDDEN, naming the rule, for one's own key and for a second
    approval by the same person; WRONG_STATE if nothing is left to approve.
    """
    with identity.db.write() as tx:
        key = keys.hold(tx, key_id)
        if key is None:
            raise not_found("未找到该密钥。", "No such key.", field="key_id")
        check_approver(key.person_id, frozenset(key.approvers), caller.id)
        if key.state is not KeyState.PROPOSED:
            raise wrong_state(
                key.state.value,
                "该密钥无待审批事项。",
                "There is nothing to approve on this key.",
                clause="design 6",
            )
        return _approve(identity, tx, caller, key)


def _approve(identity: Identity, tx: Tx, caller: Caller, key: SigningKey) -> SigningKey:
    now = identity.now()
    keys.approve(tx, key.key_id, caller.id, now)
    fact = KeyApproved(key_id=key.key_id, person_id=key.person_id, approver_id=caller.id)
    identity.state(tx, Fact("key.approved.v1", key.key_id, fact), caller.actor)
    approved = replace(key, approvers=(*key.approvers, caller.id))
    if len(approved.approvers) < APPROVALS_NEEDED:
        return approved
    active_from = now + identity.limits.key_cooling_off
    keys.move(tx, key.key_id, KeyState.PROPOSED, KeyState.COOLING, active_from=active_from)
    return replace(approved, state=KeyState.COOLING, active_from=active_from)
