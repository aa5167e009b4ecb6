"""ConfirmPlan: the authority confirms an annual plan with an officer's own signature (REG-038)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.plan import Act, Plan, plan_id
from jiangheng.registration.operations.decision import Signature, refuse_other
from jiangheng.registration.operations.dockets import PLANS
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def confirm_plan(
    runtime: RegistrationRuntime,
    caller: Caller,
    credit_code: str,
    year: int,
    revision: int,
    digest: bytes,
    signature: Signature,
) -> Plan:
    """Confirm the plan of `revision`, whose digest the officer signed for.

    Raises Problem INVALID if that is another content, FORBIDDEN for whoever prepared the plan.
    """

    def confirmed(_tx: Tx, found: Plan) -> tuple[Plan, events.PlanConfirmed]:
        refuse_other("digest", digest, found.digest, rule="REG-038", clause="004 S二(一)")
        fact = events.PlanConfirmed(
            credit_code=credit_code,
            year=year,
            revision=found.revision,
            digest=found.digest,
            signature=signature.on_wire(),
        )
        signed = signature.at(runtime.legal_clock.now())
        return replace(found, confirmed=signed, standing=found.lines), fact

    step = Step(Act.CONFIRM, plan_id(credit_code, year), revision, digest.hex())
    return take(runtime, caller, PLANS, step, confirmed, states="plan.confirmed.v1")
