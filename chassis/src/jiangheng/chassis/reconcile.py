"""Reading another service's feed behind the bus: what the bus lost comes, what it brought is known already.

Both ways lead through the inbox, so that a fact takes effect once whichever brings it first. The reader
believes nothing it can check: the head is signed by the service it speaks of and is fresh, positions have no
gap, and a feed never becomes shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.feed.v1.feed_pb2 import ListRequest, ListResponse, SignedHead
from jiangheng.api.feed.v1.feed_pb2_grpc import FeedServiceStub
from jiangheng.chassis import inbox
from jiangheng.chassis.client import invoke
from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.db import Database, Tx, insert_if_absent, retryable
from jiangheng.chassis.envelope import checked
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.feed import InvalidHead, verify_head
from jiangheng.chassis.incidents import describe
from jiangheng.chassis.routes import Route
from jiangheng.chassis.schema import CHASSIS
from jiangheng.chassis.telemetry import counter, gauge, get_logger

PAGE = 500
# An old head repeated hides what came since. Two machines' clocks may differ by this much, no more.
FRESH = timedelta(minutes=5)

Fetch = Callable[[str, int, int], ListResponse]

_CURSOR = CHASSIS.feed_cursor
_log = get_logger(__name__)
_read = counter("feed_events", "Events read from feeds, by what became of them.", ("source", "outcome"))
_broken = counter("feed_broken", "Answers of feeds that were not believed.", ("source", "stream"))
_behind = gauge(
    "feed_behind", "Positions between a feed's head and what was read of it.", ("source", "stream")
)


def fetching(stub: FeedServiceStub, token: Callable[[], str]) -> Fetch:
    """Asks a service for its feed, with this consumer's own token."""
    return lambda stream, after, limit: invoke(
        stub.List, ListRequest(stream=stream, after=after, limit=limit), token=token
    )


class BrokenFeed(Exception):
    """A feed that contradicts itself or what it said before: a gap, a way back, a foreign or an old head."""


class FeedReader:
    """Reads one stream of one service's feed for one consumer.

    `fetch` asks FeedService.List for (stream, after, limit); `key` is the public key of that service, with
    which it signs its heads; `routes` are the consumer's own, those of other services are passed over.
    """

    def __init__(
        self,
        db: Database,
        consumer: str,
        source: str,
        fetch: Fetch,
        key: Ed25519PublicKey,
        routes: Sequence[Route],
        clock: Clock,
        *,
        stream: str = "main",
    ) -> None:
        self._db, self._consumer, self._source, self._stream = db, consumer, source, stream
        self._fetch, self._key, self._clock = fetch, key, clock
        self._routes = [route for route in routes if route.source == source]

    def run_once(self) -> int:
        """Read a page and apply what is new; how many events the page had.

        An event whose handler fails is parked and tried again by later calls; the others go on. Raises
        BrokenFeed, InvalidHead, or the Problem of a service that is away; nothing is applied then.
        """
        self._try_parked_again()
        after = self._cursor()
        page = self._fetch(self._stream, after, PAGE)
        try:
            self._check(page, after)
        except (BrokenFeed, InvalidHead):
            _broken.labels(self._source, self._stream).inc()
            raise
        with self._db.write() as tx:
            if not self._advance(tx, after, page):
                return 0  # another reader was faster: what it read is not ours to apply
            outcomes = self._receive_new(tx, page.events)
        for outcome in outcomes:
            _read.labels(self._source, outcome).inc()
        _behind.labels(self._source, self._stream).set(page.head.position - after - len(page.events))
        return len(page.events)

    def _try_parked_again(self) -> None:
        with self._db.read() as tx:
            waiting = inbox.ready(tx, self._consumer, self._source)
        for event in waiting:
            with self._db.write() as tx:
                self._receive(tx, event)

    def _cursor(self) -> int:
        with self._db.read() as tx:
            return tx.execute(sa.select(_CURSOR.c.position).where(self._mine())).scalar_one_or_none() or 0

    def _check(self, page: ListResponse, after: int) -> None:
        head, events = page.head, page.events
        self._check_head(head, after)
        positions = [event.position for event in events]
        if positions != list(range(after + 1, after + 1 + len(positions))):
            raise self._fault(f"its events after {after} have a gap or a repetition")
        if not positions and head.position > after:
            raise self._fault(f"it has nothing after {after}, its head says {head.position}")
        if positions and positions[-1] > head.position:
            raise self._fault("it has events beyond its head")
        if any(event.source != self._source or event.stream != self._stream for event in events):
            raise self._fault("it has another feed's events")
        try:
            for event in events:
                checked(event)
        except Problem as problem:
            raise self._fault(str(problem)) from None

    def _check_head(self, head: SignedHead, after: int) -> None:
        verify_head(self._key, head)
        if (head.source, head.stream) != (self._source, self._stream):
            raise self._fault("the head is another feed's")
        if head.position < after:
            raise self._fault(f"its head went back to {head.position}, {after} was read")
        if abs(self._clock.now() - _time(head)) > FRESH:
            raise self._fault(f"its head is of {_time(head)}, more than {FRESH} from now")

    def _fault(self, why: str) -> BrokenFeed:
        return BrokenFeed(f"the feed {self._stream} of {self._source} is broken: {why}")

    def _advance(self, tx: Tx, after: int, page: ListResponse) -> bool:
        key = {"consumer": self._consumer, "source": self._source, "stream": self._stream}
        insert_if_absent(tx, _CURSOR, {**key, "position": 0})
        moved = sa.update(_CURSOR).where(self._mine(), _CURSOR.c.position == after)
        to = {"position": after + len(page.events), "head_at": _time(page.head)}
        return tx.execute(moved.values(to)).rowcount == 1

    def _mine(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            _CURSOR.c.consumer == self._consumer,
            _CURSOR.c.source == self._source,
            _CURSOR.c.stream == self._stream,
        )

    def _receive_new(self, tx: Tx, events: Sequence[Envelope]) -> list[str]:
        """Most of a feed came by the bus: that is looked up at once, for the whole page."""
        known = inbox.known(tx, self._consumer, [event.id for event in events])
        return ["duplicate" if event.id in known else self._receive(tx, event) for event in events]

    def _receive(self, tx: Tx, event: Envelope) -> str:
        for route in self._routes:
            if route.takes(event):
                return self._apply(tx, event, route)
        return "not ours"

    def _apply(self, tx: Tx, event: Envelope, route: Route) -> str:
        at = self._clock.now()
        try:
            with tx.begin_nested():
                outcome = inbox.receive(tx, self._consumer, event, route.handle, ordered=route.ordered, at=at)
        except Exception as error:
            if retryable(error):
                raise
            _log.error("fact of the feed failed", event_id=event.id, type=event.type, **describe(error))
            inbox.park(tx, self._consumer, event, ordered=route.ordered, at=at)
            return "failed"
        _log.info("fact taken from the feed", event_id=event.id, type=event.type, outcome=outcome.value)
        return outcome.value


def _time(head: SignedHead) -> datetime:
    return head.time.ToDatetime(tzinfo=UTC)
