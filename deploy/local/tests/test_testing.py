"""The fixtures that every other test stands on."""

from __future__ import annotations

import pika
import psycopg
import pytest

from jiangheng.local import amqp, backing
from jiangheng.local.postgresql import conninfo

pytest_plugins = ["pytester"]

SKIPPING = """
import pytest

def test_sqlite_only(): ...

@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_both(database):
    if {skips!r} == database:
        pytest.skip("not today")
"""


def test_amqp_url_is_an_empty_virtual_host(amqp_url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        channel = connection.channel()
        channel.queue_declare("once", durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        channel.basic_publish("", "once", b"hello", mandatory=True)
        assert channel.basic_get("once", auto_ack=True)[2] == b"hello"


def test_amqp_url_is_another_one_for_each_test(amqp_url: str, broker_of_run: backing.Broker) -> None:
    assert amqp_url != broker_of_run.url
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        channel = connection.channel()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker):
            channel.queue_declare("once", passive=True)


def test_database_url_is_empty_and_writable(database_url: str) -> None:
    from sqlalchemy import create_engine, inspect, text

    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing (id INTEGER PRIMARY KEY)"))
    assert inspect(engine).get_table_names() == ["thing"]
    engine.dispose()


@pytest.mark.failure
def test_broker_comes_back_with_what_was_confirmed(broker: backing.Broker, amqp_url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        channel = connection.channel()
        channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        channel.basic_publish("", "kept", b"kept", pika.BasicProperties(delivery_mode=2))
    broker.kill9()
    assert not amqp.answers(amqp_url)
    broker.start()
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        assert connection.channel().basic_get("kept", auto_ack=True)[2] == b"kept"


@pytest.mark.failure
def test_postgresql_comes_back_with_what_was_committed(
    postgresql: backing.Server, postgresql_url: str
) -> None:
    with psycopg.connect(conninfo(postgresql_url)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    postgresql.kill9()
    assert not postgresql.alive()
    postgresql.start()
    with psycopg.connect(conninfo(postgresql_url)) as connection:
        assert connection.execute("SELECT value FROM kept").fetchall() == [(42,)]


@pytest.mark.parametrize(("skips", "status"), [("", 0), ("sqlite", 0), ("postgresql", 1)])
def test_a_run_without_postgresql_fails(pytester: pytest.Pytester, skips: str, status: int) -> None:
    pytester.makepyfile(SKIPPING.format(skips=skips))
    outcome = pytester.runpytest_subprocess("-p", "jiangheng.local.testing", "-p", "no:pytest_nameko")
    assert outcome.ret == status
