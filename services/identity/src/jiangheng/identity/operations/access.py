"""Access tokens for persons: the second wall (IAM-006), passed at log-in and at every refresh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jiangheng.chassis.auth import TOKEN_LIFE, Caller, sign_token
from jiangheng.chassis.auth import Grant as Claim
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import invalid
from jiangheng.identity.domain.grant import Grant, check_together
from jiangheng.identity.operations.activate_keys import activate_due
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import grants, keys
from jiangheng.rules import duties

# What every person may do with his own account, whatever else he is granted.
SELF = Claim("self", frozenset({"account.own"}))


@dataclass(frozen=True)
class AccessToken:
    """A signed access token and when it expires."""

    text: str
    expires: datetime


@dataclass(frozen=True)
class TokenPair:
    """What a log-in and a refresh give."""

    access: AccessToken
    refresh_token: str
    refresh_expires: datetime


def check_audience(identity: Identity, audience: str) -> None:
    """Raises INVALID unless tokens are made for that service."""
    if audience not in identity.limits.audiences:
        known = ", ".join(sorted(identity.limits.audiences))
        raise invalid("audience", f"未知的服务；可用：{known}。", f"No such service; there are: {known}.")


def for_person(identity: Identity, tx: Tx, person_id: str, audience: str) -> AccessToken:
    """A token with the grants that count now. Raises FORBIDDEN, naming the rule, if they conflict."""
    now = identity.now()
    held = [grant for grant in grants.of_person(tx, person_id) if grant.in_force(now)]
    check_together(grant.role for grant in held)
    activate_due(identity, tx, person_id)
    key = keys.active(tx, person_id)
    caller = Caller(
        "person",
        person_id,
        (SELF, *(_claim(grant) for grant in held)),
        key_id=key.key_id if key else "",
        key=key.public_key if key else b"",
    )
    return sign(identity, caller, audience, identity.limits.access_life)


def sign(identity: Identity, caller: Caller, audience: str, life: timedelta = TOKEN_LIFE) -> AccessToken:
    """The token as the present signing key signs it."""
    now, key = identity.now(), identity.keyring.signing_key()
    text = sign_token(caller, audience, key_id=key.key_id, private_key=key.private_key, at=now, life=life)
    return AccessToken(text, now.replace(microsecond=0) + life)


def _claim(grant: Grant) -> Claim:
    scopes = duties.scopes_of([grant.role])
    return Claim(grant.role, scopes, grant.target.institution, grant.target.region)
