"""SubmitApplication: the whole form, with papers and promise, goes to the reviewers (000 A1 9-11)."""

from __future__ import annotations

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.application import Act, Application
from jiangheng.registration.domain.application_faults import refuse_incomplete
from jiangheng.registration.domain.application_times import refuse_untimely
from jiangheng.registration.operations.dockets import APPLICATIONS
from jiangheng.registration.operations.judging import bench_of
from jiangheng.registration.operations.same_person import refuse_more_occupations, refuse_other_name
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def submit_application(runtime: RegistrationRuntime, caller: Caller, id: str, revision: int) -> Application:
    """Submit the application as it stands at `revision`: the first time, or mended.

    Raises Problem INVALID naming the first fault and, in its details, the others; WRONG_STATE outside the
    time for it; EXISTS for a number that stands in the batch under another name.
    """

    def submitted(tx: Tx, found: Application) -> tuple[Application, events.ApplicationSubmitted]:
        bench = bench_of(runtime, tx, found.batch_id)
        refuse_untimely(Act.SUBMIT, found.state, bench.batch, bench.today)
        refuse_incomplete(found.form, bench.setting(found.form))
        refuse_other_name(runtime, tx, found)
        refuse_more_occupations(runtime, tx, found, bench.pack)
        fact = events.ApplicationSubmitted(
            application_id=id,
            batch_id=found.batch_id,
            occupation_code=found.form.occupation_code,
            level=found.form.level,
            digest=found.digest,
        )
        return found, fact

    step = Step(Act.SUBMIT, id, revision)
    return take(runtime, caller, APPLICATIONS, step, submitted, states="application.submitted.v1")
