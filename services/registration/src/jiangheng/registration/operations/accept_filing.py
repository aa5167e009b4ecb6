"""AcceptFiling: the formal check is passed (受理) and the filing clock starts (002 9)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.deadline import filing_due
from jiangheng.registration.domain.institution import Act, Institution
from jiangheng.registration.operations.dockets import INSTITUTIONS
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def accept_filing(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, revision: int
) -> Institution:
    """Accept the dossier of `revision`; the filing is then due within five working days.

    Raises Problem FORBIDDEN for whoever prepared the dossier, WRONG_STATE
    "calendar-uncovered" when the working days of the year are not known yet.
    """

    def accepted(_tx: Tx, found: Institution) -> tuple[Institution, events.InstitutionAccepted]:
        now = runtime.legal_clock.now()
        due = filing_due(now, runtime.calendar)
        fact = events.InstitutionAccepted(
            credit_code=credit_code, dossier_digest=found.dossier_digest, filing_due=due.isoformat()
        )
        return replace(found, accepted_at=now, filing_due=due), fact

    step = Step(Act.ACCEPT, credit_code, revision)
    return take(runtime, caller, INSTITUTIONS, step, accepted, states="institution.accepted.v1")
