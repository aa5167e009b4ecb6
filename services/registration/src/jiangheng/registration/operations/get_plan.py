"""GetPlan: an institution's plan of a year as it stands."""

from __future__ import annotations

from jiangheng.registration.domain.plan import Plan, plan_id
from jiangheng.registration.operations.dockets import PLANS
from jiangheng.registration.operations.step import stored
from jiangheng.registration.runtime import RegistrationRuntime


def get_plan(runtime: RegistrationRuntime, credit_code: str, year: int) -> Plan:
    """The plan; Problem NOT_FOUND if there is none."""
    with runtime.db.read() as tx:
        return stored(runtime, tx, PLANS, plan_id(credit_code, year))
