"""Real brokers and databases for tests: a pytest plugin, loaded for every wheel by the root pyproject.toml.

    amqp_url        a virtual host of its own on a private broker
    broker          that broker, to kill9(), start() and restart(); it runs again after the test
    database_url    an empty database, once as a SQLite file and once on PostgreSQL
    postgresql_url  an empty PostgreSQL database, for what only PostgreSQL has
    postgresql      its node, to kill9(), start() and restart(); it runs again after the test

A run in which PostgreSQL's tests were selected but did not execute has failed. SIGTERM ends a run as Ctrl-C
does, so that no server stays behind.
"""

from __future__ import annotations

import secrets
import signal
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from jiangheng.local import backing
from jiangheng.local.amqp import BrokerApi, with_vhost
from jiangheng.local.files import scratch
from jiangheng.local.postgresql import create_database, drop_database

ServerT = TypeVar("ServerT", bound=backing.Server)
NOT_EXECUTED = pytest.StashKey[set[str]]()
ENDED_VHOSTS = pytest.StashKey[list[tuple[float, BrokerApi, str]]]()
SETTLING_SECONDS = 5.0


@pytest.fixture(scope="session")
def run_folder() -> Iterator[Path]:
    """The folder of this run's servers; a test's own files go into tmp_path."""
    with scratch() as folder:
        yield folder


@pytest.fixture(scope="session")
def broker_of_run(run_folder: Path, pytestconfig: pytest.Config) -> Iterator[backing.Broker]:
    for server in _running(backing.test_broker(run_folder / "rabbitmq")):
        yield server
        if not server.can_restart:  # ours takes its virtual hosts along when it is removed
            _drop_vhosts(pytestconfig, 0)


@pytest.fixture(scope="session")
def private_broker(run_folder: Path) -> Iterator[backing.Broker]:
    """For tests that kill the broker, where the run's own was given by URL."""
    yield from _running(backing.broker(run_folder / "private-rabbitmq"))


@pytest.fixture(scope="session")
def postgresql_of_run(run_folder: Path) -> Iterator[backing.Server]:
    yield from _running(backing.test_database(run_folder / "postgresql"))


@pytest.fixture(scope="session")
def private_postgresql(run_folder: Path) -> Iterator[backing.Server]:
    """For tests that kill the database, where the run's own was given by URL."""
    yield from _running(backing.database(run_folder / "private-postgresql"))


def _running(server: ServerT) -> Iterator[ServerT]:
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def broker(request: pytest.FixtureRequest, broker_of_run: backing.Broker) -> Iterator[backing.Broker]:
    given = not broker_of_run.can_restart
    server = request.getfixturevalue("private_broker") if given else broker_of_run
    yield server
    _revive(server)


@pytest.fixture
def postgresql(request: pytest.FixtureRequest, postgresql_of_run: backing.Server) -> Iterator[backing.Server]:
    given = not postgresql_of_run.can_restart
    server = request.getfixturevalue("private_postgresql") if given else postgresql_of_run
    yield server
    _revive(server)


def _revive(server: backing.Server) -> None:
    if not server.alive():
        server.start()


@pytest.fixture
def amqp_url(request: pytest.FixtureRequest) -> Iterator[str]:
    wants_to_kill = "broker" in request.fixturenames
    server: backing.Broker = request.getfixturevalue("broker" if wants_to_kill else "broker_of_run")
    vhost = f"test-{secrets.token_hex(6)}"
    server.api.add_vhost(vhost)
    yield with_vhost(server.url, vhost)
    _revive(server)
    request.config.stash[ENDED_VHOSTS].append((time.monotonic(), server.api, vhost))
    _drop_vhosts(request.config, SETTLING_SECONDS)


def _drop_vhosts(config: pytest.Config, after_seconds: float) -> None:
    """Drop the virtual hosts of tests that ended a while ago, on brokers that have been up for a while.

    A queue that is deleted while the broker starts the worker for its dead letters (after its declaration,
    after the broker's start) may bring down the supervisor of all such workers, and with it every such queue,
    for good: rabbitmq-server#16652.
    """
    ended = config.stash[ENDED_VHOSTS]
    while ended and time.monotonic() - ended[0][0] >= after_seconds:
        _, api, vhost = ended[0]
        if api.uptime_seconds() < after_seconds:
            return
        ended.pop(0)
        api.drop_vhost(vhost)


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest) -> Iterator[str]:
    wants_to_kill = "postgresql" in request.fixturenames
    server: backing.Server = request.getfixturevalue("postgresql" if wants_to_kill else "postgresql_of_run")
    name = f"test_{secrets.token_hex(6)}"
    yield create_database(server.url, name)
    _revive(server)
    drop_database(server.url, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOT_EXECUTED] = set()
    config.stash[ENDED_VHOSTS] = []
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        # A shell that starts us in the background has us ignore it, and all whom we start and want to stop.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly:
        session.config.stash[NOT_EXECUTED] = {item.nodeid for item in session.items if _on_postgresql(item)}


def _on_postgresql(item: pytest.Item) -> bool:
    names: list[str] = getattr(item, "fixturenames", [])
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return "postgresql_of_run" in names or "postgresql_url" in names or "postgresql" in parameters.values()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and not report.skipped:
        item.config.stash[NOT_EXECUTED].discard(item.nodeid)
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and session.config.stash[NOT_EXECUTED]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    missing: set[str] = config.stash[NOT_EXECUTED]
    if missing:
        terminalreporter.section("selected for PostgreSQL but not executed: the run has failed", red=True)
        for nodeid in sorted(missing):
            terminalreporter.line(nodeid)
