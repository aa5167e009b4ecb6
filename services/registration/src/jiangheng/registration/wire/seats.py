"""Seats and arrangements on the wire, and the digest of an arrangement."""

from __future__ import annotations

from collections.abc import Iterable

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.chassis.canonical import canonical_json, digest
from jiangheng.registration.domain.seating import Arrangement, Seat
from jiangheng.registration.wire.times import timestamp


def seats_digest(seats: Iterable[Seat]) -> bytes:
    """SHA-256 over the canonical JSON of [[application, sitting, room, seat, turn], …] in their order."""
    rows = [[each.application_id, each.sitting_id, each.room_id, each.seat, each.turn] for each in seats]
    return digest(canonical_json(rows))


def arrangement_to_wire(made: Arrangement) -> pb.Arrangement:
    """The arrangement without its seats."""
    return pb.Arrangement(
        seed=made.seed, digest=made.digest, seats=made.seats, arranged_at=timestamp(made.at)
    )


def seat_to_wire(each: Seat) -> pb.Seat:
    """One seat."""
    return pb.Seat(
        application_id=each.application_id,
        sitting_id=each.sitting_id,
        room_id=each.room_id,
        seat=each.seat,
        turn=each.turn,
    )
