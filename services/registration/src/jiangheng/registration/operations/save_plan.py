"""SavePlan: the institution drafts its plan of a year, or a change of it (000 main 7(9); REG-041)."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.registration.domain.plan import Act, Plan, PlanLine, State, refuse_unstorable
from jiangheng.registration.operations.dockets import INSTITUTIONS, PLANS
from jiangheng.registration.operations.step import save, stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.wire.plans import plan_digest


def save_plan(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, year: int, lines: tuple[PlanLine, ...]
) -> Plan:
    """Store the plan as it is, gaps and all; a confirmed plan that changes has to be confirmed anew.

    Raises Problem INVALID for what cannot be stored, NOT_FOUND without the institution, WRONG_STATE while the
    plan is with the authority.
    """
    refuse_unstorable(year, lines)
    with runtime.db.read() as tx:
        division = stored(runtime, tx, INSTITUTIONS, credit_code).division
    digest = plan_digest(credit_code, year, lines)
    fresh = Plan(credit_code, year, division, lines, State.DRAFT, 1, digest)
    return save(runtime, caller, PLANS, fresh, Act.SAVE)
