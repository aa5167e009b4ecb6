"""Annual plans on the wire and in the domain."""

from __future__ import annotations

from collections.abc import Iterable

from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.chassis.canonical import digest, message_json
from jiangheng.registration.domain.plan import Plan, PlanLine, State
from jiangheng.registration.wire.times import timestamp

STATES = {
    State.DRAFT: pb.PLAN_STATE_DRAFT,
    State.SUBMITTED: pb.PLAN_STATE_SUBMITTED,
    State.RETURNED: pb.PLAN_STATE_RETURNED,
    State.CONFIRMED: pb.PLAN_STATE_CONFIRMED,
}


def lines_from_wire(messages: Iterable[pb.PlanLine]) -> tuple[PlanLine, ...]:
    """The lines as the domain sees them, faults and all."""
    return tuple(
        PlanLine(line.occupation_code, line.level, line.candidates, line.exam_date, line.place)
        for line in messages
    )


def content_to_wire(credit_code: str, year: int, lines: Iterable[PlanLine]) -> pb.Plan:
    """The message whose canonical JSON is what an officer signs for by its digest."""
    made = [
        pb.PlanLine(
            occupation_code=line.occupation_code,
            level=line.level,
            candidates=line.candidates,
            exam_date=line.exam_date,
            place=line.place,
        )
        for line in lines
    ]
    return pb.Plan(credit_code=credit_code, year=year, lines=made)


def plan_digest(credit_code: str, year: int, lines: Iterable[PlanLine]) -> bytes:
    """SHA-256 over the canonical JSON of {credit_code, year, lines}, 32 bytes."""
    return digest(message_json(content_to_wire(credit_code, year, lines)))


def plan_to_wire(found: Plan) -> pb.Plan:
    """The whole plan."""
    message = content_to_wire(found.credit_code, found.year, found.lines)
    message.state = STATES[found.state]
    message.revision = found.revision
    message.digest = found.digest
    message.return_reason = found.return_reason
    if found.confirmed:
        message.confirmed_at.CopyFrom(timestamp(found.confirmed.at))
    return message
