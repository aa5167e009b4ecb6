"""Leases: of the processes of a service, one at a time does what must not be done by several.

A lease is a courtesy, not a lock: its holder may be stopped for longer than the lease runs. Whatever relies
on it must stay right when two believe they hold it; the publisher does by the row lock on the feed's head.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from jiangheng.chassis.clocks import Clock, MachineClock
from jiangheng.chassis.db import Database, Tx
from jiangheng.chassis.schema import CHASSIS

_LEASE = CHASSIS.lease


def acquire_or_renew(tx: Tx, name: str, holder: str, ttl: timedelta, now: datetime) -> int | None:
    """Take the lease if it is free, expired or the holder's own; None if another has it.

    The number is the lease's epoch, which grows with every change of holder.
    """
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    first = insert(_LEASE).values(name=name, holder=holder, epoch=1, expires_at=now + ttl)
    epoch = sa.case((_LEASE.c.holder == holder, _LEASE.c.epoch), else_=_LEASE.c.epoch + 1)
    taken = first.on_conflict_do_update(
        index_elements=[_LEASE.c.name],
        set_={"holder": holder, "epoch": epoch, "expires_at": now + ttl},
        where=sa.or_(_LEASE.c.holder == holder, _LEASE.c.expires_at <= now),
    )
    found = tx.execute(taken.returning(_LEASE.c.epoch)).scalar_one_or_none()
    return None if found is None else int(found)


def release(tx: Tx, name: str, holder: str, now: datetime) -> None:
    """Let the lease expire now, if it is the holder's."""
    mine = sa.update(_LEASE).where(_LEASE.c.name == name, _LEASE.c.holder == holder)
    tx.execute(mine.values(expires_at=now))


class Lease:
    """A lease as one process holds it; asks the database only when half of the time has run."""

    def __init__(
        self,
        db: Database,
        name: str,
        *,
        ttl: timedelta = timedelta(seconds=5),
        clock: Clock | None = None,
    ) -> None:
        self._db = db
        self._name = name
        self._ttl = ttl
        self._clock = clock or MachineClock()
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4()}"
        self._renew_at: datetime | None = None

    def hold(self) -> bool:
        """Whether the lease is ours for now: taken, renewed, or taken a moment ago."""
        now = self._clock.now()
        if self._renew_at is not None and now < self._renew_at:
            return True
        with self._db.write() as tx:
            epoch = acquire_or_renew(tx, self._name, self._holder, self._ttl, now)
        self._renew_at = None if epoch is None else now + self._ttl / 2
        return epoch is not None

    def release(self) -> None:
        """Leave it to others at once instead of letting it run out."""
        if self._renew_at is None:
            return
        self._renew_at = None
        with self._db.write() as tx:
            release(tx, self._name, self._holder, self._clock.now())
