"""Access tokens for services, against an assertion signed by their own key (RFC 7523; IAM-001)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jiangheng.chassis.auth import CLOCK_SKEW_SECONDS, WHOLE_COUNTRY, Caller
from jiangheng.chassis.auth import Grant as Claim
from jiangheng.chassis.errors import Problem, unauthenticated
from jiangheng.chassis.keyset import ALGORITHM
from jiangheng.identity.operations import access
from jiangheng.identity.operations.access import AccessToken
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import principals
from jiangheng.identity.store.principals import Principal

AUDIENCE = "identity"
LONGEST_LIFE = timedelta(seconds=60)
LONGEST_ASSERTION = 4096
LONGEST_JTI = 128
_SKEW = timedelta(seconds=CLOCK_SKEW_SECONDS)
_REQUIRED = ("iss", "sub", "aud", "iat", "exp", "jti")


@dataclass(frozen=True)
class _Assertion:
    """What an assertion with a right signature says."""

    jti: str
    issued: datetime
    expires: datetime


def issue_service_token(identity: Identity, assertion: str, audience: str) -> AccessToken:
    """A token with the service's scopes, for that audience.

    Raises UNAUTHENTICATED, with one answer, for an assertion by nobody we know,
    with a wrong signature, for another audience, out of its time, or used before.
    """
    access.check_audience(identity, audience)
    with identity.db.read() as tx:
        principal = principals.get(tx, _issuer(assertion))
    if principal is None:
        raise _refused()
    said = _verified(principal, assertion)
    _check_times(said, identity.now())
    with identity.db.write() as tx:
        if not principals.use_assertion(tx, principal.name, said.jti, said.expires):
            raise _refused()
    claim = Claim("service", frozenset(principal.scopes), region=WHOLE_COUNTRY)
    return access.sign(identity, Caller("service", principal.name, (claim,)), audience)


def _issuer(assertion: str) -> str:
    if len(assertion) > LONGEST_ASSERTION:
        raise _refused()
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise _refused() from None
    return str(claims.get("iss", ""))


def _verified(principal: Principal, assertion: str) -> _Assertion:
    key = Ed25519PublicKey.from_public_bytes(principal.public_key)
    # The times are checked below, by our own clock: PyJWT reads the wall clock itself.
    options: Any = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        claims = jwt.decode(
            assertion, key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=principal.name, options=options
        )
        return _assertion(principal, claims)
    except (jwt.PyJWTError, TypeError, ValueError, OverflowError):
        raise _refused() from None


def _assertion(principal: Principal, claims: Mapping[str, Any]) -> _Assertion:
    jti = claims["jti"]
    if claims["sub"] != principal.name or not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI:
        raise ValueError("subject or jti")
    return _Assertion(jti, *(datetime.fromtimestamp(float(claims[name]), UTC) for name in ("iat", "exp")))


def _check_times(said: _Assertion, now: datetime) -> None:
    if not timedelta(0) < said.expires - said.issued <= LONGEST_LIFE:
        raise _refused()
    if said.expires <= now or said.issued > now + _SKEW:
        raise _refused()


def _refused() -> Problem:
    return unauthenticated(
        "assertion-refused",
        "服务断言无效、已过期或已使用。",
        "The assertion is not valid, has expired or was used before.",
        rule="IAM-001",
        clause="RFC 7523",
    )
