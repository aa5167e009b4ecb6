"""Asks the ledger over gRPC for what evidence.py checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jiangheng.api.supervision.v1 import ledger_pb2 as pb
from jiangheng.api.supervision.v1.ledger_pb2_grpc import LedgerServiceStub
from jiangheng.chassis.client import Token, channel, invoke
from jiangheng.supervision.domain.ledger import Circumstances
from jiangheng.supervision.evidence import (
    KEY_ACTIVATED,
    Bundle,
    Kept,
    LedgerKey,
    Linked,
    open_checkpoint,
    signed_act,
)

_SERVICE = pb.DESCRIPTOR.services_by_name["LedgerService"]


class LedgerReader:
    """The ledger at "host:port", read with one person's token; every call raises Problem."""

    def __init__(self, target: str, token: Token, ca: Path | None = None) -> None:
        self._channel = channel(target, [_SERVICE], ca=ca)
        self._stub = LedgerServiceStub(self._channel)
        self._token = token

    def __enter__(self) -> LedgerReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()

    def checkpoint(self) -> pb.GetCheckpointResponse:
        """The latest checkpoint and the key the service says it is signed with."""
        return invoke(self._stub.GetCheckpoint, pb.GetCheckpointRequest())

    def consistency(self, first: int, second: int) -> tuple[bytes, ...]:
        """The proof that the log at size `first` is a prefix of that at `second`; 1 <= first <= second."""
        request = pb.GetConsistencyProofRequest(first_size=first, second_size=second)
        return tuple(invoke(self._stub.GetConsistencyProof, request).hashes)

    def entries(self, where: Circumstances, page_size: int = 0) -> Iterator[pb.Entry]:
        """The entries of these circumstances that the token may read, in order, page after page."""
        request = pb.ListEntriesRequest(
            source=where.source,
            type=where.type,
            subject=where.subject,
            actor=where.actor,
            page_size=page_size,
        )
        while True:
            answer = invoke(self._stub.ListEntries, request, token=self._token)
            yield from answer.entries
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token

    def bundle(self, event_id: str) -> Bundle:
        """The evidence of a fact; for a signed act with that of the person's key if the token reaches it."""
        evidence = self._evidence(event_id)
        signature = signed_act(evidence.entry.envelope)
        if signature is None:
            return Bundle(evidence)
        key = next(self.entries(Circumstances("identity", KEY_ACTIVATED, signature.key_id), 1), None)
        if key is None:
            return Bundle(evidence)
        linked = self._evidence(key.envelope.id)
        # Asked for again, so that its checkpoint is not the earlier of the two.
        evidence = self._evidence(event_id)
        proof = self.consistency(linked.checkpoint.size, evidence.checkpoint.size)
        return Bundle(evidence, Linked(linked, proof))

    def kept(self, note: str, key: LedgerKey, bundle: Bundle) -> Kept:
        """A checkpoint that the reader kept, with the proof from it to the evidence's; raises DoesNotHold."""
        first, second = open_checkpoint(note, key).size, bundle.evidence.checkpoint.size
        return Kept(note, self.consistency(first, second) if 1 <= first <= second else ())

    def _evidence(self, event_id: str) -> pb.GetEvidenceResponse:
        return invoke(self._stub.GetEvidence, pb.GetEvidenceRequest(event_id=event_id), token=self._token)
