"""WithdrawApplication: the candidate gives it up (REG-082)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.application import Act, Application
from jiangheng.registration.domain.application_times import refuse_untimely
from jiangheng.registration.operations.dockets import APPLICATIONS
from jiangheng.registration.operations.grounds import ground_of
from jiangheng.registration.operations.judging import bench_of
from jiangheng.registration.operations.step import checked_ground, take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def withdraw_application(
    runtime: RegistrationRuntime, caller: Caller, id: str, revision: int, reason: str
) -> Application:
    """Withdraw the application of `revision`; the person may then be entered anew.

    Raises Problem INVALID without a reason, WRONG_STATE once it is approved and with the centre.
    """
    text = checked_ground(reason, "reason", rule="REG-082", clause="REG-082")

    def withdrawn(tx: Tx, found: Application) -> tuple[Application, events.ApplicationWithdrawn]:
        bench = bench_of(runtime, tx, found.batch_id)
        refuse_untimely(Act.WITHDRAW, found.state, bench.batch, bench.today)
        fact = events.ApplicationWithdrawn(application_id=id, batch_id=found.batch_id, digest=found.digest)
        return replace(found, withdrawal_reason=text), fact

    step = Step(Act.WITHDRAW, id, revision, ground_of(runtime, text))
    return take(runtime, caller, APPLICATIONS, step, withdrawn, states="application.withdrawn.v1")
