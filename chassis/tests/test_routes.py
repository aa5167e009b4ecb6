"""A table of routes with which an event would wait for ever, or be taken twice, is refused at the start."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jiangheng.api import registry
from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import routes
from jiangheng.chassis.db import Tx
from jiangheng.chassis.dead_letters import known_queues
from jiangheng.chassis.routes import Route

MakeEvent = Callable[..., Envelope]


def ignore(_tx: Tx, _envelope: Envelope) -> None:
    """A handler."""


@pytest.mark.parametrize(
    "table",
    [
        [Route("maker", "thing.#", ignore)],
        [Route("maker", "#", ignore), Route("other", "thing.#", ignore)],
        [Route("maker", "thing.#", ignore), Route("maker", "part.#", ignore, ordered=False)],
        [Route("maker", "thing.changed.v1.22", ignore, ordered=False)],
        [Route("maker", "thing.*.v1.#", ignore, ordered=False)],
    ],
)
def test_sound_tables_are_accepted(table: list[Route]) -> None:
    routes.check("listener", table)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ([], "no routes"),
        ([Route("maker", "thing.changed.#", ignore)], "must bind the whole noun"),
        ([Route("maker", "thing.*.v1.22", ignore)], "must bind the whole noun"),
        ([Route("maker", "*.changed.#", ignore)], "begin with a noun"),
        ([Route("maker", "thing", ignore)], "begin with a noun"),
        ([Route("maker.events", "thing.#", ignore)], "not a name of a service"),
        ([Route("maker", "thing.#", ignore), Route("maker", "thing.a.#", ignore, ordered=False)], "2 routes"),
        ([Route("maker", "#", ignore), Route("maker", "thing.#", ignore)], "not the only route"),
    ],
)
def test_a_table_that_would_lose_or_repeat_events_is_refused(table: list[Route], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        routes.check("listener", table)


def test_every_fault_is_said_at_once() -> None:
    table = [Route("Maker", "thing.a.#", ignore), Route("maker", "", ignore)]
    with pytest.raises(ValueError, match=r"'No Name'.*'Maker'.*whole noun.*begin with a noun"):
        routes.check("No Name", table)


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("#", True),
        ("thing.#", True),
        ("thing.changed.v1.22", True),
        ("thing.changed.*.22", True),
        ("thing.*.#", True),
        ("#.22", True),
        ("thing.changed.v1.11", False),
        ("thing.changed.v1", False),
        ("thing.changed.v1.22.*", False),
        ("part.#", False),
    ],
)
def test_a_route_takes_what_the_broker_would_bring(make_event: MakeEvent, pattern: str, taken: bool) -> None:
    assert Route("maker", pattern, ignore).takes(make_event(region="2201")) is taken
    assert not Route("other", pattern, ignore).takes(make_event(region="2201"))


def test_the_names_of_dead_letter_queues_follow_from_the_registry() -> None:
    listened = [event for event in registry.events().values() if event.consumers]
    names = known_queues()
    for event in listened:
        queue = routes.queue_name(event.consumers[0], event.producers[0], event.noun)
        assert routes.dead_queue_name(queue) in names
    assert names == sorted(set(names))
