"""What a person's command does with the service: calls with his token, signs with his key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import Message

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.api.registration.v1.registration_pb2_grpc import InstitutionServiceStub
from jiangheng.chassis.acts import sign_act
from jiangheng.chassis.canonical import digest, message_json
from jiangheng.chassis.client import channel, invoke

SERVICE = pb.DESCRIPTOR.services_by_name["InstitutionService"]
COMPLETE_FILING = f"/{SERVICE.full_name}/CompleteFiling"


class NotAsShown(Exception):
    """What the service asks to be signed is not what it shows."""


class Desk:
    """InstitutionService as one person reaches it; every call raises Problem when it is refused."""

    def __init__(self, stub: InstitutionServiceStub, token: str) -> None:
        self._stub = stub
        self._token = token

    @classmethod
    @contextmanager
    def at(cls, target: str, token: str, ca: Path | None) -> Iterator[Desk]:
        """A desk at "host:port", with the authority of its certificate off loopback."""
        with channel(target, [SERVICE], ca=ca) as connection:
            yield cls(InstitutionServiceStub(connection), token)

    def do(self, method: str, request: Message) -> pb.Institution:
        """Call a method that answers an institution."""
        answer: pb.Institution = self._call(method, request).institution
        return answer

    def stands(self, credit_code: str) -> pb.Institution:
        """The institution as it stands."""
        return self.do("GetInstitution", pb.GetInstitutionRequest(credit_code=credit_code))

    def every(self, state: pb.InstitutionState.ValueType) -> Iterator[pb.Institution]:
        """Every institution within reach, in any state or this one."""
        token = ""
        while True:
            request = pb.ListInstitutionsRequest(state=state, page_token=token)
            answer: pb.ListInstitutionsResponse = self._call("ListInstitutions", request)
            yield from answer.institutions
            token = answer.next_page_token
            if not token:
                return

    def completion(self, shown: pb.Institution, key: Ed25519PrivateKey) -> pb.CompleteFilingRequest:
        """The signed request that files exactly what was shown.

        Raises NotAsShown if the digest to be signed is not of the dossier shown
        (the service could otherwise have another one signed), ValueError if the
        token names no active signing key.
        """
        if digest(message_json(shown.dossier)) != shown.dossier_digest:
            raise NotAsShown(f"the digest is not that of the dossier of {shown.credit_code}")
        request = pb.CompleteFilingRequest(
            credit_code=shown.credit_code, revision=shown.revision, dossier_digest=shown.dossier_digest
        )
        request.signature.CopyFrom(sign_act(key, self._key_id(), COMPLETE_FILING, request))
        return request

    def _key_id(self) -> str:
        try:
            claims = jwt.decode(self._token, options={"verify_signature": False})
            return str(claims["cnf"]["kid"])
        except (jwt.PyJWTError, KeyError, TypeError):
            raise ValueError("the token names no active signing key of yours") from None

    def _call(self, method: str, request: Message) -> Any:
        call: Callable[..., Any] = getattr(self._stub, method)
        return invoke(call, request, token=self._token)  # type: ignore[arg-type]
