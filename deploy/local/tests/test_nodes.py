"""Private nodes: beside each other, on loopback only, without a trace afterwards."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from jiangheng.local import amqp, postgresql, rabbitmq
from jiangheng.local.files import scratch
from jiangheng.local.postgresql import PostgreSQL, conninfo
from jiangheng.local.processes import wait_until
from jiangheng.local.rabbitmq import RabbitMQ

LivingIn = Callable[[Path], list[int]]


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that PostgreSQL's user may pass through, which root's temporary folders of pytest are not."""
    with scratch() as folder:
        yield folder


@pytest.fixture
def brokers(folder: Path) -> Iterator[list[RabbitMQ]]:
    server = rabbitmq.program()
    if server is None:
        pytest.skip("the broker of this machine is in a container or was given by URL")
    nodes = [RabbitMQ(folder / name, server) for name in ("a", "b")]
    yield nodes
    for node in nodes:
        node.remove()


@pytest.fixture
def database(folder: Path) -> Iterator[PostgreSQL]:
    binaries = postgresql.programs()
    if binaries is None:
        pytest.skip("the database of this machine is in a container or was given by URL")
    node = PostgreSQL(folder / "node", binaries)
    yield node
    node.remove()


@pytest.mark.failure
def test_two_brokers_are_strangers(brokers: list[RabbitMQ], folder: Path, living_in: LivingIn) -> None:
    one, other = brokers
    one.start()
    other.start()
    one.api.add_vhost("only-here")
    assert amqp.answers(amqp.with_vhost(one.url, "only-here"))
    assert not amqp.answers(amqp.with_vhost(other.url, "only-here"))
    assert not amqp.answers(other.url.replace(other.url.split("@")[0], one.url.split("@")[0]))
    for node in brokers:
        assert {address for address, _ in _listening(node.pid)} == {"127.0.0.1"}
    one.remove()
    other.stop()
    wait_until(lambda: living_in(folder) == [], 10, "all gone")


def test_a_broker_s_secrets_are_private(brokers: list[RabbitMQ]) -> None:
    password = brokers[0].url.split(":")[2].split("@")[0]
    for path in brokers[0].folder.rglob("*"):
        if path.is_file() and password in path.read_text():
            assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.failure
def test_postgresql_keeps_its_data_over_a_stop(database: PostgreSQL) -> None:
    database.start()
    with psycopg.connect(conninfo(database.url)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    assert {address for address, _ in _listening(database.pid)} == {"127.0.0.1"}
    database.restart()
    again = PostgreSQL(database.folder, database.binaries)
    database.stop()
    again.start()
    try:
        with psycopg.connect(conninfo(again.url)) as connection:
            assert connection.execute("SELECT value FROM kept").fetchall() == [(42,)]
    finally:
        again.stop()


def test_postgresql_asks_for_the_password(database: PostgreSQL) -> None:
    database.start()
    assert not postgresql.answers(database.url_of("postgres", password="guessed"))


def test_data_that_its_user_could_not_reach_lie_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch, living_in: LivingIn
) -> None:
    """As root with a clone below /root, where PostgreSQL's own user may not go."""
    binaries = postgresql.programs()
    if binaries is None or os.geteuid() != 0:
        pytest.skip("only root has to become somebody else")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    node = PostgreSQL(closed / "node", binaries)
    elsewhere = (closed / "node" / "data").resolve()
    assert not elsewhere.is_relative_to(folder)
    node.start()
    node.remove()
    assert not elsewhere.exists()
    assert not (closed / "node").exists()


def _listening(pid: int) -> set[tuple[str, int]]:
    """(address, port) that a process listens on."""
    inodes = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    found = set()
    for table, size in (("tcp", 4), ("tcp6", 16)):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, _, state, *rest = line.split()[1:]
            if state == "0A" and f"socket:[{rest[5]}]" in inodes:
                address, port = local.split(":")
                found.add((_address(address, size), int(port, 16)))
    return found


def _address(digits: str, size: int) -> str:
    raw = bytes.fromhex(digits)
    words = b"".join(raw[at : at + 4][::-1] for at in range(0, size, 4))
    return socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6, words)
