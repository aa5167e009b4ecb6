"""Reading signing keys: one's own, one person's, or all that wait for approval."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.identity.domain.signing_key import SigningKey
from jiangheng.identity.operations.read_persons import check_within_reach
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import keys

SCOPES = ("identity.key.approve", "identity.person.read")
MOST_WAITING = 200


def list_own_keys(identity: Identity, caller: Caller) -> list[SigningKey]:
    """Every key the caller ever proposed, oldest first."""
    with identity.db.read() as tx:
        return keys.of_person(tx, caller.id)


def list_keys(identity: Identity, caller: Caller, person_id: str) -> list[SigningKey]:
    """Every key of the person; without a person, the open proposals, oldest first, MOST_WAITING at most.

    Raises FORBIDDEN (IAM-011) for a person outside the caller's reach.
    """
    reach = caller.reach(*SCOPES)
    with identity.db.read() as tx:
        if not person_id:
            return keys.waiting(tx, reach, MOST_WAITING)
        check_within_reach(tx, person_id, reach)
        return keys.of_person(tx, person_id)
