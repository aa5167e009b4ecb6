"""Whatever arrives, in whatever order and however often, takes effect once and in order."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import inbox
from jiangheng.chassis.db import Database, Tx, retryable
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.inbox import Outcome
from jiangheng.chassis.schema import CHASSIS

AT = datetime(2026, 11, 20, tzinfo=UTC)
MakeEvent = Callable[..., Envelope]


class Flaw(Exception):
    """What a handler raises that has a fault."""


@dataclass
class Listener:
    """A consumer of its own, so that one database serves many runs."""

    db: Database
    effects: sa.Table
    ordered: bool = True
    name: str = field(default_factory=lambda: f"test-{uuid4()}")
    flaws: set[str] = field(default_factory=set)
    hold_on: str = ""
    holding: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def receive(self, *events: Envelope) -> list[Outcome]:
        """All in one transaction."""
        with self.db.write() as tx:
            return inbox.receive_all(tx, self.name, events, self.handle, ordered=self.ordered, at=AT)

    def receive_until_it_works(self, event: Envelope) -> None:
        while True:
            try:
                self.receive(event)
            except Exception as error:
                if not (isinstance(error, Flaw) or retryable(error)):
                    raise
            else:
                return

    def handle(self, tx: Tx, event: Envelope) -> None:
        row = {
            "consumer": self.name,
            "event_id": event.id,
            "subject": event.subject,
            "version": event.version,
        }
        tx.execute(sa.insert(self.effects).values(**row))
        if event.id in self.flaws:
            self.flaws.discard(event.id)  # it fails once
            raise Flaw
        if event.id == self.hold_on:
            self.holding.set()
            assert self.go_on.wait(10)

    def ready(self) -> list[Envelope]:
        with self.db.read() as tx:
            return inbox.ready(tx, self.name, "maker")

    def applied(self) -> list[tuple[str, int]]:
        columns = (self.effects.c.subject, self.effects.c.version)
        query = sa.select(*columns).where(self.effects.c.consumer == self.name).order_by(self.effects.c.id)
        with self.db.read() as tx:
            return [(subject, version) for subject, version in tx.execute(query)]

    def parked(self) -> int:
        query = sa.select(sa.func.count()).select_from(CHASSIS.parked)
        with self.db.read() as tx:
            return int(tx.execute(query.where(CHASSIS.parked.c.consumer == self.name)).scalar_one())


@pytest.fixture
def listener(db: Database, effects: sa.Table) -> Listener:
    return Listener(db, effects)


@pytest.fixture
def unordered(db: Database, effects: sa.Table) -> Listener:
    return Listener(db, effects, ordered=False)


@st.composite
def deliveries(draw: Callable[..., list[tuple[str, int]]]) -> Sequence[tuple[str, int]]:
    """A permutation with duplicates of the events of several subjects."""
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    events = [
        (f"s{number}", 1 + version) for number, length in enumerate(lengths) for version in range(length)
    ]
    again = draw(st.lists(st.sampled_from(events), max_size=6))
    return draw(st.permutations(events + again))


EXAMPLES = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@EXAMPLES
@given(order=deliveries())
def test_any_permutation_with_duplicates_is_applied_once_and_in_order(
    db: Database, effects: sa.Table, make_event: MakeEvent, order: Sequence[tuple[str, int]]
) -> None:
    listener = Listener(db, effects)
    outcomes = [listener.receive(make_event(*each))[0] for each in order]
    _assert_complete(listener, order)
    assert outcomes.count(Outcome.DUPLICATE) <= len(order) - len(set(order))


@EXAMPLES
@given(order=deliveries(), size=st.integers(2, 7))
def test_several_events_may_share_a_transaction(
    db: Database, effects: sa.Table, make_event: MakeEvent, order: Sequence[tuple[str, int]], size: int
) -> None:
    listener = Listener(db, effects)
    for start in range(0, len(order), size):
        listener.receive(*(make_event(*each) for each in order[start : start + size]))
    _assert_complete(listener, order)


@EXAMPLES
@given(order=deliveries(), data=st.data())
def test_failures_on_the_way_change_nothing(
    db: Database,
    effects: sa.Table,
    make_event: MakeEvent,
    order: Sequence[tuple[str, int]],
    data: st.DataObject,
) -> None:
    flawed = data.draw(st.sets(st.sampled_from(sorted(set(order)))))
    listener = Listener(db, effects, flaws={make_event(*each).id for each in flawed})
    for each in order:
        listener.receive_until_it_works(make_event(*each))
    while waiting := listener.ready():
        listener.receive_until_it_works(waiting[0])
    _assert_complete(listener, order)


@EXAMPLES
@given(order=deliveries())
def test_unordered_events_are_applied_once_as_they_come(
    db: Database, effects: sa.Table, make_event: MakeEvent, order: Sequence[tuple[str, int]]
) -> None:
    listener = Listener(db, effects, ordered=False)
    for each in order:
        listener.receive(make_event(*each))
    assert listener.applied() == list(dict.fromkeys(order))


def _assert_complete(listener: Listener, order: Sequence[tuple[str, int]]) -> None:
    applied = listener.applied()
    assert sorted(applied) == sorted(set(order))  # each once, none missing
    for subject in {subject for subject, _ in order}:
        versions = [version for name, version in applied if name == subject]
        assert versions == sorted(versions)
    assert listener.parked() == 0


def test_concurrent_deliveries_lose_and_repeat_nothing(listener: Listener, make_event: MakeEvent) -> None:
    """Two processes of one consumer: an event must not be parked beside its predecessor's commit."""
    order = [(subject, version) for subject in ("a", "b") for version in range(1, 26)] * 2
    random.Random(7).shuffle(order)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(listener.receive_until_it_works, (make_event(*each) for each in order)))
    _assert_complete(listener, order)


def _while_another_holds(listener: Listener, held: Sequence[Envelope], *meanwhile: Envelope) -> None:
    """Receive some events in a transaction that stays open at its last one, and others beside it."""
    listener.hold_on = held[-1].id
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(listener.receive, *held)
        assert listener.holding.wait(10)
        second = pool.submit(listener.receive, *meanwhile)
        wait([second], timeout=0.5)  # it has to wait for the first: this is the time to do wrong
        listener.go_on.set()
        first.result(10)
        second.result(10)


def test_an_event_is_not_parked_beside_its_predecessor(listener: Listener, make_event: MakeEvent) -> None:
    """Its predecessor has looked for successors already: parked now, nobody would wake it."""
    listener.receive(make_event("a", 1))
    _while_another_holds(listener, [make_event("a", 2)], make_event("a", 3))
    assert listener.applied() == [("a", 1), ("a", 2), ("a", 3)]
    assert listener.parked() == 0


def test_an_event_does_not_overlook_a_successor_being_parked(
    listener: Listener, make_event: MakeEvent
) -> None:
    listener.receive(make_event("a", 1))
    _while_another_holds(listener, [make_event("a", 3), make_event("b", 1)], make_event("a", 2))
    assert listener.applied() == [("a", 1), ("b", 1), ("a", 2), ("a", 3)]
    assert listener.parked() == 0


def test_an_event_waits_for_its_predecessor(listener: Listener, make_event: MakeEvent) -> None:
    assert listener.receive(make_event("a", 3)) == [Outcome.PARKED]
    assert listener.receive(make_event("a", 1)) == [Outcome.APPLIED]
    assert listener.applied() == [("a", 1)]
    assert listener.receive(make_event("a", 2)) == [Outcome.APPLIED]
    assert listener.applied() == [("a", 1), ("a", 2), ("a", 3)]


def test_subjects_do_not_wait_for_each_other(listener: Listener, make_event: MakeEvent) -> None:
    assert listener.receive(make_event("a", 2), make_event("b", 1)) == [Outcome.PARKED, Outcome.APPLIED]
    assert listener.receive(make_event("b", 1, type="other.seen.v1")) == [Outcome.APPLIED]  # another noun
    assert listener.receive(make_event("b", 1, source="else")) == [Outcome.APPLIED]  # another service's


def test_a_parked_event_is_parked_once(listener: Listener, make_event: MakeEvent) -> None:
    assert listener.receive(make_event("a", 2), make_event("a", 2)) == [Outcome.PARKED, Outcome.PARKED]
    assert listener.receive(make_event("a", 2)) == [Outcome.PARKED]
    assert listener.parked() == 1
    assert listener.ready() == []


def test_a_parked_event_does_not_hide_duplicates_before_it(listener: Listener, make_event: MakeEvent) -> None:
    listener.receive(make_event("a", 1), make_event("a", 3))
    assert listener.receive(make_event("a", 1)) == [Outcome.DUPLICATE]


def test_another_event_in_the_same_place_is_refused(listener: Listener, make_event: MakeEvent) -> None:
    listener.receive(make_event("a", 1))
    with pytest.raises(Problem) as refused:
        listener.receive(make_event("a", 1, actor="somebody-else"))
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "contradicting-event")


def test_the_same_event_under_another_version_is_refused(listener: Listener, make_event: MakeEvent) -> None:
    first = make_event("a", 1)
    listener.receive(first)
    with pytest.raises(Problem):
        listener.receive(make_event("a", 2, id=first.id))
    assert listener.receive(make_event("a", 2)) == [Outcome.APPLIED]


def test_consumers_have_an_inbox_each(db: Database, effects: sa.Table, make_event: MakeEvent) -> None:
    for _ in range(2):
        assert Listener(db, effects).receive(make_event()) == [Outcome.APPLIED]


def test_a_failure_leaves_nothing_behind(listener: Listener, make_event: MakeEvent) -> None:
    listener.flaws = {make_event("a", 1).id}
    with pytest.raises(Flaw):
        listener.receive(make_event("a", 1))
    assert listener.applied() == []
    assert listener.receive(make_event("a", 1)) == [Outcome.APPLIED]


def test_a_failing_successor_does_not_undo_its_predecessor(listener: Listener, make_event: MakeEvent) -> None:
    listener.receive(make_event("a", 2), make_event("a", 3))
    listener.flaws = {make_event("a", 2).id}
    assert listener.receive(make_event("a", 1)) == [Outcome.APPLIED]
    assert listener.applied() == [("a", 1)]
    assert [event.version for event in listener.ready()] == [2]
    assert listener.receive(*listener.ready()) == [Outcome.APPLIED]
    assert listener.applied() == [("a", 1), ("a", 2), ("a", 3)]
    assert listener.parked() == 0


@pytest.mark.parametrize("ordered", [True, False])
def test_an_event_that_was_put_aside_may_be_received_again(
    listener: Listener, unordered: Listener, make_event: MakeEvent, ordered: bool
) -> None:
    """What the feed brought and the handler refused is parked; a replay from the dead letters applies it."""
    chosen = listener if ordered else unordered
    event = make_event("a", 1, actor="person:1")
    park = partial(inbox.park, consumer=chosen.name, envelope=event, ordered=ordered, at=AT)
    with chosen.db.write() as tx:
        park(tx)
    assert chosen.ready() == [event]
    assert chosen.receive(event) == [Outcome.APPLIED]
    assert chosen.parked() == 0
