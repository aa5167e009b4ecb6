"""Admission tickets, and who handed them out. What they say is sealed; all of it is insert-only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jiangheng.chassis.db import Tx, insert_if_absent
from jiangheng.chassis.privacy import FieldCipher
from jiangheng.registration.tables import ticket as tickets
from jiangheng.registration.tables import ticket_handout as handouts
from jiangheng.registration.tables import ticket_serial

_AT_ONCE = 1000


@dataclass(frozen=True)
class Issued:
    """A ticket as it is kept; `content` is what it says, as canonical JSON, frozen."""

    application_id: str
    batch_id: str
    number: str
    content: bytes
    issued_at: datetime


@dataclass(frozen=True)
class Handout:
    """One time that a ticket was handed out: the `number`th, from the second on with a reason."""

    application_id: str
    number: int
    person: str
    reason: str
    pdf_digest: bytes
    maker: str
    at: datetime


def next_batch(tx: Tx, year: int, province: str) -> int:
    """The number of the next batch with tickets of the province in the year, from 1 and without a gap."""
    of = {"year": year, "province": province}
    insert_if_absent(tx, ticket_serial, {**of, "last": 0})
    counter = sa.update(ticket_serial).where(
        ticket_serial.c.year == year, ticket_serial.c.province == province
    )
    counted = counter.values(last=ticket_serial.c.last + 1).returning(ticket_serial.c.last)
    return int(tx.execute(counted).scalar_one())


def keep(tx: Tx, cipher: FieldCipher, fresh: Iterable[Issued]) -> None:
    """Keep new tickets."""
    rows = [
        {
            "application_id": each.application_id,
            "batch_id": each.batch_id,
            "number": each.number,
            "content": cipher.seal(each.content.decode(), _content(each.application_id)),
            "issued_at": each.issued_at,
        }
        for each in fresh
    ]
    for first in range(0, len(rows), _AT_ONCE):
        tx.execute(sa.insert(tickets), rows[first : first + _AT_ONCE])


def find(tx: Tx, cipher: FieldCipher, application_id: str) -> Issued | None:
    """The ticket of an application, None if there is none."""
    query = sa.select(tickets).where(tickets.c.application_id == application_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    content = cipher.open(row.content, _content(application_id)).encode()
    return Issued(row.application_id, row.batch_id, row.number, content, row.issued_at)


def issued(tx: Tx, batch_id: str) -> tuple[int, datetime | None]:
    """How many tickets a batch has, and when they were issued."""
    query = sa.select(sa.func.count(), sa.func.min(tickets.c.issued_at)).where(tickets.c.batch_id == batch_id)
    number, at = tx.execute(query).one()
    return number, at


def last_handout(tx: Tx, cipher: FieldCipher, application_id: str) -> Handout | None:
    """The last time that the ticket was handed out, None if it never was."""
    query = sa.select(handouts).where(handouts.c.application_id == application_id)
    row = tx.execute(query.order_by(handouts.c.number.desc()).limit(1)).mappings().one_or_none()
    if row is None:
        return None
    reason = cipher.open(row["reason"], _reason(application_id, row["number"]))
    return Handout(**{**row, "reason": reason})


def hand_out(tx: Tx, cipher: FieldCipher, made: Handout) -> bool:
    """Keep that it was handed out; False if another was quicker."""
    sealed = cipher.seal(made.reason, _reason(made.application_id, made.number))
    return insert_if_absent(tx, handouts, {**vars(made), "reason": sealed})


def _content(application_id: str) -> bytes:
    # A sealed value copied into another application's row does not open there.
    return b"registration.ticket.content:" + application_id.encode()


def _reason(application_id: str, number: int) -> bytes:
    return f"registration.ticket_handout.reason:{application_id}:{number}".encode()
