"""Ending a log-in."""

from __future__ import annotations

from jiangheng.identity import onetime
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import sessions


def log_out(identity: Identity, token: str) -> None:
    """End the log-in the refresh token belongs to; a token that does not count any more is no error."""
    now = identity.now()
    with identity.db.write() as tx:
        session = sessions.find(tx, onetime.token_digest(token), now)
        if session:
            sessions.end(tx, session.session_id, "log-out", now)
