"""db: transactions, types and errors are the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from jiangheng.chassis import embedded
from jiangheng.chassis.db import Database, Tx, UtcDateTime, insert_if_absent, retryable

METADATA = sa.MetaData()
NOTE = sa.Table(
    "note",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text),
    sa.Column("at", UtcDateTime),
)
AT = datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def notes(database_url: str) -> Iterator[Database]:
    database = Database(database_url, name="test")
    with database.write() as tx:
        METADATA.create_all(tx)
    yield database
    database.dispose()


def count(database: Database) -> int:
    with database.read() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(NOTE)).scalar_one())


def test_a_transaction_commits_as_a_whole_or_not_at_all(notes: Database) -> None:
    with notes.write() as tx:
        tx.execute(sa.insert(NOTE).values(id=1))
    with pytest.raises(sa.exc.IntegrityError), notes.write() as tx:
        write_two(tx, 2, 1)
    assert count(notes) == 1


def write_two(tx: Tx, first: int, second: int) -> None:
    tx.execute(sa.insert(NOTE).values(id=first))
    tx.execute(sa.insert(NOTE).values(id=second))


def test_a_reading_transaction_refuses_to_write(notes: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), notes.read() as tx:
        tx.execute(sa.insert(NOTE).values(id=1))
    with notes.write() as tx:  # and its connection writes again when it is asked to
        tx.execute(sa.insert(NOTE).values(id=2))
    assert count(notes) == 1


def test_moments_come_back_aware_and_in_utc(notes: Database) -> None:
    with notes.write() as tx:
        tx.execute(sa.insert(NOTE).values(id=1, at=AT.astimezone(timezone(timedelta(hours=8)))))
    with notes.read() as tx:
        found = tx.execute(sa.select(NOTE.c.at)).scalar_one()
    assert found == AT
    assert found.tzinfo is UTC


def test_a_naive_moment_is_refused(notes: Database) -> None:
    naive = AT.replace(tzinfo=None)
    with pytest.raises(sa.exc.StatementError, match="without a time zone"), notes.write() as tx:
        tx.execute(sa.insert(NOTE).values(id=1, at=naive))


def test_insert_if_absent_tells_the_first_from_the_second(notes: Database) -> None:
    with notes.write() as tx:
        assert insert_if_absent(tx, NOTE, {"id": 1, "text": "first"})
        assert not insert_if_absent(tx, NOTE, {"id": 1, "text": "second"})
        assert tx.execute(sa.select(NOTE.c.text)).scalar_one() == "first"


def test_what_breaks_a_rule_is_not_retryable(notes: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, notes.write() as tx:
        tx.execute(sa.insert(NOTE), [{"id": 1}, {"id": 1}])
    assert not retryable(caught.value)
    assert not retryable(ValueError())


def test_a_writer_inside_a_writer_is_refused(tmp_path_url: str) -> None:
    database = Database(tmp_path_url, name="test")
    with pytest.raises(RuntimeError, match="open already"), database.write(), database.write():
        pytest.fail("this would wait for itself")
    with database.write():  # and the file is free again
        pass
    database.dispose()


def test_sqlite_keeps_what_it_has_committed(tmp_path_url: str) -> None:
    database = Database(tmp_path_url, name="test")
    with database.read() as tx:
        settings = [
            tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    database.dispose()
    assert settings == ["wal", 2, 1]  # 2 is FULL


def test_a_locked_file_is_retryable(tmp_path_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PATIENCE_SECONDS", 0.05)
    one, other = Database(tmp_path_url, name="one"), Database(tmp_path_url, name="other")
    with one.write(), pytest.raises(sa.exc.TimeoutError) as caught:
        other._writing.connect().begin()  # past the queue of this process, as another process would come
    one.dispose()
    other.dispose()
    assert retryable(caught.value)


def test_a_full_queue_is_retryable(tmp_path_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PATIENCE_SECONDS", 0.05)
    database = Database(tmp_path_url, name="test")
    caught: list[BaseException] = []

    def write() -> None:
        try:
            with database.write():
                pass
        except sa.exc.TimeoutError as error:
            caught.append(error)

    with database.write():
        thread = Thread(target=write)
        thread.start()
        thread.join()
    database.dispose()
    assert [retryable(error) for error in caught] == [True]


def test_a_deadlock_is_retryable_on_postgresql(postgresql_url: str) -> None:
    database = Database(postgresql_url, name="test")
    with database.write() as tx:
        METADATA.create_all(tx)
        tx.execute(sa.insert(NOTE), [{"id": 1}, {"id": 2}])
    together = Barrier(2)
    caught: list[BaseException] = []

    def update(first: int, second: int) -> None:
        try:
            with database.write() as tx:
                tx.execute(sa.update(NOTE).where(NOTE.c.id == first).values(text="x"))
                together.wait()
                tx.execute(sa.update(NOTE).where(NOTE.c.id == second).values(text="x"))
        except sa.exc.DBAPIError as error:
            caught.append(error)

    threads = [Thread(target=update, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.dispose()
    assert [retryable(error) for error in caught] == [True]


def test_a_lost_connection_is_retryable_on_postgresql(postgresql_url: str) -> None:
    database, killer = Database(postgresql_url, name="test"), Database(postgresql_url, name="killer")
    with pytest.raises(sa.exc.DBAPIError) as caught, database.write() as tx, killer.write() as other:
        lose_connection(tx, other)
    assert retryable(caught.value)
    database.ping()  # the pool has noticed
    database.dispose()
    killer.dispose()


def lose_connection(tx: Tx, killer: Tx) -> None:
    backend = tx.execute(sa.select(sa.func.pg_backend_pid())).scalar_one()
    killer.execute(sa.select(sa.func.pg_terminate_backend(backend, 5000)))
    tx.execute(sa.select(1))


def test_a_server_that_is_away_is_retryable() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none", name="test")
    with pytest.raises(sa.exc.OperationalError) as caught:
        database.ping()
    assert retryable(caught.value)


@pytest.fixture
def tmp_path_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.db'}"
