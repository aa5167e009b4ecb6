"""ApproveSite: after inspection the authority lets exams be held there (考点审验; REG-028, REG-028a)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller, Owner
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import invalid, wrong_state
from jiangheng.registration.domain import institution
from jiangheng.registration.domain.site import APPROVE, Act, Site
from jiangheng.registration.domain.site_faults import refuse_uninspected
from jiangheng.registration.operations.dockets import INSTITUTIONS, SITES
from jiangheng.registration.operations.step import stored, take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store.steps import Step


def approve_site(
    runtime: RegistrationRuntime, caller: Caller, site_id: str, revision: int, digest: bytes
) -> Site:
    """Approve exactly the description that the officer saw.

    Raises Problem INVALID if it is not what is stored or was not inspected with
    success, WRONG_STATE while the institution is not filed, FORBIDDEN for
    whoever described the site.
    """

    def approved(tx: Tx, found: Site) -> tuple[Site, events.SiteApproved]:
        _refuse_other_description(found, digest)
        _refuse_unfiled(runtime, tx, found)
        refuse_uninspected(found.plan)
        authority = _authority(caller, found)
        fact = events.SiteApproved(
            site_id=found.id,
            credit_code=found.credit_code,
            division=found.division,
            digest=found.digest,
            revision=found.revision,
            authority=authority,
        )
        now = runtime.legal_clock.now()
        return replace(found, approved_at=now, authority=authority, ground=""), fact

    step = Step(Act.APPROVE, site_id, revision, digest.hex())
    return take(runtime, caller, SITES, step, approved, states="site.approved.v1")


def _refuse_other_description(found: Site, digest: bytes) -> None:
    if digest != found.digest:
        raise invalid(
            "digest",
            "所审验的考点材料与所存材料不一致。",
            "the officer saw another description than the stored one",
            rule="REG-028",
            clause="004 S四(一)1",
            code="other-site",
        )


def _refuse_unfiled(runtime: RegistrationRuntime, tx: Tx, found: Site) -> None:
    owner = stored(runtime, tx, INSTITUTIONS, found.credit_code)
    if owner.state is not institution.State.FILED:
        zh, en = (
            "机构尚未备案，不能审验其考点。",
            "the institution is not filed: its sites cannot be approved",
        )
        raise wrong_state(
            owner.state.value, zh, en, rule="REG-028", clause="002 10", code="institution-not-filed"
        )


def _authority(caller: Caller, found: Site) -> str:
    """The narrowest region the officer decides for that holds the site."""
    owner = Owner(found.credit_code, found.division)
    regions = [grant.region for grant in caller.with_scope(APPROVE) if grant.covers(owner)]
    return max(regions, key=lambda region: (region != "00", len(region)))
