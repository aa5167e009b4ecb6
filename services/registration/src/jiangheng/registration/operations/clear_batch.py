"""ClearBatch: the centre ends its sampling; the candidates are final (000 A1 12; REG-099, REG-101)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import wrong_state
from jiangheng.registration.domain.batch import Act, Batch
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.exclude_applications import exclude_applications
from jiangheng.registration.operations.settled import no_candidates, refuse_registrars
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications, batches
from jiangheng.registration.store.steps import Step


def clear_batch(runtime: RegistrationRuntime, caller: Caller, id: str, revision: int) -> Batch:
    """Settle the candidates of `revision`: applications that were returned and not approved again leave.

    Raises Problem WRONG_STATE before any sample was drawn, or if nobody would be left; FORBIDDEN for whoever
    planned or uploaded the batch, or entered or reviewed one of its applications.
    """

    def cleared(tx: Tx, found: Batch) -> tuple[Batch, events.BatchCleared]:
        refuse_registrars(tx, caller, id)
        if not batches.samples_of(tx, id):
            zh, en = "尚未抽查。", "no sample has been drawn yet"
            raise wrong_state(
                found.state.value, zh, en, code="not-sampled", rule="REG-101", clause="000 A1 12"
            )
        excluded = exclude_applications(runtime, tx, caller, found)
        candidates = len(applications.approved(tx, id))
        if not candidates:
            raise no_candidates(found)
        fact = events.BatchCleared(batch_id=id, candidates=candidates, excluded=excluded)
        return replace(found, cleared_at=runtime.legal_clock.now()), fact

    step = Step(Act.CLEAR, id, revision)
    return take(runtime, caller, BATCHES, step, cleared, states="batch.cleared.v1")
