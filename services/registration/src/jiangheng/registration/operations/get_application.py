"""GetApplication: one application as it stands."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.registration.operations.application_view import Seen, seen
from jiangheng.registration.operations.dockets import APPLICATIONS
from jiangheng.registration.operations.judging import bench_of
from jiangheng.registration.operations.step import stored
from jiangheng.registration.runtime import RegistrationRuntime


def get_application(runtime: RegistrationRuntime, caller: Caller, id: str) -> Seen:
    """The application as this caller may see it; Problem NOT_FOUND if there is none."""
    with runtime.db.read() as tx:
        found = stored(runtime, tx, APPLICATIONS, id)
        (shown,) = seen(runtime, tx, caller, bench_of(runtime, tx, found.batch_id), [found])
    return shown
