"""Resetting a credential: the old password and every log-in end, a new code is shown once (IAM-016)."""

from __future__ import annotations

from jiangheng.api.identity.v1.events_pb2 import PersonReset
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import not_found
from jiangheng.chassis.outbox import Fact
from jiangheng.identity import onetime
from jiangheng.identity.runtime import ACTIVATION_LIFE, Identity
from jiangheng.identity.store import credentials, sessions


def reset_credential(identity: Identity, caller: Caller, person_id: str) -> str:
    """The code with which the person sets a new password; his signing key is not touched (design 6)."""
    code, now = onetime.new_code(), identity.now()
    with identity.db.write() as tx:
        if credentials.hold(tx, person_id) is None:
            raise not_found("未找到该人员。", "No such person.", field="person_id")
        credentials.set_password(tx, person_id, None)
        credentials.add_code(tx, onetime.code_digest(code), person_id, now + ACTIVATION_LIFE)
        credentials.record_change(tx, person_id, "reset", by=caller.actor, at=now)
        sessions.end_all(tx, person_id, "reset", now)
        fact = PersonReset(person_id=person_id)
        identity.state(tx, Fact("person.reset.v1", person_id, fact), caller.actor)
    return code
