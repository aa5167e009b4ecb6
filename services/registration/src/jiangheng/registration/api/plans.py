"""PlanService: annual plans."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.api.registration.v1 import batch_pb2_grpc as pb_grpc
from jiangheng.chassis.server import Mounted
from jiangheng.registration.api.calls import Context, caller, signature_of
from jiangheng.registration.operations.confirm_plan import confirm_plan
from jiangheng.registration.operations.get_plan import get_plan
from jiangheng.registration.operations.return_plan import return_plan
from jiangheng.registration.operations.save_plan import save_plan
from jiangheng.registration.operations.submit_plan import submit_plan
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.wire import plans as wire

_SERVICE: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["PlanService"]


def mounted(runtime: RegistrationRuntime) -> Mounted:
    """PlanService, for the server to mount."""
    return Mounted(_SERVICE, pb_grpc.add_PlanServiceServicer_to_server, PlanServicer(runtime))


class PlanServicer(pb_grpc.PlanServiceServicer):
    """PlanService over one runtime."""

    def __init__(self, runtime: RegistrationRuntime) -> None:
        self._runtime = runtime

    def SavePlan(self, request: pb.SavePlanRequest, context: Context) -> pb.SavePlanResponse:
        lines = wire.lines_from_wire(request.lines)
        saved = save_plan(self._runtime, caller(), request.credit_code, request.year, lines)
        return pb.SavePlanResponse(plan=wire.plan_to_wire(saved))

    def SubmitPlan(self, request: pb.SubmitPlanRequest, context: Context) -> pb.SubmitPlanResponse:
        submitted = submit_plan(self._runtime, caller(), request.credit_code, request.year, request.revision)
        return pb.SubmitPlanResponse(plan=wire.plan_to_wire(submitted))

    def ReturnPlan(self, request: pb.ReturnPlanRequest, context: Context) -> pb.ReturnPlanResponse:
        returned = return_plan(
            self._runtime, caller(), request.credit_code, request.year, request.revision, request.reason
        )
        return pb.ReturnPlanResponse(plan=wire.plan_to_wire(returned))

    def ConfirmPlan(self, request: pb.ConfirmPlanRequest, context: Context) -> pb.ConfirmPlanResponse:
        confirmed = confirm_plan(
            self._runtime,
            caller(),
            request.credit_code,
            request.year,
            request.revision,
            request.digest,
            signature_of(request.signature),
        )
        return pb.ConfirmPlanResponse(plan=wire.plan_to_wire(confirmed))

    def GetPlan(self, request: pb.GetPlanRequest, context: Context) -> pb.GetPlanResponse:
        found = get_plan(self._runtime, request.credit_code, request.year)
        return pb.GetPlanResponse(plan=wire.plan_to_wire(found))
