"""A service's processes from outside: how they start, wait, serve, consume, stop and say no."""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.feed.v1 import feed_pb2
from jiangheng.api.feed.v1.feed_pb2_grpc import FeedServiceStub
from jiangheng.api.identity.v1 import identity_pb2
from jiangheng.chassis.auth import Caller, Grant, sign_token
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.db import Database, migrate
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.feed import verify_head
from jiangheng.chassis.keyset import jwks
from jiangheng.chassis.process import _stop_signals
from jiangheng.chassis.server import Mounted, Server
from jiangheng.chassis.service_key import key_id_of

PROGRAMS = Path(__file__).with_name("programs")
FEED: ServiceDescriptor = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
NO_BROKER = "amqp://guest:s3cret-Passw0rd@127.0.0.1:1/"
TOKEN_KEY = Ed25519PrivateKey.generate()
SERVICE_KEY = Ed25519PrivateKey.generate()
PATIENCE = 30.0


class Process:
    """A command of the toy service, its log, and how it ended."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as out:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "toy", *command], env=environment, stdout=out, stderr=subprocess.STDOUT
            )

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def line(self, event: str) -> dict[str, Any]:
        """The first log line about an event, once it is there."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for line in self.log.splitlines():
                if f'"event": "{event}"' in line:
                    found: dict[str, Any] = json.loads(line)
                    return found
            assert self.popen.poll() is None, self.log
            time.sleep(0.02)
        raise AssertionError(f"no {event!r} in {self.log}")

    def end(self, number: int = 0) -> int:
        """Its exit code, after a signal if one is given."""
        if number:
            self.popen.send_signal(number)
        return self.popen.wait(PATIENCE)


Start = Callable[..., Process]


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Start]:
    """Starts a command of the toy with settings from the environment; killed at the end if it still runs."""
    (tmp_path / "keys.json").write_text(jwks({"k": TOKEN_KEY.public_key()}))
    key = tmp_path / "service.key"
    key.touch(mode=0o600)
    key.write_bytes(SERVICE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    sound = {
        "profile": "demo",
        "amqp_url": NO_BROKER,
        "key_set_file": str(tmp_path / "keys.json"),
        "service_key_file": str(key),
        "log_level": "INFO",
    }
    started: list[Process] = []

    def start(command: str, *arguments: str, **settings: str) -> Process:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("JIANGHENG_")}
        given = {f"JIANGHENG_TOY_{name.upper()}": value for name, value in {**sound, **settings}.items()}
        environment = {**inherited, **given, "PYTHONPATH": str(PROGRAMS)}
        started.append(Process([command, *arguments], environment, tmp_path / f"{len(started)}.log"))
        return started[-1]

    yield start
    for process in started:
        process.popen.kill()
        process.popen.wait()


@pytest.fixture
def migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the toy's tables."""
    monkeypatch.syspath_prepend(str(PROGRAMS))
    migrate(database_url, "toy.migrations")
    return database_url


def token(*scopes: str, audience: str = "toy") -> str:
    caller = Caller("service", "reader", (Grant("service", frozenset(scopes), region="00"),))
    return sign_token(caller, audience, key_id="k", private_key=TOKEN_KEY, at=MachineClock().now())


def feed(port: int, token: str) -> feed_pb2.ListResponse:
    with channel(f"127.0.0.1:{port}", [FEED]) as to:
        return invoke(FeedServiceStub(to).List, feed_pb2.ListRequest(stream="main"), token=token)


def await_events(port: int) -> feed_pb2.ListResponse:
    until = time.monotonic() + PATIENCE
    while not (answer := feed(port, token("feed.read"))).events:
        assert time.monotonic() < until
        time.sleep(0.05)
    return answer


def test_a_service_is_migrated_serves_and_stops(toy: Start, database_url: str) -> None:
    pending = toy("serve", database_url=database_url)
    assert pending.end() == 3
    assert "migrations are pending" in pending.log
    assert toy("migrate", database_url=database_url).end() == 0
    serving = toy("serve", database_url=database_url)
    ready = serving.line("ready")
    assert feed(ready["port"], token("feed.read")).head.position == 0
    assert serving.end(signal.SIGTERM) == 0, serving.log
    assert serving.line("stopped")["service"] == "toy"
    assert "s3cret-Passw0rd" not in serving.log


@pytest.mark.requirement("IAM-002")
def test_a_refusal_is_in_the_feed_with_the_broker_away(toy: Start, migrated: str) -> None:
    port = toy("serve", database_url=migrated).line("ready")["port"]
    for bad in (token("other"), token("feed.read", audience="exam")):
        with pytest.raises(Problem):
            feed(port, bad)
    until = time.monotonic() + PATIENCE
    while len((answer := await_events(port)).events) < 2:
        assert time.monotonic() < until
    assert [event.type for event in answer.events] == ["refusal.recorded.v1"] * 2
    assert [json.loads(event.data)["rule"] for event in answer.events] == ["IAM-002", "wrong-audience"]
    assert {(event.actor, event.source) for event in answer.events} == {("service:reader", "toy")}
    public = SERVICE_KEY.public_key()
    verify_head(public, answer.head)
    assert answer.head.key_id == key_id_of(public)


def test_what_one_process_publishes_another_hears(toy: Start, migrated: str, amqp_url: str) -> None:
    consuming = toy("consume", database_url=migrated, amqp_url=amqp_url, consumer_metrics_port="0")
    serving = toy("serve", database_url=migrated, amqp_url=amqp_url)
    port = serving.line("ready")["port"]
    until = time.monotonic() + PATIENCE
    # Nobody listens until the consumer has bound its queue: what is stated before is in the feed only.
    while not (subjects := heard(migrated)):
        assert time.monotonic() < until, consuming.log
        with pytest.raises(Problem):
            feed(port, token("other"))
    assert subjects <= {event.subject for event in await_events(port).events}
    counted = metrics(consuming.line("consuming")["metrics_port"])
    assert 'jiangheng_events_total{consumer="toy",outcome="applied",source="toy"}' in counted
    assert consuming.end(signal.SIGTERM) == 0, consuming.log
    assert serving.end(signal.SIGTERM) == 0, serving.log


def metrics(port: int) -> str:
    text: str = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    return text


def heard(url: str) -> set[str]:
    database = Database(url, name="test")
    with database.read() as tx:
        found = set(tx.execute(sa.text("SELECT subject FROM heard")).scalars())
    database.dispose()
    return found


def test_consume_does_not_serve_and_waits_for_migrations(toy: Start, database_url: str) -> None:
    assert toy("consume", database_url=database_url).end() == 3


@pytest.mark.parametrize("command", ["serve", "consume"])
def test_a_process_waits_for_its_database(
    toy: Start, postgresql: Any, postgresql_url: str, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.syspath_prepend(str(PROGRAMS))
    migrate(postgresql_url, "toy.migrations")
    postgresql.kill9()
    stopped = toy(command, database_url=postgresql_url)
    assert stopped.line("waiting for the database")["level"] == "warning"
    assert stopped.end(signal.SIGTERM) == 0, stopped.log  # also when it never got one
    waiting = toy("serve", database_url=postgresql_url)
    waiting.line("waiting for the database")
    postgresql.start()
    assert feed(waiting.line("ready")["port"], token("feed.read")).head.position == 0


def test_tokens_are_verified_with_identitys_keys(
    toy: Start, migrated: str, mounted: Callable[..., Mounted], start: Callable[..., Server]
) -> None:
    keys = {"k": TOKEN_KEY.public_key()}
    service = identity_pb2.DESCRIPTOR.services_by_name["TokenService"]
    identity = start(mounted(service, lambda name, _: identity_pb2.GetKeySetResponse(jwks=jwks(keys))))
    at = f"127.0.0.1:{identity.port}"
    serving = toy("serve", database_url=migrated, key_set_file="", identity_target=at)
    assert feed(serving.line("ready")["port"], token("feed.read")).head.position == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bind": "0.0.0.0:0"}, "off loopback"),
        ({"workers": "s3cret-Passw0rd"}, "JIANGHENG_TOY_WORKERS"),
        ({"wrokers": "3"}, "unknown variable JIANGHENG_TOY_WROKERS"),
        ({"profile": "production"}, "in production"),
        ({"service_key_file": ""}, "service_key_file: not set"),
        ({"key_set_file": ""}, "identity_target: not set"),
        ({"service_key_file": "/absent.key"}, "No such file"),
    ],
)
def test_a_faulty_configuration_is_exit_code_2(
    toy: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], message: str
) -> None:
    monkeypatch.syspath_prepend(str(PROGRAMS))
    migrate(url := f"sqlite:///{tmp_path / 'toy.db'}", "toy.migrations")
    faulty = toy("serve", database_url=url, **settings)
    assert faulty.end() == 2
    assert message in faulty.log
    assert "s3cret-Passw0rd" not in faulty.log
    assert "Traceback" not in faulty.log


def test_a_taken_port_is_exit_code_2(toy: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROGRAMS))
    migrate(url := f"sqlite:///{tmp_path / 'toy.db'}", "toy.migrations")
    port = toy("serve", database_url=url).line("ready")["port"]
    second = toy("serve", database_url=url, bind=f"127.0.0.1:{port}")
    assert second.end() == 2
    assert "in use" in second.log


def test_metrics_are_served(toy: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROGRAMS))
    migrate(url := f"sqlite:///{tmp_path / 'toy.db'}", "toy.migrations")
    ready = toy("serve", database_url=url, metrics_port="0").line("ready")
    with pytest.raises(Problem):
        feed(ready["port"], token("other"))
    text = metrics(ready["metrics_port"])
    method = 'method="/jiangheng.api.feed.v1.FeedService/List"'
    assert f'jiangheng_calls_total{{code="PERMISSION_DENIED",{method}}} 1.0' in text
    assert f'jiangheng_refusals_total{{{method},rule="IAM-002"}} 1.0' in text


def test_check_config_prints_every_value_and_no_secret(toy: Start, tmp_path: Path) -> None:
    file = tmp_path / "toy.toml"
    file.write_text('workers = 3\npin = "s3cret-Passw0rd"\n')
    plain = toy("check-config", "--config", str(file), database_url="sqlite:///s3cret-Passw0rd")
    as_json = toy("check-config", "--json", "--config", str(file), database_url="sqlite:///s3cret-Passw0rd")
    assert (plain.end(), as_json.end()) == (0, 0)
    lines = [line.split() for line in plain.log.splitlines()]
    assert [line for line in lines if line[0] in ("workers", "pin", "database_url")] == [
        ["database_url", "********", "environment", "JIANGHENG_TOY_DATABASE_URL"],
        ["workers", "3", "file", str(file)],
        ["pin", "********", "file", str(file)],
    ]
    rows = {row["field"]: row for row in json.loads(as_json.log)}
    assert rows["workers"] == {"field": "workers", "value": 3, "origin": f"file {file}"}
    assert rows["log_level"]["origin"] == "environment JIANGHENG_TOY_LOG_LEVEL"
    assert rows["migration_url"] == {"field": "migration_url", "value": None, "origin": "default"}
    assert "s3cret-Passw0rd" not in plain.log + as_json.log
    assert toy("check-config", database_url="x", wrokers="3").end() == 2


def test_a_process_that_serves_never_meets_nameko(toy: Start, tmp_path: Path) -> None:
    """And one that consumes imports no server: grpc threads and eventlet's hub do not live together."""
    ask = "import sys, {0}; print(sorted(set(sys.modules) & {{'nameko', 'eventlet', 'grpc._server'}}))"
    for module, forbidden in (("serving", ("nameko", "eventlet")), ("consumer", ("grpc._server",))):
        answer = subprocess.run(
            [sys.executable, "-c", ask.format(f"jiangheng.chassis.{module}")],
            capture_output=True,
            text=True,
            check=True,
        )
        assert not [name for name in forbidden if name in answer.stdout], answer.stdout


def test_a_signal_in_the_moment_of_waiting_does_not_block_the_process(
    request: pytest.FixtureRequest,
) -> None:
    """The main thread holds the event's lock whenever it begins to wait; the handler interrupts it there."""
    request.addfinalizer(faulthandler.cancel_dump_traceback_later)
    with _stop_signals() as stop:
        with stop._cond:  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(PATIENCE)


def test_a_stop_that_hangs_ends_and_says_where() -> None:
    hanging = (
        "import signal, threading; from jiangheng.chassis import process\n"
        "process.STOP_SECONDS = 0.5\n"
        "with process._stop_signals() as stop:\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
        "    stop.wait()\n"
        "    threading.Event().wait()\n"
    )
    ended = subprocess.run([sys.executable, "-c", hanging], capture_output=True, timeout=PATIENCE, text=True)
    assert ended.returncode == 1
    assert 'File "<string>", line 6' in ended.stderr
