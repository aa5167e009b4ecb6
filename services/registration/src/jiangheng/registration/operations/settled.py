"""What sampling and clearing a batch have in common: who keeps away from it, and that somebody is left."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, wrong_state
from jiangheng.registration.domain.application import COURSE, Act
from jiangheng.registration.domain.batch import Batch
from jiangheng.registration.store import applications


def refuse_registrars(tx: Tx, caller: Caller, batch_id: str) -> None:
    """Raise Problem FORBIDDEN for whoever entered or reviewed an application of the batch.

    He would draw, or let pass, what he did himself.
    """
    apart = COURSE.apart[Act.EXCLUDE]
    if applications.handled_by(tx, batch_id, caller.id, [Act(act) for act in apart.acts]):
        COURSE.refuse_doer(Act.EXCLUDE, (caller.id,), caller.id)


def no_candidates(found: Batch) -> Problem:
    """The refusal where nobody is approved (any more)."""
    return wrong_state(
        found.state.value,
        "没有符合条件的考生。",
        "no application is approved",
        code="no-candidates",
        rule="REG-101",
        clause="000 A1 12",
    )
