"""AllowLateUpload: the authority lets a batch be uploaded after its term, for a reason (REG-056)."""

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


def allow_late_upload(
    runtime: RegistrationRuntime, caller: Caller, id: str, revision: int, reason: str
) -> Batch:
    """Let the confirmed batch of `revision` be uploaded late. Raises Problem INVALID without a reason."""
    ground = checked_ground(reason, "reason", rule="REG-056", clause="000 A3 11")

    def excused(_tx: Tx, found: Batch) -> tuple[Batch, events.BatchExcused]:
        return replace(found, late_reason=ground), events.BatchExcused(batch_id=id, reason=mask_text(ground))

    step = Step(Act.ALLOW_LATE, id, revision, ground)
    return take(runtime, caller, BATCHES, step, excused, states="batch.excused.v1")
