"""Proposing one's own signing key; also the way to replace one (design 6)."""

from __future__ import annotations

from jiangheng.api.identity.v1.events_pb2 import KeyProposed
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import exists, not_found, wrong_state
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain.signing_key import OPEN, KeyState, SigningKey, check_proof, key_id_of
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import keys, persons


def propose_key(identity: Identity, caller: Caller, public_key: bytes, proof: bytes) -> SigningKey:
    """Propose the key, proved to be in the caller's hands; asked again, the same proposal is given back.

    Raises INVALID for a wrong proof, WRONG_STATE while another proposal is open,
    EXISTS for a key that is or was in use.
    """
    check_proof(caller.id, public_key, proof)
    with identity.db.write() as tx:
        if persons.lock(tx, caller.id) is None:
            raise not_found("未找到该人员。", "No such person.")
        known = keys.get(tx, key_id_of(public_key))
        if known and known.person_id == caller.id and known.state in OPEN:
            return known
        _check_free(tx, caller.id, known)
        return _add(identity, tx, caller, public_key)


def _check_free(tx: Tx, person_id: str, known: SigningKey | None) -> None:
    if known:
        raise exists(
            "该密钥已登记过，请另行生成。",
            "This key was registered before; make another.",
            field="public_key",
            clause="design 6",
            code="key-exists",
        )
    open_one = keys.in_state(tx, person_id, OPEN)
    if open_one:
        raise wrong_state(
            open_one.state.value,
            "您已有一把密钥待审批或待生效。",
            "Another key of yours waits for approval or for its cooling-off time.",
            clause="design 6",
            code="proposal-open",
            key_id=open_one.key_id,
        )


def _add(identity: Identity, tx: Tx, caller: Caller, public_key: bytes) -> SigningKey:
    key = SigningKey(key_id_of(public_key), caller.id, public_key, KeyState.PROPOSED, identity.now())
    if not keys.add(tx, key):
        raise exists(
            "该密钥已登记过。", "This key was registered before.", field="public_key", code="key-exists"
        )
    fact = KeyProposed(key_id=key.key_id, person_id=caller.id, public_key=public_key)
    identity.state(tx, Fact("key.proposed.v1", key.key_id, fact), caller.actor)
    return key
