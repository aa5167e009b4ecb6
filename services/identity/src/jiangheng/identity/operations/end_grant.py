"""Ending a grant before its time; it stays in the history (IAM-018)."""

from __future__ import annotations

from jiangheng.api.identity.v1.events_pb2 import GrantEnded
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import not_found, wrong_state
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain.grant import check_reason
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import grants


def end_grant(identity: Identity, caller: Caller, grant_id: str, reason: str) -> None:
    """End the grant now. Raises WRONG_STATE if it has ended or run out, INVALID without a reason."""
    why, now = check_reason(reason), identity.now()
    with identity.db.write() as tx:
        grant = grants.get(tx, grant_id)
        if grant is None:
            raise not_found("未找到该授权。", "No such grant.", field="grant_id")
        if grant.valid_until <= now or not grants.end(tx, grant_id, why, by=caller.actor, at=now):
            raise wrong_state(
                "ended", "该授权已终止。", "The grant has ended.", rule="IAM-018", clause="001 D9.9"
            )
        fact = GrantEnded(grant_id=grant_id, person_id=grant.person_id, reason=why)
        identity.state(tx, Fact("grant.ended.v1", grant_id, fact), caller.actor)
