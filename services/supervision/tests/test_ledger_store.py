"""The ledger's tables: as the code declares them, and insert-only on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from jiangheng.chassis.db import schema_drift
from jiangheng.supervision import store


def test_the_migration_makes_the_tables_the_code_declares(ledger: Any) -> None:
    assert schema_drift(ledger.url, store.metadata) == []


@pytest.mark.requirement("IAM-017")
@pytest.mark.parametrize("table", store.INSERT_ONLY, ids=lambda table: table.name)
def test_nothing_on_the_ledger_can_be_changed_or_deleted(ledger: Any, table: sa.Table) -> None:
    ledger.record(ledger.facts(), ledger.facts())
    before = _rows(ledger, table)
    for statement in (sa.delete(table), *(_update(column) for column in table.columns)):
        with pytest.raises(IntegrityError, match="insert-only"), ledger.runtime.db.write() as tx:
            tx.execute(statement)
    assert len(before) >= 1
    assert _rows(ledger, table) == before


def test_a_fact_that_fell_off_the_list_of_work_is_found_again(ledger: Any) -> None:
    ledger.record(ledger.facts())
    forgotten = ledger.facts()
    ledger.receive(forgotten)
    with ledger.runtime.db.write() as tx:
        tx.execute(sa.delete(store.due))
        assert store.due_facts(tx, 10) == []
    with ledger.runtime.db.write() as tx:
        assert store.find_forgotten(tx) == 1
        assert [fact.event_id for fact in store.due_facts(tx, 10)] == [forgotten.id]
        assert store.find_forgotten(tx) == 0


def test_work_that_is_done_is_taken_off_the_list_though_it_was_put_on_again(ledger: Any) -> None:
    ledger.record(ledger.facts())
    with ledger.runtime.db.write() as tx:
        tx.execute(sa.insert(store.due).from_select(["intake_id"], sa.select(store.intake.c.id)))
        assert store.due_facts(tx, 10) == []
        assert store.find_forgotten(tx) == 0
        assert tx.execute(sa.select(store.due)).all() == []


def _update(column: sa.Column[Any]) -> sa.Update:
    return sa.update(column.table).values({column.name: column})


def _rows(ledger: Any, table: sa.Table) -> list[sa.Row[Any]]:
    with ledger.runtime.db.read() as tx:
        return list(tx.execute(sa.select(table).order_by(*table.primary_key.columns)))
