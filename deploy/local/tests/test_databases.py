"""One schema and two roles per service: the wall that stands even if a service is wrong."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from jiangheng.local import backing
from jiangheng.local.databases import Access, PostgreSQLPlace
from jiangheng.local.postgresql import conninfo

SERVICES = ("identity", "registration")


@pytest.fixture
def place(postgresql_of_run: backing.Server) -> Iterator[PostgreSQLPlace]:
    place = PostgreSQLPlace(postgresql_of_run.url, secrets.token_hex(4))
    yield place
    place.drop(SERVICES)


@pytest.fixture
def access(place: PostgreSQLPlace) -> dict[str, Access]:
    access = place.create(SERVICES, lambda role: f"password-of-{role}")
    migrate(access["identity"], "CREATE TABLE thing (value int)")
    return access


def migrate(access: Access, statement: str) -> None:
    assert access.migration_url is not None
    with psycopg.connect(conninfo(access.migration_url)) as connection:
        connection.execute(statement)


def test_the_owner_s_tables_lie_in_the_service_s_schema(access: dict[str, Access]) -> None:
    migration_url = access["identity"].migration_url
    assert migration_url is not None
    with psycopg.connect(conninfo(migration_url)) as connection:
        assert connection.execute("SELECT 'identity.thing'::regclass = 'thing'::regclass").fetchone() == (
            True,
        )


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE other (value int)", "DROP TABLE thing", "CREATE SCHEMA mine"]
)
def test_the_runtime_role_changes_no_tables(access: dict[str, Access], statement: str) -> None:
    migrate(access["identity"], f"GRANT SELECT ON thing TO {access['identity'].runtime_role}")
    with psycopg.connect(conninfo(access["identity"].database_url)) as connection:
        assert connection.execute("SELECT * FROM thing").fetchall() == []
        with pytest.raises(InsufficientPrivilege):
            connection.execute(statement)


def test_a_service_sees_nothing_of_another(access: dict[str, Access]) -> None:
    other = access["registration"]
    for url in filter(None, (other.database_url, other.migration_url)):
        with psycopg.connect(conninfo(url)) as connection, pytest.raises(InsufficientPrivilege):
            connection.execute("SELECT * FROM identity.thing")


def test_making_it_twice_changes_nothing(place: PostgreSQLPlace, access: dict[str, Access]) -> None:
    assert place.create(SERVICES, lambda role: f"password-of-{role}") == access
    with psycopg.connect(conninfo(access["identity"].migration_url or "")) as connection:
        assert connection.execute("SELECT * FROM thing").fetchall() == []


def test_dropping_leaves_nothing(place: PostgreSQLPlace, access: dict[str, Access]) -> None:
    place.drop(SERVICES)
    with psycopg.connect(conninfo(place.administrator_url)) as connection:
        left = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"{place.database}%"]
        )
        assert left.fetchall() == []
