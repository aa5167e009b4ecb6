"""The migrated database is what the code declares, and evidence in it cannot be rewritten."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from jiangheng.chassis.db import schema_drift
from jiangheng.identity.operations.approve_key import approve_key
from jiangheng.identity.operations.end_grant import end_grant
from jiangheng.identity.store import tables


def test_the_migration_makes_the_tables_the_code_declares(world: Any) -> None:
    assert schema_drift(world.url, tables.metadata) == []


def test_evidence_is_written_once(world: Any) -> None:
    person = world.activated("someone")
    end_grant(world.identity, world.admin, world.grant(person, "examiner").grant_id, "离岗")
    approve_key(world.identity, world.caller("approver"), world.propose(person).key_id)
    for table in (tables.credential_change, tables.role_grant, tables.grant_end, tables.key_approval):
        before = world.rows(table)
        column = next(iter(table.columns))
        for statement in (sa.delete(table), sa.update(table).values({column: column})):
            with pytest.raises(sa.exc.IntegrityError, match="insert-only"), world.identity.db.write() as tx:
                tx.execute(statement)
        assert len(before) == 1
        assert world.rows(table) == before
