"""Approved keys become active when their cooling-off time is over (design 6).

Derived from state: the sweeper looks for what is due, and a log-in does so for
the person himself, so that a late sweeper delays nobody.
"""

from __future__ import annotations

from jiangheng.api.identity.v1.events_pb2 import KeyActivated
from jiangheng.chassis.db import Tx
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain.signing_key import KeyState
from jiangheng.identity.runtime import SYSTEM, Identity
from jiangheng.identity.store import keys


def activate_due_keys(identity: Identity) -> int:
    """Activate every key that is due, one transaction each; how many became active."""
    with identity.db.read() as tx:
        due = keys.due(tx, identity.now())
    count = 0
    for key in due:
        with identity.db.write() as tx:
            count += _activate(identity, tx, key.key_id)
    return count


def activate_due(identity: Identity, tx: Tx, person_id: str) -> None:
    """Activate the person's key if one is due."""
    for key in keys.due(tx, identity.now(), person_id=person_id):
        _activate(identity, tx, key.key_id)


def _activate(identity: Identity, tx: Tx, key_id: str) -> bool:
    key = keys.hold(tx, key_id)
    if key is None or key.state is not KeyState.COOLING:
        return False  # activated by another process, or revoked, a moment ago
    older = keys.supersede_active(tx, key.person_id)
    keys.move(tx, key_id, KeyState.COOLING, KeyState.ACTIVE)
    fact = KeyActivated(
        key_id=key_id, person_id=key.person_id, public_key=key.public_key, supersedes_key_id=older or ""
    )
    identity.state(tx, Fact("key.activated.v1", key_id, fact), SYSTEM)
    return True
