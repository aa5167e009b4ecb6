"""What the stores of all kinds of cases do alike: find with a lock, add once, change only what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from jiangheng.chassis.auth import WHOLE_COUNTRY, Owner, Reach
from jiangheng.chassis.db import Tx, insert_if_absent
from jiangheng.chassis.errors import conflict
from jiangheng.registration.domain.signed import Signed

Row = sa.Row[tuple[object, ...]]


def find(tx: Tx, table: sa.Table, id: str, *, lock: bool = False) -> Row | None:
    """The row, or None; with `lock` nobody else changes it until the transaction ends."""
    query = sa.select(table).where(_key(table) == id)
    # SQLite has no row locks and needs none: its write transactions run one after another.
    return tx.execute(query.with_for_update() if lock else query).one_or_none()


def add(tx: Tx, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row; False if another was quicker."""
    return insert_if_absent(tx, table, values)


def change(tx: Tx, table: sa.Table, id: str, state: str, revision: int, values: Mapping[str, Any]) -> None:
    """Put values into the row if it is still in this state at this revision.

    Raises Problem CONFLICT if it is not.
    """
    update = sa.update(table).where(_key(table) == id, table.c.state == state, table.c.revision == revision)
    if tx.execute(update.values(**values)).rowcount != 1:
        raise conflict("刚刚被他人更改，请重新读取。", "somebody else changed it just now: read it again")


def owner_of(tx: Tx, table: sa.Table, id: str) -> Owner | None:
    """To whom a case belongs: its institution, in its division; None if there is no such case."""
    row = tx.execute(sa.select(table.c.credit_code, table.c.division).where(_key(table) == id)).one_or_none()
    return Owner(row.credit_code, row.division) if row else None


def within(table: sa.Table, reach: Reach) -> sa.ColumnElement[bool]:
    """That a row lies within a caller's reach."""
    if WHOLE_COUNTRY in reach.regions:
        return sa.true()
    areas = (table.c.division.startswith(region, autoescape=True) for region in sorted(reach.regions))
    return sa.or_(table.c.credit_code.in_(sorted(reach.institutions)), *areas)


def signed_values(act: str, found: Signed | None) -> dict[str, object]:
    """The columns of a signed act."""
    return {
        f"{act}_at": found.at if found else None,
        f"{act}_key_id": found.key_id if found else None,
        f"{act}_signature": found.signature if found else None,
    }


def signed(act: str, row: Row) -> Signed | None:
    """The signed act in a row's columns; None before it."""
    at, key_id, signature = (getattr(row, f"{act}_{part}") for part in ("at", "key_id", "signature"))
    return Signed(at, key_id, signature) if at else None


def _key(table: sa.Table) -> sa.Column[Any]:
    (key,) = table.primary_key
    return key
