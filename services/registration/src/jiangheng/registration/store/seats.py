"""Arrangements of batches: seed, seats in order, the rooms they use. Insert-only; the last one holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from google.protobuf import json_format

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.application import State
from jiangheng.registration.domain.seating import Arrangement, Candidate, Seat
from jiangheng.registration.tables import application, arrangement, room_use
from jiangheng.registration.tables import seat as seats
from jiangheng.registration.wire.batches import part_from_wire

_AT_ONCE = 2000


@dataclass(frozen=True)
class RoomUse:
    """A room in a sitting, with the digest of the site's description by which it was judged."""

    sitting_id: str
    room_id: str
    site_id: str
    site_digest: bytes
    starts_at: datetime
    ends_at: datetime


def candidates(tx: Tx, batch_id: str) -> list[Candidate]:
    """The approved applications of a batch as far as seating needs to know them: nothing sealed is opened.

    One human's applications are known as his by the blind index of his number.
    """
    columns = (application.c.id, application.c.content, application.c.number_index)
    query = sa.select(*columns).where(
        application.c.batch_id == batch_id, application.c.state == State.APPROVED.value
    )
    rows = tx.execute(query.order_by(application.c.id)).all()
    several = Counter(row.number_index for row in rows)
    return [
        _candidate(row.id, row.content, row.number_index if several[row.number_index] > 1 else "")
        for row in rows
    ]


def keep(tx: Tx, made: Arrangement, seated: Sequence[Seat], uses: Iterable[RoomUse]) -> None:
    """Keep an arrangement with its seats, in their order, and its rooms."""
    of = {"batch_id": made.batch_id, "revision": made.revision}
    tx.execute(sa.insert(arrangement).values(**vars(made)))
    rows = [{**of, "number": number, **vars(each)} for number, each in enumerate(seated, start=1)]
    for first in range(0, len(rows), _AT_ONCE):
        tx.execute(sa.insert(seats), rows[first : first + _AT_ONCE])
    used = [{**of, **vars(each)} for each in uses]
    if used:
        tx.execute(sa.insert(room_use), used)


def latest(tx: Tx, batch_id: str) -> Arrangement | None:
    """The arrangement that holds; None if the batch was never seated."""
    query = sa.select(arrangement).where(arrangement.c.batch_id == batch_id)
    row = tx.execute(query.order_by(arrangement.c.revision.desc()).limit(1)).one_or_none()
    return Arrangement(**row._mapping) if row else None


def page(tx: Tx, made: Arrangement, *, after: int, limit: int) -> list[Seat]:
    """Seats of an arrangement in their order, beginning after number `after`."""
    query = sa.select(seats).where(_of(seats, made), seats.c.number > after)
    return [_seat(row) for row in tx.execute(query.order_by(seats.c.number).limit(limit))]


def by_application(tx: Tx, made: Arrangement) -> Mapping[str, Sequence[Seat]]:
    """All seats of an arrangement, by application."""
    found: dict[str, list[Seat]] = {}
    for row in tx.execute(sa.select(seats).where(_of(seats, made)).order_by(seats.c.number)):
        found.setdefault(row.application_id, []).append(_seat(row))
    return found


def uses(tx: Tx, made: Arrangement) -> list[RoomUse]:
    """The rooms of an arrangement."""
    rows = tx.execute(sa.select(room_use).where(_of(room_use, made))).mappings()
    return [RoomUse(**{name: row[name] for name in RoomUse.__dataclass_fields__}) for row in rows]


def taken_by_others(tx: Tx, batch_id: str, site_ids: Collection[str]) -> list[RoomUse]:
    """Rooms of these sites that other batches use by the arrangements that hold."""
    newer = arrangement.alias()
    last = sa.select(sa.func.max(newer.c.revision)).where(newer.c.batch_id == room_use.c.batch_id)
    query = sa.select(room_use).where(
        room_use.c.site_id.in_(sorted(site_ids)),
        room_use.c.batch_id != batch_id,
        room_use.c.revision == last.scalar_subquery(),
    )
    rows = tx.execute(query).mappings()
    return [RoomUse(**{name: row[name] for name in RoomUse.__dataclass_fields__}) for row in rows]


def _candidate(id: str, content: str, person: str) -> Candidate:
    form = json_format.Parse(content, pb.ApplicationForm(), ignore_unknown_fields=True)
    parts = frozenset(part for each in form.parts if (part := part_from_wire(each)))
    return Candidate(id, form.occupation_code, form.level, parts, person)


def _of(table: sa.Table, made: Arrangement) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.batch_id == made.batch_id, table.c.revision == made.revision)


def _seat(row: sa.Row[tuple[object, ...]]) -> Seat:
    return Seat(row.application_id, row.sitting_id, row.room_id, row.seat, row.turn)
