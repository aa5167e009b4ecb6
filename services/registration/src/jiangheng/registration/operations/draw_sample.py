"""DrawSample: the appraisal centre draws applications of an uploaded batch at random (000 A1 12)."""

from __future__ import annotations

import secrets

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import conflict, invalid, wrong_state
from jiangheng.chassis.outbox import Fact
from jiangheng.registration.domain.batch import STATE_ZH, Act, Batch, Sample, State
from jiangheng.registration.domain.batch_faults import id_faults
from jiangheng.registration.domain.refusal import refuse
from jiangheng.registration.domain.sampling import draw
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.settled import no_candidates, refuse_registrars
from jiangheng.registration.operations.step import refuse_person, stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications, batches

SEED_BYTES = 32
MAX_SAMPLE = 10_000


def draw_sample(runtime: RegistrationRuntime, caller: Caller, id: str, sample_id: str, size: int) -> Sample:
    """Draw `size` of the approved applications; asked again under the same name, give the same sample.

    Raises Problem INVALID for a size of 0 or too many, WRONG_STATE unless the batch is with the centre and
    somebody is approved, FORBIDDEN for whoever planned or uploaded it, or entered or reviewed one of them.
    """
    refuse(id_faults("sample_id", sample_id))
    if not 0 < size <= MAX_SAMPLE:
        raise invalid(
            "size", "抽查人数有误。", f"a sample has 1 to {MAX_SAMPLE} applications", rule="REG-101"
        )
    with runtime.db.write() as tx:
        found = stored(runtime, tx, BATCHES, id, lock=True)
        refuse_person(tx, caller, BATCHES.course, found, Act.CLEAR)
        refuse_registrars(tx, caller, id)
        known = _known(tx, id, sample_id)
        if known:
            return known
        _refuse_elsewhere(found)
        seed = secrets.token_bytes(SEED_BYTES)
        chosen = draw((each for each, _ in applications.approved(tx, id)), seed, size)
        if not chosen:
            raise no_candidates(found)
        drawn = Sample(sample_id, seed, chosen, runtime.legal_clock.now())
        if not batches.add_sample(tx, id, drawn, caller.id):
            raise conflict("刚刚已抽取，请重新读取。", "it was drawn just now: read it again")
        runtime.state(tx, _fact(found, drawn), caller.actor)
    return drawn


def _known(tx: Tx, id: str, sample_id: str) -> Sample | None:
    return next((each for each in batches.samples_of(tx, id) if each.sample_id == sample_id), None)


def _refuse_elsewhere(found: Batch) -> None:
    if found.state is not State.UPLOADED:
        raise wrong_state(
            found.state.value,
            f"批次处于“{STATE_ZH[found.state]}”状态，不能抽查。",
            f"the batch is {found.state.value}: samples are drawn from uploaded batches",
            rule="REG-101",
            clause="000 A1 12",
        )


def _fact(found: Batch, drawn: Sample) -> Fact:
    message = events.BatchSampled(
        batch_id=found.id,
        sample_id=drawn.sample_id,
        seed=drawn.seed,
        application_ids=drawn.application_ids,
    )
    return Fact("batch.sampled.v1", found.id, message, region=found.division)
