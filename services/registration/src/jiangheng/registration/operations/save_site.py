"""SaveSite: the institution describes a site with its rooms, or describes it anew (000 A3 4-6)."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.errors import not_found
from jiangheng.registration.domain.site import Act, Site, SitePlan, State
from jiangheng.registration.domain.site_faults import refuse_faulty
from jiangheng.registration.operations.dockets import SITES
from jiangheng.registration.operations.step import save
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import institutions
from jiangheng.registration.wire import sites as wire


def save_site(
    runtime: RegistrationRuntime, caller: Caller, site_id: str, credit_code: str, plan: SitePlan
) -> Site:
    """Store the description; the same again changes nothing, another one has to be approved anew.

    Raises Problem INVALID with all faults, NOT_FOUND for an institution that is
    not on record, EXISTS for the id of another institution's site.
    """
    refuse_faulty(site_id, plan, legal_date(runtime.legal_clock.now()))
    with runtime.db.read() as tx:
        if institutions.owner_of(tx, credit_code) is None:
            raise not_found("没有该机构。", "there is no such institution", code="no-institution")
    digest = wire.site_digest(site_id, credit_code, plan)
    fresh = Site(site_id, credit_code, plan, State.PROPOSED, 1, digest)
    return save(runtime, caller, SITES, fresh, Act.SAVE)
