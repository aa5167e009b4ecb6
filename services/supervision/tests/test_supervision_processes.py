"""supervision's two processes on a real broker: what another service states comes to stand on the ledger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pika
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pika.exceptions import AMQPError

from jiangheng.api import registry
from jiangheng.api.supervision.v1 import ledger_pb2 as pb
from jiangheng.api.supervision.v1.ledger_pb2_grpc import LedgerServiceStub
from jiangheng.chassis import outbox, schema
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.db import Database
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.publisher import Publisher
from jiangheng.local.processes import free_port

PATIENCE = 60.0


@pytest.fixture
def suite(database_url: str, amqp_url: str, tmp_path: Path) -> Suite:
    return Suite(database_url, amqp_url, tmp_path)


class Suite:
    """A configured supervision, and a service beside it that states facts."""

    def __init__(self, database_url: str, amqp_url: str, folder: Path) -> None:
        self.folder, self.amqp_url = folder, amqp_url
        self.target = f"127.0.0.1:{free_port()}"
        self.ledger_key = self._key("ledger")
        self._key("service")
        self.config = folder / "supervision.toml"
        self.config.write_text(
            f'profile = "demo"\n'
            f'database_url = "{database_url}"\n'
            f'amqp_url = "{amqp_url}"\n'
            f'bind = "{self.target}"\n'
            f'identity_target = "127.0.0.1:1"\n'
            f'service_key_file = "{folder / "service.pem"}"\n'
            f'ledger_origin = "ledger.example/test"\n'
            f'ledger_key_file = "{folder / "ledger.pem"}"\n'
            f'checkpoint_file = "{folder / "checkpoints.jsonl"}"\n'
        )

    def _key(self, name: str) -> Ed25519PrivateKey:
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = self.folder / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(pem)
        return key

    def command(self, name: str) -> list[str]:
        return [sys.executable, "-m", "jiangheng.supervision", name, "--config", str(self.config)]

    @contextmanager
    def running(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process of the service; ended with SIGTERM, which must be enough."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(self.command(name), stdout=log, stderr=log)
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, (self.folder / f"{name}.log").read_text()
        finally:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            process.wait()

    @contextmanager
    def another_service(self, name: str) -> Iterator[Callable[[int], int]]:
        """Another service's outbox and publisher: states so many facts, gives how many were published."""
        db = Database(f"sqlite:///{self.folder / name}.db", name=name)
        with db.write() as tx:
            schema.v1_upgrade(Operations(MigrationContext.configure(tx)))
        publisher = Publisher(db, name, self.amqp_url)
        event = registry.event_type("institution.submitted.v1")

        def state(number: int) -> int:
            with db.write() as tx:
                for each in range(number):
                    fact = outbox.Fact(
                        event.name, f"institution-{each}", event.parse(event.example_json()), "22"
                    )
                    outbox.append(tx, fact, actor="person:p-1", at=MachineClock().now())
            await_(lambda: publisher.run_once() >= 0 and published(db) == number)
            return number

        yield state
        publisher.close()
        db.dispose()

    def size(self) -> int:
        """How long the ledger says it is, by a checkpoint that holds; 0 while it is empty or away."""
        with channel(self.target) as calls, suppress(Problem):
            stub = LedgerServiceStub(calls)
            return int(invoke(stub.GetCheckpoint, pb.GetCheckpointRequest()).checkpoint.size)
        return 0


def published(db: Database) -> int:
    with db.read() as tx:
        done = schema.CHASSIS.outbox.c.published_at.is_not(None)
        return int(tx.execute(sa.select(sa.func.count()).where(done)).scalar_one())


def await_(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_fact_on_the_bus_comes_to_stand_on_the_ledger(suite: Suite) -> None:
    subprocess.run(suite.command("migrate"), check=True, timeout=60)
    with suite.running("consume"), suite.running("serve"), suite.another_service("registration") as state:
        await_(lambda: queue_is_there(suite))
        stated = state(25)
        await_(lambda: suite.size() == stated)
    assert len((suite.folder / "checkpoints.jsonl").read_text().splitlines()) >= 1


def test_serve_does_not_start_before_the_tables_are_there(suite: Suite) -> None:
    done = subprocess.run(suite.command("serve"), timeout=60, capture_output=True, text=True)
    assert (done.returncode, "migrate" in done.stderr) == (3, True)


def queue_is_there(suite: Suite) -> bool:
    with suppress(AMQPError):
        connection = pika.BlockingConnection(pika.URLParameters(suite.amqp_url))
        try:
            connection.channel().queue_declare("supervision.registration.institution.v1", passive=True)
            return True
        finally:
            connection.close()
    return False
