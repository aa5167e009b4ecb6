"""A ledger on each database, and facts to put on it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jiangheng.api import registry
from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.supervision.v1.ledger_pb2_grpc import LedgerServiceStub
from jiangheng.chassis import checkpoint, inbox, merkle
from jiangheng.chassis.auth import Caller, CallerKind, Grant, TokenVerifier, sign_token
from jiangheng.chassis.client import channel
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.db import Database, migrate
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.keyset import JwksFetcher, jwks
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.server import build_server
from jiangheng.chassis.serving import refusals_of
from jiangheng.supervision import api, store
from jiangheng.supervision.events import routes
from jiangheng.supervision.kept import CheckpointFile
from jiangheng.supervision.ledger_runtime import LedgerRuntime
from jiangheng.supervision.operations.find_forgotten import find_forgotten
from jiangheng.supervision.operations.sequence_facts import sequence_facts

MIGRATIONS = "jiangheng.supervision.migrations"
TOKEN_KEY = "token-key-1"
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

    def tamper(self, *statements: sa.Executable) -> None:
        """What somebody with the owner's rights can do to the database: switch the triggers off and write."""
        with self.runtime.db.write() as tx:
            for table in store.INSERT_ONLY:
                if tx.dialect.name == "postgresql":
                    tx.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER ALL")
                    continue
                for change in ("update", "delete"):
                    tx.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_no_{change}")
            for statement in statements:
                tx.execute(statement)

    def rewind(self, size: int) -> None:
        """Make the store what it was at an earlier size, as restoring an old copy does."""
        tree, leaves = (
            merkle.MemoryTree(),
            sa.select(store.entry.c.leaf_hash).order_by(store.entry.c.log_index),
        )
        with self.runtime.db.read() as tx:
            tree.append(list(tx.execute(leaves).scalars())[:size])
        now = self.runtime.machine_clock.now()
        note = checkpoint.sign(self.runtime.origin, size, tree.root, now, self.runtime.key)
        stated = sa.insert(store.checkpoint).values(size=size, root=tree.root, note=note, made_at=now)
        self.tamper(
            sa.delete(store.checkpoint),
            sa.delete(store.node).where(
                store.node.c.node_index >= sa.literal(size).op(">>")(store.node.c.level)
            ),
            sa.delete(store.entry).where(store.entry.c.log_index >= size),
            *([stated] if size else []),
        )

    def rewrite(self) -> None:
        """What an operator could do who holds the key: another log from the start, and another file."""
        self.rewind(0)
        self.runtime.kept.path.unlink()
        self.tamper(sa.update(store.intake).values(id=-store.intake.c.id))
        find_forgotten(self.runtime)
        sequence_facts(self.runtime)


@dataclass
class Served:
    """A ledger behind a real gRPC server and the real Guard, and tokens for it."""

    ledger: Ledger
    target: str
    stub: LedgerServiceStub
    token_key: Ed25519PrivateKey

    def token(
        self,
        *regions: str,
        scope: str = "supervision.evidence.read",
        audience: str = "supervision",
        kind: CallerKind = "person",
        at: datetime = NOON,
    ) -> str:
        """A token with one grant for each region."""
        grants = tuple(Grant("auditor", frozenset({scope}), region=region) for region in regions)
        caller = Caller(kind, "reader", grants)
        return sign_token(caller, audience, key_id=TOKEN_KEY, private_key=self.token_key, at=at)


@pytest.fixture
def served(ledger: Ledger) -> Iterator[Served]:
    token_key = Ed25519PrivateKey.generate()
    runtime = ledger.runtime
    keys = JwksFetcher(lambda: jwks({TOKEN_KEY: token_key.public_key()}), runtime.machine_clock)
    mounted = [api.mounted(runtime)]
    guard = Guard(
        methods_of(each.descriptor for each in mounted),
        TokenVerifier("supervision", keys, runtime.machine_clock),
        {},
        refusals_of(runtime),
    )
    server = build_server(bind="127.0.0.1:0", mounted=mounted, guard=guard, ping=runtime.db.ping, workers=4)
    server.start()
    target = f"127.0.0.1:{server.port}"
    with channel(target) as calls:
        yield Served(ledger, target, LedgerServiceStub(calls), token_key)
    server.stop(1.0)


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
