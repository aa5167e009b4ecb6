"""BatchService: plans of batches, their rules, upload and sampling."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.api.registration.v1 import batch_pb2_grpc as pb_grpc
from jiangheng.chassis.auth import Owner
from jiangheng.chassis.errors import invalid
from jiangheng.chassis.server import Mounted
from jiangheng.registration.api.calls import Context, caller, signature_of
from jiangheng.registration.domain.batch import State
from jiangheng.registration.domain.batch_faults import id_faults
from jiangheng.registration.operations.allow_late_upload import allow_late_upload
from jiangheng.registration.operations.clear_batch import clear_batch
from jiangheng.registration.operations.confirm_batch import SignedBatch, confirm_batch
from jiangheng.registration.operations.draw_sample import draw_sample
from jiangheng.registration.operations.get_batch import get_batch, get_pack
from jiangheng.registration.operations.list_batches import list_batches
from jiangheng.registration.operations.return_batch import return_batch
from jiangheng.registration.operations.save_batch import save_batch
from jiangheng.registration.operations.submit_batch import submit_batch
from jiangheng.registration.operations.upload_batch import SignedUpload, upload_batch
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import batches as store
from jiangheng.registration.wire import batches as wire

_SERVICE: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["BatchService"]


def mounted(runtime: RegistrationRuntime) -> Mounted:
    """BatchService, for the server to mount."""
    return Mounted(_SERVICE, pb_grpc.add_BatchServiceServicer_to_server, BatchServicer(runtime))


def owner(runtime: RegistrationRuntime, id: str) -> Owner | None:
    """To whom the stored batch belongs; None if there is none."""
    if any(id_faults("batch_id", id)):
        return None  # nothing is stored under what is no id
    with runtime.db.read() as tx:
        return store.owner_of(tx, id)


class BatchServicer(pb_grpc.BatchServiceServicer):
    """BatchService over one runtime."""

    def __init__(self, runtime: RegistrationRuntime) -> None:
        self._runtime = runtime

    def SaveBatch(self, request: pb.SaveBatchRequest, context: Context) -> pb.SaveBatchResponse:
        plan = wire.plan_from_wire(request.plan)
        saved = save_batch(self._runtime, caller(), request.batch_id, request.credit_code, plan)
        return pb.SaveBatchResponse(batch=wire.batch_to_wire(saved))

    def SubmitBatch(self, request: pb.SubmitBatchRequest, context: Context) -> pb.SubmitBatchResponse:
        submitted = submit_batch(self._runtime, caller(), request.batch_id, request.revision)
        return pb.SubmitBatchResponse(batch=wire.batch_to_wire(submitted))

    def ReturnBatch(self, request: pb.ReturnBatchRequest, context: Context) -> pb.ReturnBatchResponse:
        returned = return_batch(self._runtime, caller(), request.batch_id, request.revision, request.reason)
        return pb.ReturnBatchResponse(batch=wire.batch_to_wire(returned))

    def ConfirmBatch(self, request: pb.ConfirmBatchRequest, context: Context) -> pb.ConfirmBatchResponse:
        signed = SignedBatch(request.digest, request.pack_digest, signature_of(request.signature))
        confirmed = confirm_batch(self._runtime, caller(), request.batch_id, request.revision, signed)
        return pb.ConfirmBatchResponse(batch=wire.batch_to_wire(confirmed))

    def AllowLateUpload(
        self, request: pb.AllowLateUploadRequest, context: Context
    ) -> pb.AllowLateUploadResponse:
        allowed = allow_late_upload(
            self._runtime, caller(), request.batch_id, request.revision, request.reason
        )
        return pb.AllowLateUploadResponse(batch=wire.batch_to_wire(allowed))

    def UploadBatch(self, request: pb.UploadBatchRequest, context: Context) -> pb.UploadBatchResponse:
        signed = SignedUpload(
            wire.documents_from_wire(request.documents),
            request.applications_digest,
            signature_of(request.signature),
        )
        uploaded = upload_batch(self._runtime, caller(), request.batch_id, request.revision, signed)
        return pb.UploadBatchResponse(batch=wire.batch_to_wire(uploaded))

    def DrawSample(self, request: pb.DrawSampleRequest, context: Context) -> pb.DrawSampleResponse:
        drawn = draw_sample(self._runtime, caller(), request.batch_id, request.sample_id, request.size)
        return pb.DrawSampleResponse(sample=wire.sample_to_wire(drawn))

    def ClearBatch(self, request: pb.ClearBatchRequest, context: Context) -> pb.ClearBatchResponse:
        cleared = clear_batch(self._runtime, caller(), request.batch_id, request.revision)
        return pb.ClearBatchResponse(batch=wire.batch_to_wire(cleared))

    def GetBatch(self, request: pb.GetBatchRequest, context: Context) -> pb.GetBatchResponse:
        seen = get_batch(self._runtime, request.batch_id)
        return pb.GetBatchResponse(
            batch=wire.batch_to_wire(seen.batch, seen.samples, seen.warnings),
            applications_digest=seen.applications_digest,
        )

    def ListBatches(self, request: pb.ListBatchesRequest, context: Context) -> pb.ListBatchesResponse:
        page = list_batches(
            self._runtime,
            caller(),
            state=_state(request.state),
            token=request.page_token,
            size=request.page_size,
        )
        found = [wire.batch_to_wire(one) for one in page.batches]
        return pb.ListBatchesResponse(batches=found, next_page_token=page.next_token)

    def GetPack(self, request: pb.GetPackRequest, context: Context) -> pb.GetPackResponse:
        pack, document = get_pack(self._runtime, request.batch_id)
        return pb.GetPackResponse(pack=wire.pack_to_wire(pack), document=document.encode())


def _state(asked: pb.BatchState.ValueType) -> State | None:
    """None for "any"; a state this service does not know is refused, not taken for "any"."""
    if asked == pb.BATCH_STATE_UNSPECIFIED:
        return None
    state = wire.state_from_wire(asked)
    if state is None:
        raise invalid("state", "未知的状态。", "no such state", rule="REG-052")
    return state
