"""publisher: positions without a gap, and nothing marked that the broker does not have."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import pika
import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.chassis import envelope
from jiangheng.chassis.db import Database
from jiangheng.chassis.feed import list_events
from jiangheng.chassis.outbox import Fact, append
from jiangheng.chassis.publisher import Publisher, stamp
from jiangheng.chassis.schema import CHASSIS
from jiangheng.local.backing import Broker
from jiangheng.local.processes import wait_until

AT = datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=UTC)
OUTBOX = CHASSIS.outbox
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

KILLED_BEFORE_MARKING = """
import os, signal, sys
from jiangheng.chassis.db import Database
from jiangheng.chassis.publisher import Publisher

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

Publisher._mark = die
publisher = Publisher(Database(sys.argv[1], name="killed"), "sample", sys.argv[2])
while True:
    publisher.run_once()
"""


def refusal(subject: str, stream: str = "main") -> Fact:
    return Fact("refusal.recorded.v1", subject, RefusalRecorded(), region="2201", stream=stream)


def state(db: Database, *subjects: str, stream: str = "main") -> list[str]:
    with db.write() as tx:
        return [append(tx, refusal(subject, stream), actor="system", at=AT) for subject in subjects]


def rows(db: Database) -> Sequence[sa.Row[Any]]:
    with db.read() as tx:
        return tx.execute(sa.select(OUTBOX).order_by(OUTBOX.c.id)).all()


def positions(db: Database, stream: str = "main") -> list[int | None]:
    """By id."""
    return [row.position for row in rows(db) if row.stream == stream]


def marked(db: Database) -> set[str]:
    return {row.event_id for row in rows(db) if row.published_at is not None}


def outcomes(outcome: str) -> float:
    return REGISTRY.get_sample_value("jiangheng_events_published_total", {"outcome": outcome}) or 0.0


class Queue:
    """A queue bound to everything that "sample" states."""

    def __init__(self, url: str, **arguments: object) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(url))
        self._channel = self._connection.channel()
        self._channel.exchange_declare("sample.events", "topic", durable=True)
        self._channel.queue_declare("seen", durable=True, arguments=arguments)
        self._channel.queue_bind("seen", "sample.events", "#")

    def take(self) -> list[Any]:
        """All messages: method, properties, body."""
        taken: list[Any] = []
        while (got := self._channel.basic_get("seen", auto_ack=True))[0] is not None:
            taken.append(got)
        return taken

    def take_ids(self) -> list[str]:
        return [properties.message_id for _, properties, _ in self.take()]

    def close(self) -> None:
        if self._connection.is_open:
            self._connection.close()


@pytest.fixture
def queue(amqp_url: str) -> Iterator[Queue]:
    made = Queue(amqp_url)
    yield made
    made.close()


@pytest.fixture
def start_publisher(chassis_url: str, amqp_url: str) -> Iterator[Callable[..., Publisher]]:
    """Makes publishers, each with a pool of its own as in a process of its own."""
    made: list[tuple[Publisher, Database]] = []

    def make(url: str = "", batch: int = 500) -> Publisher:
        db = Database(chassis_url, name="publisher")
        made.append((Publisher(db, "sample", url or amqp_url, batch=batch), db))
        return made[-1][0]

    yield make
    for publisher, db in made:
        publisher.close()
        db.dispose()


@pytest.fixture
def publisher(start_publisher: Callable[..., Publisher]) -> Publisher:
    return start_publisher()


def publish_until(publisher: Publisher, condition: Callable[[], bool], what: str) -> None:
    def turn() -> bool:
        publisher.run_once()
        return condition()

    wait_until(turn, 40, what)


def publish_all(publisher: Publisher, db: Database) -> None:
    publish_until(publisher, lambda: len(marked(db)) == len(rows(db)), "all events to be published")


def test_events_arrive_with_their_key_and_headers(db: Database, publisher: Publisher, queue: Queue) -> None:
    (event_id,) = state(db, "r-1")
    publish_all(publisher, db)
    ((method, properties, body),) = queue.take()
    assert method.routing_key == "refusal.recorded.v1.22"
    received = envelope.from_amqp(properties.headers, body)
    with db.read() as tx:
        (listed,), _ = list_events(tx, "sample", "main", 0, 10)
    assert received == listed
    assert (received.id, received.position, received.version) == (event_id, 1, 1)
    assert properties.delivery_mode == 2


def test_events_leave_in_the_order_of_their_positions_and_once(
    db: Database, start_publisher: Callable[..., Publisher], queue: Queue
) -> None:
    publisher = start_publisher(batch=7)
    stated = state(db, *(f"r-{number}" for number in range(30)))
    publish_all(publisher, db)
    assert publisher.run_once() == 0
    assert queue.take_ids() == stated
    assert positions(db) == list(range(1, 31))


def test_it_tells_that_more_waits(db: Database, start_publisher: Callable[..., Publisher]) -> None:
    publisher = start_publisher(batch=2)
    state(db, "r-1", "r-2", "r-3")
    assert publisher.run_once() == 2
    publish_all(publisher, db)
    assert publisher.run_once() == 0


def test_streams_count_apart(db: Database, publisher: Publisher, queue: Queue) -> None:
    for number in range(3):
        state(db, f"r-{number}")
        state(db, f"r-{number}", stream="22")
    publish_all(publisher, db)
    assert positions(db) == positions(db, "22") == [1, 2, 3]
    assert len(queue.take()) == 6


def test_positions_have_no_gap_under_concurrent_appenders_and_two_publishers(
    db: Database, start_publisher: Callable[..., Publisher], queue: Queue
) -> None:
    stop = Event()
    faults: list[Exception] = []
    publishers = [Thread(target=keep_publishing, args=(start_publisher(batch=5), stop, faults)) for _ in "12"]
    appenders = [Thread(target=state_forty, args=(db, who)) for who in range(3)]
    for thread in publishers + appenders:
        thread.start()
    try:
        wait_until(lambda: len(marked(db)) == 120, 60, "all events to be published")
    finally:
        stop.set()
        for thread in publishers + appenders:
            thread.join()
    assert all("deadlock" in str(fault) for fault in faults)
    for stream in ("main", "22"):
        assert sorted(position or 0 for position in positions(db, stream)) == list(range(1, 61))
    seen = [envelope.from_amqp(properties.headers, body) for _, properties, body in queue.take()]
    stamped = {row.event_id: row.position for row in rows(db)}
    assert {event.id: event.position for event in seen} == stamped


def state_forty(db: Database, who: int) -> None:
    for number in range(40):
        state(db, f"r-{who}-{number}", stream=("main", "22")[number % 2])


def keep_publishing(publisher: Publisher, stop: Event, faults: list[Exception]) -> None:
    while not stop.is_set():
        try:
            publisher.run_once()
        except sa.exc.OperationalError as error:  # two that mark the same rows may block each other
            faults.append(error)


@ON_POSTGRESQL
def test_a_fact_that_commits_late_is_not_skipped(db: Database, publisher: Publisher, queue: Queue) -> None:
    with db.write() as slow:
        late = append(slow, refusal("r-late"), actor="system", at=AT)
        (early,) = state(db, "r-early")
        publish_until(publisher, lambda: early in marked(db), "the early event to be published")
    publish_all(publisher, db)
    assert [(row.event_id, row.position) for row in rows(db)] == [(late, 2), (early, 1)]
    assert queue.take_ids() == [early, late]


@ON_POSTGRESQL
def test_of_two_stampers_one_waits_and_changes_nothing_of_the_others(db: Database) -> None:
    """The lock on the head: without it the second counts from the same number."""
    state(db, "r-0")
    stamp_alone(db)  # now the head is there
    with db.write() as slow:
        append(slow, refusal("r-late"), actor="system", at=AT)
        state(db, "r-1", "r-2")
        with db.write() as first:
            assert stamp(first, "main", 100) == 2
            slow.commit()  # its id is the lowest: a stamper that reads now puts it first
            stamped: list[int] = []
            second = Thread(target=lambda: stamped.append(stamp_alone(db)))
            second.start()
            wait_until(lambda: waiting_for_a_lock(db) == 1, 10, "the second stamper to wait")
    second.join()
    assert stamped == [1]
    assert positions(db) == [1, 4, 2, 3]


def stamp_alone(db: Database) -> int:
    with db.write() as tx:
        return stamp(tx, "main", 100)


def waiting_for_a_lock(db: Database) -> int:
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active'"
    )
    with db.read() as tx:
        return int(tx.execute(query).scalar_one())


def test_one_killed_between_publishing_and_marking_publishes_again(
    db: Database, chassis_url: str, amqp_url: str, publisher: Publisher, queue: Queue
) -> None:
    stated = state(db, "r-1", "r-2")
    program = [sys.executable, "-c", KILLED_BEFORE_MARKING, chassis_url, amqp_url]
    killed = subprocess.run(program, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert marked(db) == set()
    publish_all(publisher, db)
    assert queue.take_ids() == stated + stated
    assert positions(db) == [1, 2]


def test_what_the_broker_refuses_is_not_marked_and_comes_again(
    db: Database, publisher: Publisher, amqp_url: str
) -> None:
    """A full queue: without confirms every row would be marked."""
    full = Queue(amqp_url, **{"x-max-length": 1, "x-overflow": "reject-publish"})
    before = outcomes("refused")
    stated = state(db, "r-1", "r-2", "r-3")
    publish_until(publisher, lambda: outcomes("refused") > before, "a refusal")
    seen = full.take_ids()
    assert seen == stated[:1]
    assert marked(db) == set(seen)

    def drain() -> bool:
        seen.extend(full.take_ids())
        return len(marked(db)) == 3

    publish_until(publisher, drain, "the rest to be published")
    seen += full.take_ids()
    full.close()
    assert set(seen) == set(stated)


def test_an_event_that_nobody_is_bound_for_is_counted_and_stays_in_the_feed(
    db: Database, publisher: Publisher, amqp_url: str
) -> None:
    before = outcomes("unbound")
    stated = state(db, "r-1", "r-2")
    publish_all(publisher, db)
    assert outcomes("unbound") == before + 2
    with db.read() as tx:
        listed, _ = list_events(tx, "sample", "main", 0, 10)
    assert [event.id for event in listed] == stated


def test_another_node_of_the_broker_is_tried(
    db: Database, start_publisher: Callable[..., Publisher], amqp_url: str, queue: Queue
) -> None:
    publisher = start_publisher(f"amqp://guest:guest@127.0.0.1:1/;{amqp_url}")
    stated = state(db, "r-1")
    publish_all(publisher, db)
    assert queue.take_ids() == stated


def test_an_exchange_of_another_kind_keeps_events_waiting(
    db: Database, publisher: Publisher, amqp_url: str
) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = connection.channel()
    channel.exchange_declare("sample.events", "direct")
    state(db, "r-1")
    for _ in range(3):
        publisher.run_once()
    assert positions(db) == [1]
    assert marked(db) == set()
    channel.exchange_delete("sample.events")
    connection.close()
    publish_all(publisher, db)


def test_while_the_broker_is_away_the_feed_goes_on_and_afterwards_the_bus(
    db: Database, publisher: Publisher, broker: Broker, amqp_url: str
) -> None:
    queue = Queue(amqp_url)
    first = state(db, "r-1")
    publish_all(publisher, db)
    queue.close()
    broker.kill9()
    later = state(db, "r-2", "r-3")
    publish_until(publisher, lambda: positions(db) == [1, 2, 3], "positions while the broker is away")
    assert marked(db) == set(first)
    broker.start()
    publish_all(publisher, db)
    after = Queue(amqp_url)
    assert sorted(after.take_ids()) == sorted(first + later)
    after.close()
