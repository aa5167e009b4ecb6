"""Who is calling and how far his rights reach: callers, grants, access tokens.

An access token is a JWT (RFC 7519) signed with EdDSA by identity, for one
audience, ten minutes long. Its claims:

    iss "jiangheng-identity"   sub    aud (one service)   iat nbf exp   jti
    kind "person" | "service"
    grants [{role, scopes, institution, region}]
    cnf {kid, x}               the person's active signing key, if any (RFC 7800)

What a service asks identity for over the wire (key set, own tokens) stands in
identity_client.py; nothing here knows gRPC.
"""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.errors import Problem, unauthenticated
from jiangheng.chassis.keyset import ALGORITHM, KeySource, base64url, unbase64url

ISSUER = "jiangheng-identity"
TOKEN_LIFE = timedelta(seconds=600)
# gRPC servers take 8 KiB of metadata by default: a longer token is no token of ours.
MAX_TOKEN_LENGTH = 7000
# Two machines' clocks may differ by this much; it never lengthens a token's life.
CLOCK_SKEW_SECONDS = 5
WHOLE_COUNTRY = "00"
KEY_BYTES = 32

_REQUIRED = ["iss", "sub", "aud", "iat", "nbf", "exp", "jti", "kind", "grants"]
_REGION = re.compile(r"(\d{2}){1,3}")
_NAME = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True)
class Owner:
    """Whom a stored object belongs to: an institution (credit code) and the
    administrative division (GB/T 2260 digits) it lies in."""

    institution: str
    region: str


@dataclass(frozen=True)
class Grant:
    """One role as a token carries it: its scopes, for one institution or one region."""

    role: str
    scopes: frozenset[str]
    institution: str = ""
    region: str = ""

    def covers(self, owner: Owner) -> bool:
        """True if the grant reaches objects of this owner (IAM-011, IAM-012).

        An institution's grant reaches that institution only, a region's grant
        every division below it, "00" the whole country; a grant for neither
        reaches nothing.
        """
        if self.institution:
            return owner.institution == self.institution
        return bool(self.region) and region_contains(self.region, owner.region)


def region_contains(outer: str, inner: str) -> bool:
    """True if division `inner` is `outer` or lies in it; "00" contains all."""
    return outer == WHOLE_COUNTRY or inner.startswith(outer)


@dataclass(frozen=True)
class Reach:
    """What a caller's grants reach, for the condition of a list query."""

    institutions: frozenset[str]
    regions: frozenset[str]


CallerKind = Literal["person", "service", "anyone"]


@dataclass(frozen=True)
class Caller:
    """Who calls, as the verified token says; `anyone` where no token is asked for.

    `key_id` and `key` (Ed25519, 32 bytes) are the person's active signing key.
    """

    kind: CallerKind
    id: str
    grants: tuple[Grant, ...] = ()
    key_id: str = ""
    key: bytes = b""

    @property
    def actor(self) -> str:
        """The name that facts carry: "person:<id>", "service:<name>" or "anyone"."""
        return self.kind if self.kind == "anyone" else f"{self.kind}:{self.id}"

    def with_scope(self, *scopes: str) -> tuple[Grant, ...]:
        """The grants that carry at least one of the scopes."""
        return tuple(grant for grant in self.grants if not grant.scopes.isdisjoint(scopes))

    def holds(self, scopes: Iterable[str]) -> bool:
        """True if any grant carries any of the scopes."""
        wanted = (scopes,) if isinstance(scopes, str) else scopes
        return bool(self.with_scope(*wanted))

    def covers(self, owner: Owner, *scopes: str) -> bool:
        """True if a grant that carries one of the scopes reaches this owner."""
        return any(grant.covers(owner) for grant in self.with_scope(*scopes))

    def reach(self, *scopes: str) -> Reach:
        """Institutions and regions in which the caller holds one of the scopes."""
        grants = self.with_scope(*scopes)
        return Reach(
            institutions=frozenset(grant.institution for grant in grants if grant.institution),
            regions=frozenset(grant.region for grant in grants if grant.region and not grant.institution),
        )


ANYONE = Caller("anyone", "")


def sign_token(
    caller: Caller,
    audience: str,
    *,
    key_id: str,
    private_key: Ed25519PrivateKey,
    at: datetime,
    life: timedelta = TOKEN_LIFE,
) -> str:
    """An access token for `caller`, valid from `at` (aware) for `life`.

    One that lives longer than TOKEN_LIFE is made, but accepted nowhere.
    """
    issued = int(at.timestamp())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "sub": caller.id,
        "aud": audience,
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(life.total_seconds()),
        "jti": str(uuid.uuid4()),
        "kind": caller.kind,
        "grants": [_grant_claim(grant) for grant in caller.grants],
    }
    if caller.key:
        claims["cnf"] = {"kid": caller.key_id, "x": base64url(caller.key)}
    return jwt.encode(claims, private_key, algorithm=ALGORITHM, headers={"kid": key_id})


def _grant_claim(grant: Grant) -> dict[str, Any]:
    return {
        "role": grant.role,
        "scopes": sorted(grant.scopes),
        "institution": grant.institution,
        "region": grant.region,
    }


@dataclass(frozen=True)
class _Token:
    """A token whose signature and shape were found right; times in Unix seconds."""

    caller: Caller
    audience: str
    not_before: float
    expires: float
    key_id: str
    key: Ed25519PublicKey


class TokenVerifier:
    """Verifies access tokens for one audience.

    Verified tokens are remembered by their SHA-256 (bounded, oldest use out
    first); audience, times and the standing of the key are looked at every time.
    """

    def __init__(self, audience: str, keys: KeySource, clock: Clock, *, remembered: int = 4096) -> None:
        self._audience = audience
        self._keys = keys
        self._clock = clock
        self._remembered = remembered
        self._lock = threading.Lock()
        self._tokens: OrderedDict[bytes, _Token] = OrderedDict()

    def verify(self, token: str) -> Caller:
        """The caller the token speaks for.

        Raises Problem UNAUTHENTICATED: token-missing, token-invalid,
        token-expired, wrong-audience. The last two are about a token that
        identity did sign: `details["subject"]` then names its subject (as an
        actor), so that the refusal can be put on record.
        """
        if not token:
            raise unauthenticated(
                "token-missing", "缺少访问令牌。", "No access token was sent.", rule="IAM-001"
            )
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise _invalid()
        found = self._find(token)
        self._check_use(found)
        return found.caller

    def _find(self, token: str) -> _Token:
        name = hashlib.sha256(token.encode("ascii")).digest()
        with self._lock:
            known = self._tokens.get(name)
            if known is not None:
                self._tokens.move_to_end(name)
        if known is not None and self._keys.find(known.key_id) == known.key:
            return known
        fresh = self._read(token)
        self._remember(name, fresh)
        return fresh

    def _remember(self, name: bytes, token: _Token) -> None:
        with self._lock:
            self._tokens[name] = token
            while len(self._tokens) > self._remembered:
                self._tokens.popitem(last=False)

    def _read(self, token: str) -> _Token:
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid", ""))
        except jwt.PyJWTError:
            raise _invalid() from None
        key = self._keys.find(key_id)
        if key is None:
            raise _invalid()
        return _token(_verified_claims(token, key), key_id, key)

    def _check_use(self, token: _Token) -> None:
        subject = token.caller.actor
        if token.audience != self._audience:
            raise unauthenticated(
                "wrong-audience",
                "该访问令牌不是签发给本服务的。",
                "The access token was issued for another service.",
                rule="wrong-audience",
                subject=subject,
            )
        now = self._clock.now().timestamp()
        if now >= token.expires:
            raise unauthenticated(
                "token-expired",
                "访问令牌已过期。",
                "The access token has expired.",
                rule="token-expired",
                subject=subject,
            )
        if now + CLOCK_SKEW_SECONDS < token.not_before:
            raise _invalid()


def _invalid() -> Problem:
    # One answer for every fault: whoever forges tokens learns nothing from it.
    return unauthenticated(
        "token-invalid", "访问令牌无效。", "The access token is not valid.", rule="IAM-001"
    )


def _verified_claims(token: str, key: Ed25519PublicKey) -> dict[str, Any]:
    # PyJWT reads the wall clock itself; times and audience are checked by us, with our clock.
    options: Any = {
        "require": _REQUIRED,
        "verify_aud": False,
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
    }
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=[ALGORITHM], issuer=ISSUER, options=options
        )
    except jwt.PyJWTError:
        raise _invalid() from None
    return claims


def _token(claims: Mapping[str, Any], key_id: str, key: Ed25519PublicKey) -> _Token:
    try:
        issued, not_before, expires = (float(claims[name]) for name in ("iat", "nbf", "exp"))
        caller = _caller(claims)
        audience = claims["aud"]
    except (KeyError, TypeError, ValueError):
        raise _invalid() from None
    if not isinstance(audience, str) or not 0 < expires - issued <= TOKEN_LIFE.total_seconds():
        raise _invalid()
    return _Token(caller, audience, max(issued, not_before), expires, key_id, key)


def _caller(claims: Mapping[str, Any]) -> Caller:
    kind, subject = claims["kind"], claims["sub"]
    if kind not in ("person", "service") or not isinstance(subject, str) or not _NAME.fullmatch(subject):
        raise ValueError("no known kind of subject")
    grants = tuple(_grant(claim) for claim in claims["grants"])
    if "cnf" not in claims or kind != "person":
        return Caller(kind, subject, grants)
    key_id, key = str(claims["cnf"]["kid"]), unbase64url(claims["cnf"]["x"])
    if len(key) != KEY_BYTES or not key_id:
        raise ValueError("no Ed25519 key")
    return Caller(kind, subject, grants, key_id, key)


def _grant(claim: Mapping[str, Any]) -> Grant:
    scopes = frozenset(str(scope) for scope in claim["scopes"])
    institution, region = str(claim.get("institution", "")), str(claim.get("region", ""))
    if region and not _REGION.fullmatch(region):
        raise ValueError("a region is two, four or six digits")
    return Grant(str(claim["role"]), scopes, institution, region)
