"""bus: a receipt says what the broker answered, and nothing that it did not."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pika
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from jiangheng.chassis.bus import BusSession, Message, parameters_of


def messages(number: int) -> list[Message]:
    return [Message("thing.done.v1.00", {"message_id": str(each)}, b"{}") for each in range(number)]


@pytest.fixture
def bound(amqp_url: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    """A channel beside a queue named "seen"."""
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = connection.channel()
    channel.exchange_declare("sample.events", "topic", durable=True)
    channel.queue_declare("seen", durable=True)
    channel.queue_bind("seen", "sample.events", "#")
    yield channel
    connection.close()


class Link:
    """A line to the broker that can be cut, or made to swallow what the broker answers."""

    def __init__(self, amqp_url: str) -> None:
        parts = urlsplit(amqp_url)
        self._broker = (parts.hostname or "", parts.port or 5672)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._door]
        self.mute = Event()
        self.swallowed = Event()
        port = self._door.getsockname()[1]
        self.url = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                broker = socket.create_connection(self._broker)
                self._sockets += [client, broker]
                Thread(target=self._carry, args=(client, broker, False), daemon=True).start()
                Thread(target=self._carry, args=(broker, client, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if answers and self.mute.is_set():
                    self.swallowed.set()
                else:
                    target.sendall(data)

    def cut_when_swallowed(self) -> None:
        self.swallowed.wait(30)
        self.cut()

    def cut(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def link(amqp_url: str) -> Iterator[Link]:
    made = Link(amqp_url)
    yield made
    made.cut()


def test_every_message_is_confirmed_in_one_batch_after_another(
    amqp_url: str, bound: pika.adapters.blocking_connection.BlockingChannel
) -> None:
    session = BusSession(amqp_url, "sample.events")
    assert session.ready(10)
    for size in (1, 700, 0, 30):
        receipt = session.publish(messages(size), 30)
        assert receipt.confirmed == {message.id for message in messages(size)}
        assert not receipt.unbound
        assert not receipt.refused
    session.close()
    assert bound.queue_declare("seen", passive=True).method.message_count == 731


def test_messages_without_a_queue_are_confirmed_and_unbound(amqp_url: str) -> None:
    session = BusSession(amqp_url, "sample.events")
    assert session.ready(10)
    receipt = session.publish(messages(3), 30)
    session.close()
    assert receipt.confirmed == receipt.unbound == {"0", "1", "2"}


def test_a_line_cut_before_the_confirm_leaves_them_unknown(
    amqp_url: str, link: Link, bound: pika.adapters.blocking_connection.BlockingChannel
) -> None:
    session = BusSession(link.url, "sample.events")
    assert session.ready(10)
    link.mute.set()
    Thread(target=link.cut_when_swallowed).start()
    receipt = session.publish(messages(3), 60)
    assert link.swallowed.is_set()
    assert session.ended
    assert session.trouble
    assert not receipt.confirmed
    session.close()
    assert bound.queue_declare("seen", passive=True).method.message_count == 3  # they had arrived


def test_a_broker_that_does_not_answer_ends_the_session_in_time(amqp_url: str, link: Link) -> None:
    session = BusSession(link.url, "sample.events")
    assert session.ready(10)
    link.mute.set()
    began = time.monotonic()
    receipt = session.publish(messages(3), 0.2)
    assert time.monotonic() - began < 5
    assert session.ended
    assert session.trouble == "no confirm in time"
    assert not receipt.confirmed
    session.close()


def test_a_session_that_has_ended_publishes_nothing(amqp_url: str) -> None:
    session = BusSession(amqp_url, "sample.events")
    session.close()
    assert session.ended
    assert not session.ready(0)


def test_a_broker_that_is_not_there_says_why_without_a_secret() -> None:
    session = BusSession("amqp://user:hunter2@127.0.0.1:1/", "sample.events")
    assert not session.ready(10)
    assert session.ended
    assert session.trouble
    assert "hunter2" not in session.trouble
    assert not session.publish(messages(1), 1).confirmed
    session.close()


def test_a_wrong_password_is_a_trouble_as_well(amqp_url: str) -> None:
    parts = urlsplit(amqp_url)
    wrong = parts._replace(netloc=f"{parts.username}:hunter2@{parts.hostname}:{parts.port}").geturl()
    session = BusSession(wrong, "sample.events")
    assert not session.ready(10)
    session.close()
    assert "hunter2" not in session.trouble


def test_it_leaves_no_thread_behind(amqp_url: str) -> None:
    session = BusSession(amqp_url, "sample.events")
    assert session.ready(10)
    session.close()
    assert not session._thread.is_alive()


def authority(folder: Path) -> Path:
    """The certificate of an authority nobody else knows."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the authority")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    path = folder / "ca.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return path


def test_a_certificate_is_checked_against_the_authority_that_is_given(tmp_path: Path) -> None:
    ca = authority(tmp_path)
    checked = parameters_of("amqps://user:secret@broker.example:5671/", ca).ssl_options
    assert checked is not None
    assert checked.context.verify_mode is ssl.CERT_REQUIRED
    assert checked.context.check_hostname
    assert checked.server_hostname == "broker.example"
    assert len(checked.context.get_ca_certs()) == 1
    assert parameters_of("amqp://user:secret@127.0.0.1:5672/", ca).ssl_options is None
