"""Which servers stand behind the suite: a URL given, else a Docker engine, else the machine's binaries."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jiangheng.local import amqp, containers, postgresql, rabbitmq
from jiangheng.local.amqp import BrokerApi

AMQP_URL = "JIANGHENG_TEST_AMQP_URL"
AMQP_API = "JIANGHENG_TEST_AMQP_API"
POSTGRESQL_URL = "JIANGHENG_TEST_POSTGRESQL_URL"

INSTALL = {
    "RabbitMQ": f"""No RabbitMQ to be had. One of these is enough:
  - set {AMQP_URL} (tests) or JIANGHENG_AMQP_URL (demo) to a broker with its management plugin;
  - start a Docker engine that this user may use;
  - install the programs; they are started privately, no system service is needed.
    Debian, Ubuntu: apt-get install rabbitmq-server; Fedora: dnf install rabbitmq-server;
    macOS: brew install rabbitmq.""",
    "PostgreSQL": f"""No PostgreSQL to be had. One of these is enough:
  - set {POSTGRESQL_URL} to a database whose user may create databases and roles;
  - start a Docker engine that this user may use;
  - install the programs; they are started privately, no system service is needed.
    Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server;
    macOS: brew install postgresql.""",
}


class NotAvailable(RuntimeError):
    """A backing server cannot be had on this machine; the message says what to install."""


class Server(Protocol):
    """A backing server, wherever it runs. `url` holds credentials: never log it.

    `can_restart`: kill9() and restart() work, and what was kept is there again. `keeps_data`: after stop() it
    is there for another run in the same folder as well; where not, remove() ends it.
    """

    @property
    def url(self) -> str: ...
    @property
    def can_restart(self) -> bool: ...
    @property
    def keeps_data(self) -> bool: ...
    def alive(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill9(self) -> None: ...
    def restart(self) -> None: ...
    def remove(self) -> None: ...


class Broker(Server, Protocol):
    """A RabbitMQ."""

    @property
    def api(self) -> BrokerApi: ...


@dataclass(frozen=True)
class Given:
    """A server that somebody else runs: it is used, never started, stopped or killed."""

    url: str
    api_address: str = ""
    can_restart = False
    keeps_data = True

    @property
    def api(self) -> BrokerApi:
        return BrokerApi.beside(self.url, self.api_address)

    def alive(self) -> bool:
        return amqp.answers(self.url) if self.url.startswith("amqp") else postgresql.answers(self.url)

    def start(self) -> None:
        if not self.alive():
            raise NotAvailable("the server whose URL was given does not answer")

    def stop(self) -> None:
        """Nothing: it is not ours."""

    remove = stop

    def kill9(self) -> None:
        raise NotAvailable("a server that was given by URL cannot be killed or restarted")

    restart = kill9


def broker(folder: Path, *, url: str = "", api: str = "") -> Broker:
    """A RabbitMQ, not yet started; its files go into `folder`. `url` is one that was given."""
    if url:
        return Given(url, api)
    if containers.engine_answers():
        return containers.RabbitMQContainer()
    server = rabbitmq.program()
    if server is None:
        raise NotAvailable(INSTALL["RabbitMQ"])
    return rabbitmq.RabbitMQ(folder, server)


def database(folder: Path, *, url: str = "") -> Server:
    """A PostgreSQL, not yet started; its files go into `folder`. `url` is one that was given."""
    if url:
        return Given(url)
    if containers.engine_answers():
        return containers.PostgreSQLContainer()
    binaries = postgresql.programs()
    if binaries is None:
        raise NotAvailable(INSTALL["PostgreSQL"])
    return postgresql.PostgreSQL(folder, binaries)


def missing() -> dict[str, str]:
    """The servers that tests could not have here, and what to do about each."""
    if containers.engine_answers():
        return {}
    had = {
        "RabbitMQ": os.environ.get(AMQP_URL) or rabbitmq.program(),
        "PostgreSQL": os.environ.get(POSTGRESQL_URL) or postgresql.programs(),
    }
    return {name: INSTALL[name] for name, found in had.items() if not found}


def test_broker(folder: Path) -> Broker:
    """The RabbitMQ of a test run."""
    return broker(folder, url=os.environ.get(AMQP_URL, ""), api=os.environ.get(AMQP_API, ""))


def test_database(folder: Path) -> Server:
    """The PostgreSQL of a test run."""
    return database(folder, url=os.environ.get(POSTGRESQL_URL, ""))
