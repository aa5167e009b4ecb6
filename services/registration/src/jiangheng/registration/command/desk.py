"""What a person's command does with the service: calls with his token, signs with his key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import Message

from jiangheng.api.registration.v1 import application_pb2, batch_pb2, registration_pb2, seating_pb2
from jiangheng.chassis.acts import sign_act
from jiangheng.chassis.canonical import digest, message_json
from jiangheng.chassis.client import Methods, channel

SERVICES = [
    service
    for module in (registration_pb2, batch_pb2, application_pb2, seating_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
]
TIMEOUT_SECONDS = 60.0  # clearing or seating a batch takes longer than a look at it


class NotAsShown(Exception):
    """What the service asks to be signed is not what it shows."""


class Desk:
    """Registration as one person reaches it; every call raises Problem when it is refused."""

    def __init__(self, connection: grpc.Channel, token: str) -> None:
        self._methods = Methods(connection, SERVICES)
        self._token = token

    @classmethod
    @contextmanager
    def at(cls, target: str, token: str, ca: Path | None) -> Iterator[Desk]:
        """A desk at "host:port", with the authority of its certificate off loopback."""
        with channel(target, SERVICES, ca=ca) as connection:
            yield cls(connection, token)

    def ask(self, request: Message) -> Any:
        """Call the one method that takes such a request."""
        return self._methods.ask(request, token=self._token, timeout=TIMEOUT_SECONDS)

    def every(self, request: Any, field: str) -> Iterator[Any]:
        """What a listing method gives in `field`, page after page."""
        while True:
            answer = self.ask(request)
            yield from getattr(answer, field)
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token

    def sign(self, request: Any, key: Ed25519PrivateKey) -> Any:
        """The request with the person's signature. Raises ValueError if the token names no active key."""
        request.signature.CopyFrom(sign_act(key, self._key_id(), self._methods.path(request), request))
        return request

    def _key_id(self) -> str:
        try:
            claims = jwt.decode(self._token, options={"verify_signature": False})
            return str(claims["cnf"]["kid"])
        except (jwt.PyJWTError, KeyError, TypeError):
            raise ValueError("the token names no active signing key of yours") from None


def assert_shown(content: Message, asked: bytes, what: str) -> None:
    """Raise NotAsShown unless the digest to be signed is of the content shown.

    The service could otherwise have another one signed.
    """
    if digest(message_json(content)) != asked:
        raise NotAsShown(f"the digest is not that of {what}")
