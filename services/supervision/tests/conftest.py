"""A ledger on each database, and facts to put on it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jiangheng.api import registry
from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import inbox
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.db import Database, migrate
from jiangheng.supervision.events import routes
from jiangheng.supervision.kept import CheckpointFile
from jiangheng.supervision.ledger_runtime import LedgerRuntime
from jiangheng.supervision.operations.sequence_facts import sequence_facts

MIGRATIONS = "jiangheng.supervision.migrations"
ORIGIN = "ledger.example/test"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

Fact = Callable[..., Envelope]


@dataclass
class Facts:
    """Makes envelopes as the feeds of the services would hold them: positions and versions without a gap."""

    positions: dict[str, int] = field(default_factory=dict)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)

    def __call__(
        self, type_: str = "institution.submitted.v1", *, subject: str = "", region: str = "22", **more: str
    ) -> Envelope:
        event = registry.event_type(type_)
        source = more.get("source", event.producers[0])
        subject = subject or f"subject-{self.positions.get(source, 0)}"
        self.positions[source] = self.positions.get(source, 0) + 1
        self.versions[event.noun, subject] = self.versions.get((event.noun, subject), 0) + 1
        envelope = Envelope(
            id=str(uuid.uuid4()),
            source=source,
            type=type_,
            subject=subject,
            version=self.versions[event.noun, subject],
            region=region,
            stream="main",
            position=self.positions[source],
            actor=more.get("actor", "person:p-1"),
            data=more.get("data", json.dumps(json.loads(event.example_json()), ensure_ascii=False)),
        )
        envelope.time.FromDatetime(NOON + timedelta(seconds=self.positions[source]))
        return envelope


@dataclass
class Ledger:
    """A ledger under test, with the shortest ways to fill it."""

    runtime: LedgerRuntime
    url: str
    facts: Facts = field(default_factory=Facts)

    def receive(self, envelope: Envelope) -> inbox.Outcome:
        """Deliver an event as the consumer does."""
        clock = self.runtime.machine_clock
        handle = routes(clock)[0].handle
        with self.runtime.db.write() as tx:
            return inbox.receive(tx, "supervision", envelope, handle, ordered=False, at=clock.now())

    def record(self, *envelopes: Envelope) -> None:
        """Deliver events and put them on the log."""
        for envelope in envelopes:
            self.receive(envelope)
        sequence_facts(self.runtime)


@pytest.fixture
def facts() -> Facts:
    return Facts()


@pytest.fixture
def ledger(database_url: str, tmp_path: Path) -> Iterator[Ledger]:
    migrate(database_url, MIGRATIONS)
    db = Database(database_url, name="supervision")
    clock = FixedClock(NOON)
    kept = CheckpointFile(tmp_path / "checkpoints.jsonl")
    key = Ed25519PrivateKey.generate()
    yield Ledger(LedgerRuntime("supervision", db, clock, clock, ORIGIN, key, kept), database_url)
    db.dispose()
