"""Stopping a signing key at once: lost, stolen, its holder gone (design 6). One person suffices."""

from __future__ import annotations

from jiangheng.api.identity.v1.events_pb2 import KeyRevoked
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import not_found, wrong_state
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain.grant import check_reason
from jiangheng.identity.domain.signing_key import REVOCABLE, KeyState
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import keys


def revoke_key(identity: Identity, caller: Caller, key_id: str, reason: str) -> None:
    """Revoke the key, active or only proposed. No token made from now on carries it.

    Raises WRONG_STATE for a key that is revoked or superseded, INVALID without a reason.
    """
    why = check_reason(reason)
    with identity.db.write() as tx:
        key = keys.hold(tx, key_id)
        if key is None:
            raise not_found("未找到该密钥。", "No such key.", field="key_id")
        if key.state not in REVOCABLE or not keys.move(tx, key_id, key.state, KeyState.REVOKED):
            raise wrong_state(
                key.state.value, "该密钥已停用。", "The key does not count any more.", clause="design 6"
            )
        fact = KeyRevoked(key_id=key_id, person_id=key.person_id, reason=why)
        identity.state(tx, Fact("key.revoked.v1", key_id, fact), caller.actor)
