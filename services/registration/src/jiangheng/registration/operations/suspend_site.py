"""SuspendSite: the authority stops the use of a site, with its reason (REG-028)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.masking import mask_text
from jiangheng.registration.domain.site import Act, Site
from jiangheng.registration.operations.dockets import SITES
from jiangheng.registration.operations.step import checked_ground, take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def suspend_site(
    runtime: RegistrationRuntime, caller: Caller, site_id: str, revision: int, reason: str
) -> Site:
    """Suspend a site; it stays so until an officer approves it again.

    Raises Problem INVALID without a reason, FORBIDDEN for whoever described the site.
    """
    ground = checked_ground(reason, "reason", rule="REG-028", clause="002 10; 004 S四(一)1")

    def suspended(_tx: Tx, found: Site) -> tuple[Site, events.SiteSuspended]:
        # The reason is free text: numbers of persons that slipped into it do not travel.
        fact = events.SiteSuspended(site_id=site_id, credit_code=found.credit_code, reason=mask_text(ground))
        return replace(found, ground=ground, approved_at=None, authority=""), fact

    step = Step(Act.SUSPEND, site_id, revision, ground)
    return take(runtime, caller, SITES, step, suspended, states="site.suspended.v1")
