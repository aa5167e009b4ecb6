"""ApplicationService: candidates' applications and their review."""

from __future__ import annotations

from uuid import UUID

from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.api.registration.v1 import application_pb2_grpc as pb_grpc
from jiangheng.chassis.auth import Owner
from jiangheng.chassis.errors import invalid
from jiangheng.chassis.server import Mounted
from jiangheng.registration.api.calls import Context, caller
from jiangheng.registration.domain.application import State
from jiangheng.registration.domain.review_faults import Opinion
from jiangheng.registration.operations.application_view import Seen
from jiangheng.registration.operations.get_application import get_application
from jiangheng.registration.operations.list_applications import list_applications
from jiangheng.registration.operations.return_application import return_application
from jiangheng.registration.operations.review_application import review_application
from jiangheng.registration.operations.save_application import save_application
from jiangheng.registration.operations.submit_application import submit_application
from jiangheng.registration.operations.withdraw_application import withdraw_application
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications as store
from jiangheng.registration.wire import applications as wire
from jiangheng.registration.wire.forms import form_from_wire

_SERVICE: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["ApplicationService"]


def mounted(runtime: RegistrationRuntime) -> Mounted:
    """ApplicationService, for the server to mount."""
    return Mounted(_SERVICE, pb_grpc.add_ApplicationServiceServicer_to_server, ApplicationServicer(runtime))


def owner(runtime: RegistrationRuntime, id: str) -> Owner | None:
    """To whom the stored application belongs; None if there is none."""
    try:
        UUID(id)
    except ValueError:
        return None  # nothing is stored under what is no id
    with runtime.db.read() as tx:
        return store.owner_of(tx, id)


class ApplicationServicer(pb_grpc.ApplicationServiceServicer):
    """ApplicationService over one runtime."""

    def __init__(self, runtime: RegistrationRuntime) -> None:
        self._runtime = runtime

    def SaveApplication(
        self, request: pb.SaveApplicationRequest, context: Context
    ) -> pb.SaveApplicationResponse:
        form = form_from_wire(request.form)
        save_application(self._runtime, caller(), request.application_id, request.batch_id, form)
        return pb.SaveApplicationResponse(application=self._shown(request.application_id))

    def SubmitApplication(
        self, request: pb.SubmitApplicationRequest, context: Context
    ) -> pb.SubmitApplicationResponse:
        submit_application(self._runtime, caller(), request.application_id, request.revision)
        return pb.SubmitApplicationResponse(application=self._shown(request.application_id))

    def WithdrawApplication(
        self, request: pb.WithdrawApplicationRequest, context: Context
    ) -> pb.WithdrawApplicationResponse:
        id, revision = request.application_id, request.revision
        withdraw_application(self._runtime, caller(), id, revision, request.reason)
        return pb.WithdrawApplicationResponse(application=self._shown(id))

    def ReviewApplication(
        self, request: pb.ReviewApplicationRequest, context: Context
    ) -> pb.ReviewApplicationResponse:
        review_application(
            self._runtime, caller(), request.application_id, request.revision, _opinion(request)
        )
        return pb.ReviewApplicationResponse(application=self._shown(request.application_id))

    def ReturnApplication(
        self, request: pb.ReturnApplicationRequest, context: Context
    ) -> pb.ReturnApplicationResponse:
        id, revision = request.application_id, request.revision
        return_application(self._runtime, caller(), id, revision, request.reason)
        return pb.ReturnApplicationResponse(application=self._shown(id))

    def GetApplication(
        self, request: pb.GetApplicationRequest, context: Context
    ) -> pb.GetApplicationResponse:
        return pb.GetApplicationResponse(application=self._shown(request.application_id))

    def ListApplications(
        self, request: pb.ListApplicationsRequest, context: Context
    ) -> pb.ListApplicationsResponse:
        page = list_applications(
            self._runtime,
            caller(),
            request.batch_id,
            state=_state(request.state),
            token=request.page_token,
            size=request.page_size,
        )
        shown = [_message(one) for one in page.applications]
        return pb.ListApplicationsResponse(applications=shown, next_page_token=page.next_token)

    def _shown(self, id: str) -> pb.Application:
        """The application as it stands after the act, with finding and reviews."""
        return _message(get_application(self._runtime, caller(), id))


def _message(one: Seen) -> pb.Application:
    return wire.application_to_wire(one.application, one.finding, one.reviews, masked=one.masked)


def _opinion(request: pb.ReviewApplicationRequest) -> Opinion:
    verdict = wire.verdict_from_wire(request.verdict)
    if verdict is None:
        raise invalid("verdict", "未知的审核意见。", "no such verdict", rule="REG-095")
    return Opinion(verdict, wire.items_from_wire(request.items), request.note, request.against_finding)


def _state(asked: pb.ApplicationState.ValueType) -> State | None:
    """None for "any"; a state this service does not know is refused, not taken for "any"."""
    if asked == pb.APPLICATION_STATE_UNSPECIFIED:
        return None
    state = wire.state_from_wire(asked)
    if state is None:
        raise invalid("state", "未知的状态。", "no such state", rule="REG-095")
    return state
