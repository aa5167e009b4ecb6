"""How the journey talks to the suite: as people do, by RPC, with tokens of their own.

A process may be killed at any moment of a journey. The driver then does what a careful user does: it waits
and asks again. Commands are idempotent, so an answer that was lost is given again, and what it keeps in
`Record` is only what a service has acknowledged.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import Message

from jiangheng.api.identity.v1 import identity_pb2 as identity
from jiangheng.api.identity.v1.identity_pb2_grpc import (
    AccountServiceStub,
    AdministrationServiceStub,
    TokenServiceStub,
)
from jiangheng.api.registration.v1 import application_pb2, batch_pb2, registration_pb2, seating_pb2
from jiangheng.api.registration.v1.registration_pb2_grpc import InstitutionServiceStub
from jiangheng.api.supervision.v1.ledger_pb2_grpc import LedgerServiceStub
from jiangheng.chassis import acts, client
from jiangheng.chassis.errors import Kind, Problem

Result = TypeVar("Result")
# A method of a stub; which messages it takes and gives is checked where the stub is used.
Method: TypeAlias = "grpc.UnaryUnaryMultiCallable[Any, Any]"

PATIENCE = 90.0  # seconds to wait for a service that is away
PAUSE = 0.2
# Passwords are hashed slowly on purpose, seating a batch takes longer than a look at it, and a client
# that gives up too soon on a busy machine only makes it busier.
TIMEOUT_SECONDS = 30.0
RENEW_BEFORE = 5.0  # seconds before its end a token is not used any more


REGISTRATION = [
    service
    for module in (registration_pb2, batch_pb2, application_pb2, seating_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
]


class DoesNotHold(AssertionError):
    """The suite did something else than the journey says it must."""


@dataclass(frozen=True)
class Endpoints:
    """Where the suite answers, and what an outsider was given: the ledger's public key."""

    targets: Mapping[str, str]  # service → host:port
    ledger_key: Path


@dataclass
class Actor:
    """A person of the story once he exists: what he knows and holds."""

    login: str
    person_id: str
    password: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    key_id: str = ""

    @property
    def name(self) -> str:
        """As facts and refusals name him."""
        return f"person:{self.person_id}"


@dataclass
class Record:
    """What the suite has acknowledged to the driver: facts as (type, subject), refusals as (caller, rule)."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)


class Driver:
    """Calls with patience, as one of the story's persons."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints
        self.record = Record()
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}
        self._log_ins: dict[str, str] = {}  # login → refresh token
        self._logging_in = threading.Lock()
        self._channels = {
            name: client.channel(endpoints.targets[name])
            for name in ("identity", "registration", "supervision")
        }
        self.tokens = TokenServiceStub(self._channels["identity"])
        self.account = AccountServiceStub(self._channels["identity"])
        self.administration = AdministrationServiceStub(self._channels["identity"])
        self.institutions = InstitutionServiceStub(self._channels["registration"])
        self.ledger = LedgerServiceStub(self._channels["supervision"])
        self._registration = client.Methods(self._channels["registration"], REGISTRATION)

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()

    def open_call(self, method: Method, request: Message) -> Any:
        """A call that needs no token."""
        return patiently(lambda: client.invoke(method, request, timeout=TIMEOUT_SECONDS))

    def call(self, actor: Actor, audience: str, method: Method, request: Message) -> Any:
        return patiently(
            lambda: client.invoke(method, request, token=self.token(actor, audience), timeout=TIMEOUT_SECONDS)
        )

    def raw_call(self, method: Method, request: Message, token: str) -> Any:
        """A call with just this token, right or wrong."""
        return patiently(lambda: client.invoke(method, request, token=token, timeout=TIMEOUT_SECONDS))

    def ask(self, actor: Actor, request: Message, *, token: str = "") -> Any:
        """A call of registration: the method is the one that takes such a request. A token may be given."""

        def asked() -> Any:
            by = token or self.token(actor, "registration")
            return self._registration.ask(request, token=by, timeout=TIMEOUT_SECONDS)

        return patiently(asked)

    def sign(self, actor: Actor, request: Any) -> Any:
        """The request with the actor's own signature over exactly this act."""
        path = self._registration.path(request)
        request.signature.CopyFrom(acts.sign_act(actor.key, actor.key_id, path, request))
        return request

    def token(self, actor: Actor, audience: str) -> str:
        """The actor's token for one service: his last one, the next of his log-in, or a new log-in."""
        with self._logging_in:
            return self._token(actor, audience)

    def _token(self, actor: Actor, audience: str) -> str:
        held, until = self._tokens.get((actor.login, audience), ("", 0.0))
        if time.time() < until - RENEW_BEFORE:
            return held
        answer = self._refreshed(actor, audience) or self.open_call(
            self.tokens.LogIn,
            identity.LogInRequest(login=actor.login, password=actor.password, audience=audience),
        )
        self._log_ins[actor.login] = answer.refresh_token
        self._tokens[actor.login, audience] = (answer.access_token, answer.access_expires.seconds)
        return str(answer.access_token)

    def _refreshed(self, actor: Actor, audience: str) -> Any:
        """The next token of a log-in that lives; None if there is none, or it ended with a lost answer."""
        known = self._log_ins.pop(actor.login, "")
        request = identity.RefreshTokenRequest(refresh_token=known, audience=audience)
        try:
            return self.open_call(self.tokens.RefreshToken, request) if known else None
        except Problem as problem:
            if problem.kind is not Kind.UNAUTHENTICATED:
                raise
            return None

    def forget_tokens(self, actor: Actor) -> None:
        """After a change of grants or keys the next call logs in again."""
        self._tokens = {key: value for key, value in self._tokens.items() if key[0] != actor.login}

    def refused(self, rule: str, act: Callable[[], object], *, caller: str = "") -> Problem:
        """The act must be refused under this rule; `caller` (actor string) if the refusal goes on record."""
        try:
            patiently(act)
        except Problem as problem:
            if rule not in (problem.rule, problem.code):
                raise DoesNotHold(
                    f"refused under {problem.rule or problem.code}, expected {rule}: {problem}"
                ) from problem
            if caller:
                self.record.refusals.append((caller, rule))
            return problem
        raise DoesNotHold(f"not refused, expected {rule}")


def patiently(act: Callable[[], Result]) -> Result:
    """Does the act, again while the service is away, for PATIENCE seconds at most."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except Problem as problem:
            if problem.kind is not Kind.UNAVAILABLE or time.monotonic() > until:
                raise
        time.sleep(PAUSE)
