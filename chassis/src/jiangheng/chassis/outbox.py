"""The outbox: facts are stated in the transaction that makes them true, and leave the service later.

A row is never deleted and its content never changes: the outbox is also the feed (feed.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from google.protobuf.message import Message
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from jiangheng.chassis.canonical import message_json
from jiangheng.chassis.db import Tx
from jiangheng.chassis.envelope import FORMS
from jiangheng.chassis.schema import CHASSIS

MAX_DATA_BYTES = 256 * 1024


@dataclass(frozen=True)
class Fact:
    """Something that has become true.

    `type` is "<noun>.<verb>.v<major>" and names the message in the event registry; `subject` is the object
    it is about; `region` its province or a finer division (GB/T 2260 prefix), "00" where none applies;
    `stream` the feed it belongs to.
    """

    type: str
    subject: str
    message: Message
    region: str = "00"
    stream: str = "main"

    def __post_init__(self) -> None:
        for name in ("type", "subject", "region", "stream"):
            _check(name, getattr(self, name))

    @property
    def noun(self) -> str:
        """The kind of object the fact is about; versions count per noun and subject."""
        return self.type.split(".")[0]


def append(tx: Tx, fact: Fact, *, actor: str, at: datetime) -> str:
    """State a fact as part of the transaction; give the event's id.

    `actor` is "person:<id>", "service:<name>" or "system". The version counts the facts about the subject
    from 1 without a gap: transactions that state facts about one subject wait for each other.
    """
    _check("actor", actor)
    data = message_json(fact.message)
    if len(data) > MAX_DATA_BYTES:
        raise ValueError(f"a fact of {len(data)} bytes is too large for the bus")
    event_id = str(uuid4())
    row = {
        "event_id": event_id,
        "noun": fact.noun,
        "type": fact.type,
        "subject": fact.subject,
        "version": _next_version(tx, fact),
        "region": fact.region,
        "stream": fact.stream,
        "occurred_at": at,
        "actor": actor,
        "data": data.decode(),
    }
    tx.execute(sa.insert(CHASSIS.outbox), row)
    return event_id


def _check(name: str, value: str) -> None:
    """What is stated once is kept for good: receivers could never take an event that breaks their forms."""
    if not FORMS[name].fullmatch(value):
        raise ValueError(f"the {name} of a fact does not have its form")


def _next_version(tx: Tx, fact: Fact) -> int:
    first = {"noun": fact.noun, "subject": fact.subject, "version": 1}
    return int(tx.execute(_count_on(tx.dialect.name), first).scalar_one())


@cache
def _count_on(dialect: str) -> ReturningInsert[Any]:
    """Built once: most of the time of so small a statement goes into building it."""
    table = CHASSIS.subject_version
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    counted = insert(table).on_conflict_do_update(
        index_elements=[table.c.noun, table.c.subject], set_={"version": table.c.version + 1}
    )
    return counted.returning(table.c.version)
