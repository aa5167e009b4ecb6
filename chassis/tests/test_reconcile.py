"""reconcile: what the bus lost comes by the feed, once; a feed that contradicts itself is not believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.api.feed.v1.feed_pb2 import ListResponse
from jiangheng.chassis import inbox
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.db import Database, Tx
from jiangheng.chassis.feed import HeadSigner, InvalidHead, read_feed, sign_head
from jiangheng.chassis.inbox import Outcome
from jiangheng.chassis.outbox import Fact, append
from jiangheng.chassis.publisher import stamp
from jiangheng.chassis.reconcile import BrokenFeed, FeedReader
from jiangheng.chassis.routes import Route
from jiangheng.chassis.runtime import Runtime
from jiangheng.chassis.schema import CHASSIS

AT = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
CLOCK = FixedClock(AT)
SIGNER = HeadSigner("sample-1", Ed25519PrivateKey.generate())
Change = Callable[[ListResponse], object]


class Reading:
    """A service that states facts, and a consumer of it in the same database."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.applied: list[tuple[str, int]] = []
        self.poison: tuple[str, int] | None = None
        self.trouble: Exception | None = None
        self.change: Change = lambda page: None
        self.routes = [Route("sample", "refusal.#", self._apply)]
        key = SIGNER.key.public_key()
        self.reader = FeedReader(db, "reader", "sample", self._fetch, key, self.routes, CLOCK)

    def state(self, subject: str) -> None:
        with self.db.write() as tx:
            append(tx, Fact("refusal.recorded.v1", subject, RefusalRecorded(rule="R")), actor="system", at=AT)
            stamp(tx, "main", 100)

    def fetch(self, after: int, limit: int = 500) -> ListResponse:
        return read_feed(Runtime("sample", self.db, CLOCK, CLOCK), SIGNER, "main", after, limit)

    def by_bus(self, event: Envelope) -> Outcome:
        with self.db.write() as tx:
            ordered = self.reader._routes[0].ordered
            return inbox.receive(tx, "reader", event, self._apply, ordered=ordered, at=AT)

    def position(self) -> int:
        with self.db.read() as tx:
            return tx.execute(sa.select(CHASSIS.feed_cursor.c.position)).scalar_one_or_none() or 0

    def _fetch(self, stream: str, after: int, limit: int) -> ListResponse:
        page = self.fetch(after, limit)
        self.change(page)
        return page

    def _apply(self, tx: Tx, event: Envelope) -> None:
        if self.trouble is not None:
            raise self.trouble
        if (event.subject, event.version) == self.poison:
            raise RuntimeError("as told")
        self.applied.append((event.subject, event.version))


@pytest.fixture
def reading(db: Database) -> Reading:
    return Reading(db)


def test_what_the_bus_lost_comes_and_what_it_brought_is_known(reading: Reading) -> None:
    for subject in ("a", "b", "a", "a"):
        reading.state(subject)
    first, _, _, last = reading.fetch(0).events
    assert reading.by_bus(first) is Outcome.APPLIED
    assert reading.by_bus(last) is Outcome.PARKED  # version 2 of "a" was lost
    assert reading.reader.run_once() == 4
    assert reading.applied == [("a", 1), ("b", 1), ("a", 2), ("a", 3)]
    assert reading.position() == 4
    assert reading.reader.run_once() == 0


@pytest.mark.parametrize("ordered", [True, False])
def test_an_event_that_fails_stops_no_other_and_is_tried_again(reading: Reading, ordered: bool) -> None:
    reading.reader._routes = [replace(reading.routes[0], ordered=ordered)]
    for subject in ("a", "b", "a"):
        reading.state(subject)
    reading.poison = ("a", 1)
    assert reading.reader.run_once() == 3
    assert reading.applied == ([("b", 1)] if ordered else [("b", 1), ("a", 2)])
    assert reading.reader.run_once() == 0
    assert ("a", 1) not in reading.applied
    reading.poison = None  # the fault was mended
    assert reading.reader.run_once() == 0
    assert sorted(reading.applied) == [("a", 1), ("a", 2), ("b", 1)]
    assert reading.by_bus(reading.fetch(0).events[0]) is Outcome.DUPLICATE


def test_while_the_database_is_away_nothing_is_passed_over(reading: Reading) -> None:
    reading.state("a")
    reading.trouble = sa.exc.TimeoutError("as told")
    with pytest.raises(sa.exc.TimeoutError):
        reading.reader.run_once()
    assert reading.position() == 0
    reading.trouble = None
    assert reading.reader.run_once() == 1
    assert reading.applied == [("a", 1)]


def test_of_two_readers_one_applies(reading: Reading) -> None:
    reading.state("a")

    def overtake(page: ListResponse) -> None:
        reading.change = lambda page: None
        assert reading.reader.run_once() == 1

    reading.change = overtake
    assert reading.reader.run_once() == 0
    assert reading.applied == [("a", 1)]


def test_a_fact_that_no_route_takes_is_passed_over(reading: Reading) -> None:
    reading.state("a")
    reading.reader._routes = []
    assert reading.reader.run_once() == 1
    assert reading.position() == 1


def signed(position: int, source: str = "sample", stream: str = "main", late: int = 0) -> Change:
    at = AT - timedelta(minutes=late)
    return lambda page: page.head.CopyFrom(sign_head(SIGNER, source, stream, position, at))


def without(*indexes: int) -> Change:
    def change(page: ListResponse) -> None:
        kept: Sequence[Envelope] = [e for index, e in enumerate(page.events) if index not in indexes]
        del page.events[:]
        page.events.extend(kept)

    return change


def from_elsewhere(page: ListResponse) -> None:
    page.events[0].source = "other"


def malformed(page: ListResponse) -> None:
    page.events[0].data = "[]"


def twice(page: ListResponse) -> None:
    page.events.append(page.events[-1])


@pytest.mark.requirement("IAM-017")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(without(1), id="a gap"),
        pytest.param(without(0), id="a gap at the beginning"),
        pytest.param(without(0, 1, 2), id="nothing, though the head says otherwise"),
        pytest.param(twice, id="a repetition"),
        pytest.param(signed(2), id="events beyond the head"),
        pytest.param(signed(3, source="other"), id="another service's head"),
        pytest.param(signed(3, stream="other"), id="another stream's head"),
        pytest.param(signed(3, late=6), id="an old head"),
        pytest.param(signed(3, late=-6), id="a head of the future"),
        pytest.param(from_elsewhere, id="another service's event"),
        pytest.param(malformed, id="an event that is none"),
    ],
)
def test_a_feed_that_contradicts_itself_is_refused(reading: Reading, change: Change) -> None:
    for subject in ("a", "b", "c"):
        reading.state(subject)
    reading.change = change
    with pytest.raises(BrokenFeed):
        reading.reader.run_once()
    assert reading.applied == []
    assert reading.position() == 0


def test_a_feed_that_became_shorter_is_refused(reading: Reading) -> None:
    reading.state("a")
    reading.reader.run_once()
    reading.change = signed(0)
    with pytest.raises(BrokenFeed):
        reading.reader.run_once()


def test_a_head_that_the_service_did_not_sign_is_refused(reading: Reading) -> None:
    reading.state("a")

    def change(page: ListResponse) -> None:
        page.head.position += 1

    reading.change = change
    with pytest.raises(InvalidHead):
        reading.reader.run_once()
    assert reading.applied == []
