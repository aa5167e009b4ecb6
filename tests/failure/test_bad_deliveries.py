"""What the bus may do to a fact: bring it again, bring it late, bring something that is none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from rich.console import Console

from jiangheng.api.supervision.v1 import ledger_pb2 as ledger
from jiangheng.chassis import envelope
from jiangheng.chassis.routes import queue_name
from jiangheng.local.driver import Driver
from jiangheng.local.journey import Journey
from jiangheng.local.processes import wait_until
from jiangheng.local.proof import entries_of, once_and_without_gap
from jiangheng.local.steps import STEPS
from jiangheng.local.suite import Suite

pytestmark = [pytest.mark.failure, pytest.mark.timeout(300)]
# What the journey makes go over the bus.
HEARD = (("identity", "person"), ("identity", "grant"), ("identity", "key"), ("registration", "institution"))
DLQ = Path(sys.executable).parent / "jiangheng-dlq"


@pytest.fixture
def walked(suite: Suite) -> Iterator[Journey]:
    """The journey up to the complete ledger."""
    driver = Driver(suite.endpoints)
    journey = Journey(driver, suite.place.folder, suite.bootstrap_code)
    for step in STEPS[:10]:
        Console().print(step.number, step.act(journey))
    yield journey
    driver.close()


@contextmanager
def channel(suite: Suite) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(suite.place.amqp_url)) as connection:
        opened = connection.channel()
        opened.confirm_delivery()
        yield opened


def publish(bus: BlockingChannel, entry: ledger.Entry) -> None:
    properties, body = envelope.to_amqp(entry.envelope)
    exchange, key = envelope.exchange_of(entry.envelope.source), envelope.routing_key(entry.envelope)
    bus.basic_publish(exchange, key, body, pika.BasicProperties(**properties), mandatory=True)


def dead_letters(suite: Suite) -> int:
    """How many there are, as the operator's command says."""
    command = [str(DLQ), "list", "--amqp-url", suite.place.amqp_url, "--json"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return sum(row["letters"] for row in json.loads(found.stdout))


def queues_are_empty(suite: Suite) -> bool:
    with channel(suite) as bus:
        names = [queue_name("supervision", source, noun) for source, noun in HEARD]
        return all(bus.queue_declare(name, passive=True).method.message_count == 0 for name in names)


def test_everything_delivered_again_backwards_changes_nothing(suite: Suite, walked: Journey) -> None:
    before = entries_of(walked)
    with channel(suite) as bus:
        for entry in [*reversed(before), *before]:
            publish(bus, entry)
    wait_until(lambda: queues_are_empty(suite), 60, "the repeated events are consumed")
    after = [entry for entry in entries_of(walked) if entry.index < len(before)]
    assert after == before
    once_and_without_gap(entries_of(walked))
    assert dead_letters(suite) == 0


def test_a_poison_message_goes_to_the_dead_letters_and_stops_nobody(suite: Suite, walked: Journey) -> None:
    with channel(suite) as bus:
        bus.basic_publish(
            "registration.events",
            "institution.filed.v1.22",
            b"{not json",
            pika.BasicProperties(delivery_mode=2),
        )
        entry = entries_of(walked)[-1]
        publish(bus, entry)

    wait_until(lambda: dead_letters(suite) == 1, 60, "the poison message is a dead letter")
    wait_until(lambda: queues_are_empty(suite), 60, "the queue goes on")
