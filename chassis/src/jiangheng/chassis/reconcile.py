"""Reading another service's feed behind the bus: what the bus lost comes, what it brought is known already.

Both ways lead through the inbox, so that a fact takes effect once whichever brings it first. The reader
believes nothing it can check: the head is signed by the service it speaks of, positions have no gap, and a
feed never becomes shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.feed.v1.feed_pb2 import ListRequest, ListResponse
from jiangheng.api.feed.v1.feed_pb2_grpc import FeedServiceStub
from jiangheng.chassis import inbox
from jiangheng.chassis.client import invoke
from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.db import Database, Tx, insert_if_absent
from jiangheng.chassis.feed import verify_head
from jiangheng.chassis.inbox import Outcome
from jiangheng.chassis.routes import Route
from jiangheng.chassis.schema import CHASSIS
from jiangheng.chassis.telemetry import counter, gauge, get_logger

PAGE = 500

Fetch = Callable[[str, int, int], ListResponse]

_CURSOR = CHASSIS.feed_cursor
_log = get_logger(__name__)
_healed = counter("feed_events", "Events read from feeds, by what became of them.", ("source", "outcome"))
_behind = gauge(
    "feed_behind", "Positions between a feed's head and what was read of it.", ("source", "stream")
)


def fetching(stub: FeedServiceStub, token: Callable[[], str]) -> Fetch:
    """Asks a service for its feed, with this consumer's own token."""
    return lambda stream, after, limit: invoke(
        stub.List, ListRequest(stream=stream, after=after, limit=limit), token=token
    )


class BrokenFeed(Exception):
    """A feed that contradicts itself or what it said before: a gap, a way back, a foreign head."""


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

        Raises BrokenFeed, InvalidHead, or the Problem of a service that is away; nothing is applied then.
        """
        after = self._cursor()
        page = self._fetch(self._stream, after, PAGE)
        self._check(page, after)
        with self._db.write() as tx:
            if not self._advance(tx, after, page):
                return 0  # another reader was faster: what it read is not ours to apply
            outcomes = [self._receive(tx, event) for event in page.events]
        for outcome in outcomes:
            _healed.labels(self._source, outcome).inc()
        _behind.labels(self._source, self._stream).set(page.head.position - after - len(page.events))
        return len(page.events)

    def _cursor(self) -> int:
        with self._db.read() as tx:
            return tx.execute(sa.select(_CURSOR.c.position).where(self._mine())).scalar_one_or_none() or 0

    def _check(self, page: ListResponse, after: int) -> None:
        head = page.head
        verify_head(self._key, head)
        if (head.source, head.stream) != (self._source, self._stream):
            raise self._broken("the head is another feed's")
        if head.position < after:
            raise self._broken(f"its head went back to {head.position}, {after} was read")
        positions = [event.position for event in page.events]
        if positions != list(range(after + 1, after + 1 + len(positions))):
            raise self._broken(f"its events after {after} have a gap or a repetition")
        if not positions and head.position > after:
            raise self._broken(f"it has nothing after {after}, its head says {head.position}")
        if positions and positions[-1] > head.position:
            raise self._broken("it has events beyond its head")
        if any(event.source != self._source or event.stream != self._stream for event in page.events):
            raise self._broken("it has another feed's events")

    def _broken(self, why: str) -> BrokenFeed:
        return BrokenFeed(f"the feed {self._stream} of {self._source} is broken: {why}")

    def _advance(self, tx: Tx, after: int, page: ListResponse) -> bool:
        key = {"consumer": self._consumer, "source": self._source, "stream": self._stream}
        insert_if_absent(tx, _CURSOR, {**key, "position": 0})
        moved = sa.update(_CURSOR).where(self._mine(), _CURSOR.c.position == after)
        head_at = page.head.time.ToDatetime(tzinfo=UTC)
        return tx.execute(moved.values(position=after + len(page.events), head_at=head_at)).rowcount == 1

    def _mine(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            _CURSOR.c.consumer == self._consumer,
            _CURSOR.c.source == self._source,
            _CURSOR.c.stream == self._stream,
        )

    def _receive(self, tx: Tx, event: Envelope) -> str:
        for route in self._routes:
            if route.takes(event):
                at = self._clock.now()
                outcome = inbox.receive(tx, self._consumer, event, route.handle, ordered=route.ordered, at=at)
                if outcome is Outcome.APPLIED:
                    _log.info(
                        "fact taken from the feed", source=self._source, event_id=event.id, type=event.type
                    )
                return outcome.value
        return "not ours"
