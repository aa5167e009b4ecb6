"""Signing keys and their approvals; every change of state is a conditional update."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jiangheng.chassis.auth import Reach
from jiangheng.chassis.db import Tx, insert_if_absent
from jiangheng.identity.domain.signing_key import OPEN, KeyState, SigningKey
from jiangheng.identity.store.persons import within
from jiangheng.identity.store.tables import key_approval, person, signing_key


def add(tx: Tx, new: SigningKey) -> bool:
    """Insert a proposed key; False if the key is known already or the person has an open proposal."""
    row = {
        "key_id": new.key_id,
        "person_id": new.person_id,
        "public_key": new.public_key,
        "state": new.state.value,
        "proposed_at": new.proposed_at,
    }
    return insert_if_absent(tx, signing_key, row)


def get(tx: Tx, key_id: str) -> SigningKey | None:
    """The key, if there is one."""
    return _one(tx, signing_key.c.key_id == key_id)


def hold(tx: Tx, key_id: str) -> SigningKey | None:
    """The key, held until the transaction ends: approvals are counted one after the other."""
    return _one(tx, signing_key.c.key_id == key_id, held=True)


def in_state(tx: Tx, person_id: str, states: Collection[KeyState]) -> SigningKey | None:
    """A key of the person in one of these states, if any."""
    return _one(tx, sa.and_(signing_key.c.person_id == person_id, _states(states)))


def active(tx: Tx, person_id: str) -> SigningKey | None:
    """The key the person signs with, if any."""
    return in_state(tx, person_id, {KeyState.ACTIVE})


def of_person(tx: Tx, person_id: str) -> list[SigningKey]:
    """Every key the person ever proposed, oldest first."""
    return _many(tx, signing_key.c.person_id == person_id)


def waiting(tx: Tx, reach: Reach, limit: int) -> list[SigningKey]:
    """Open proposals of the persons within the reach, oldest first."""
    holders = sa.select(person.c.person_id).where(within(reach))
    return _many(tx, sa.and_(_states(OPEN), signing_key.c.person_id.in_(holders)), limit)


def due(tx: Tx, at: datetime, *, person_id: str | None = None, limit: int = 100) -> list[SigningKey]:
    """Keys whose cooling-off time is over and that are not active yet."""
    over = sa.and_(_states({KeyState.COOLING}), signing_key.c.active_from <= at)
    return _many(tx, sa.and_(over, signing_key.c.person_id == person_id) if person_id else over, limit)


def approve(tx: Tx, key_id: str, approver: str, at: datetime) -> None:
    """Put one approval on record."""
    tx.execute(sa.insert(key_approval).values(key_id=key_id, approver_id=approver, approved_at=at))


def move(tx: Tx, key_id: str, found: KeyState, to: KeyState, *, active_from: datetime | None = None) -> bool:
    """Change the state if it is still the one found; False if it was not."""
    values: dict[str, object] = {"state": to.value}
    if active_from is not None:
        values["active_from"] = active_from
    still = sa.and_(signing_key.c.key_id == key_id, signing_key.c.state == found.value)
    return tx.execute(sa.update(signing_key).where(still).values(values)).rowcount == 1


def supersede_active(tx: Tx, person_id: str) -> str | None:
    """Retire the key the person signs with; its id, or None if he has none."""
    active_key = sa.and_(signing_key.c.person_id == person_id, _states({KeyState.ACTIVE}))
    retire = sa.update(signing_key).where(active_key).values(state=KeyState.SUPERSEDED.value)
    return tx.execute(retire.returning(signing_key.c.key_id)).scalar_one_or_none()


def _states(states: Collection[KeyState]) -> sa.ColumnElement[bool]:
    return signing_key.c.state.in_(sorted(state.value for state in states))


def _one(tx: Tx, condition: sa.ColumnElement[bool], *, held: bool = False) -> SigningKey | None:
    query = sa.select(signing_key).where(condition)
    row = tx.execute(query.with_for_update(key_share=True) if held else query).first()
    return _key(row, _approvers(tx, [row.key_id]).get(row.key_id, ())) if row else None


def _many(tx: Tx, condition: sa.ColumnElement[bool], limit: int | None = None) -> list[SigningKey]:
    oldest_first = (
        sa.select(signing_key).where(condition).order_by(signing_key.c.proposed_at, signing_key.c.key_id)
    )
    rows = tx.execute(oldest_first.limit(limit)).all()
    approvers = _approvers(tx, [row.key_id for row in rows])
    return [_key(row, approvers.get(row.key_id, ())) for row in rows]


def _approvers(tx: Tx, key_ids: list[str]) -> dict[str, tuple[str, ...]]:
    a = key_approval.c
    query = (
        sa.select(a.key_id, a.approver_id).where(a.key_id.in_(key_ids)).order_by(a.approved_at, a.approver_id)
    )
    found: dict[str, tuple[str, ...]] = {}
    for key_id, approver in tx.execute(query):
        found[key_id] = (*found.get(key_id, ()), approver)
    return found


def _key(row: sa.Row[Any], approvers: tuple[str, ...]) -> SigningKey:
    return SigningKey(
        row.key_id,
        row.person_id,
        bytes(row.public_key),
        KeyState(row.state),
        row.proposed_at,
        approvers,
        row.active_from,
    )
