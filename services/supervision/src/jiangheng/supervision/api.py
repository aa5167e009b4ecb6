"""The ledger over gRPC: decode, call the operation, encode."""

from __future__ import annotations

from datetime import datetime

import grpc
from google.protobuf.json_format import Parse
from google.protobuf.timestamp_pb2 import Timestamp

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.supervision.v1 import ledger_pb2 as pb
from jiangheng.api.supervision.v1.ledger_pb2_grpc import (
    LedgerServiceServicer,
    add_LedgerServiceServicer_to_server,
)
from jiangheng.chassis.auth import Reach
from jiangheng.chassis.policy import current
from jiangheng.chassis.server import Mounted
from jiangheng.supervision.domain.ledger import Circumstances
from jiangheng.supervision.ledger_runtime import LedgerRuntime
from jiangheng.supervision.operations.get_checkpoint import get_checkpoint
from jiangheng.supervision.operations.get_evidence import get_evidence
from jiangheng.supervision.operations.list_entries import list_entries
from jiangheng.supervision.operations.prove_consistency import prove_consistency
from jiangheng.supervision.store import StoredCheckpoint, StoredEntry

_LEDGER = pb.DESCRIPTOR.services_by_name["LedgerService"]


def mounted(runtime: LedgerRuntime) -> Mounted:
    """The ledger's gRPC service."""
    return Mounted(_LEDGER, add_LedgerServiceServicer_to_server, LedgerApi(runtime))


class LedgerApi(LedgerServiceServicer):
    """jiangheng.api.supervision.v1.LedgerService."""

    def __init__(self, runtime: LedgerRuntime) -> None:
        self._runtime = runtime

    def GetCheckpoint(
        self, request: pb.GetCheckpointRequest, context: grpc.ServicerContext
    ) -> pb.GetCheckpointResponse:
        """The latest signed checkpoint and the key it is signed with."""
        made = get_checkpoint(self._runtime)
        return pb.GetCheckpointResponse(
            checkpoint=_checkpoint(made, self._runtime.origin), public_key=self._runtime.public_key
        )

    def GetConsistencyProof(
        self, request: pb.GetConsistencyProofRequest, context: grpc.ServicerContext
    ) -> pb.GetConsistencyProofResponse:
        """That the log at one size is a prefix of the log at a later one."""
        hashes = prove_consistency(self._runtime, request.first_size, request.second_size)
        return pb.GetConsistencyProofResponse(hashes=hashes)

    def ListEntries(
        self, request: pb.ListEntriesRequest, context: grpc.ServicerContext
    ) -> pb.ListEntriesResponse:
        """A page of the entries in the caller's regions."""
        where = Circumstances(request.source, request.type, request.subject, request.actor)
        found, following = list_entries(self._runtime, _reach(), where, request.page_token, request.page_size)
        return pb.ListEntriesResponse(entries=[_entry(one) for one in found], next_page_token=following)

    def GetEvidence(
        self, request: pb.GetEvidenceRequest, context: grpc.ServicerContext
    ) -> pb.GetEvidenceResponse:
        """One entry, the latest checkpoint and the proof between them."""
        evidence = get_evidence(self._runtime, _reach(), request.event_id)
        return pb.GetEvidenceResponse(
            entry=_entry(evidence.entry),
            checkpoint=_checkpoint(evidence.checkpoint, self._runtime.origin),
            inclusion_proof=evidence.inclusion_proof,
        )


def _reach() -> Reach:
    call = current()
    return call.caller.reach(*call.policy.scopes)


def _entry(entry: StoredEntry) -> pb.Entry:
    return pb.Entry(
        index=entry.index,
        envelope=Parse(entry.envelope, Envelope()),
        salt=entry.salt,
        leaf_hash=entry.leaf_hash,
        recorded_at=_timestamp(entry.recorded_at),
    )


def _checkpoint(made: StoredCheckpoint, origin: str) -> pb.Checkpoint:
    return pb.Checkpoint(
        origin=origin, size=made.size, root=made.root, time=_timestamp(made.made_at), note=made.note
    )


def _timestamp(at: datetime) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(at)
    return moment
