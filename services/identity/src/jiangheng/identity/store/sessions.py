"""Log-ins and their refresh tokens: every token used once, all of one log-in a family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jiangheng.chassis.db import Tx
from jiangheng.identity.store.tables import login_session, refresh_token


@dataclass(frozen=True)
class Session:
    """One log-in; `expires_at` is its end however often it is refreshed."""

    session_id: str
    person_id: str
    expires_at: datetime


def start(tx: Tx, session_id: str, person_id: str, *, at: datetime, expires_at: datetime) -> None:
    """Begin a log-in that lasts until `expires_at` at most."""
    tx.execute(
        sa.insert(login_session).values(
            session_id=session_id, person_id=person_id, started_at=at, expires_at=expires_at
        )
    )


def add_token(tx: Tx, session_id: str, digest: str) -> None:
    """The log-in's next refresh token."""
    tx.execute(sa.insert(refresh_token).values(digest=digest, session_id=session_id))


def find(tx: Tx, digest: str, at: datetime) -> Session | None:
    """The live log-in that the token belongs to, if any."""
    s, t = login_session.c, refresh_token.c
    query = (
        sa.select(s.session_id, s.person_id, s.expires_at)
        .select_from(refresh_token.join(login_session))
        .where(t.digest == digest, s.ended_at.is_(None), s.expires_at > at)
    )
    row = tx.execute(query).first()
    return Session(*row) if row else None


def use_token(tx: Tx, digest: str, at: datetime) -> bool:
    """Use the token; False if it was used before."""
    c = refresh_token.c
    unused = sa.update(refresh_token).where(c.digest == digest, c.used_at.is_(None))
    return tx.execute(unused.values(used_at=at)).rowcount == 1


def end(tx: Tx, session_id: str, reason: str, at: datetime) -> None:
    """End one log-in, if it has not ended."""
    _end(tx, login_session.c.session_id == session_id, reason, at)


def end_all(tx: Tx, person_id: str, reason: str, at: datetime) -> None:
    """End every log-in of the person."""
    _end(tx, login_session.c.person_id == person_id, reason, at)


def forget(tx: Tx, before: datetime) -> None:
    """Remove log-ins that ran out before that moment."""
    old = sa.select(login_session.c.session_id).where(login_session.c.expires_at < before)
    tx.execute(sa.delete(refresh_token).where(refresh_token.c.session_id.in_(old)))
    tx.execute(sa.delete(login_session).where(login_session.c.expires_at < before))


def _end(tx: Tx, condition: sa.ColumnElement[bool], reason: str, at: datetime) -> None:
    live = sa.update(login_session).where(condition, login_session.c.ended_at.is_(None))
    tx.execute(live.values(ended_at=at, end_reason=reason))
