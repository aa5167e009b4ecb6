"""GetSite: one site as it stands."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.chassis.auth import Caller, Owner
from jiangheng.registration.domain.site import APPROVE, MANAGE, Inspection, Room, Site
from jiangheng.registration.operations.dockets import SITES
from jiangheng.registration.operations.step import stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.rules.numbers import masked_name


def get_site(runtime: RegistrationRuntime, caller: Caller, site_id: str) -> Site:
    """The site; the inspectors' names are masked for whoever neither keeps nor approves it (IAM-002)."""
    with runtime.db.read() as tx:
        found = stored(runtime, tx, SITES, site_id)
    if caller.covers(Owner(found.credit_code, found.division), MANAGE, APPROVE):
        return found
    plan = found.plan
    rooms = tuple(_masked_room(room) for room in plan.rooms)
    return replace(found, plan=replace(plan, rooms=rooms, inspections=_masked(plan.inspections)))


def _masked_room(room: Room) -> Room:
    return replace(room, inspections=_masked(room.inspections))


def _masked(inspections: tuple[Inspection, ...]) -> tuple[Inspection, ...]:
    return tuple(replace(each, inspector=masked_name(each.inspector)) for each in inspections)
