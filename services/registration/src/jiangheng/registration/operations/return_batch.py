"""ReturnBatch: the authority gives the plan of a batch back with its reason (REG-052)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.masking import mask_text
from jiangheng.registration.domain.batch import Act, Batch
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.step import checked_ground, take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def return_batch(runtime: RegistrationRuntime, caller: Caller, id: str, revision: int, reason: str) -> Batch:
    """Return the plan of `revision`; the institution may then mend and submit it again.

    Raises Problem INVALID without a reason, FORBIDDEN for whoever prepared the plan.
    """
    ground = checked_ground(reason, "reason", rule="REG-052", clause="004 S三(一)")

    def returned(_tx: Tx, found: Batch) -> tuple[Batch, events.BatchReturned]:
        fact = events.BatchReturned(batch_id=id, credit_code=found.credit_code, reason=mask_text(ground))
        return replace(found, return_reason=ground), fact

    step = Step(Act.RETURN, id, revision, ground)
    return take(runtime, caller, BATCHES, step, returned, states="batch.returned.v1")
