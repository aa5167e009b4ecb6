"""The inbox: whatever the bus or the feed delivers, and however often, takes effect once and in order.

Per consumer and event there is one row, written in the transaction of the effects. Where order matters, an
event whose predecessor (by version of its subject) has not come is parked in the database and applied in the
transaction that applies its predecessor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum

import sqlalchemy as sa

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis.db import Tx, insert_if_absent, retryable
from jiangheng.chassis.envelope import envelope_from_json, envelope_json, noun_of
from jiangheng.chassis.errors import Problem, invalid
from jiangheng.chassis.incidents import describe
from jiangheng.chassis.schema import CHASSIS
from jiangheng.chassis.telemetry import get_logger

Handle = Callable[[Tx, Envelope], None]

_WAITS_FOR_NOTHING = 0
_INBOX, _SUBJECT, _PARKED = CHASSIS.inbox, CHASSIS.inbox_subject, CHASSIS.parked
_SUBJECT_KEY = ("consumer", "source", "noun", "subject")
_log = get_logger(__name__)


def _where(table: sa.Table, *names: str) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == sa.bindparam(f"its_{name}") for name in names))


# Built once: building a statement costs more than running it, and these run for every event.
_ADVANCE = (
    sa.update(_SUBJECT)
    .where(_where(_SUBJECT, *_SUBJECT_KEY), _SUBJECT.c.version == sa.bindparam("its_version") - 1)
    .values(version=sa.bindparam("its_version"))
)
_LAST = sa.select(_SUBJECT.c.version).where(_where(_SUBJECT, *_SUBJECT_KEY)).with_for_update()
_WAITING = sa.select(_PARKED.c.envelope).where(_where(_PARKED, *_SUBJECT_KEY)).order_by(_PARKED.c.version)
_UNPARK = sa.delete(_PARKED).where(_where(_PARKED, "consumer", "event_id"))
_READY = (
    sa.select(_PARKED.c.envelope)
    .outerjoin(_SUBJECT, sa.and_(*(_PARKED.c[name] == _SUBJECT.c[name] for name in _SUBJECT_KEY)))
    .where(_where(_PARKED, "consumer", "source"))
    .where(_PARKED.c.version <= sa.func.coalesce(_SUBJECT.c.version, 0) + 1)
    .order_by(_PARKED.c.parked_at, _PARKED.c.event_id)
    .limit(sa.bindparam("limit"))
)


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
    if ordered and not _advance(tx, consumer, envelope):
        return _out_of_turn(tx, consumer, envelope, handle, at)
    if not _enter(tx, consumer, envelope, at):
        return _entered_before(envelope, ordered)
    handle(tx, envelope)
    if ordered:
        _drain(tx, consumer, envelope, handle, at)
    else:
        _unpark(tx, consumer, envelope)
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
    found = tx.execute(_READY, {"its_consumer": consumer, "its_source": source, "limit": limit})
    return [envelope_from_json(text) for text in found.scalars()]


def known(tx: Tx, consumer: str, event_ids: Sequence[str]) -> set[str]:
    """Which of these events have taken effect."""
    query = sa.select(_INBOX.c.event_id).where(_INBOX.c.consumer == consumer)
    return set(tx.execute(query.where(_INBOX.c.event_id.in_(event_ids))).scalars())


def _advance(tx: Tx, consumer: str, envelope: Envelope) -> bool:
    """Count the event as its subject's last, if it is the next; others of the subject wait from here on."""
    subject = _subject_of(consumer, envelope)
    if envelope.version == 1 and insert_if_absent(tx, _SUBJECT, {**subject, "version": 1}):
        return True
    return tx.execute(_ADVANCE, {**_its(subject), "its_version": envelope.version}).rowcount == 1


def _enter(tx: Tx, consumer: str, envelope: Envelope, at: datetime) -> bool:
    """Write the inbox row: the one thing that makes a second delivery a duplicate."""
    return insert_if_absent(tx, _INBOX, {"consumer": consumer, "event_id": envelope.id, "received_at": at})


def _entered_before(envelope: Envelope, ordered: bool) -> Outcome:
    """The inbox knows this event; where order matters, it then cannot be the next of its subject."""
    if ordered:
        raise _contradiction(envelope)
    return Outcome.DUPLICATE


def _out_of_turn(tx: Tx, consumer: str, envelope: Envelope, handle: Handle, at: datetime) -> Outcome:
    last = _last_version(tx, consumer, envelope)
    if envelope.version > last + 1:
        park(tx, consumer, envelope, ordered=True, at=at)
        return Outcome.PARKED
    if envelope.version == last + 1:  # its predecessor was committed since we looked
        return receive(tx, consumer, envelope, handle, ordered=True, at=at)
    if envelope.id not in known(tx, consumer, [envelope.id]):
        raise _contradiction(envelope)
    return Outcome.DUPLICATE


def _last_version(tx: Tx, consumer: str, envelope: Envelope) -> int:
    """The version last applied, 0 if none; other transactions about this subject wait from here on.

    Without that lock an event could be parked while its predecessor is being committed: nobody would wake it.
    """
    subject = _subject_of(consumer, envelope)
    insert_if_absent(tx, _SUBJECT, {**subject, "version": 0})
    return int(tx.execute(_LAST, _its(subject)).scalar_one())


def _drain(tx: Tx, consumer: str, applied: Envelope, handle: Handle, at: datetime) -> None:
    """Apply the parked successors of an event that was just applied, up to the first gap or failure."""
    last = applied.version
    for text in tx.execute(_WAITING, _its(_subject_of(consumer, applied))).scalars().all():
        waiting = envelope_from_json(text)
        if waiting.version <= last:
            _unpark(tx, consumer, applied)  # it was parked itself, when it failed before
        elif waiting.version == last + 1 and _try_next(tx, consumer, waiting, handle, at):
            last = waiting.version
        else:
            return


def _try_next(tx: Tx, consumer: str, envelope: Envelope, handle: Handle, at: datetime) -> bool:
    """Apply a parked event in a savepoint: one that fails stays parked and must not undo its predecessor."""
    try:
        with tx.begin_nested():
            if not (_advance(tx, consumer, envelope) and _enter(tx, consumer, envelope, at)):
                raise _contradiction(envelope)
            handle(tx, envelope)
            _unpark(tx, consumer, envelope)
    except Exception as error:
        if retryable(error):
            raise
        _log.error("parked event failed", consumer=consumer, event_id=envelope.id, **describe(error))
        return False
    return True


def _unpark(tx: Tx, consumer: str, envelope: Envelope) -> None:
    tx.execute(_UNPARK, _its({"consumer": consumer, "event_id": envelope.id}))


def _subject_of(consumer: str, envelope: Envelope) -> dict[str, str]:
    return {
        "consumer": consumer,
        "source": envelope.source,
        "noun": noun_of(envelope),
        "subject": envelope.subject,
    }


def _its(key: dict[str, str]) -> dict[str, object]:
    return {f"its_{name}": value for name, value in key.items()}


def _contradiction(envelope: Envelope) -> Problem:
    return invalid(
        "version",
        "该对象的这一版本已由另一事件占用",
        "another event holds this version of the subject",
        code="contradicting-event",
        event_id=envelope.id,
    )
