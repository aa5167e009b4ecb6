"""What the chassis's tests share: a database that holds the chassis tables."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import cast

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from jiangheng.chassis import schema
from jiangheng.chassis.db import Database


@pytest.fixture
def chassis_url(database_url: str) -> str:
    """A database with the chassis tables, on SQLite and on PostgreSQL."""
    database = Database(database_url, name="set-up", pool_size=1)
    with database.write() as tx:
        operations = Operations(MigrationContext.configure(tx))
        schema.v1_upgrade(cast(ModuleType, operations))  # it is alembic.op without a migration run around it
    database.dispose()
    return database_url


@pytest.fixture
def db(chassis_url: str) -> Iterator[Database]:
    """The same, opened."""
    database = Database(chassis_url, name="test")
    yield database
    database.dispose()
