"""Databases: one small interface over SQLite and PostgreSQL, and the migrations of a service.

SQLAlchemy Core only. A transaction (`Tx`) is opened in one place, by `Database.write()` or `Database.read()`,
and is passed down; nothing below an operation commits.
"""

from __future__ import annotations

import importlib.util
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.sql.dml import ReturningInsert

from jiangheng.chassis.embedded import PATIENCE_SECONDS, WRITES, sqlite_engine, turns_of

Tx = sa.Connection

_RETRYABLE_STATES = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03"})


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment. Takes aware datetimes only and gives them back in UTC, on SQLite as well."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime; SQLite stores text without a zone, so everything is UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One service's database: "sqlite:///path" or "postgresql+psycopg://…".

    On PostgreSQL the schema comes from the role's search_path, so table names are unqualified; `name` is what
    the server shows as application name. On SQLite the writers of this process queue for the file.
    """

    def __init__(self, url: str, *, name: str, pool_size: int = 8, foreign_keys: bool = True) -> None:
        if make_url(url).get_backend_name() == "sqlite":
            self._engine = sqlite_engine(url, pool_size=pool_size, foreign_keys=foreign_keys)
        else:
            self._engine = _postgresql_engine(url, name=name, pool_size=pool_size)
        self._writing = self._engine.execution_options(**{WRITES: True})
        self._reading = self._engine.execution_options(postgresql_readonly=True)
        self.dialect = self._engine.dialect.name

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that commits when the block ends and rolls back when it raises.

        Not to be nested: on SQLite the second would wait for the first, so it is refused with a RuntimeError.
        """
        with self._turn(), self._writing.begin() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction in which the database refuses to write."""
        with self._reading.begin() as tx:
            yield tx

    def ping(self) -> None:
        """Raise unless the database answers."""
        with self.read() as tx:
            tx.execute(sa.select(1))

    def dispose(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    def _turn(self) -> AbstractContextManager[None]:
        file = self._engine.url.database
        if self.dialect != "sqlite" or file is None:
            return nullcontext()
        return turns_of(file).turn()


def _postgresql_engine(url: str, *, name: str, pool_size: int) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # an error would quote what a row holds
        pool_pre_ping=True,
        pool_timeout=PATIENCE_SECONDS,
        isolation_level="READ COMMITTED",
        connect_args={"application_name": name, "connect_timeout": 5},
    )


def insert_if_absent(tx: Tx, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there; say whether it was inserted."""
    return tx.execute(_insert_quietly(tx.dialect.name, table), dict(values)).first() is not None


@cache
def _insert_quietly(dialect: str, table: sa.Table) -> ReturningInsert[Any]:
    # Kept, because building a statement costs more than running it, and the inbox runs it for every event.
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing().returning(sa.literal_column("1"))


def retryable(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is simply run again.

    True of serialisation failures, deadlocks, locked files, exhausted pools and lost or refused connections.
    """
    if isinstance(error, sa.exc.TimeoutError):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        code = (
            getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        )  # the low byte: which kind of busy is all one
        return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # the server was not reached, or went away
        return error.connection_invalidated or isinstance(error, sa.exc.OperationalError)
    return state in _RETRYABLE_STATES or state.startswith("08") or error.connection_invalidated


def migrate(database_url: str, package: str, *, runtime_role: str | None = None) -> None:
    """Bring a database to the newest version of `package`, a service's `migrations` package with `versions/`.

    All of it is one transaction under a lock: a migration that is killed leaves nothing and can be run
    again, and of two at once the second finds the work done. On PostgreSQL it runs as the owner of the
    schema and gives `runtime_role` its rights; tables under `refuse_changes` keep SELECT and INSERT only.
    """
    config = _alembic(package)
    with _database(database_url, package, foreign_keys=False) as database, database.write() as tx:
        if tx.dialect.name == "postgresql":
            tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(sa.func.current_schema()))))
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
        if tx.dialect.name == "sqlite" and tx.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError(f"{package} leaves rows that refer to nothing")
        if tx.dialect.name == "postgresql" and runtime_role:
            _grant(tx, runtime_role)


def pending(database_url: str, package: str) -> bool:
    """Whether the database lacks a migration of the package."""
    newest = set(ScriptDirectory.from_config(_alembic(package)).get_heads())
    with _database(database_url, package) as database, database.read() as tx:
        return set(MigrationContext.configure(tx).get_current_heads()) != newest


def schema_drift(database_url: str, metadata: sa.MetaData) -> list[str]:
    """Differences between a migrated database and the tables the code declares; for each service's tests."""
    with _database(database_url, "drift") as database, database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def refuse_changes(op: ModuleType, table: str, *, but: tuple[str, ...] = ()) -> None:
    """In a migration: make a table insert-only, whoever asks; columns named in `but` may still be updated.

    An UPDATE, DELETE or TRUNCATE then raises IntegrityError on both databases, and `migrate` withholds the
    grant as well. With `but`, a migration that adds a column to the table must call this again: drop the
    triggers first.
    """
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]
    fixed = [column for column in columns if column not in but]
    update = f"UPDATE OF {', '.join(fixed)}" if but else "UPDATE"
    if op.get_bind().dialect.name == "sqlite":
        for name, change in (("update", update), ("delete", "DELETE")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'insert-only: {table}'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'insert-only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for name, change in (("update", update), ("delete", "DELETE"), ("truncate", "TRUNCATE")):
        op.execute(f"CREATE TRIGGER no_{name} BEFORE {change} ON {table} EXECUTE FUNCTION refuse_change()")


@contextmanager
def _database(url: str, name: str, *, foreign_keys: bool = True) -> Iterator[Database]:
    database = Database(url, name=name, pool_size=1, foreign_keys=foreign_keys)
    try:
        yield database
    finally:
        database.dispose()


def _alembic(package: str) -> Config:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package of migrations: {package}")
    config = Config()
    locations = {
        "script_location": Path(__file__).with_name("alembic_env"),
        "version_locations": Path(spec.submodule_search_locations[0], "versions"),
    }
    config.set_main_option("path_separator", "newline")
    for name, path in locations.items():
        config.set_main_option(name, str(path).replace("%", "%%"))
    return config


_INSERT_ONLY_TABLES = sa.text("""
    SELECT c.relname, ARRAY(
        SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND cardinality(t.tgattr::int2[]) > 0 AND a.attnum <> ALL (t.tgattr::int2[])
    ) AS changeable
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.tgname = 'no_update' AND n.nspname = current_schema()
""")


def _grant(tx: Tx, runtime_role: str) -> None:
    quote = tx.dialect.identifier_preparer.quote
    role, schema = quote(runtime_role), quote(tx.execute(sa.select(sa.func.current_schema())).scalar_one())
    statements = [
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    ]
    for table, changeable in tx.execute(_INSERT_ONLY_TABLES):
        statements.append(f"REVOKE UPDATE, DELETE ON {quote(table)} FROM {role}")
        if changeable:
            statements.append(
                f"GRANT UPDATE ({', '.join(map(quote, changeable))}) ON {quote(table)} TO {role}"
            )
    for statement in statements:
        tx.exec_driver_sql(statement)
