"""Refusals of callers whom a password or a refresh token has made known (IAM-002).

The Guard records the refusals of callers with an access token; at a log-in
there is none yet.
"""

from __future__ import annotations

import uuid

from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.runtime import Identity


def put_on_record(identity: Identity, tx: Tx, method: str, person_id: str, problem: Problem) -> None:
    """State refusal.recorded.v1 in this transaction, which must not roll back."""
    refusal_id, caller = str(uuid.uuid4()), f"person:{person_id}"
    fact = RefusalRecorded(
        refusal_id=refusal_id,
        method=method,
        caller=caller,
        rule=problem.rule,
        clause=problem.clause,
        object_kind="person",
        object_id=person_id,
    )
    identity.state(tx, Fact("refusal.recorded.v1", refusal_id, fact), caller)
