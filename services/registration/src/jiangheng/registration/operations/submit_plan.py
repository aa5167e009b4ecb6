"""SubmitPlan: the annual plan goes to the authority (000 main 7(9); REG-037)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.plan import Act, Plan, plan_id, refuse_incomplete
from jiangheng.registration.operations.dockets import PLANS
from jiangheng.registration.operations.filed import filed_institution, scopes_of
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def submit_plan(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, year: int, revision: int
) -> Plan:
    """Submit the plan of `revision`.

    Raises Problem INVALID naming every line that is not whole or beyond the filed scope (REG-017),
    WRONG_STATE if the institution is not filed.
    """

    def submitted(tx: Tx, found: Plan) -> tuple[Plan, events.PlanSubmitted]:
        refuse_incomplete(found, scopes_of(filed_institution(runtime, tx, credit_code)))
        fact = events.PlanSubmitted(credit_code=credit_code, year=year, digest=found.digest)
        return replace(found, return_reason=""), fact

    step = Step(Act.SUBMIT, plan_id(credit_code, year), revision)
    return take(runtime, caller, PLANS, step, submitted, states="plan.submitted.v1")
