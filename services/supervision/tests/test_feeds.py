"""Completing the ledger from feeds: real feeds over real gRPC, with service tokens, and no bus at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jiangheng.api import registry
from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.api.feed.v1 import feed_pb2, feed_pb2_grpc
from jiangheng.api.identity.v1 import identity_pb2, identity_pb2_grpc
from jiangheng.api.identity.v1.events_pb2 import PersonRegistered
from jiangheng.chassis import schema
from jiangheng.chassis.auth import Caller, Grant, TokenVerifier, sign_token
from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.db import Database
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.feed import FeedServicer, HeadSigner, InvalidHead, list_events
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.keyset import JwksFetcher, jwks
from jiangheng.chassis.outbox import Fact
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.publisher import stamp
from jiangheng.chassis.runtime import Runtime
from jiangheng.chassis.server import Mounted, Server, build_server
from jiangheng.chassis.serving import refusals_of
from jiangheng.supervision import store
from jiangheng.supervision.config import SupervisionConfig
from jiangheng.supervision.feeds import readers
from jiangheng.supervision.operations.sequence_facts import sequence_facts

FEED = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
TOKENS = identity_pb2.DESCRIPTOR.services_by_name["TokenService"]


class Tokens(identity_pb2_grpc.TokenServiceServicer):
    """Gives service tokens as identity does: to whom proves himself with his key."""

    def __init__(self, key: Ed25519PrivateKey, asks: Ed25519PrivateKey, scopes: set[str]) -> None:
        self._key, self._asks, self._scopes = key, asks, scopes

    def IssueServiceToken(self, request: Any, context: Any) -> Any:
        claims = jwt.decode(request.assertion, self._asks.public_key(), ["EdDSA"], audience="identity")
        caller = Caller("service", claims["sub"], (Grant("service", frozenset(self._scopes), region="00"),))
        at = MachineClock().now()
        token = sign_token(caller, request.audience, key_id="k", private_key=self._key, at=at)
        return identity_pb2.IssueServiceTokenResponse(access_token=token)


@dataclass
class Neighbour:
    """Another service with facts to tell."""

    runtime: Runtime
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def state(self, *facts: Fact) -> None:
        with self.runtime.db.write() as tx:
            for fact in facts:
                self.runtime.state(tx, fact, "person:p-1")
        with self.runtime.db.write() as tx:
            stamp(tx, "main", 100)

    def feed(self) -> Mounted:
        servicer = FeedServicer(self.runtime, HeadSigner("head-key", self.key))
        return Mounted(FEED, feed_pb2_grpc.add_FeedServiceServicer_to_server, servicer)


@dataclass
class Surroundings:
    """What supervision is configured with: identity for tokens, registration for facts."""

    registration: Neighbour
    config: SupervisionConfig
    folder: Path
    scopes: set[str]


@pytest.fixture
def around(ledger: Any, tmp_path: Path) -> Iterator[Surroundings]:
    # Tokens and assertions are of this moment.
    ledger.runtime = replace(ledger.runtime, machine_clock=MachineClock())
    token_key, own_key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    registration, scopes = neighbour(tmp_path, "registration"), {"feed.read"}
    tokens = Mounted(
        TOKENS,
        identity_pb2_grpc.add_TokenServiceServicer_to_server,
        Tokens(token_key, own_key, scopes),
    )
    with ExitStack() as stack:
        stack.callback(registration.runtime.db.dispose)
        identity = serve(stack, "identity", tokens, token_key)
        feed = serve(stack, "registration", registration.feed(), token_key)
        public = registration.key.public_key()
        head = tmp_path / "registration.public.pem"
        head.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        config = SupervisionConfig(
            profile="demo",
            database_url=ledger.url,
            amqp_url="amqp://127.0.0.1:1",
            identity_target=f"127.0.0.1:{identity.port}",
            service_key_file=private_file(tmp_path / "service.pem", own_key),
            ledger_origin="ledger.example/test",
            ledger_key_file=private_file(tmp_path / "ledger.pem", own_key),
            checkpoint_file=tmp_path / "checkpoints.jsonl",
            sources={"registration": {"target": f"127.0.0.1:{feed.port}", "key_file": head}},
        )
        yield Surroundings(registration, config, tmp_path, scopes)


def neighbour(folder: Path, name: str) -> Neighbour:
    db = Database(f"sqlite:///{folder / name}.neighbour.db", name=name)
    with db.write() as tx:
        schema.v1_upgrade(Operations(MigrationContext.configure(tx)))
    return Neighbour(Runtime(name, db, MachineClock(), MachineClock()))


def serve(stack: ExitStack, name: str, mounted: Mounted, token_key: Ed25519PrivateKey) -> Server:
    keys = JwksFetcher(lambda: jwks({"k": token_key.public_key()}), MachineClock())
    guard = Guard(
        methods_of([mounted.descriptor]), TokenVerifier(name, keys, MachineClock()), {}, lambda *_: None
    )
    server = build_server(bind="127.0.0.1:0", mounted=[mounted], guard=guard, ping=lambda: None, workers=4)
    server.start()
    stack.callback(server.stop, 1.0)
    return server


def private_file(path: Path, key: Ed25519PrivateKey) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def submitted(subject: str) -> Fact:
    event = registry.event_type("institution.submitted.v1")
    return Fact(event.name, subject, event.parse(event.example_json()), "22")


def read_all(ledger: Any, around: Surroundings) -> None:
    for _, reader in readers(ledger.runtime, around.config):
        while reader.run_once():
            pass
    sequence_facts(ledger.runtime)


def recorded(ledger: Any) -> list[Any]:
    with ledger.runtime.db.read() as tx:
        entries = store.list_entries(tx, frozenset({"00"}), store.Circumstances(), -1, 1000)
    return [json.loads(entry.envelope) for entry in entries]


@pytest.mark.requirement("IAM-017")
def test_the_ledger_is_complete_without_the_bus(ledger: Any, around: Surroundings) -> None:
    around.registration.state(submitted("a"), submitted("b"), submitted("a"))
    read_all(ledger, around)
    around.registration.state(submitted("c"))
    read_all(ledger, around)
    read_all(ledger, around)
    found = recorded(ledger)
    assert [(each["subject"], each["position"]) for each in found] == [
        ("a", "1"),
        ("b", "2"),
        ("a", "3"),
        ("c", "4"),
    ]
    assert {each["source"] for each in found} == {"registration"}


def test_what_the_bus_brought_already_stands_there_once(ledger: Any, around: Surroundings) -> None:
    around.registration.state(submitted("a"), submitted("b"))
    with around.registration.runtime.db.read() as tx:
        events, _ = list_events(tx, "registration", "main", 0, 10)
    ledger.receive(events[1])
    read_all(ledger, around)
    ledger.receive(events[0])
    sequence_facts(ledger.runtime)
    assert sorted(each["id"] for each in recorded(ledger)) == sorted(event.id for event in events)


def test_a_noun_that_no_route_knows_is_on_the_ledger_all_the_same(ledger: Any, around: Surroundings) -> None:
    around.registration.state(Fact("novelty.stated.v1", "n", PersonRegistered(person_id="n")))
    read_all(ledger, around)
    assert [each["type"] for each in recorded(ledger)] == ["novelty.stated.v1"]


@pytest.mark.requirement("IAM-002")
def test_supervisions_own_refusals_come_from_its_own_feed(ledger: Any, around: Surroundings) -> None:
    refusal = RefusalRecorded(refusal_id="r-1", caller="person:x", rule="IAM-002")
    refusals_of(ledger.runtime)(refusal, "22")
    with ledger.runtime.db.write() as tx:
        stamp(tx, "main", 100)
    read_all(ledger, around)
    (found,) = recorded(ledger)
    assert (found["source"], found["type"], found["actor"]) == (
        "supervision",
        "refusal.recorded.v1",
        "person:x",
    )


def test_a_feed_signed_by_somebody_else_is_not_believed(ledger: Any, around: Surroundings) -> None:
    around.registration.state(submitted("a"))
    around.registration.key = Ed25519PrivateKey.generate()
    public = around.registration.key.public_key()
    head = around.config.sources["registration"].key_file
    head.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(InvalidHead):
        read_all(ledger, around)
    assert recorded(ledger) == []


def test_a_feed_is_not_given_to_who_may_not_read_it(ledger: Any, around: Surroundings) -> None:
    around.registration.state(submitted("a"))
    around.scopes.clear()
    around.scopes.add("something.else")
    with pytest.raises(Problem, match="IAM-002"):
        read_all(ledger, around)
    assert recorded(ledger) == []


def test_a_key_file_that_is_none_is_said_at_the_start(ledger: Any, around: Surroundings) -> None:
    around.config.sources["registration"].key_file.write_text("no key")
    with pytest.raises(ConfigError, match=r"sources\.registration\.key_file"):
        list(readers(ledger.runtime, around.config))


def test_facts_are_taken_in_by_feed_where_the_sequencer_finds_them(ledger: Any, around: Surroundings) -> None:
    around.registration.state(submitted("a"))
    name, reader = next(iter(readers(ledger.runtime, around.config)))
    assert (name, reader.run_once()) == ("registration", 1)
    with ledger.runtime.db.read() as tx:
        assert len(tx.execute(sa.select(store.due)).all()) == 1
