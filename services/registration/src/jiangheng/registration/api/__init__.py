"""The gRPC edge of registration: decode, call the operation, encode; one file per service of the contract.

Who may call what stands in the contract and is enforced before these methods
run (chassis guard); the operations repeat what depends on the row they lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jiangheng.chassis.auth import Owner
from jiangheng.chassis.server import Mounted
from jiangheng.registration.api import applications, batches, institutions, plans, seating, sites
from jiangheng.registration.runtime import RegistrationRuntime


def mounted(runtime: RegistrationRuntime) -> tuple[Mounted, ...]:
    """Every service of registration, for the server to mount."""
    services = (institutions, plans, batches, applications, sites, seating)
    return tuple(each.mounted(runtime) for each in services)


def owners(runtime: RegistrationRuntime) -> Mapping[str, Callable[[str], Owner | None]]:
    """How the Guard finds the owners of stored objects, by kind."""
    return {
        "institution": lambda id: institutions.owner(runtime, id),
        "batch": lambda id: batches.owner(runtime, id),
        "application": lambda id: applications.owner(runtime, id),
        "site": lambda id: sites.owner(runtime, id),
    }
