"""SiteService: sites, rooms and stations."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.api.registration.v1 import seating_pb2_grpc as pb_grpc
from jiangheng.chassis.auth import Owner
from jiangheng.chassis.server import Mounted
from jiangheng.registration.api.calls import Context, caller
from jiangheng.registration.domain.batch_faults import id_faults
from jiangheng.registration.operations.approve_site import approve_site
from jiangheng.registration.operations.get_site import get_site
from jiangheng.registration.operations.save_site import save_site
from jiangheng.registration.operations.suspend_site import suspend_site
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import sites as store
from jiangheng.registration.wire import sites as wire

_SERVICE: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["SiteService"]


def mounted(runtime: RegistrationRuntime) -> Mounted:
    """SiteService, for the server to mount."""
    return Mounted(_SERVICE, pb_grpc.add_SiteServiceServicer_to_server, SiteServicer(runtime))


def owner(runtime: RegistrationRuntime, site_id: str) -> Owner | None:
    """To whom the stored site belongs; None if there is none."""
    if any(id_faults("site_id", site_id)):
        return None  # nothing is stored under what is no UUID
    with runtime.db.read() as tx:
        return store.owner_of(tx, site_id)


class SiteServicer(pb_grpc.SiteServiceServicer):
    """SiteService over one runtime."""

    def __init__(self, runtime: RegistrationRuntime) -> None:
        self._runtime = runtime

    def SaveSite(self, request: pb.SaveSiteRequest, context: Context) -> pb.SaveSiteResponse:
        plan = wire.plan_from_wire(request.plan)
        saved = save_site(self._runtime, caller(), request.site_id, request.credit_code, plan)
        return pb.SaveSiteResponse(site=wire.site_to_wire(saved))

    def ApproveSite(self, request: pb.ApproveSiteRequest, context: Context) -> pb.ApproveSiteResponse:
        approved = approve_site(self._runtime, caller(), request.site_id, request.revision, request.digest)
        return pb.ApproveSiteResponse(site=wire.site_to_wire(approved))

    def SuspendSite(self, request: pb.SuspendSiteRequest, context: Context) -> pb.SuspendSiteResponse:
        suspended = suspend_site(self._runtime, caller(), request.site_id, request.revision, request.reason)
        return pb.SuspendSiteResponse(site=wire.site_to_wire(suspended))

    def GetSite(self, request: pb.GetSiteRequest, context: Context) -> pb.GetSiteResponse:
        found = get_site(self._runtime, caller(), request.site_id)
        return pb.GetSiteResponse(site=wire.site_to_wire(found))
