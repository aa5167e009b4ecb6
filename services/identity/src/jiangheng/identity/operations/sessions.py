"""The steps that log-in and refresh share: a session begins or goes on with a new pair of tokens."""

from __future__ import annotations

import uuid
from datetime import datetime

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, unauthenticated
from jiangheng.identity import onetime
from jiangheng.identity.operations import access
from jiangheng.identity.operations.access import TokenPair
from jiangheng.identity.runtime import REFRESH_LIFE, Identity
from jiangheng.identity.store import sessions


def begin(identity: Identity, tx: Tx, person_id: str, audience: str) -> TokenPair:
    """A new log-in of a person who has proved himself. Raises FORBIDDEN if his grants conflict."""
    token = access.for_person(identity, tx, person_id, audience)
    session_id, now = uuid.uuid4().hex, identity.now()
    sessions.start(tx, session_id, person_id, at=now, expires_at=now + REFRESH_LIFE)
    return _pair(tx, session_id, token, now + REFRESH_LIFE)


def go_on(identity: Identity, tx: Tx, session: sessions.Session, audience: str) -> TokenPair:
    """The next pair of a log-in; its end stays where it was. Raises FORBIDDEN if the grants conflict."""
    token = access.for_person(identity, tx, session.person_id, audience)
    return _pair(tx, session.session_id, token, session.expires_at)


def refused() -> Problem:
    """One answer for every refresh token that does not count."""
    return unauthenticated(
        "refresh-refused",
        "刷新令牌无效、已使用或已过期，请重新登录。",
        "The refresh token is unknown, used or expired; log in again.",
        rule="IAM-001",
    )


def _pair(tx: Tx, session_id: str, access_token: access.AccessToken, expires: datetime) -> TokenPair:
    refresh = onetime.new_refresh_token()
    sessions.add_token(tx, session_id, onetime.token_digest(refresh))
    return TokenPair(access_token, refresh, expires)
