"""What every service asks identity for: the key set, and tokens of its own."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.identity.v1 import identity_pb2
from jiangheng.api.identity.v1.identity_pb2_grpc import TokenServiceStub
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.keyset import ALGORITHM

IDENTITY = "identity"
ASSERTION_LIFE = timedelta(seconds=60)
# A token is replaced this long before it ends, so that it outlives the calls it is sent with.
RENEW_BEFORE = timedelta(seconds=60)

# Calls wait for the key set: rather none than late.
KEY_SET_SECONDS = 2.0

_TOKEN_SERVICE: ServiceDescriptor = identity_pb2.DESCRIPTOR.services_by_name["TokenService"]


def identity_channel(target: str, *, ca: Path | None = None) -> grpc.Channel:
    """A channel to identity's TokenService at "host:port"."""
    return channel(target, [_TOKEN_SERVICE], ca=ca)


def key_set_fetch(identity: grpc.Channel) -> Callable[[], str]:
    """What gives identity's present key set (RFC 7517 JSON), for a JwksFetcher."""
    stub = TokenServiceStub(identity)
    return lambda: invoke(stub.GetKeySet, identity_pb2.GetKeySetRequest(), timeout=KEY_SET_SECONDS).jwks


class ServiceTokens:
    """A service's own access tokens, one per audience, renewed shortly before they end.

    The service proves itself with a one-minute JWT signed by its own key (RFC 7523).
    """

    def __init__(self, name: str, key: Ed25519PrivateKey, identity: grpc.Channel, clock: Clock) -> None:
        self._name = name
        self._key = key
        self._stub = TokenServiceStub(identity)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[str, datetime]] = {}

    def token(self, audience: str) -> str:
        """A token for the service `audience`; raises Problem when identity is away or refuses."""
        with self._lock:
            token, expires = self._tokens.get(audience, ("", datetime.min.replace(tzinfo=UTC)))
            if self._clock.now() + RENEW_BEFORE >= expires:
                token, expires = self._ask(audience)
                self._tokens[audience] = token, expires
            return token

    def _ask(self, audience: str) -> tuple[str, datetime]:
        request = identity_pb2.IssueServiceTokenRequest(assertion=self._assertion(), audience=audience)
        answer = invoke(self._stub.IssueServiceToken, request)
        return answer.access_token, answer.access_expires.ToDatetime(tzinfo=UTC)

    def _assertion(self) -> str:
        now = self._clock.now()
        claims = {
            "iss": self._name,
            "sub": self._name,
            "aud": IDENTITY,
            "iat": int(now.timestamp()),
            "exp": int((now + ASSERTION_LIFE).timestamp()),
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)
