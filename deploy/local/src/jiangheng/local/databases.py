"""A service's own place in a database: a file on SQLite; on PostgreSQL a schema, an owner and a runtime role.

The owner changes tables (`migrate`), the runtime role only rows, and neither sees another service's schema:
the second wall behind the services' own checks (design 5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from jiangheng.local.postgresql import conninfo, create_database, drop_database

Password = Callable[[str], str]


@dataclass(frozen=True)
class Access:
    """How a service reaches its place. The URLs hold passwords: they go into private files only."""

    database_url: str
    migration_url: str | None = None
    runtime_role: str | None = None


def on_sqlite(folder: Path, service: str) -> Access:
    folder.mkdir(parents=True, exist_ok=True)
    return Access(f"sqlite:///{folder / service}.db")


@dataclass(frozen=True)
class PostgreSQLPlace:
    """One database of a run, on a server that may hold others: all names in it carry the run's."""

    administrator_url: str
    run: str

    @property
    def database(self) -> str:
        return f"jiangheng_{self.run}"

    def create(self, services: Sequence[str], password: Password) -> dict[str, Access]:
        """Make whatever is missing; a second time changes nothing."""
        if not self._exists("SELECT 1 FROM pg_database WHERE datname = %s", self.database):
            create_database(self.administrator_url, self.database)
        with psycopg.connect(conninfo(self._url()), autocommit=True) as connection:
            self._close_to_others(connection)
            for service in services:
                self._open_for(connection, service, password)
        return {service: self._access(service, password) for service in services}

    def drop(self, services: Sequence[str]) -> None:
        drop_database(self.administrator_url, self.database)
        with psycopg.connect(conninfo(self.administrator_url), autocommit=True) as connection:
            for service in services:
                for role in (self._role(service), self._owner(service)):
                    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))

    def _close_to_others(self, connection: psycopg.Connection) -> None:
        database = sql.Identifier(self.database)
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")

    def _open_for(self, connection: psycopg.Connection, service: str, password: Password) -> None:
        owner, role = self._owner(service), self._role(service)
        names = {
            "owner": sql.Identifier(owner),
            "role": sql.Identifier(role),
            "schema": sql.Identifier(service),
            "database": sql.Identifier(self.database),
        }
        for name in (owner, role):
            self._keep_role(connection, name, password(name))
        for statement in (
            # PostgreSQL makes a schema for another role only for that role's members.
            "GRANT {owner} TO CURRENT_USER",
            "GRANT CONNECT ON DATABASE {database} TO {owner}, {role}",
            "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}",
            "GRANT USAGE ON SCHEMA {schema} TO {role}",
            "ALTER ROLE {owner} IN DATABASE {database} SET search_path = {schema}",
            "ALTER ROLE {role} IN DATABASE {database} SET search_path = {schema}",
        ):
            connection.execute(sql.SQL(statement).format(**names))

    def _keep_role(self, connection: psycopg.Connection, name: str, password: str) -> None:
        known = self._exists("SELECT 1 FROM pg_roles WHERE rolname = %s", name)
        statement = "ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}"
        connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(password)))

    def _exists(self, question: str, name: str) -> bool:
        with psycopg.connect(conninfo(self.administrator_url)) as connection:
            return connection.execute(question, [name]).fetchone() is not None

    def _access(self, service: str, password: Password) -> Access:
        owner, role = self._owner(service), self._role(service)
        return Access(self._url(role, password(role)), self._url(owner, password(owner)), role)

    def _url(self, user: str = "", password: str = "") -> str:
        url = make_url(self.administrator_url).set(database=self.database)
        if user:
            url = url.set(username=user, password=password)
        return url.render_as_string(hide_password=False)

    def _owner(self, service: str) -> str:
        return f"{self.database}_{service}_owner"

    def _role(self, service: str) -> str:
        return f"{self.database}_{service}"
