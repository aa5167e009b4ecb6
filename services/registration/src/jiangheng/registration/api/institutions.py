"""InstitutionService: filing."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.api.registration.v1 import registration_pb2_grpc as pb_grpc
from jiangheng.chassis.auth import Owner
from jiangheng.chassis.errors import invalid
from jiangheng.chassis.server import Mounted
from jiangheng.registration.api.calls import Context, caller
from jiangheng.registration.domain.institution import State
from jiangheng.registration.operations.accept_filing import accept_filing
from jiangheng.registration.operations.complete_filing import SignedDecision, complete_filing
from jiangheng.registration.operations.get_institution import get_institution
from jiangheng.registration.operations.list_institutions import list_institutions
from jiangheng.registration.operations.return_filing import return_filing
from jiangheng.registration.operations.save_draft import save_draft
from jiangheng.registration.operations.submit_filing import submit_filing
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import institutions as store
from jiangheng.registration.wire import institutions as wire
from jiangheng.rules import numbers

_SERVICE: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["InstitutionService"]


def mounted(runtime: RegistrationRuntime) -> Mounted:
    """InstitutionService, for the server to mount."""
    return Mounted(_SERVICE, pb_grpc.add_InstitutionServiceServicer_to_server, InstitutionServicer(runtime))


def owner(runtime: RegistrationRuntime, credit_code: str) -> Owner | None:
    """To whom the stored institution belongs; None if there is none."""
    if numbers.check_credit_code(credit_code):
        return None  # nothing is stored under what is no credit code
    with runtime.db.read() as tx:
        return store.owner_of(tx, credit_code)


class InstitutionServicer(pb_grpc.InstitutionServiceServicer):
    """InstitutionService over one runtime."""

    def __init__(self, runtime: RegistrationRuntime) -> None:
        self._runtime = runtime

    def SaveDraft(self, request: pb.SaveDraftRequest, context: Context) -> pb.SaveDraftResponse:
        dossier = wire.dossier_from_wire(request.dossier)
        saved = save_draft(self._runtime, caller(), request.credit_code, dossier)
        return pb.SaveDraftResponse(institution=wire.institution_to_wire(saved))

    def SubmitFiling(self, request: pb.SubmitFilingRequest, context: Context) -> pb.SubmitFilingResponse:
        submitted = submit_filing(self._runtime, caller(), request.credit_code, request.revision)
        return pb.SubmitFilingResponse(institution=wire.institution_to_wire(submitted))

    def ReturnFiling(self, request: pb.ReturnFilingRequest, context: Context) -> pb.ReturnFilingResponse:
        returned = return_filing(
            self._runtime, caller(), request.credit_code, request.revision, request.reason
        )
        return pb.ReturnFilingResponse(institution=wire.institution_to_wire(returned))

    def AcceptFiling(self, request: pb.AcceptFilingRequest, context: Context) -> pb.AcceptFilingResponse:
        accepted = accept_filing(self._runtime, caller(), request.credit_code, request.revision)
        return pb.AcceptFilingResponse(institution=wire.institution_to_wire(accepted))

    def CompleteFiling(
        self, request: pb.CompleteFilingRequest, context: Context
    ) -> pb.CompleteFilingResponse:
        decision = SignedDecision(
            request.dossier_digest, request.signature.key_id, request.signature.signature
        )
        filed = complete_filing(self._runtime, caller(), request.credit_code, request.revision, decision)
        return pb.CompleteFilingResponse(institution=wire.institution_to_wire(filed))

    def GetInstitution(
        self, request: pb.GetInstitutionRequest, context: Context
    ) -> pb.GetInstitutionResponse:
        found = get_institution(self._runtime, caller(), request.credit_code)
        return pb.GetInstitutionResponse(institution=wire.institution_to_wire(found))

    def ListInstitutions(
        self, request: pb.ListInstitutionsRequest, context: Context
    ) -> pb.ListInstitutionsResponse:
        page = list_institutions(
            self._runtime,
            caller(),
            state=_state(request.state),
            token=request.page_token,
            size=request.page_size,
        )
        institutions = [wire.institution_to_wire(one) for one in page.institutions]
        return pb.ListInstitutionsResponse(institutions=institutions, next_page_token=page.next_token)


def _state(asked: pb.InstitutionState.ValueType) -> State | None:
    """None for "any"; a state this service does not know is refused, not taken for "any"."""
    if asked == pb.INSTITUTION_STATE_UNSPECIFIED:
        return None
    state = wire.state_from_wire(asked)
    if state is None:
        raise invalid("state", "未知的状态。", "no such state", rule="REG-031")
    return state
