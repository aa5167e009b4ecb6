"""Which servers are taken: a URL given, else a Docker engine, else programs; else what to do is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiangheng.local import backing, containers, postgresql, rabbitmq
from jiangheng.local.backing import NotAvailable


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has nothing, and nobody who gave a URL."""
    monkeypatch.setattr(containers, "engine_answers", lambda: False)
    monkeypatch.setattr(rabbitmq, "PROGRAMS", ())
    monkeypatch.setattr(postgresql, "PROGRAMS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv(backing.AMQP_URL, raising=False)
    monkeypatch.delenv(backing.POSTGRESQL_URL, raising=False)


@pytest.mark.usefixtures("bare")
def test_a_machine_without_anything_is_told_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NotAvailable, match=r"apt-get install rabbitmq-server"):
        backing.broker(tmp_path)
    with pytest.raises(NotAvailable, match=r"apt-get install postgresql"):
        backing.database(tmp_path)
    assert set(backing.missing()) == {"RabbitMQ", "PostgreSQL"}


@pytest.mark.usefixtures("bare")
def test_a_url_given_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(backing.AMQP_URL, "amqp://somewhere")
    monkeypatch.setenv(backing.POSTGRESQL_URL, "postgresql+psycopg://somewhere")
    assert backing.test_broker(tmp_path).url == "amqp://somewhere"
    assert backing.test_database(tmp_path).url == "postgresql+psycopg://somewhere"
    assert backing.missing() == {}


@pytest.mark.usefixtures("bare")
def test_a_docker_engine_is_taken_before_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "engine_answers", lambda: True)
    contained = object()
    monkeypatch.setattr(containers, "RabbitMQContainer", lambda: contained)
    monkeypatch.setattr(containers, "PostgreSQLContainer", lambda: contained)
    assert backing.broker(tmp_path) is contained
    assert backing.database(tmp_path) is contained
    assert backing.missing() == {}


def test_a_server_that_was_given_is_used_and_left_alone(broker_of_run: backing.Broker) -> None:
    given = backing.broker(Path("/nowhere"), url=broker_of_run.url)
    given.start()
    for refused in (given.kill9, given.restart):
        with pytest.raises(NotAvailable, match="cannot be killed or restarted"):
            refused()
    given.stop()
    given.remove()
    assert given.alive()
    assert broker_of_run.alive()


def test_a_server_that_was_given_must_answer() -> None:
    with pytest.raises(NotAvailable, match="does not answer"):
        backing.broker(Path("/nowhere"), url="amqp://guest:guest@127.0.0.1:1/").start()
