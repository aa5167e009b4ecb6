"""What the centre gave back and nobody mended leaves the batch when it is cleared (000 A1 12; REG-101)."""

from __future__ import annotations

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.application import UNSETTLED, Act, Application
from jiangheng.registration.domain.batch import Batch
from jiangheng.registration.operations.dockets import APPLICATIONS
from jiangheng.registration.operations.step import stored, take_within
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications
from jiangheng.registration.store.steps import Step


def exclude_applications(runtime: RegistrationRuntime, tx: Tx, caller: Caller, batch: Batch) -> int:
    """Exclude every application of the batch that is returned or not approved again; say how many.

    Part of the transaction that clears the batch, which holds it locked: nobody mends one meanwhile.
    The clearance has refused whoever entered or reviewed any application of the batch.
    """
    unmended = applications.in_states(tx, batch.id, UNSETTLED)
    for id in unmended:
        step = Step(Act.EXCLUDE, id, stored(runtime, tx, APPLICATIONS, id).revision)
        take_within(runtime, tx, caller, APPLICATIONS, step, _excluded, states="application.excluded.v1")
    return len(unmended)


def _excluded(_tx: Tx, found: Application) -> tuple[Application, events.ApplicationExcluded]:
    fact = events.ApplicationExcluded(application_id=found.id, batch_id=found.batch_id, digest=found.digest)
    return found, fact
