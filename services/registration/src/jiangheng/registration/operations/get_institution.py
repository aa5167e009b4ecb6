"""GetInstitution: one institution as it stands."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.registration.domain.institution import Institution
from jiangheng.registration.operations.dockets import INSTITUTIONS
from jiangheng.registration.operations.step import stored
from jiangheng.registration.operations.view import as_seen_by
from jiangheng.registration.runtime import RegistrationRuntime


def get_institution(runtime: RegistrationRuntime, caller: Caller, credit_code: str) -> Institution:
    """The institution as this caller may see it; Problem NOT_FOUND if there is none."""
    with runtime.db.read() as tx:
        found = stored(runtime, tx, INSTITUTIONS, credit_code)
    return as_seen_by(caller, found)
