"""SaveApplication: the institution's clerk enters what the candidate hands in (000 A1 10-11; REG-070)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import wrong_state
from jiangheng.registration.domain.application import Act, Application, State
from jiangheng.registration.domain.application_faults import refuse_unstorable
from jiangheng.registration.domain.application_times import refuse_untimely
from jiangheng.registration.domain.form import ApplicationForm
from jiangheng.registration.operations.dockets import APPLICATIONS, BATCHES
from jiangheng.registration.operations.judging import Bench, bench_of
from jiangheng.registration.operations.same_person import refuse_more_occupations, refuse_other_name
from jiangheng.registration.operations.step import save, stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications
from jiangheng.registration.wire.applications import application_digest
from jiangheng.rules import numbers

# Where candidates register by accounts of their own, nobody enters them (004 S三(二)).
_BY_CANDIDATES = "own_account"


def save_application(
    runtime: RegistrationRuntime, caller: Caller, id: str, batch_id: str, form: ApplicationForm
) -> Application:
    """Store the form as it is, gaps and all; the same content again changes nothing.

    Raises Problem INVALID for what cannot be stored, WRONG_STATE outside registration or once it is with the
    reviewers, EXISTS for a person who is registered for the same already or under another name.
    """
    refuse_unstorable(id, form)
    fresh = _fresh(runtime, id, batch_id, form)

    def allowed(tx: Tx, found: Application) -> None:
        bench = bench_of(runtime, tx, batch_id)
        _refuse_other_channel(bench)
        refuse_untimely(Act.SAVE, found.state, bench.batch, bench.today)
        refuse_other_name(runtime, tx, fresh)
        refuse_more_occupations(runtime, tx, fresh, bench.pack)

    return save(runtime, caller, APPLICATIONS, fresh, Act.SAVE, allowed)


def _fresh(runtime: RegistrationRuntime, id: str, batch_id: str, form: ApplicationForm) -> Application:
    number = numbers.normal_form(form.candidate.number)
    form = replace(form, candidate=replace(form.candidate, number=number))
    with runtime.db.read() as tx:
        batch = stored(runtime, tx, BATCHES, batch_id)
    digest = application_digest(applications.salt(runtime.index, id), id, batch_id, form)
    return Application(id, batch_id, batch.credit_code, batch.division, form, State.DRAFT, 1, digest)


def _refuse_other_channel(bench: Bench) -> None:
    key = "reg.channel"
    if bench.pack.regulates(key) and bench.pack.choice(key) == _BY_CANDIDATES:
        raise wrong_state(
            bench.batch.state.value,
            "按本规则，考生以本人账号报名，评价机构不得代为录入。",
            "under these rules candidates register by their own accounts; nobody enters them",
            code="channel-not-offered",
            rule="REG-070",
            clause="; ".join(bench.pack.answer(key).cite),
        )
