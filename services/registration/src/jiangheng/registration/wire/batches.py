"""Batches on the wire and in the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.chassis.canonical import digest, message_json
from jiangheng.registration.domain.batch import (
    Batch,
    BatchPlan,
    BatchScope,
    Document,
    Part,
    PinnedPack,
    Sample,
    Sitting,
    State,
)
from jiangheng.registration.wire.times import moment, timestamp
from jiangheng.rules.explanation import Explanation

STATES: Mapping[State, pb.BatchState.ValueType] = MappingProxyType(
    {
        State.DRAFT: pb.BATCH_STATE_DRAFT,
        State.SUBMITTED: pb.BATCH_STATE_SUBMITTED,
        State.RETURNED: pb.BATCH_STATE_RETURNED,
        State.CONFIRMED: pb.BATCH_STATE_CONFIRMED,
        State.UPLOADED: pb.BATCH_STATE_UPLOADED,
        State.CLEARED: pb.BATCH_STATE_CLEARED,
        State.SEATED: pb.BATCH_STATE_SEATED,
        State.TICKETED: pb.BATCH_STATE_TICKETED,
    }
)
PARTS: Mapping[Part, pb.Part.ValueType] = MappingProxyType(
    {
        Part.THEORY: pb.PART_THEORY,
        Part.SKILL: pb.PART_SKILL,
        Part.COMPREHENSIVE: pb.PART_COMPREHENSIVE,
    }
)
_PART_OF = {wire: part for part, wire in PARTS.items()}
_STATE_OF = {wire: state for state, wire in STATES.items()}


def state_from_wire(state: pb.BatchState.ValueType) -> State | None:
    """None for a state this service does not know."""
    return _STATE_OF.get(state)


def part_from_wire(part: pb.Part.ValueType) -> Part | None:
    """None for a part this service does not know."""
    return _PART_OF.get(part)


def part_to_wire(part: Part | None) -> pb.Part.ValueType:
    """UNSPECIFIED for None."""
    return PARTS[part] if part else pb.PART_UNSPECIFIED


def plan_from_wire(message: pb.BatchPlan) -> BatchPlan:
    """The plan as the domain sees it, faults and all."""
    return BatchPlan(
        name=message.name,
        year=message.year,
        number=message.number,
        pack_id=message.pack_id,
        scopes=tuple(_scope_from_wire(scope) for scope in message.scopes),
        registration_opens=message.registration_opens,
        registration_closes=message.registration_closes,
        review_closes=message.review_closes,
        sittings=tuple(_sitting_from_wire(sitting) for sitting in message.sittings),
        documents=documents_from_wire(message.documents),
    )


def plan_to_wire(plan: BatchPlan) -> pb.BatchPlan:
    """The plan as it was handed in."""
    return pb.BatchPlan(
        name=plan.name,
        year=plan.year,
        number=plan.number,
        pack_id=plan.pack_id,
        scopes=[_scope_to_wire(scope) for scope in plan.scopes],
        registration_opens=plan.registration_opens,
        registration_closes=plan.registration_closes,
        review_closes=plan.review_closes,
        sittings=[_sitting_to_wire(sitting) for sitting in plan.sittings],
        documents=documents_to_wire(plan.documents),
    )


def documents_from_wire(messages: Iterable[pb.BatchDocument]) -> tuple[Document, ...]:
    """Documents as the domain sees them."""
    return tuple(Document(each.kind, each.title, each.digest) for each in messages)


def documents_to_wire(documents: Iterable[Document]) -> list[pb.BatchDocument]:
    """Documents as they were handed in."""
    return [pb.BatchDocument(kind=each.kind, title=each.title, digest=each.digest) for each in documents]


def batch_digest(id: str, credit_code: str, plan: BatchPlan) -> bytes:
    """SHA-256 over the canonical JSON of {batch_id, credit_code, plan}, 32 bytes."""
    content = pb.Batch(batch_id=id, credit_code=credit_code, plan=plan_to_wire(plan))
    return digest(message_json(content))


def batch_to_wire(
    found: Batch, samples: Iterable[Sample] = (), warnings: Iterable[Explanation] = ()
) -> pb.Batch:
    """The whole batch."""
    message = pb.Batch(
        batch_id=found.id,
        credit_code=found.credit_code,
        plan=plan_to_wire(found.plan),
        state=STATES[found.state],
        revision=found.revision,
        digest=found.digest,
        return_reason=found.return_reason,
        pack=pack_to_wire(found.pack) if found.pack else None,
        test=found.test,
        samples=[sample_to_wire(sample) for sample in samples],
        warnings=[warning_to_wire(why) for why in warnings],
        late_reason=found.late_reason,
    )
    moments = {
        "confirmed_at": found.confirmed.at if found.confirmed else None,
        "uploaded_at": found.uploaded.at if found.uploaded else None,
        "cleared_at": found.cleared_at,
    }
    for field, at in moments.items():
        if at:
            getattr(message, field).CopyFrom(timestamp(at))
    return message


def warning_to_wire(why: Explanation) -> pb.Warning:
    """Something a rule warns of."""
    return pb.Warning(zh=why.zh, en=why.en, rule=why.rule, clause=why.clause)


def pack_to_wire(pack: PinnedPack) -> pb.PackReference:
    """The rules a batch is bound to."""
    return pb.PackReference(id=pack.id, version=pack.version, digest=pack.digest, status=pack.status)


def sample_to_wire(sample: Sample) -> pb.Sample:
    """A sample that was drawn."""
    return pb.Sample(seed=sample.seed, application_ids=sample.application_ids, drawn_at=timestamp(sample.at))


def _scope_from_wire(message: pb.BatchScope) -> BatchScope:
    parts = tuple(part_from_wire(part) for part in message.parts)
    return BatchScope(message.occupation_code, message.level, parts)


def _scope_to_wire(scope: BatchScope) -> pb.BatchScope:
    parts = [part_to_wire(part) for part in scope.parts]
    return pb.BatchScope(occupation_code=scope.occupation_code, level=scope.level, parts=parts)


def _sitting_from_wire(message: pb.Sitting) -> Sitting:
    return Sitting(
        message.sitting_id,
        part_from_wire(message.part),
        message.site_id,
        moment(message, "starts_at"),
        moment(message, "ends_at"),
        message.turn_minutes,
    )


def _sitting_to_wire(sitting: Sitting) -> pb.Sitting:
    return pb.Sitting(
        sitting_id=sitting.sitting_id,
        part=part_to_wire(sitting.part),
        site_id=sitting.site_id,
        starts_at=timestamp(sitting.starts_at) if sitting.starts_at else None,
        ends_at=timestamp(sitting.ends_at) if sitting.ends_at else None,
        turn_minutes=sitting.turn_minutes,
    )
