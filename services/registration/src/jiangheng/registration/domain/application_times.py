"""When an application may be entered, submitted, reviewed, returned: by the batch's state and days.

Registration and review are open from the first to the last instant of their days, Asia/Shanghai (004 S三(一);
REG-053, REG-098). Once the batch is with the centre only what the centre gave back still moves (000 A1 12).
Where the authority lets the institution upload late (REG-056), the review may be finished as well [inferred].
"""

from __future__ import annotations

from datetime import date

from jiangheng.chassis.errors import Problem, wrong_state
from jiangheng.registration.domain import batch as batches
from jiangheng.registration.domain.application import UNSETTLED, Act, State
from jiangheng.registration.domain.batch import Batch

_CENTRE = frozenset({Act.RETURN, Act.EXCLUDE})


def refuse_untimely(act: Act, state: State, batch: Batch, today: date) -> None:
    """Raise Problem WRONG_STATE if it is not the time for this act on an application in this state."""
    if batch.state is batches.State.CONFIRMED and act not in _CENTRE:
        _refuse_closed(act, state, batch, today)
    elif batch.state is not batches.State.UPLOADED or not (act in _CENTRE or state in UNSETTLED):
        raise _wrong_batch(batch)


def _refuse_closed(act: Act, state: State, batch: Batch, today: date) -> None:
    if act is Act.WITHDRAW:
        return
    plan = batch.plan
    if plan.opens is None or plan.closes is None or plan.reviewed_by is None:
        raise _wrong_batch(batch)  # no batch is confirmed without them
    if today < plan.opens:
        raise _not_open(batch, "registration-not-open", "报名尚未开始", "registration is not open yet")
    entering = act in (Act.SAVE, Act.SUBMIT)
    if entering and state is State.DRAFT and today > plan.closes:
        raise _not_open(batch, "registration-closed", "报名已截止", "registration is closed")
    if today > plan.reviewed_by and not batch.late_reason:
        raise _not_open(batch, "review-closed", "资格审核已截止", "the review is closed", rule="REG-098")


def _not_open(batch: Batch, code: str, zh: str, en: str, *, rule: str = "REG-053") -> Problem:
    plan = batch.plan
    return wrong_state(
        batch.state.value,
        f"{zh}（报名{plan.registration_opens}至{plan.registration_closes}，审核至{plan.review_closes}）。",
        f"{en} (registration {plan.registration_opens} to {plan.registration_closes}, "
        f"review to {plan.review_closes})",
        code=code,
        rule=rule,
        clause="004 S三(一)",
    )


def _wrong_batch(batch: Batch) -> Problem:
    return wrong_state(
        batch.state.value,
        f"批次处于“{batches.STATE_ZH[batch.state]}”状态，不能对报名办理该操作。",
        f"the batch is {batch.state.value}: this cannot be done with its applications now",
        code="batch-state",
        rule="REG-052",
        clause="000 A1 11-12",
    )
