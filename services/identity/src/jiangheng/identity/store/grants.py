"""Grants and their ends; both are insert-only, so history cannot be rewritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jiangheng.chassis.db import Tx, insert_if_absent
from jiangheng.identity.domain.grant import Grant
from jiangheng.identity.domain.targets import Target
from jiangheng.identity.store.tables import grant_end, role_grant


def add(tx: Tx, new: Grant, at: datetime) -> None:
    """Put a new grant on record."""
    tx.execute(
        sa.insert(role_grant).values(
            grant_id=new.grant_id,
            person_id=new.person_id,
            role=new.role,
            institution=new.target.institution,
            region=new.target.region,
            valid_from=new.valid_from,
            valid_until=new.valid_until,
            granted_by=new.granted_by,
            granted_at=at,
        )
    )


def end(tx: Tx, grant_id: str, reason: str, *, by: str, at: datetime) -> bool:
    """Put the end of a grant on record; False if it was ended before."""
    return insert_if_absent(
        tx, grant_end, {"grant_id": grant_id, "reason": reason, "ended_by": by, "ended_at": at}
    )


def get(tx: Tx, grant_id: str) -> Grant | None:
    """The grant, if there is one."""
    row = tx.execute(_columns().where(role_grant.c.grant_id == grant_id)).first()
    return _grant(row) if row else None


def of_person(tx: Tx, person_id: str) -> list[Grant]:
    """Every grant the person ever had, oldest first."""
    return of_persons(tx, [person_id]).get(person_id, [])


def of_persons(tx: Tx, person_ids: list[str]) -> dict[str, list[Grant]]:
    """Every grant these persons ever had, by person, oldest first."""
    g = role_grant.c
    found: dict[str, list[Grant]] = {}
    for row in tx.execute(_columns().where(g.person_id.in_(person_ids)).order_by(g.valid_from, g.grant_id)):
        found.setdefault(row.person_id, []).append(_grant(row))
    return found


def _columns() -> sa.Select[Any]:
    return sa.select(role_grant, grant_end.c.ended_at).select_from(role_grant.outerjoin(grant_end))


def _grant(row: sa.Row[Any]) -> Grant:
    until = min(row.valid_until, row.ended_at) if row.ended_at else row.valid_until
    target = Target(row.institution, row.region)
    return Grant(row.grant_id, row.person_id, row.role, target, row.valid_from, until, row.granted_by)
