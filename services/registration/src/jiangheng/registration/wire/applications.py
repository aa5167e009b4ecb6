"""The wire's applications, reviews and findings and the domain's, each made from the other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.chassis.canonical import canonical_json
from jiangheng.registration.domain.application import (
    Application,
    Finding,
    Review,
    ReviewItem,
    State,
    TriedCondition,
    Verdict,
)
from jiangheng.registration.domain.form import ApplicationForm
from jiangheng.registration.wire.forms import form_to_wire

STATES: Mapping[State, pb.ApplicationState.ValueType] = MappingProxyType(
    {
        State.DRAFT: pb.APPLICATION_STATE_DRAFT,
        State.SUBMITTED: pb.APPLICATION_STATE_SUBMITTED,
        State.FURTHER_CHECK: pb.APPLICATION_STATE_FURTHER_CHECK,
        State.SECOND_REVIEW: pb.APPLICATION_STATE_SECOND_REVIEW,
        State.APPROVED: pb.APPLICATION_STATE_APPROVED,
        State.REFUSED: pb.APPLICATION_STATE_REFUSED,
        State.WITHDRAWN: pb.APPLICATION_STATE_WITHDRAWN,
        State.RETURNED: pb.APPLICATION_STATE_RETURNED,
        State.EXCLUDED: pb.APPLICATION_STATE_EXCLUDED,
    }
)
_VERDICTS: Mapping[Verdict, pb.Verdict.ValueType] = MappingProxyType(
    {
        Verdict.APPROVE: pb.VERDICT_APPROVE,
        Verdict.REFUSE: pb.VERDICT_REFUSE,
        Verdict.FURTHER_CHECK: pb.VERDICT_FURTHER_CHECK,
    }
)
_STATE_OF = {wire: state for state, wire in STATES.items()}
_VERDICT_OF = {wire: verdict for verdict, wire in _VERDICTS.items()}


def state_from_wire(state: pb.ApplicationState.ValueType) -> State | None:
    """None for a state this service does not know."""
    return _STATE_OF.get(state)


def verdict_from_wire(verdict: pb.Verdict.ValueType) -> Verdict | None:
    """None for a verdict this service does not know."""
    return _VERDICT_OF.get(verdict)


def application_digest(salt: bytes, id: str, batch_id: str, form: ApplicationForm) -> bytes:
    """SHA-256 over the salt and the canonical JSON of {application_id, batch_id, form}, 32 bytes."""
    content = {"application_id": id, "batch_id": batch_id, "form": _plain(form_to_wire(form))}
    return hashlib.sha256(salt + canonical_json(content)).digest()


def items_from_wire(messages: Sequence[pb.ReviewItem]) -> tuple[ReviewItem, ...]:
    """What was found, matter by matter."""
    return tuple(ReviewItem(each.kind, each.passed, each.source) for each in messages)


def items_to_wire(items: Sequence[ReviewItem]) -> list[pb.ReviewItem]:
    """The same on the wire."""
    return [pb.ReviewItem(kind=each.kind, passed=each.passed, source=each.source) for each in items]


def finding_to_wire(finding: Finding) -> pb.Finding:
    """What the rules say."""
    tried = [
        pb.TriedCondition(condition=each.condition, met=each.met, clause=each.clause, zh=each.zh, en=each.en)
        for each in finding.tried
    ]
    from_day = finding.from_day.isoformat() if finding.from_day else ""
    return pb.Finding(eligible=finding.eligible, from_day=from_day, tried=tried)


def finding_from_wire(message: pb.Finding) -> Finding:
    """What the rules said, as it was kept."""
    tried = (
        TriedCondition(each.condition, each.met, each.clause, tuple(each.zh), tuple(each.en))
        for each in message.tried
    )
    from_day = date.fromisoformat(message.from_day) if message.from_day else None
    return Finding(message.eligible, from_day, tuple(tried))


def review_to_wire(review: Review) -> pb.Review:
    """One review."""
    message = pb.Review(
        verdict=_VERDICTS[review.verdict],
        reviewer=review.reviewer,
        items=items_to_wire(review.items),
        note=review.note,
        against_finding=review.against_finding,
        finding=finding_to_wire(review.finding),
        revision=review.revision,
    )
    message.at.CopyFrom(_timestamp(review))
    return message


def application_to_wire(
    found: Application, finding: Finding, reviews: Sequence[Review], *, masked: bool
) -> pb.Application:
    """Everything a reader may see; who may see less is given less before (operations/application_view.py)."""
    return pb.Application(
        application_id=found.id,
        batch_id=found.batch_id,
        form=form_to_wire(found.form),
        state=STATES[found.state],
        revision=found.revision,
        digest=found.digest,
        finding=finding_to_wire(finding),
        reviews=[review_to_wire(review) for review in reviews],
        return_reason=found.return_reason,
        masked=masked,
        withdrawal_reason=found.withdrawal_reason,
    )


def _timestamp(review: Review) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(review.at)
    return stamp


def _plain(message: pb.ApplicationForm) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)
