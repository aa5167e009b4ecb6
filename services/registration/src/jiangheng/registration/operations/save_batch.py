"""SaveBatch: the institution drafts the plan of a batch (000 A3 11)."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.registration.domain.batch import Act, Batch, BatchPlan, State
from jiangheng.registration.domain.batch_faults import refuse_unstorable
from jiangheng.registration.operations.dockets import BATCHES, INSTITUTIONS
from jiangheng.registration.operations.step import save, stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.wire.batches import batch_digest


def save_batch(
    runtime: RegistrationRuntime, caller: Caller, id: str, credit_code: str, plan: BatchPlan
) -> Batch:
    """Store the plan as it is, gaps and all; the same content again changes nothing.

    Raises Problem INVALID for what cannot be stored, NOT_FOUND without the institution, WRONG_STATE once the
    plan is with the authority, EXISTS or FORBIDDEN if the id is another institution's.
    """
    refuse_unstorable(id, plan)
    with runtime.db.read() as tx:
        division = stored(runtime, tx, INSTITUTIONS, credit_code).division
    fresh = Batch(id, credit_code, division, plan, State.DRAFT, 1, batch_digest(id, credit_code, plan))
    return save(runtime, caller, BATCHES, fresh, Act.SAVE)
