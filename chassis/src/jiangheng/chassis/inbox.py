"""The inbox: whatever the bus or the feed delivers, and however often, takes effect once and in order.

Per consumer and event there is one row, written in the transaction of the effects. Where order matters, an
event whose predecessor (by version of its subject) has not come is parked in the database and applied in the
transaction that applies its predecessor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
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
Subject = tuple[str, str, str]

_WAITS_FOR_NOTHING = 0
_INBOX, _SUBJECT, _PARKED = CHASSIS.inbox, CHASSIS.inbox_subject, CHASSIS.parked
_SUBJECT_KEY = ("source", "noun", "subject")
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
    return receive_all(tx, consumer, [envelope], handle, ordered=ordered, at=at)[0]


def receive_all(
    tx: Tx, consumer: str, envelopes: Sequence[Envelope], handle: Handle, *, ordered: bool, at: datetime
) -> list[Outcome]:
    """Receive several events in order, in one transaction: what the inbox says is read and written once."""
    reception = _Reception(tx, consumer, handle, at)
    reception.open(envelopes, ordered=ordered)
    take = reception.take_in_turn if ordered else reception.take
    outcomes = [take(envelope) for envelope in envelopes]
    reception.close()
    return outcomes


def park(tx: Tx, consumer: str, envelope: Envelope, *, ordered: bool, at: datetime) -> None:
    """Keep an event that cannot be applied yet; parked again it is kept once."""
    insert_if_absent(tx, _PARKED, _parked_row(consumer, envelope, ordered=ordered, at=at))


def ready(tx: Tx, consumer: str, source: str, limit: int = 100) -> list[Envelope]:
    """Parked events that nothing holds back but that they failed before; receive them again."""
    same = sa.and_(*(_PARKED.c[name] == _SUBJECT.c[name] for name in ("consumer", *_SUBJECT_KEY)))
    query = (
        sa.select(_PARKED.c.envelope)
        .outerjoin(_SUBJECT, same)
        .where(_PARKED.c.consumer == consumer, _PARKED.c.source == source)
        .where(_PARKED.c.version <= sa.func.coalesce(_SUBJECT.c.version, 0) + 1)
        .order_by(_PARKED.c.parked_at, _PARKED.c.event_id)
        .limit(limit)
    )
    return [envelope_from_json(text) for text in tx.execute(query).scalars()]


def known(tx: Tx, consumer: str, event_ids: Iterable[str]) -> set[str]:
    """Which of these events have taken effect."""
    query = sa.select(_INBOX.c.event_id).where(_INBOX.c.consumer == consumer)
    return set(tx.execute(query.where(_INBOX.c.event_id.in_(list(event_ids)))).scalars())


class _Reception:
    """The inbox during one transaction: what it says of these events, and what is to be written into it."""

    def __init__(self, tx: Tx, consumer: str, handle: Handle, at: datetime) -> None:
        self._tx, self._consumer, self._handle, self._at = tx, consumer, handle, at
        self._known: set[str] = set()
        self._last: dict[Subject, int] = {}
        self._waiting: defaultdict[Subject, dict[int, Envelope]] = defaultdict(dict)
        self._applied: list[str] = []
        self._advanced: set[Subject] = set()
        self._parked: list[Envelope] = []

    def open(self, envelopes: Sequence[Envelope], *, ordered: bool) -> None:
        """Read what is known of the events and, if order matters, lock their subjects and read these."""
        if ordered:
            subjects = sorted({_subject(envelope) for envelope in envelopes})
            self._last = self._lock(subjects)
            self._read_waiting(subjects)
        self._known = known(self._tx, self._consumer, {envelope.id for envelope in envelopes})

    def take(self, envelope: Envelope) -> Outcome:
        """Apply an event unless it was."""
        if envelope.id in self._known:
            return Outcome.DUPLICATE
        self._apply(envelope)
        return Outcome.APPLIED

    def take_in_turn(self, envelope: Envelope) -> Outcome:
        """Apply an event and what waited for it, if it is the next of its subject."""
        subject = _subject(envelope)
        step = envelope.version - self._last[subject]
        if step <= 0 and envelope.id in self._known:
            return Outcome.DUPLICATE
        if step <= 0 or envelope.id in self._known:
            raise _contradiction(envelope)
        if step > 1:
            self._park(subject, envelope)
            return Outcome.PARKED
        self._apply(envelope)
        self._advance(subject, envelope)
        self._drain(subject)
        return Outcome.APPLIED

    def close(self) -> None:
        """Write the inbox rows, which make a second delivery a duplicate, and where the subjects are now."""
        if self._parked:
            rows = [_parked_row(self._consumer, each, ordered=True, at=self._at) for each in self._parked]
            self._tx.execute(sa.insert(_PARKED), rows)
        if not self._applied:
            return
        entry = {"consumer": self._consumer, "received_at": self._at}
        self._tx.execute(sa.insert(_INBOX), [{**entry, "event_id": each} for each in self._applied])
        mine = _PARKED.c.consumer == self._consumer
        self._tx.execute(sa.delete(_PARKED).where(mine, _PARKED.c.event_id.in_(self._applied)))
        self._write_versions()

    def _apply(self, envelope: Envelope) -> None:
        self._handle(self._tx, envelope)
        self._known.add(envelope.id)
        self._applied.append(envelope.id)

    def _advance(self, subject: Subject, envelope: Envelope) -> None:
        self._last[subject] = envelope.version
        self._advanced.add(subject)

    def _park(self, subject: Subject, envelope: Envelope) -> None:
        if self._waiting[subject].setdefault(envelope.version, envelope) is envelope:
            self._parked.append(envelope)
        elif self._waiting[subject][envelope.version].id != envelope.id:
            raise _contradiction(envelope)

    def _drain(self, subject: Subject) -> None:
        """Apply what waited, up to the first gap or failure: a failure must not undo its predecessor."""
        while (successor := self._waiting[subject].get(self._last[subject] + 1)) is not None:
            try:
                with self._tx.begin_nested():
                    self._handle(self._tx, successor)
            except Exception as error:
                if retryable(error):
                    raise
                _log.error("parked event failed", event_id=successor.id, **describe(error))
                return
            self._known.add(successor.id)
            self._applied.append(successor.id)
            self._advance(subject, successor)

    def _lock(self, subjects: list[Subject]) -> dict[Subject, int]:
        """The versions last applied, 0 if none; other transactions about these subjects wait from here on.

        Without the lock an event could be parked beside its predecessor's commit: nobody would wake it.
        """
        found = self._versions(subjects)
        missing = [subject for subject in subjects if subject not in found]
        for subject in missing:
            row = dict(zip(_SUBJECT_KEY, subject, strict=True))
            insert_if_absent(self._tx, _SUBJECT, {"consumer": self._consumer, **row, "version": 0})
        return found | self._versions(missing) if missing else found

    def _versions(self, subjects: list[Subject]) -> dict[Subject, int]:
        key = [_SUBJECT.c[name] for name in _SUBJECT_KEY]
        query = sa.select(*key, _SUBJECT.c.version).where(_SUBJECT.c.consumer == self._consumer)
        # In one order for everybody, or two consumers could wait for each other.
        rows = self._tx.execute(query.where(sa.tuple_(*key).in_(subjects)).order_by(*key).with_for_update())
        return {(row.source, row.noun, row.subject): row.version for row in rows}

    def _read_waiting(self, subjects: list[Subject]) -> None:
        key = sa.tuple_(*(_PARKED.c[name] for name in _SUBJECT_KEY))
        mine = _PARKED.c.consumer == self._consumer
        for text in self._tx.execute(sa.select(_PARKED.c.envelope).where(mine, key.in_(subjects))).scalars():
            envelope = envelope_from_json(text)
            self._waiting[_subject(envelope)][envelope.version] = envelope

    def _write_versions(self) -> None:
        if not self._advanced:
            return
        mine = _SUBJECT.c.consumer == self._consumer
        key = (_SUBJECT.c[name] == sa.bindparam(f"its_{name}") for name in _SUBJECT_KEY)
        step = sa.update(_SUBJECT).where(mine, *key).values(version=sa.bindparam("reached"))
        names = [f"its_{name}" for name in _SUBJECT_KEY]
        rows = [
            dict(zip(names, subject, strict=True)) | {"reached": self._last[subject]}
            for subject in self._advanced
        ]
        self._tx.execute(step, rows)


def _subject(envelope: Envelope) -> Subject:
    return envelope.source, noun_of(envelope), envelope.subject


def _parked_row(consumer: str, envelope: Envelope, *, ordered: bool, at: datetime) -> dict[str, object]:
    return {
        "consumer": consumer,
        **dict(zip(_SUBJECT_KEY, _subject(envelope), strict=True)),
        "event_id": envelope.id,
        "version": envelope.version if ordered else _WAITS_FOR_NOTHING,
        "envelope": envelope_json(envelope),
        "parked_at": at,
    }


def _contradiction(envelope: Envelope) -> Problem:
    return invalid(
        "version",
        "该对象的这一版本已由另一事件占用",
        "another event holds this version of the subject",
        code="contradicting-event",
        event_id=envelope.id,
    )
