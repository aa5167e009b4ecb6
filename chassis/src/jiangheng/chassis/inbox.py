"""The inbox: whatever the bus or the feed delivers, and however often, takes effect once and in order.

Per consumer and event there is one row, written in the transaction of the effects. Where order matters, an
event whose predecessor (by version of its subject) has not come is parked in the database and applied in the
transaction that applies its predecessor.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum

import sqlalchemy as sa

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis.db import Tx, insert_if_absent, retryable
from jiangheng.chassis.envelope import envelope_from_json, envelope_json, noun_of
from jiangheng.chassis.errors import invalid
from jiangheng.chassis.schema import CHASSIS
from jiangheng.chassis.telemetry import get_logger

Handle = Callable[[Tx, Envelope], None]

_WAITS_FOR_NOTHING = 0
_INBOX, _SUBJECT, _PARKED = CHASSIS.inbox, CHASSIS.inbox_subject, CHASSIS.parked
_SUBJECT_KEY = ("consumer", "source", "noun", "subject")
_log = get_logger(__name__)


class Outcome(Enum):
    """What became of an event that was received."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    PARKED = "parked"


def receive(
    tx: Tx, consumer: str, envelope: Envelope, handle: Handle, *, ordered: bool, at: datetime
) -> Outcome:
    """Let `handle` take effect for this event unless it has before; all within the caller's transaction.

    When `ordered`, the facts about one subject are applied by version, without a gap. `at` is the machine's
    time. Raises whatever `handle` raises, and a Problem of kind INVALID for an event that contradicts one
    applied before; the caller must then roll back.
    """
    if not ordered:
        return _apply_unordered(tx, consumer, envelope, handle, at)
    last = _last_version(tx, consumer, envelope)
    if envelope.version <= last:
        return _duplicate(tx, consumer, envelope)
    if envelope.version > last + 1:
        park(tx, consumer, envelope, ordered=True, at=at)
        return Outcome.PARKED
    if not _apply_next(tx, consumer, envelope, handle, at):
        raise _contradiction(envelope)
    _drain(tx, consumer, envelope, handle, at)
    return Outcome.APPLIED


def park(tx: Tx, consumer: str, envelope: Envelope, *, ordered: bool, at: datetime) -> None:
    """Keep an event that cannot be applied yet; parked again it is kept once."""
    values = {
        **_subject_of(consumer, envelope),
        "event_id": envelope.id,
        "version": envelope.version if ordered else _WAITS_FOR_NOTHING,
        "envelope": envelope_json(envelope),
        "parked_at": at,
    }
    insert_if_absent(tx, _PARKED, values)


def ready(tx: Tx, consumer: str, source: str, limit: int = 100) -> list[Envelope]:
    """Parked events that nothing holds back but that they failed before; receive them again."""
    subject = sa.and_(*(_PARKED.c[name] == _SUBJECT.c[name] for name in _SUBJECT_KEY))
    query = (
        sa.select(_PARKED.c.envelope)
        .select_from(_PARKED.outerjoin(_SUBJECT, subject))
        .where(_PARKED.c.consumer == consumer, _PARKED.c.source == source)
        .where(_PARKED.c.version <= sa.func.coalesce(_SUBJECT.c.version, 0) + 1)
        .order_by(_PARKED.c.parked_at, _PARKED.c.event_id)
        .limit(limit)
    )
    return [envelope_from_json(text) for text in tx.execute(query).scalars()]


def _apply_unordered(tx: Tx, consumer: str, envelope: Envelope, handle: Handle, at: datetime) -> Outcome:
    if not _enter(tx, consumer, envelope, at):
        return Outcome.DUPLICATE
    handle(tx, envelope)
    _unpark(tx, consumer, envelope)
    return Outcome.APPLIED


def _apply_next(tx: Tx, consumer: str, envelope: Envelope, handle: Handle, at: datetime) -> bool:
    """Apply the event whose turn it is; False if this very event was applied under another version."""
    if not _enter(tx, consumer, envelope, at):
        return False
    handle(tx, envelope)
    step = sa.update(_SUBJECT).where(*_is_subject(_SUBJECT, consumer, envelope))
    tx.execute(step.values(version=envelope.version))
    return True


def _drain(tx: Tx, consumer: str, applied: Envelope, handle: Handle, at: datetime) -> None:
    """Apply the parked successors of an event that was just applied, up to the first gap or failure."""
    last = applied.version
    query = sa.select(_PARKED.c.envelope).where(*_is_subject(_PARKED, consumer, applied))
    for text in tx.execute(query.order_by(_PARKED.c.version)).scalars().all():
        successor = envelope_from_json(text)
        if successor.version <= last:
            _unpark(tx, consumer, applied)  # it was parked itself, when it failed before
        elif successor.version == last + 1 and _try_next(tx, consumer, successor, handle, at):
            last = successor.version
        else:
            return


def _try_next(tx: Tx, consumer: str, envelope: Envelope, handle: Handle, at: datetime) -> bool:
    """Apply a parked event in a savepoint: one that fails stays parked and must not undo its predecessor."""
    try:
        with tx.begin_nested():
            applied = _apply_next(tx, consumer, envelope, handle, at)
            _unpark(tx, consumer, envelope)
            return applied
    except Exception as error:
        if retryable(error):
            raise
        _log.error("parked event failed", consumer=consumer, event_id=envelope.id, error=type(error).__name__)
        return False


def _duplicate(tx: Tx, consumer: str, envelope: Envelope) -> Outcome:
    """An event of a version that was applied: the same one again, or one that contradicts it."""
    known = sa.select(_INBOX.c.event_id).where(*_is_event(_INBOX, consumer, envelope))
    if tx.execute(known).first() is None:
        raise _contradiction(envelope)
    return Outcome.DUPLICATE


def _last_version(tx: Tx, consumer: str, envelope: Envelope) -> int:
    """The version last applied, 0 if none; other transactions about this subject wait from here on.

    Without that lock an event could be parked while its predecessor is being committed: nobody would wake it.
    """
    where = _is_subject(_SUBJECT, consumer, envelope)
    query = sa.select(_SUBJECT.c.version).where(*where).with_for_update()
    found = tx.execute(query).scalar_one_or_none()
    if found is not None:
        return int(found)
    insert_if_absent(tx, _SUBJECT, {**_subject_of(consumer, envelope), "version": 0})
    return int(tx.execute(query).scalar_one())


def _enter(tx: Tx, consumer: str, envelope: Envelope, at: datetime) -> bool:
    """Write the inbox row: the one thing that makes a second delivery a duplicate."""
    return insert_if_absent(tx, _INBOX, {"consumer": consumer, "event_id": envelope.id, "received_at": at})


def _unpark(tx: Tx, consumer: str, envelope: Envelope) -> None:
    tx.execute(sa.delete(_PARKED).where(*_is_event(_PARKED, consumer, envelope)))


def _is_event(table: sa.Table, consumer: str, envelope: Envelope) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.consumer == consumer, table.c.event_id == envelope.id


def _is_subject(table: sa.Table, consumer: str, envelope: Envelope) -> tuple[sa.ColumnElement[bool], ...]:
    return tuple(table.c[name] == value for name, value in _subject_of(consumer, envelope).items())


def _subject_of(consumer: str, envelope: Envelope) -> dict[str, str]:
    return {
        "consumer": consumer,
        "source": envelope.source,
        "noun": noun_of(envelope),
        "subject": envelope.subject,
    }


def _contradiction(envelope: Envelope) -> Exception:
    return invalid(
        "version",
        "该对象的这一版本已由另一事件占用",
        "another event holds this version of the subject",
        code="contradicting-event",
        event_id=envelope.id,
    )
