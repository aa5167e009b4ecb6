"""Real gRPC servers on loopback for every contract of the suite, and tokens to call them with."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

import jiangheng.api
from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.chassis.auth import Caller, TokenVerifier, sign_token
from jiangheng.chassis.client import channel
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.guard import EXEMPT, Guard
from jiangheng.chassis.keyset import JwksFetcher, jwks
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.server import Mounted, Server, build_server

AUDIENCE = "toy"
KEY_ID = "token-key-1"

Refused = list[tuple[RefusalRecorded, str]]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 2, 4, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def token_key() -> Ed25519PrivateKey:
    """What identity signs tokens with."""
    return Ed25519PrivateKey.generate()


@pytest.fixture
def verifier(token_key: Ed25519PrivateKey, clock: FixedClock) -> TokenVerifier:
    keys = JwksFetcher(lambda: jwks({KEY_ID: token_key.public_key()}), clock)
    return TokenVerifier(AUDIENCE, keys, clock)


@pytest.fixture
def token(token_key: Ed25519PrivateKey, clock: FixedClock) -> Callable[..., str]:
    """A token for a caller, by default for the service under test and from now on."""

    def make(caller: Caller, audience: str = AUDIENCE, at: datetime | None = None) -> str:
        return sign_token(caller, audience, key_id=KEY_ID, private_key=token_key, at=at or clock.now())

    return make


@pytest.fixture
def refused() -> Refused:
    """What was put on record: (refusal, region)."""
    return []


@pytest.fixture
def contracts() -> Callable[[], list[ServiceDescriptor]]:
    """Every gRPC service that the suite's contracts declare."""
    return _contracts


def _contracts() -> list[ServiceDescriptor]:
    root = Path(jiangheng.api.__path__[0]).parent.parent
    names = sorted(".".join(path.relative_to(root).with_suffix("").parts) for path in root.rglob("*_pb2.py"))
    files = [importlib.import_module(name).DESCRIPTOR for name in names]
    return [service for file in files for service in file.services_by_name.values()]


@pytest.fixture
def mounted() -> Callable[..., Mounted]:
    """A contract's service with one behaviour for all its methods: (method name, request) → answer.

    Without a behaviour, or where it gives None, the answer is an empty message.
    """

    def make(
        service: ServiceDescriptor, behave: Callable[[str, Any], Message | None] | None = None
    ) -> Mounted:
        module = importlib.import_module(
            service.file.name.removesuffix(".proto").replace("/", ".") + "_pb2_grpc"
        )
        return Mounted(
            service, getattr(module, f"add_{service.name}Servicer_to_server"), _Servicer(service, behave)
        )

    return make


class _Servicer:
    def __init__(
        self, service: ServiceDescriptor, behave: Callable[[str, Any], Message | None] | None
    ) -> None:
        for method in service.methods:
            setattr(self, method.name, _behaviour(method, behave))


def _behaviour(
    method: MethodDescriptor, behave: Callable[[str, Any], Message | None] | None
) -> Callable[[Any, grpc.ServicerContext], Message]:
    answer = GetMessageClass(method.output_type)

    def behaviour(request: Any, _context: grpc.ServicerContext) -> Message:
        return (behave(method.name, request) if behave else None) or answer()

    return behaviour


@pytest.fixture
def start(verifier: TokenVerifier, refused: Refused) -> Iterator[Callable[..., Server]]:
    """Starts a server of mounted services on loopback; stopped at the end of the test."""
    running: list[Server] = []

    def run(*services: Mounted, owners: Any = None, refusals: Any = None, **options: Any) -> Server:
        guard = Guard(
            methods_of(service.descriptor for service in services),
            verifier,
            owners or {},
            refusals or (lambda refusal, region: refused.append((refusal, region))),
            exempt=EXEMPT["health"] + (EXEMPT["reflection"] if options.get("reflect") else ()),
        )
        settings = {"bind": "127.0.0.1:0", "ping": lambda: None, **options}
        server = build_server(mounted=services, guard=guard, **settings)
        server.start()
        running.append(server)
        return server

    yield run
    for server in running:
        server.stop(0)


@pytest.fixture
def connect() -> Iterator[Callable[..., grpc.Channel]]:
    """A channel to a server; closed at the end of the test."""
    opened: list[grpc.Channel] = []

    def to(server: Server, *services: ServiceDescriptor, **options: Any) -> grpc.Channel:
        opened.append(channel(f"127.0.0.1:{server.port}", services, **options))
        return opened[-1]

    yield to
    for each in opened:
        each.close()


@pytest.fixture
def call() -> Callable[..., grpc.UnaryUnaryMultiCallable[Any, Any]]:
    """A method of a channel by its descriptor, as a stub would have it."""

    def of(to: grpc.Channel, method: MethodDescriptor) -> grpc.UnaryUnaryMultiCallable[Any, Any]:
        return to.unary_unary(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )

    return of
