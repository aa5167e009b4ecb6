"""SubmitFiling: the complete dossier goes to the authority (002 6-8)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.faults import refuse_incomplete
from jiangheng.registration.domain.institution import Act, Institution
from jiangheng.registration.operations.dockets import INSTITUTIONS
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step
from jiangheng.registration.wire import institutions as wire


def submit_filing(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, revision: int
) -> Institution:
    """Submit the dossier as it stands at `revision`.

    Raises Problem INVALID naming the first fault and, in its details, the
    others, when a part, the promise or the signature is missing (REG-006,
    REG-008, REG-009).
    """
    step = Step(Act.SUBMIT, credit_code, revision)
    return take(runtime, caller, INSTITUTIONS, step, _submitted, states="institution.submitted.v1")


def _submitted(_tx: Tx, found: Institution) -> tuple[Institution, events.InstitutionSubmitted]:
    refuse_incomplete(found.credit_code, found.dossier)
    fact = events.InstitutionSubmitted(
        credit_code=found.credit_code,
        kind=wire.kind_to_wire(found.dossier.kind),
        division=found.dossier.division,
        dossier_digest=found.dossier_digest,
    )
    return replace(found, return_reason=""), fact
