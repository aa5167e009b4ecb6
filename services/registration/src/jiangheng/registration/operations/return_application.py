"""ReturnApplication: the appraisal centre gives an uploaded application back (000 A1 12; REG-101)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.masking import mask_text
from jiangheng.registration.domain.application import Act, Application
from jiangheng.registration.domain.application_times import refuse_untimely
from jiangheng.registration.operations.dockets import APPLICATIONS
from jiangheng.registration.operations.grounds import ground_of
from jiangheng.registration.operations.judging import bench_of
from jiangheng.registration.operations.step import checked_ground, take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def return_application(
    runtime: RegistrationRuntime, caller: Caller, id: str, revision: int, reason: str
) -> Application:
    """Return the approved application of `revision`: unless mended and approved again it leaves the batch.

    Raises Problem INVALID without a reason, WRONG_STATE unless the batch is with the centre, FORBIDDEN for
    whoever entered or reviewed it.
    """
    text = checked_ground(reason, "reason", rule="REG-101", clause="000 A1 12")

    def returned(tx: Tx, found: Application) -> tuple[Application, events.ApplicationReturned]:
        bench = bench_of(runtime, tx, found.batch_id)
        refuse_untimely(Act.RETURN, found.state, bench.batch, bench.today)
        # The reason is free text: the candidate's name and numbers that slipped into it do not travel.
        fact = events.ApplicationReturned(
            application_id=id,
            batch_id=found.batch_id,
            digest=found.digest,
            reason=_without_person(text, found),
        )
        return replace(found, return_reason=text), fact

    step = Step(Act.RETURN, id, revision, ground_of(runtime, text))
    return take(runtime, caller, APPLICATIONS, step, returned, states="application.returned.v1")


def _without_person(text: str, found: Application) -> str:
    candidate = found.form.candidate
    for personal in (candidate.name, candidate.number, candidate.phone, candidate.employer):
        if personal:
            text = text.replace(personal, "*" * len(personal))
    return mask_text(text)
