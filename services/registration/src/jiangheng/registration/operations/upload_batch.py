"""UploadBatch: the reviewed applications go to the appraisal centre, with a promise (000 A1 9, 11).

The head of the institution signs for exactly the approved applications as they stand: that is the promise
that they were reviewed (双承诺, REG-066).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.canonical import canonical_json, digest
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import wrong_state
from jiangheng.registration.domain import application, deadline
from jiangheng.registration.domain.batch import Act, Batch, Document
from jiangheng.registration.domain.batch_faults import document_faults
from jiangheng.registration.domain.refusal import refuse
from jiangheng.registration.operations import pins
from jiangheng.registration.operations.decision import Signature, refuse_other
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications
from jiangheng.registration.store.steps import Step
from jiangheng.registration.wire import batches as wire
from jiangheng.rules import terms

UNDECIDED = (
    application.State.SUBMITTED,
    application.State.FURTHER_CHECK,
    application.State.SECOND_REVIEW,
)


@dataclass(frozen=True)
class SignedUpload:
    """What the head of the institution signed for."""

    documents: tuple[Document, ...]
    applications_digest: bytes
    signature: Signature

    @property
    def ground(self) -> str:
        """The content of the act, so that the same upload is known again."""
        documents = [[each.kind, each.title, each.digest.hex()] for each in self.documents]
        return digest(canonical_json([documents, self.applications_digest.hex()])).hex()


def upload_batch(
    runtime: RegistrationRuntime, caller: Caller, id: str, revision: int, signed: SignedUpload
) -> Batch:
    """Upload the batch of `revision`.

    Raises Problem INVALID if a document is missing (REG-057) or the applications are no longer those signed
    for, WRONG_STATE while applications are undecided (REG-098), when there are none, or after the term
    without leave (REG-056).
    """

    def uploaded(tx: Tx, found: Batch) -> tuple[Batch, events.BatchUploaded]:
        made = replace(found, plan=replace(found.plan, documents=signed.documents))
        refuse(document_faults(made.plan, pins.pack_of(tx, found)))
        _refuse_unready(tx, found)
        _refuse_late(runtime, tx, found)
        known = applications.approved_digest(tx, id)
        of = signed.applications_digest
        refuse_other("applications_digest", of, known, rule="REG-066", clause="000 A1 9")
        now = runtime.legal_clock.now()
        made = replace(
            made,
            digest=wire.batch_digest(id, found.credit_code, made.plan),
            uploaded=signed.signature.at(now),
        )
        return made, _fact(tx, found, signed)

    step = Step(Act.UPLOAD, id, revision, signed.ground)
    return take(runtime, caller, BATCHES, step, uploaded, states="batch.uploaded.v1")


def _refuse_unready(tx: Tx, found: Batch) -> None:
    counted = applications.counts(tx, found.id)
    undecided = sum(counted.get(state, 0) for state in UNDECIDED)
    if undecided:
        raise wrong_state(
            found.state.value,
            f"还有{undecided}份报名未审核完毕。",
            f"{undecided} applications are not decided yet",
            code="not-reviewed",
            rule="REG-098",
            clause="004 S三(一)",
            undecided=str(undecided),
        )
    if not counted.get(application.State.APPROVED, 0):
        zh, en = "没有审核通过的报名。", "no application is approved"
        raise wrong_state(found.state.value, zh, en, code="no-candidates", rule="REG-057", clause="000 A3 11")


def _refuse_late(runtime: RegistrationRuntime, tx: Tx, found: Batch) -> None:
    first = found.plan.first_start
    if found.late_reason or first is None:
        return
    clock = deadline.of("batch-report-before-exam", pins.pack_of(tx, found), first, runtime.calendar)
    if clock and clock.due and runtime.legal_clock.now() > clock.due:
        zh = f"已过上报期限（{terms.day_of(clock.due - deadline.INSTANT)}）。"
        raise wrong_state(
            found.state.value,
            zh,
            "the term for the upload is over; the authority may allow it with a reason",
            code="too-late",
            rule="REG-056",
            clause="; ".join(clock.cite),
        )


def _fact(tx: Tx, found: Batch, signed: SignedUpload) -> events.BatchUploaded:
    return events.BatchUploaded(
        batch_id=found.id,
        revision=found.revision,
        documents=wire.documents_to_wire(signed.documents),
        applications_digest=signed.applications_digest,
        signature=signed.signature.on_wire(),
        credit_code=found.credit_code,
        candidates=len(applications.approved(tx, found.id)),
    )
