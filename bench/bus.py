"""Outbox to consumer: facts a second from the first stamp to the last committed effect.

Beside it, in the same run and on the same broker: pika alone, publishing as many messages of the same size
with a window of confirms into a quorum queue that nobody reads.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pika
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bench.report import Result
from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.registration.v1.events_pb2 import InstitutionReturned
from jiangheng.chassis import outbox, schema, telemetry
from jiangheng.chassis.bus import BusSession, Message
from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.consumer import run as consume
from jiangheng.chassis.db import Database, Tx
from jiangheng.chassis.publisher import Publisher
from jiangheng.chassis.routes import Route
from jiangheng.local import backing

SOURCE = "bench"
FACTS = 20_000
BATCH = 500
SUBJECTS = 2_000


def run() -> list[Result]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        broker = backing.broker(folder / "rabbitmq")
        broker.start()
        try:
            raw = bare(broker.url)
            return [
                Result(
                    f"outbox to consumer ({FACTS:,} facts, SQLite)",
                    through(folder, broker.url),
                    "bare pika, confirms in windows of 500",
                    raw,
                    floor=0.1,
                    aim=0.3,
                )
            ]
        finally:
            broker.remove()


def bare(url: str) -> float:
    """Messages a second that the broker confirms."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.exchange_declare("bare.events", "topic", durable=True)
        channel.queue_declare("bare", durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("bare", "bare.events", "#")
    session = BusSession(url, "bare.events")
    if not session.ready(10):
        raise RuntimeError(f"the broker does not answer: {session.trouble}")
    body = InstitutionReturned(credit_code="x" * 18, reason="r" * 200).SerializeToString()
    started = time.perf_counter()
    for first in range(0, FACTS, BATCH):
        batch = [
            Message("a.b.v1", {"message_id": str(first + n), "delivery_mode": 2}, body) for n in range(BATCH)
        ]
        if len(session.publish(batch, 60).confirmed) != BATCH:
            raise RuntimeError(f"not confirmed: {session.trouble}")
    taken = time.perf_counter() - started
    session.close()
    return FACTS / taken


def through(folder: Path, url: str) -> float:
    """Facts a second through outbox, stamp, bus, inbox and commit."""
    sender, receiver = database(folder / "sender.db"), database(folder / "receiver.db")
    with consuming(folder / "receiver.db", url):
        publisher = Publisher(sender, SOURCE, url, batch=BATCH)
        warm_up(publisher, sender, receiver)
        before = received(receiver)
        state_facts(sender, FACTS)
        started = time.perf_counter()
        until_received(publisher, receiver, before + FACTS)
        taken = time.perf_counter() - started
        publisher.close()
    return FACTS / taken


def warm_up(publisher: Publisher, sender: Database, receiver: Database) -> None:
    """One fact after the other until one arrives: before its queue is bound the bus drops them."""
    until = time.monotonic() + 60
    while received(receiver) == 0:
        state_facts(sender, 1)
        publisher.run_once()
        time.sleep(0.3)
        if time.monotonic() > until:
            raise RuntimeError("the consumer does not bind its queue")


def until_received(publisher: Publisher, receiver: Database, wanted: int) -> None:
    """Publishes until all are received; gives up when nothing has arrived for a minute."""
    count, patience = 0, time.monotonic() + 60
    while count < wanted:
        publisher.run_once()
        now = received(receiver)
        if now > count:
            count, patience = now, time.monotonic() + 60
        if time.monotonic() > patience:
            raise RuntimeError(f"{count} of {wanted} facts came through")
        time.sleep(0.05)


def received(db: Database) -> int:
    with db.read() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(schema.CHASSIS.inbox)).scalar_one())


def state_facts(db: Database, count: int) -> None:
    """Facts about as many subjects, a few each, as a morning of filings has them."""
    clock = MachineClock()
    run = uuid4().hex
    for first in range(0, count, BATCH):
        with db.write() as tx:
            for number in range(first, min(first + BATCH, count)):
                subject = f"{run}-{number % SUBJECTS}"
                message = InstitutionReturned(credit_code="x" * 18, reason="r" * 200)
                fact = outbox.Fact("institution.returned.v1", subject, message)
                outbox.append(tx, fact, actor="system", at=clock.now())


def database(path: Path) -> Database:
    db = Database(f"sqlite:///{path}", name="bench")
    with db.write() as tx:
        schema.v1_upgrade(Operations(MigrationContext.configure(tx)))
    return db


@contextmanager
def consuming(path: Path, url: str) -> Iterator[None]:
    told = json.dumps({"database": str(path), "url": url})
    process = subprocess.Popen([sys.executable, "-m", "bench.bus"], stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(told)
    process.stdin.close()
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def effect(tx: Tx, envelope: Envelope) -> None:
    """The inbox row alone: what every consumer does at least."""


def main(told: dict[str, Any]) -> int:
    telemetry.configure("bench", "ERROR")
    db = Database(f"sqlite:///{told['database']}", name="bench")
    return consume(
        "bench-consumer", [Route(SOURCE, "institution.#", effect)], db, told["url"], MachineClock()
    )


if __name__ == "__main__":
    sys.exit(main(json.load(sys.stdin)))
