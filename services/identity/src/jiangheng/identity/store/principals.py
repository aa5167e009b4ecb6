"""Service principals, their used assertions, and the one bootstrap code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jiangheng.chassis.db import Tx, insert_if_absent
from jiangheng.identity.store.tables import bootstrap, principal, used_assertion

_FIRST_ADMINISTRATOR = "first-administrator"


@dataclass(frozen=True)
class Principal:
    """A program that calls others in its own name."""

    name: str
    public_key: bytes
    scopes: tuple[str, ...]


def get(tx: Tx, name: str) -> Principal | None:
    """The principal of that name, if any."""
    c = principal.c
    row = tx.execute(sa.select(c.name, c.public_key, c.scopes).where(c.name == name)).first()
    return Principal(row.name, bytes(row.public_key), tuple(row.scopes.split())) if row else None


def add(tx: Tx, new: Principal, *, by: str, at: datetime) -> bool:
    """Insert the principal; False if the name is taken."""
    return insert_if_absent(tx, principal, {**_values(new), "registered_by": by, "registered_at": at})


def replace(tx: Tx, changed: Principal, *, by: str, at: datetime) -> None:
    """Another key or other scopes for a known name."""
    values = {**_values(changed), "registered_by": by, "registered_at": at}
    tx.execute(sa.update(principal).where(principal.c.name == changed.name).values(values))


def use_assertion(tx: Tx, name: str, jti: str, expires_at: datetime) -> bool:
    """Use the assertion; False if it was used before."""
    return insert_if_absent(tx, used_assertion, {"principal": name, "jti": jti, "expires_at": expires_at})


def forget_assertions(tx: Tx, before: datetime) -> None:
    """Remove used assertions that expired before that moment."""
    tx.execute(sa.delete(used_assertion).where(used_assertion.c.expires_at < before))


def set_bootstrap_code(tx: Tx, digest: str, expires_at: datetime) -> bool:
    """The code that counts from now on; False if a code was used already."""
    row = {"what": _FIRST_ADMINISTRATOR, "digest": digest, "expires_at": expires_at}
    if insert_if_absent(tx, bootstrap, row):
        return True
    unused = sa.update(bootstrap).where(bootstrap.c.used_at.is_(None))
    return tx.execute(unused.values(digest=digest, expires_at=expires_at)).rowcount == 1


def use_bootstrap_code(tx: Tx, digest: str, at: datetime) -> bool:
    """Use the code; False if it is not the one that counts, has expired, or one was used before."""
    c = bootstrap.c
    usable = sa.update(bootstrap).where(c.digest == digest, c.used_at.is_(None), c.expires_at > at)
    return tx.execute(usable.values(used_at=at)).rowcount == 1


def bootstrap_state(tx: Tx, digest: str, at: datetime) -> str:
    """What a code is worth: "done" (one was used), "usable", or "refused"."""
    row = tx.execute(sa.select(bootstrap)).first()
    if row is None or (row.used_at is None and (row.digest != digest or row.expires_at <= at)):
        return "refused"
    return "usable" if row.used_at is None else "done"


def _values(of: Principal) -> dict[str, object]:
    return {"name": of.name, "public_key": of.public_key, "scopes": " ".join(of.scopes)}
