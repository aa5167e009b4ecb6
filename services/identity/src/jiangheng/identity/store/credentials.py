"""Credentials: password hashes, wrong tries, one-time activation codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jiangheng.chassis.db import Tx
from jiangheng.identity.domain.lockout import Tries
from jiangheng.identity.store.tables import activation_code, credential, credential_change


@dataclass(frozen=True)
class Credential:
    """The credential of one person; no hash before activation."""

    person_id: str
    password_hash: str | None
    tries: Tries


def add(tx: Tx, person_id: str, password_hash: str | None = None) -> None:
    """The empty (or first) credential of a new person."""
    tx.execute(sa.insert(credential).values(person_id=person_id, password_hash=password_hash, failed=0))


def get(tx: Tx, person_id: str) -> Credential | None:
    """The credential of the person, if there is such a person."""
    return _one(tx, person_id)


def hold(tx: Tx, person_id: str) -> Credential | None:
    """The credential, held until the transaction ends: tries are counted one after the other."""
    return _one(tx, person_id, held=True)


def locked(tx: Tx, person_ids: Sequence[str], at: datetime) -> frozenset[str]:
    """Those of the persons who are locked out at that moment."""
    c = credential.c
    query = sa.select(c.person_id).where(c.person_id.in_(person_ids), c.locked_until > at)
    return frozenset(tx.execute(query).scalars())


def save_tries(tx: Tx, person_id: str, tries: Tries) -> None:
    """Store how many wrong tries there were, and the lock."""
    _update(tx, person_id, failed=tries.failed, locked_until=tries.locked_until)


def set_password(tx: Tx, person_id: str, password_hash: str | None) -> None:
    """Store another hash (or none), and lift the lock."""
    _update(tx, person_id, password_hash=password_hash, failed=0, locked_until=None)


def rehash(tx: Tx, person_id: str, password_hash: str) -> None:
    """Store the same password under other parameters."""
    _update(tx, person_id, password_hash=password_hash)


def record_change(tx: Tx, person_id: str, what: str, *, by: str, at: datetime) -> None:
    """Put on record that the password was activated, changed or reset (IAM-016)."""
    tx.execute(
        sa.insert(credential_change).values(person_id=person_id, what=what, changed_by=by, changed_at=at)
    )


def add_code(tx: Tx, digest: str, person_id: str, expires_at: datetime) -> None:
    """A new activation code; the person's earlier ones count no more."""
    withdraw_codes(tx, person_id)
    tx.execute(sa.insert(activation_code).values(digest=digest, person_id=person_id, expires_at=expires_at))


def withdraw_codes(tx: Tx, person_id: str) -> None:
    """No code of the person counts any more."""
    tx.execute(sa.delete(activation_code).where(activation_code.c.person_id == person_id))


def code_valid(tx: Tx, digest: str, person_id: str, at: datetime) -> bool:
    """True if the code is this person's, unused and not expired."""
    return (
        tx.execute(sa.select(activation_code.c.digest).where(_usable(digest, person_id, at))).first()
        is not None
    )


def use_code(tx: Tx, digest: str, person_id: str, at: datetime) -> bool:
    """Use the code; False if it was used, has expired or is not this person's."""
    return (
        tx.execute(
            sa.update(activation_code).where(_usable(digest, person_id, at)).values(used_at=at)
        ).rowcount
        == 1
    )


def _usable(digest: str, person_id: str, at: datetime) -> sa.ColumnElement[bool]:
    c = activation_code.c
    return sa.and_(c.digest == digest, c.person_id == person_id, c.used_at.is_(None), c.expires_at > at)


def _one(tx: Tx, person_id: str, *, held: bool = False) -> Credential | None:
    c = credential.c
    query = sa.select(c.password_hash, c.failed, c.locked_until).where(c.person_id == person_id)
    row = tx.execute(query.with_for_update(key_share=True) if held else query).first()
    return Credential(person_id, row.password_hash, Tries(row.failed, row.locked_until)) if row else None


def _update(tx: Tx, person_id: str, **values: object) -> None:
    tx.execute(sa.update(credential).where(credential.c.person_id == person_id).values(**values))
