"""ReturnFiling: the formal check found faults; the dossier goes back with reasons (002 9)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.masking import mask_text
from jiangheng.registration.domain.institution import Act, Institution
from jiangheng.registration.operations.dockets import INSTITUTIONS
from jiangheng.registration.operations.step import checked_ground, take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def return_filing(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, revision: int, reason: str
) -> Institution:
    """Return the dossier of `revision` to the applicant, who may then mend and submit it again.

    Raises Problem INVALID without a reason (REG-011), FORBIDDEN for whoever prepared the dossier.
    """
    step = Step(
        Act.RETURN, credit_code, revision, checked_ground(reason, "reason", rule="REG-011", clause="002 9")
    )

    def returned(_tx: Tx, found: Institution) -> tuple[Institution, events.InstitutionReturned]:
        # The reason is free text: numbers of persons that slipped into it do not travel.
        fact = events.InstitutionReturned(credit_code=credit_code, reason=mask_text(step.ground))
        return replace(found, return_reason=step.ground), fact

    return take(runtime, caller, INSTITUTIONS, step, returned, states="institution.returned.v1")
