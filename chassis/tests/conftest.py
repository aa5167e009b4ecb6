"""What tests of facts on their way need: facts, the chassis's tables, a hand on the broker."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, cast
from uuid import UUID, uuid5

import pika
import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from pika.exceptions import AMQPError, ChannelClosedByBroker, NackError, UnroutableError

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import envelope, schema
from jiangheng.chassis.db import Database, UtcDateTime
from jiangheng.local.processes import wait_until

logging.getLogger("pika").setLevel(logging.CRITICAL)  # it logs each look at a queue that is not there

AT = datetime(2026, 11, 20, 8, 30, 15, 123456, UTC)
SPACE = UUID("6f0f6e5e-6f4b-4d5e-9b06-8a3f2d3c7f10")

METADATA = sa.MetaData()
schema.tables(METADATA)
EFFECTS = sa.Table(
    "effects",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("consumer", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime),
)

MakeEvent = Callable[..., Envelope]


def event(subject: str = "a", version: int = 1, **members: Any) -> Envelope:
    """A fact about a thing, stated by the service "maker"; the same arguments give the same fact."""
    data = members.pop("data", {"subject": subject, "note": "第" + str(version)})
    made = Envelope(
        id=str(uuid5(SPACE, f"{subject} {version} {sorted(members.items())}")),
        source="maker",
        type="thing.changed.v1",
        subject=subject,
        version=version,
        region="2201",
        stream="main",
        position=version,
        actor="system",
        data=data if isinstance(data, str) else json.dumps(data, ensure_ascii=False),
    )
    made.time.FromDatetime(AT)
    for name, value in members.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def make_event() -> MakeEvent:
    return event


@pytest.fixture
def chassis_url(database_url: str) -> str:
    """A database with the chassis's tables, as migrations make them, and a table of effects."""
    database = Database(database_url, name="set-up", pool_size=1)
    with database.write() as tx:
        operations = Operations(MigrationContext.configure(tx))
        schema.v1_upgrade(cast(ModuleType, operations))  # it is alembic.op without a run around it
        EFFECTS.create(tx)
    database.dispose()
    return database_url


@pytest.fixture
def db(chassis_url: str) -> Iterator[Database]:
    """The same, opened."""
    database = Database(chassis_url, name="test")
    yield database
    database.dispose()


@pytest.fixture
def effects() -> sa.Table:
    """One row for each time a handler took effect."""
    return EFFECTS


class Hand:
    """A hand on the broker: puts messages in, looks into queues."""

    def __init__(self, url: str) -> None:
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self._open()

    def _open(self) -> Any:
        channel = self.connection.channel()
        channel.confirm_delivery()
        return channel

    def publish(self, *events: Envelope) -> None:
        """As the publisher of the events' source would."""
        for each in events:
            properties, body = envelope.to_amqp(each)
            self.put(envelope.exchange_of(each.source), envelope.routing_key(each), properties, body)

    def put(self, exchange: str, key: str, properties: dict[str, Any], body: bytes) -> None:
        """Publish whatever it is until a queue has it."""
        message = pika.BasicProperties(**properties)

        def confirmed() -> bool:
            try:
                self.channel.basic_publish(exchange, key, body, message, mandatory=True)
            except (UnroutableError, NackError):  # not bound yet; its leader is not elected yet
                return False
            return True

        wait_until(confirmed, 20, "a confirm")

    def count(self, queue: str) -> int:
        """Messages ready in the queue; -1 if there is none of this name."""
        try:
            return int(self.channel.queue_declare(queue, passive=True).method.message_count)
        except ChannelClosedByBroker:
            self.channel = self._open()
            return -1

    def wait_for(self, queue: str, messages: int = 0, seconds: float = 20) -> None:
        """Wait until the queue is there and holds so many messages."""
        wait_until(lambda: self.count(queue) == messages, seconds, f"{messages} messages in {queue}")

    def get(self, queue: str) -> tuple[Any, Any, bytes]:
        """Take the next message out of a queue."""
        got: tuple[Any, Any, bytes] = self.channel.basic_get(queue, auto_ack=True)
        return got

    def close(self) -> None:
        with suppress(AMQPError):  # the broker it spoke to was killed
            self.connection.close()


@pytest.fixture
def hand(amqp_url: str) -> Iterator[Hand]:
    holding = Hand(amqp_url)
    yield holding
    holding.close()
