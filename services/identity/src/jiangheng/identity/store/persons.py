"""Persons, one per document number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jiangheng.chassis.auth import WHOLE_COUNTRY, Reach
from jiangheng.chassis.db import Tx, insert_if_absent
from jiangheng.identity.store.tables import person, role_grant


@dataclass(frozen=True)
class StoredPerson:
    """A person as stored: name and document number sealed."""

    person_id: str
    login: str
    document_type: str
    document_index: str
    document_sealed: bytes
    name_sealed: bytes


def add(tx: Tx, new: StoredPerson, *, at: datetime, by: str) -> bool:
    """Insert the person; False if login or document is taken."""
    return insert_if_absent(tx, person, {**vars(new), "registered_at": at, "registered_by": by})


def by_document(tx: Tx, document_index: str) -> StoredPerson | None:
    """The person with that document, if any."""
    return _one(tx, person.c.document_index == document_index)


def by_login(tx: Tx, login: str) -> StoredPerson | None:
    """The person with that login, if any."""
    return _one(tx, person.c.login == login)


def get(tx: Tx, person_id: str) -> StoredPerson | None:
    """The person, if there is one."""
    return _one(tx, person.c.person_id == person_id)


def lock(tx: Tx, person_id: str) -> StoredPerson | None:
    """The person, held until the transaction ends: what is decided about one person is decided in turn."""
    return _one(tx, person.c.person_id == person_id, held=True)


def visible(tx: Tx, person_id: str, reach: Reach) -> bool:
    """True if the person has, or had, a grant within the reach (IAM-011)."""
    query = sa.select(person.c.person_id).where(person.c.person_id == person_id, within(reach))
    return tx.execute(query).first() is not None


def page(tx: Tx, reach: Reach, *, after: str, limit: int) -> list[StoredPerson]:
    """Persons within the reach in the order of their ids, from the one after `after`."""
    query = _columns().where(person.c.person_id > after, within(reach)).order_by(person.c.person_id)
    return [StoredPerson(*row) for row in tx.execute(query.limit(limit))]


def within(reach: Reach) -> sa.ColumnElement[bool]:
    """The condition that a person has, or had, a grant within the reach."""
    if WHOLE_COUNTRY in reach.regions:
        return sa.true()
    g = role_grant.c
    # Digits 3 to 8 of a credit code are the division of the body that registered the institution (GB 32100).
    area = sa.case((g.institution != "", sa.func.substr(g.institution, 3, 6)), else_=g.region)
    within = [area.startswith(region, autoescape=True) for region in sorted(reach.regions)]
    within.append(g.institution.in_(sorted(reach.institutions)))
    return sa.exists().where(g.person_id == person.c.person_id, sa.or_(*within))


def _one(tx: Tx, condition: sa.ColumnElement[bool], *, held: bool = False) -> StoredPerson | None:
    query = _columns().where(condition)
    row = tx.execute(query.with_for_update(key_share=True) if held else query).first()
    return StoredPerson(*row) if row else None


def _columns() -> sa.Select[str, str, str, str, bytes, bytes]:
    c = person.c
    return sa.select(
        c.person_id, c.login, c.document_type, c.document_index, c.document_sealed, c.name_sealed
    )
