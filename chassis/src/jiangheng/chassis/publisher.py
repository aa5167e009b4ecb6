"""The publisher: gives committed facts their positions in the feed, then brings them to the bus.

Two steps, each of which may be repeated or done by two processes at once:
1. Stamping. A row gets its position after its commit, under the lock of its stream's head. So positions have
   no gap and never change, and a row whose transaction commits late is not skipped: it comes later.
2. Publishing, in the order of positions. A row is marked when the broker has confirmed it; whatever happens
   in between, it is published again, with the same event id (the receivers' inbox knows it).

The feed needs only the first step, so that it is complete while the broker is away.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jiangheng.chassis import envelope
from jiangheng.chassis.bus import BusSession, Message, Receipt
from jiangheng.chassis.clocks import Clock, MachineClock
from jiangheng.chassis.db import Database, Tx, insert_if_absent
from jiangheng.chassis.schema import CHASSIS
from jiangheng.chassis.telemetry import counter, gauge, get_logger

_OPENING_SECONDS = 1.0
_CONFIRM_SECONDS = 30.0
_LONGEST_PAUSE_SECONDS = 2.0
_OUTBOX, _HEAD = CHASSIS.outbox, CHASSIS.feed_head
_UNSTAMPED = _OUTBOX.c.position.is_(None)
_UNPUBLISHED = _OUTBOX.c.published_at.is_(None)

_log = get_logger(__name__)
_published = counter("events_published", "Events by what the broker said to them.", ("outcome",))
_reachable = gauge("bus_reachable", "1 while the publisher is connected to the broker.")


class Publisher:
    """Publishes a service's outbox to the exchange "<source>.events".

    Belongs to one thread. Several processes may run one: a lease keeps them from publishing everything
    twice, but nothing goes wrong if it does not. `amqp_url` may name several nodes, separated by ";"; `ca`
    is the authority (PEM) of their certificates.
    """

    def __init__(
        self,
        db: Database,
        source: str,
        amqp_url: str,
        *,
        batch: int = 500,
        clock: Clock | None = None,
        ca: Path | None = None,
    ) -> None:
        self._db = db
        self._source = source
        self._urls = amqp_url.split(";")
        self._batch = batch
        self._ca = ca
        self._clock = clock or MachineClock()
        self._session: BusSession | None = None
        self._troubles = 0
        self._again_at = 0.0

    def run_once(self) -> int:
        """Stamp and publish a batch of each stream; how many rows that moved, 0 if nothing can be done.

        Does not raise when the broker is away or refuses: the rows wait, and the next tries come after a
        pause.
        """
        stamped = self._stamp()
        return max(stamped, self._publish())

    def close(self) -> None:
        """Leave the broker."""
        if self._session is not None:
            self._session.close()
            self._session = None
            _reachable.set(0)

    def _stamp(self) -> int:
        with self._db.read() as tx:
            streams = list(_streams(tx, _UNSTAMPED))
        stamped = 0
        for stream in streams:
            with self._db.write() as tx:
                stamped += stamp(tx, stream, self._batch)
        return stamped

    def _publish(self) -> int:
        with self._db.read() as tx:
            streams = list(_streams(tx, _UNPUBLISHED))
        return sum(self._publish_stream(stream) for stream in streams)

    def _publish_stream(self, stream: str) -> int:
        session = self._open_session()
        if session is None:
            return 0
        with self._db.read() as tx:
            rows = _next_rows(tx, stream, self._batch)
        receipt = session.publish([self._message(row) for row in rows], _CONFIRM_SECONDS)
        self._mark(rows, receipt)
        self._take_note(session, rows, receipt)
        return len(receipt.confirmed)

    def _message(self, row: sa.Row[Any]) -> Message:
        event = envelope.from_outbox_row(row, self._source)
        properties, body = envelope.to_amqp(event)
        return Message(envelope.routing_key(event), properties, body)

    def _mark(self, rows: Sequence[sa.Row[Any]], receipt: Receipt) -> None:
        confirmed = [row.id for row in rows if row.event_id in receipt.confirmed]
        if confirmed:
            with self._db.write() as tx:
                these = sa.update(_OUTBOX).where(_OUTBOX.c.id.in_(confirmed))
                tx.execute(these.values(published_at=self._clock.now()))

    def _take_note(self, session: BusSession, rows: Sequence[sa.Row[Any]], receipt: Receipt) -> None:
        _published.labels("confirmed").inc(len(receipt.confirmed))
        _published.labels("unbound").inc(len(receipt.unbound))
        _published.labels("refused").inc(len(receipt.refused))
        if receipt.refused:
            self._pause(f"{len(receipt.refused)} events refused by the broker")
        elif rows and self._troubles and not session.ended:
            _log.info("events flow again", source=self._source)
            self._troubles = 0

    def _open_session(self) -> BusSession | None:
        """The session if it is open; otherwise see to it that one opens, after a pause if need be."""
        if self._session is not None and self._session.ended:
            self._pause(self._session.trouble)
            self.close()
        if time.monotonic() < self._again_at:
            return None
        if self._session is None:
            url = self._urls[self._troubles % len(self._urls)]
            self._session = BusSession(url, envelope.exchange_of(self._source), ca=self._ca)
        if not self._session.ready(_OPENING_SECONDS):
            return None
        _reachable.set(1)
        return self._session

    def _pause(self, trouble: str) -> None:
        if self._troubles == 0:
            _log.warning("events wait for the broker", source=self._source, trouble=trouble)
        pause = min(_LONGEST_PAUSE_SECONDS, 0.1 * 2.0 ** min(self._troubles, 10))
        self._troubles += 1
        self._again_at = time.monotonic() + pause * random.uniform(0.5, 1.0)


def stamp(tx: Tx, stream: str, limit: int) -> int:
    """Give a stream's next positions to its committed rows, in the order of their ids; how many got one."""
    last = _lock_head(tx, stream)
    ready = (
        sa.select(_OUTBOX.c.id, sa.func.row_number().over(order_by=_OUTBOX.c.id).label("step"))
        .where(_OUTBOX.c.stream == stream, _UNSTAMPED)
        .order_by(_OUTBOX.c.id)
        .limit(limit)
        .subquery("ready")
    )
    steps = sa.update(_OUTBOX).where(_OUTBOX.c.id == ready.c.id, _UNSTAMPED)
    stamped = tx.execute(steps.values(position=last + ready.c.step)).rowcount
    if stamped:
        tx.execute(sa.update(_HEAD).where(_HEAD.c.stream == stream).values(position=last + stamped))
    return stamped


def _lock_head(tx: Tx, stream: str) -> int:
    """The last position given; under this lock a second stamper waits, then sees what the first one did."""
    query = sa.select(_HEAD.c.position).where(_HEAD.c.stream == stream).with_for_update()
    found = tx.execute(query).scalar_one_or_none()
    if found is not None:
        return int(found)
    insert_if_absent(tx, _HEAD, {"stream": stream, "position": 0})
    return int(tx.execute(query).scalar_one())


def _streams(tx: Tx, condition: sa.ColumnElement[bool]) -> Iterator[str]:
    """The streams with such rows, each found with one look into the index however many rows there are."""
    last = ""
    while True:
        query = sa.select(sa.func.min(_OUTBOX.c.stream)).where(condition, _OUTBOX.c.stream > last)
        found = tx.execute(query).scalar_one()
        if found is None:
            return
        last = found
        yield last


def _next_rows(tx: Tx, stream: str, limit: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(_OUTBOX).where(_OUTBOX.c.stream == stream, _UNPUBLISHED, ~_UNSTAMPED)
    return tx.execute(query.order_by(_OUTBOX.c.position).limit(limit)).all()
