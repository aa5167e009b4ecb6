"""A consumer on a real broker: nothing is lost, nothing happens twice, and one bad event stops nobody."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import dlq, envelope
from jiangheng.chassis.db import Database
from jiangheng.chassis.schema import CHASSIS
from jiangheng.local.processes import Child, free_port, wait_until

PROGRAM = Path(__file__).with_name("consuming.py")
QUEUE = "listener.maker.thing.v1"
DEAD = f"{QUEUE}.dead"
MakeEvent = Callable[..., Envelope]

# What is the same whichever database stands behind it is tried with one.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Consumer(Child):
    """A consumer process, and what it has done to its database."""

    def __init__(self, told: dict[str, Any], db: Database, effects: sa.Table) -> None:
        log = Path(told["folder"]) / "consumer.log"
        super().__init__("consumer", [sys.executable, str(PROGRAM), json.dumps(told)], log)
        self.db, self.effects, self.folder_of_signs = db, effects, Path(told["folder"])

    @property
    def code(self) -> int | None:
        assert self._process is not None
        return self._process.poll()

    def applied(self) -> list[tuple[str, int]]:
        query = sa.select(self.effects.c.subject, self.effects.c.version).order_by(self.effects.c.id)
        with self.db.read() as tx:
            return [(subject, version) for subject, version in tx.execute(query)]

    def wait_applied(self, count: int, seconds: float = 20) -> None:
        wait_until(lambda: len(self.applied()) >= count, seconds, f"{count} effects")

    def wait_holding(self) -> None:
        wait_until((self.folder_of_signs / "holding").exists, 20, "an event in hand")

    def go(self) -> None:
        (self.folder_of_signs / "go").touch()


@pytest.fixture
def consumer(
    amqp_url: str, database_url: str, db: Database, effects: sa.Table, tmp_path: Path
) -> Iterator[Callable[..., Consumer]]:
    """Makes consumers, started unless told otherwise, with short pauses; they are gone after the test."""
    made: list[Consumer] = []

    def make(*, start: bool = True, patterns: tuple[str, ...] = ("thing.#",), **told: Any) -> Consumer:
        limits = {"first_pause": 0.02, "longest_pause": 0.2, "deliveries": 4} | told.pop("limits", {})
        told = {"name": "listener", "database_url": database_url, "amqp_url": amqp_url, **told}
        told |= {"patterns": patterns, "limits": limits, "folder": str(tmp_path)}
        one = Consumer({"metrics_port": 0, "tls_ca": "", **told}, db, effects)
        made.append(one)
        if start:
            one.start()
        return one

    yield make
    for one in made:
        one.kill9()


def test_events_are_applied_in_order_and_acknowledged(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    hand.publish(*(make_event(subject, version) for version in range(1, 30) for subject in "ab"))
    listener.wait_applied(58)
    listener.stop()
    assert listener.code == 0
    assert hand.count(QUEUE) == 0
    assert hand.count(DEAD) == 0
    assert [each for each in listener.applied() if each[0] == "a"] == [("a", n) for n in range(1, 30)]


def test_duplicated_and_reordered_events_are_applied_once_in_order(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    hand.publish(*(make_event("a", version) for version in (3, 1, 1, 3, 4, 2, 2, 4, 1, 5)))
    listener.wait_applied(5)
    listener.stop()  # whatever is still to be done, it must not change anything
    assert listener.applied() == [("a", n) for n in range(1, 6)]
    assert (hand.count(QUEUE), hand.count(DEAD)) == (0, 0)


@pytest.mark.failure
def test_a_consumer_killed_in_the_middle_of_an_event_applies_it_once(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    first = consumer()
    hand.wait_for(QUEUE)
    hand.publish(make_event("a", 1, data={"do": "hold"}), make_event("b", 1))
    first.wait_holding()
    first.kill9()
    first.go()
    hand.wait_for(QUEUE, 2)  # nothing was acknowledged before its commit
    assert first.applied() == []
    second = consumer()
    second.wait_applied(2)
    second.stop()
    assert sorted(second.applied()) == [("a", 1), ("b", 1)]
    assert (hand.count(QUEUE), hand.count(DEAD)) == (0, 0)


@ON_SQLITE
@pytest.mark.parametrize("do", ["refuse", "fail"])
def test_a_poisonous_event_becomes_a_dead_letter_and_the_others_go_on(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent, do: str
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    poison = make_event("bad", 1, data={"do": do})
    hand.publish(make_event("a", 1), poison, make_event("bad", 2))
    wait_until(lambda: poison.id in listener.log.read_text(), 10, "the first try")
    hand.publish(make_event("a", 2))  # acknowledged while the other is held back for its next try
    hand.wait_for(DEAD, 1)
    listener.wait_applied(2)
    assert listener.applied() == [("a", 1), ("a", 2)]
    _, properties, body = hand.get(DEAD)
    assert envelope.from_amqp(properties.headers, body) == poison
    reason = {"refuse": "rejected", "fail": "delivery_limit"}[do]
    assert properties.headers["x-first-death-reason"] == reason


NO_EVENTS: list[tuple[dict[str, Any], bytes]] = [
    ({}, b"not an event"),
    ({"content_type": "application/json", "content_encoding": "utf-8"}, b"{"),
    ({"content_type": "application/x-python-serialize", "content_encoding": "binary"}, b"\x80\x04."),
    ({"content_type": "application/json", "content_encoding": "no-such-code"}, b"\xff\xfe"),
    ({"headers": {"compression": "application/x-gzip"}}, b"not packed"),
    ({"headers": {"ce-id": b"\xff", "ce-specversion": 7}}, b"{}"),
    ({"headers": {"x-delivery-count": "many"}}, b"[]"),
]


@ON_SQLITE
def test_what_is_no_event_becomes_a_dead_letter_and_the_others_go_on(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    for properties, body in NO_EVENTS:
        hand.put("maker.events", "thing.changed.v1.22", properties, body)
    hand.publish(make_event())
    hand.wait_for(DEAD, len(NO_EVENTS))
    listener.wait_applied(1)
    assert {hand.get(DEAD)[2] for _ in NO_EVENTS} == {body for _, body in NO_EVENTS}
    assert listener.alive()


@ON_SQLITE
def test_an_event_of_another_source_is_not_believed(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    """A service that may write to its own exchange only cannot speak for another."""
    listener = consumer()
    hand.wait_for(QUEUE)
    properties, body = envelope.to_amqp(make_event(source="identity"))
    hand.put("maker.events", "thing.changed.v1.22", properties, body)
    hand.wait_for(DEAD, 1)
    assert listener.applied() == []


@ON_SQLITE
def test_a_narrow_route_gets_what_it_bound_only(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    listener = consumer(patterns=("thing.changed.v1.22",))
    hand.wait_for(QUEUE)
    hand.publish(make_event("a", 5, region="2201"))
    properties, body = envelope.to_amqp(make_event("a", 6, region="1101"))
    hand.channel.basic_publish("maker.events", "thing.changed.v1.11", body)
    hand.publish(make_event("a", 7, region="22"))
    listener.wait_applied(2)
    assert listener.applied() == [("a", 5), ("a", 7)]
    assert properties["headers"]["ce-region"] == "1101"


@pytest.mark.failure
def test_consumption_goes_on_after_the_broker_was_killed(
    consumer: Callable[..., Consumer], broker: Any, hand: Any, amqp_url: str, make_event: MakeEvent
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    hand.publish(*(make_event("a", version) for version in (1, 2)))
    hand.publish(make_event("held", 1, data={"do": "hold"}))
    listener.wait_holding()
    broker.kill9()
    listener.go()  # committed while the broker is away: what it delivers again is a duplicate
    listener.wait_applied(3)
    broker.start()
    again = type(hand)(amqp_url)
    again.publish(make_event("a", 3))
    listener.wait_applied(4, seconds=40)
    again.wait_for(QUEUE)
    listener.stop()
    assert listener.code == 0
    again.wait_for(QUEUE)
    assert sorted(listener.applied()) == [("a", 1), ("a", 2), ("a", 3), ("held", 1)]
    assert again.count(DEAD) == 0
    again.close()


@ON_SQLITE
@pytest.mark.failure
def test_without_a_broker_it_starts_and_stops(
    consumer: Callable[..., Consumer], broker: Any, hand: Any, amqp_url: str, make_event: MakeEvent
) -> None:
    broker.kill9()
    listener = consumer()
    wait_until(lambda: "broker away" in listener.log.read_text(), 20, "a word about the broker")
    _assert_stops_promptly(listener)
    waiting = consumer()
    broker.start()
    again = type(hand)(amqp_url)
    again.wait_for(QUEUE, seconds=40)
    again.publish(make_event())
    waiting.wait_applied(1)
    broker.kill9()
    wait_until(lambda: waiting.log.read_text().count("broker away") > 2, 20, "a word about the broker")
    _assert_stops_promptly(waiting)


@ON_SQLITE
def test_sigterm_lets_the_event_in_hand_finish(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    hand.publish(make_event("a", 1, data={"do": "hold"}))
    listener.wait_holding()
    hand.publish(make_event("a", 2))
    assert listener._process is not None
    listener._process.terminate()
    wait_until(lambda: not listener.alive() or "stopping" in listener.log.read_text(), 10, "the signal")
    assert listener.alive()
    listener.go()
    wait_until(lambda: not listener.alive(), 10, "the end")
    assert listener.code == 0
    assert listener.applied() == [("a", 1)]
    hand.wait_for(QUEUE, 1)


@ON_SQLITE
def test_a_signal_while_it_starts_is_not_lost(consumer: Callable[..., Consumer]) -> None:
    starting = consumer()
    wait_until(lambda: "consumer starting" in starting.log.read_text(), 20, "the start", every=0.005)
    _assert_stops_promptly(starting)


@ON_SQLITE
def test_sigterm_does_not_wait_for_a_hopeless_event(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    listener = consumer(limits={"grace": 0.5})
    hand.wait_for(QUEUE)
    hand.publish(make_event("a", 1, data={"do": "hold"}))
    listener.wait_holding()
    _assert_stops_promptly(listener)
    assert listener.applied() == []
    hand.wait_for(QUEUE, 1)


def _assert_stops_promptly(consumer: Consumer) -> None:
    began = time.monotonic()
    consumer.stop()
    assert consumer.code == 0
    assert time.monotonic() - began < 5


@ON_POSTGRESQL
@pytest.mark.failure
def test_a_database_that_is_away_is_no_fault_of_the_event(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent, postgresql: Any
) -> None:
    listener = consumer(limits={"deliveries": 1})
    hand.wait_for(QUEUE)
    hand.publish(make_event("a", 1))
    listener.wait_applied(1)
    postgresql.kill9()
    hand.publish(make_event("a", 2))
    wait_until(lambda: listener.log.read_text().count("database away") > 3, 30, "tries")
    postgresql.start()
    listener.wait_applied(2)
    hand.wait_for(QUEUE)
    assert hand.count(DEAD) == 0


@ON_SQLITE
def test_the_queue_and_its_dead_letters_are_replicated_and_safe(
    consumer: Callable[..., Consumer], hand: Any, broker_of_run: Any, amqp_url: str
) -> None:
    consumer()
    hand.wait_for(QUEUE)
    hand.wait_for(DEAD)
    vhost = amqp_url.rsplit("/", 1)[1]
    kept = json.loads(broker_of_run.api._call("GET", f"queues/{vhost}/{QUEUE}"))
    assert kept["arguments"] == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 4,
        "x-dead-letter-exchange": "listener.dead",
        "x-dead-letter-routing-key": DEAD,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    dead = json.loads(broker_of_run.api._call("GET", f"queues/{vhost}/{DEAD}"))
    assert dead["arguments"]["x-queue-type"] == "quorum"
    assert kept["durable"]
    assert dead["durable"]


@ON_SQLITE
def test_what_became_of_events_is_counted(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    port = free_port()
    listener = consumer(metrics_port=port)
    hand.wait_for(QUEUE)
    events = [make_event("a", 1), make_event("a", 1), make_event("a", 3)]
    hand.publish(*events, make_event("b", 1, data={"do": "refuse"}), make_event("c", 1, data={"do": "fail"}))
    hand.wait_for(DEAD, 2)
    listener.wait_applied(1)
    hand.wait_for(QUEUE)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    counted = dict(line.rsplit(" ", 1) for line in lines if line.startswith("jiangheng_events_total"))
    name = 'jiangheng_events_total{{consumer="listener",outcome="{}",source="maker"}}'
    outcomes = ("applied", "duplicate", "parked", "rejected", "requeued")
    assert {each: float(counted[name.format(each)]) for each in outcomes} == {
        "applied": 1,
        "duplicate": 1,
        "parked": 1,
        "rejected": 1,
        "requeued": 5,
    }


@ON_SQLITE
def test_what_an_event_holds_is_not_logged(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    for do in ("refuse", "fail"):
        hand.publish(make_event(do, 1, data={"do": do, "note": "canary-in-the-data"}))
    hand.wait_for(DEAD, 2)
    listener.stop()
    log = listener.log.read_text()
    assert "event rejected" in log
    assert "event failed" in log
    assert "canary-in-the-data" not in log


@ON_SQLITE
def test_a_dead_letter_replayed_after_the_fault_was_mended_is_applied(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent, amqp_url: str
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    hand.publish(make_event("a", 1, data={"do": "fail_before_go"}), make_event("a", 2))
    hand.wait_for(DEAD, 1)
    assert listener.applied() == []
    listener.go()
    replayed = CliRunner().invoke(dlq.app, ["replay", QUEUE, "--all", "--amqp-url", amqp_url])
    assert replayed.exit_code == 0, replayed.output
    listener.wait_applied(2)
    assert listener.applied() == [("a", 1), ("a", 2)]
    assert hand.count(DEAD) == 0


@ON_SQLITE
def test_parked_events_are_kept_in_the_database(
    consumer: Callable[..., Consumer], hand: Any, make_event: MakeEvent, db: Database
) -> None:
    listener = consumer()
    hand.wait_for(QUEUE)
    hand.publish(make_event("a", 2))
    query = sa.select(CHASSIS.parked.c.event_id)

    def parked() -> bool:
        with db.read() as tx:
            return tx.execute(query).scalars().all() == [make_event("a", 2).id]

    wait_until(parked, 10, "the parked event")
    listener.kill9()
    second = consumer()
    hand.publish(make_event("a", 1))
    second.wait_applied(2)
    assert second.applied() == [("a", 1), ("a", 2)]


class TlsListener:
    """Waits for one client over TLS, with a certificate for some address."""

    def __init__(self, folder: Path, address: str) -> None:
        self.certificate, key = _certificate(folder, address)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.port = self._listener.getsockname()[1]

    def first_words(self) -> bytes:
        """What a client says after the handshake; empty if it refuses the certificate."""
        self._listener.settimeout(20)
        try:
            connection, _ = self._listener.accept()
            with connection:
                return connection.recv(8)
        except ssl.SSLError:
            return b""

    def close(self) -> None:
        self._listener.close()


def _certificate(folder: Path, address: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "broker.pem", folder / "broker.key"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private


@ON_SQLITE
@pytest.mark.parametrize(
    ("trusted", "address", "words"),
    [
        pytest.param(True, "127.0.0.1", b"AMQP\x00\x00\x09\x01", id="known"),
        pytest.param(False, "127.0.0.1", b"", id="unknown"),
        pytest.param(True, "127.0.0.2", b"", id="another's"),
    ],
)
def test_a_broker_is_spoken_to_if_its_certificate_is_known_and_its_own(
    consumer: Callable[..., Consumer], tmp_path: Path, trusted: bool, address: str, words: bytes
) -> None:
    listener = TlsListener(tmp_path, address)
    url = f"amqps://user:canary-password@127.0.0.1:{listener.port}/"
    one = consumer(amqp_url=url, tls_ca=str(listener.certificate) if trusted else "")
    assert listener.first_words() == words
    listener.close()
    wait_until(lambda: "broker away" in one.log.read_text(), 20, "a word about the broker")
    assert "canary-password" not in one.log.read_text()
