"""Removing what has expired long ago: log-ins, their refresh tokens, used assertions."""

from __future__ import annotations

from datetime import timedelta

from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import principals, sessions

# Longer than any question about a log-in takes; nothing here counts any more.
KEPT = timedelta(days=30)
# An assertion is refused by its own times when its use is forgotten.
ASSERTIONS_KEPT = timedelta(minutes=5)


def forget_expired(identity: Identity) -> None:
    """Remove log-ins a month after their end, and used assertions soon after theirs."""
    now = identity.now()
    with identity.db.write() as tx:
        sessions.forget(tx, now - KEPT)
        principals.forget_assertions(tx, now - ASSERTIONS_KEPT)
