"""ReturnPlan: the authority gives an annual plan back with its reason (REG-038)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.masking import mask_text
from jiangheng.registration.domain.plan import Act, Plan, plan_id
from jiangheng.registration.operations.dockets import PLANS
from jiangheng.registration.operations.step import checked_ground, take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def return_plan(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, year: int, revision: int, reason: str
) -> Plan:
    """Return the plan of `revision`; the institution may then mend and submit it again.

    Raises Problem INVALID without a reason, FORBIDDEN for whoever prepared the plan.
    """
    ground = checked_ground(reason, "reason", rule="REG-038", clause="004 S二(一)")
    step = Step(Act.RETURN, plan_id(credit_code, year), revision, ground)

    def returned(_tx: Tx, found: Plan) -> tuple[Plan, events.PlanReturned]:
        fact = events.PlanReturned(credit_code=credit_code, year=year, reason=mask_text(ground))
        return replace(found, return_reason=ground), fact

    return take(runtime, caller, PLANS, step, returned, states="plan.returned.v1")
