"""What sampling and clearing a batch have in common: who keeps away from it, and that somebody is left."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, forbidden, wrong_state
from jiangheng.registration.domain.batch import Batch
from jiangheng.registration.store import batches


def refuse_registrars(tx: Tx, caller: Caller, batch_id: str) -> None:
    """Raise Problem FORBIDDEN for whoever entered or reviewed an application of the batch.

    He would draw, or let pass, what he did himself.
    """
    if batches.registered_by(tx, batch_id, caller.id):
        raise forbidden(
            "SAMPLE-SELF",
            "录入或审核过该批次报名的人员不得代表鉴定中心抽查、核定该批次。",
            "whoever entered or reviewed an application of this batch cannot sample or clear it",
            clause="000 A1 12 [inferred]",
        )


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
