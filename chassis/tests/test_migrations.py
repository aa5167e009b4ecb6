"""db: migrations are whole or nothing, one at a time, and leave insert-only tables insert-only."""

from __future__ import annotations

import importlib
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
import sqlalchemy as sa

from jiangheng.chassis import schema
from jiangheng.chassis.db import Database, Tx, migrate, pending, schema_drift

FIRST = """
import sqlalchemy as sa
from alembic import op
from jiangheng.chassis import schema
from jiangheng.chassis.db import refuse_changes

revision, down_revision = "0001", None

def upgrade() -> None:
    schema.v1_upgrade(op)
    op.create_table("record", sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
    refuse_changes(op, "record")
    op.create_table("draft", sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
"""

SECOND = """
import sys
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade() -> None:
    op.create_table("second", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("draft", sa.Column("more", sa.Text))
"""

WAIT_TO_BE_KILLED = """
    print("half-way", flush=True)
    sys.stdin.readline()
"""

DANGLING = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade() -> None:
    op.create_table("child", sa.Column("of", sa.Integer, sa.ForeignKey("draft.id")))
    op.execute("INSERT INTO child VALUES (7)")
"""


class Migrations:
    """A service's package of migrations, made by the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = f"sample_{secrets.token_hex(4)}.migrations"
        self._package_folder = folder / self.package.replace(".", "/")
        (self._package_folder / "versions").mkdir(parents=True)
        for path in (self._package_folder.parent, self._package_folder):
            (path / "__init__.py").touch()
        self.write("0001", FIRST)

    def write(self, revision: str, text: str) -> None:
        (self._package_folder / "versions" / f"v{revision}.py").write_text(text)

    def start(self, url: str) -> subprocess.Popen[str]:
        """Migrate in a process of its own."""
        program = (
            f"import sys; sys.path.insert(0, {str(self.folder)!r});"
            f"from jiangheng.chassis.db import migrate; migrate({url!r}, {self.package!r})"
        )
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, text=True)


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migrations:
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    return Migrations(tmp_path)


@pytest.fixture
def runtime_role(postgresql_url: str) -> Iterator[str]:
    """A role without rights; its name needs quotes."""
    role = f"Runtime {secrets.token_hex(4)}"
    administrator = Database(postgresql_url, name="administrator", pool_size=1)
    with administrator.write() as tx:
        tx.exec_driver_sql(f'CREATE ROLE "{role}"')
    yield role
    with administrator.write() as tx:
        tx.exec_driver_sql(f'DROP OWNED BY "{role}"')
        tx.exec_driver_sql(f'DROP ROLE "{role}"')
    administrator.dispose()


def table_names(url: str) -> set[str]:
    database = Database(url, name="test")
    with database.read() as tx:
        names = set(sa.inspect(tx).get_table_names())
    database.dispose()
    return names


def stdout_of(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def test_the_migrated_chassis_tables_are_those_the_code_declares(
    database_url: str, migrations: Migrations
) -> None:
    migrate(database_url, migrations.package)
    metadata = sa.MetaData()
    schema.tables(metadata)
    for name in ("record", "draft"):
        columns = sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text)
        sa.Table(name, metadata, *columns)
    assert schema_drift(database_url, metadata) == []


def test_drift_is_noticed(database_url: str, migrations: Migrations) -> None:
    migrate(database_url, migrations.package)
    metadata = sa.MetaData()
    sa.Table("draft", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("other", sa.Text))
    drift = " ".join(schema_drift(database_url, metadata))
    assert "other" in drift
    assert "outbox" in drift


def test_a_database_is_pending_until_it_has_the_newest_version(
    database_url: str, migrations: Migrations
) -> None:
    assert pending(database_url, migrations.package)
    migrate(database_url, migrations.package)
    assert not pending(database_url, migrations.package)
    migrations.write("0002", SECOND)
    assert pending(database_url, migrations.package)
    migrate(database_url, migrations.package)
    assert not pending(database_url, migrations.package)
    migrate(database_url, migrations.package)  # again is nothing
    assert "second" in table_names(database_url)


def test_a_killed_migration_leaves_nothing_and_can_be_run_again(
    database_url: str, migrations: Migrations
) -> None:
    migrate(database_url, migrations.package)
    migrations.write("0002", SECOND + WAIT_TO_BE_KILLED)
    with migrations.start(database_url) as process:
        assert stdout_of(process).readline() == "half-way\n"
        process.send_signal(signal.SIGKILL)
    assert "second" not in table_names(database_url)
    assert pending(database_url, migrations.package)
    migrations.write("0002", SECOND)
    migrate(database_url, migrations.package)
    assert "second" in table_names(database_url)


def test_of_two_migrations_at_once_the_second_finds_the_work_done(
    database_url: str, migrations: Migrations
) -> None:
    migrate(database_url, migrations.package)
    migrations.write("0002", SECOND + WAIT_TO_BE_KILLED)
    with migrations.start(database_url) as one:
        assert stdout_of(one).readline() == "half-way\n"
        with migrations.start(database_url) as other:
            with pytest.raises(subprocess.TimeoutExpired):
                other.wait(1.5)  # it waits for the first one
            one.communicate("\n", timeout=30)
            other.communicate(timeout=30)
    assert (one.returncode, other.returncode) == (0, 0)
    assert not pending(database_url, migrations.package)


def test_rows_that_refer_to_nothing_fail_a_migration_on_sqlite(
    tmp_path: Path, migrations: Migrations
) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    migrate(url, migrations.package)
    migrations.write("0002", DANGLING)
    with pytest.raises(RuntimeError, match="refer to nothing"):
        migrate(url, migrations.package)
    assert "child" not in table_names(url)


CHANGES = [
    "UPDATE record SET text = 'other'",
    "DELETE FROM record",
    "UPDATE outbox SET data = '{}'",
    "UPDATE outbox SET event_id = 'other', position = 2",
    "DELETE FROM outbox",
]
ROW = (
    "INSERT INTO outbox (event_id, noun, type, subject, version, region, stream, occurred_at, actor, data) "
    "VALUES ('1', 'n', 'n.v.v1', 's', 1, '00', 'main', '2026-05-01 00:00:00.000000', 'system', '{}')"
)


@pytest.mark.parametrize("change", CHANGES)
def test_insert_only_tables_refuse_changes(database_url: str, migrations: Migrations, change: str) -> None:
    migrate(database_url, migrations.package)
    database = Database(database_url, name="test")
    with database.write() as tx:
        tx.exec_driver_sql("INSERT INTO record VALUES (1, 'first')")
        tx.exec_driver_sql(ROW)
        tx.exec_driver_sql("UPDATE outbox SET position = 1, published_at = '2026-05-01 00:00:00.000000'")
    with pytest.raises(sa.exc.IntegrityError, match="insert-only"), database.write() as tx:
        tx.exec_driver_sql(change)
    database.dispose()


def test_postgresql_refuses_to_truncate_them_too(postgresql_url: str, migrations: Migrations) -> None:
    migrate(postgresql_url, migrations.package)
    database = Database(postgresql_url, name="test")
    with pytest.raises(sa.exc.IntegrityError, match="insert-only"), database.write() as tx:
        tx.exec_driver_sql("TRUNCATE record")
    database.dispose()


DENIED = [
    *CHANGES,
    "TRUNCATE record",
    "UPDATE alembic_version SET version_num = '9'",
    "DELETE FROM alembic_version",
    "DROP TABLE draft",
    "CREATE TABLE other (id int)",
    "ALTER TABLE record DISABLE TRIGGER ALL",
]


def test_the_runtime_role_has_the_rights_it_needs_and_no_more(
    postgresql_url: str, runtime_role: str, migrations: Migrations
) -> None:
    migrate(postgresql_url, migrations.package, runtime_role=runtime_role)
    migrate(postgresql_url, migrations.package, runtime_role=runtime_role)  # as every deployment does
    database = Database(postgresql_url, name="test")
    with database.write() as tx:
        do_as(tx, runtime_role, "INSERT INTO record VALUES (1, 'first')")
        tx.exec_driver_sql(ROW)
        tx.exec_driver_sql("UPDATE outbox SET position = 1, published_at = now()")
        tx.exec_driver_sql("INSERT INTO draft VALUES (1, 'first')")
        tx.exec_driver_sql("UPDATE draft SET text = 'other'")
        tx.exec_driver_sql("DELETE FROM draft")
        tx.exec_driver_sql("SELECT version_num FROM alembic_version")
    for statement in DENIED:
        refused = pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner")
        with refused, database.write() as tx:
            do_as(tx, runtime_role, statement)
    database.dispose()


def do_as(tx: Tx, role: str, statement: str) -> None:
    tx.exec_driver_sql(f'SET LOCAL ROLE "{role}"')
    tx.exec_driver_sql(statement)
