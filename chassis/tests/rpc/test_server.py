"""What a server refuses to start with, TLS on both sides, health and reflection."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from jiangheng.api.feed.v1 import feed_pb2
from jiangheng.api.identity.v1 import identity_pb2
from jiangheng.chassis import health
from jiangheng.chassis.auth import TokenVerifier
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.policy import PolicyError, methods_of
from jiangheng.chassis.server import Mounted, Server, Tls, build_server

FEED = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
TOKENS = identity_pb2.DESCRIPTOR.services_by_name["TokenService"]
KEY_SET = "/jiangheng.api.identity.v1.TokenService/GetKeySet"


@dataclass(frozen=True)
class Authority:
    """A certificate authority of this test and what it certified for 127.0.0.1."""

    ca: Path
    tls: Tls


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return certify(tmp_path, "ours")


def certify(folder: Path, name: str) -> Authority:
    """A self-signed certificate, which is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Authority(certificate_file, Tls(certificate_file, key_file))


def key_set(to: grpc.Channel) -> str:
    method = to.unary_unary(
        KEY_SET,
        identity_pb2.GetKeySetRequest.SerializeToString,
        identity_pb2.GetKeySetResponse.FromString,
    )
    return invoke(method, identity_pb2.GetKeySetRequest(), timeout=5).jwks


def answer(_name: str, _request: Any) -> identity_pb2.GetKeySetResponse:
    return identity_pb2.GetKeySetResponse(jwks="{}")


def test_calls_travel_over_tls(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    authority: Authority,
) -> None:
    # Off loopback too: with TLS that is allowed.
    server = start(mounted(TOKENS, answer), tls=authority.tls, bind="0.0.0.0:0")
    assert key_set(connect(server, ca=authority.ca)) == "{}"


def test_a_server_of_another_authority_is_not_talked_to(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    authority: Authority,
    tmp_path: Path,
) -> None:
    server = start(mounted(TOKENS, answer), tls=authority.tls)
    for to in (connect(server, ca=certify(tmp_path, "theirs").ca), connect(server)):
        with pytest.raises(Problem) as raised:
            key_set(to)
        assert raised.value.kind is Kind.UNAVAILABLE


def test_on_loopback_plain_calls_are_allowed(
    mounted: Callable[..., Mounted], start: Callable[..., Server], connect: Callable[..., grpc.Channel]
) -> None:
    assert key_set(connect(start(mounted(TOKENS, answer)))) == "{}"


@pytest.mark.parametrize("bind", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.org:0"])
def test_off_loopback_no_server_starts_without_tls(
    mounted: Callable[..., Mounted], start: Callable[..., Server], bind: str
) -> None:
    with pytest.raises(ConfigError, match="off loopback"):
        start(mounted(TOKENS), bind=bind)


@pytest.mark.parametrize(
    "target", ["192.0.2.1:50051", "identity:50051", "dns:///identity:50051", "[2001:db8::1]:1"]
)
def test_off_loopback_no_client_calls_without_tls(target: str) -> None:
    with pytest.raises(ConfigError, match="off loopback"):
        channel(target)


def test_a_taken_port_is_said_to_be_taken(
    mounted: Callable[..., Mounted], start: Callable[..., Server]
) -> None:
    server = start(mounted(TOKENS))
    with pytest.raises(ConfigError, match="in use"):
        start(mounted(TOKENS), bind=f"127.0.0.1:{server.port}")


def guarded(verifier: TokenVerifier, *declared: Any) -> Guard:
    return Guard(methods_of(declared), verifier, {}, lambda refusal, region: None)


def test_what_is_mounted_must_be_declared_and_the_other_way_round(
    mounted: Callable[..., Mounted], verifier: TokenVerifier
) -> None:
    options: dict[str, Any] = {"bind": "127.0.0.1:0", "ping": lambda: None}
    with pytest.raises(PolicyError, match=r"FeedService/List: mounted, but not declared"):
        build_server(mounted=[mounted(TOKENS), mounted(FEED)], guard=guarded(verifier, TOKENS), **options)
    with pytest.raises(PolicyError, match=r"FeedService/List: declared, but not mounted"):
        build_server(mounted=[mounted(TOKENS)], guard=guarded(verifier, TOKENS, FEED), **options)


def status(to: grpc.Channel, service: str = "") -> str:
    answer = health_pb2_grpc.HealthStub(to).Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def await_status(to: grpc.Channel, wanted: str) -> None:
    until = time.monotonic() + 10
    while status(to) != wanted:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_it_serves_while_its_store_answers(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = []

    def ping() -> None:
        if away:
            raise OSError("away")

    server = start(mounted(TOKENS), ping=ping)
    to = connect(server)
    await_status(to, "SERVING")
    assert status(to, TOKENS.full_name) == "SERVING"
    away.append(True)
    monkeypatch.setattr(health, "SILENCE_SECONDS", 0.0)
    await_status(to, "NOT_SERVING")
    away.clear()
    monkeypatch.undo()
    server.health.beat()
    assert status(to) == "SERVING"
    server.health.leave()
    assert status(to) == "NOT_SERVING"


def test_before_the_store_answered_it_does_not_serve(
    mounted: Callable[..., Mounted], start: Callable[..., Server], connect: Callable[..., grpc.Channel]
) -> None:
    def ping() -> None:
        raise OSError("away")

    assert status(connect(start(mounted(TOKENS), ping=ping))) == "NOT_SERVING"


def test_health_of_an_unknown_service_is_unknown(
    mounted: Callable[..., Mounted], start: Callable[..., Server], connect: Callable[..., grpc.Channel]
) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        status(connect(start(mounted(TOKENS))), "no.such.Service")
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


def services_shown(to: grpc.Channel) -> set[str]:
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    (answer,) = reflection_pb2_grpc.ServerReflectionStub(to).ServerReflectionInfo(iter([ask]), timeout=5)
    return {service.name for service in answer.list_services_response.service}


def test_contracts_are_shown_when_configured_and_not_otherwise(
    mounted: Callable[..., Mounted], start: Callable[..., Server], connect: Callable[..., grpc.Channel]
) -> None:
    assert TOKENS.full_name in services_shown(connect(start(mounted(TOKENS), reflect=True)))
    with pytest.raises(grpc.RpcError) as raised:
        services_shown(connect(start(mounted(TOKENS))))
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_stopped_server_frees_its_port(
    mounted: Callable[..., Mounted], start: Callable[..., Server]
) -> None:
    server = start(mounted(TOKENS))
    server.stop(0)
    with socket.create_server(("127.0.0.1", server.port)):
        pass


@pytest.mark.parametrize(("grace", "answered"), [(20.0, True), (0.1, False)])
def test_a_call_in_hand_has_the_grace_to_end(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    grace: float,
    answered: bool,
) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def wait(_name: str, _request: Any) -> identity_pb2.GetKeySetResponse:
        arrived.set()
        go_on.wait(20)
        return identity_pb2.GetKeySetResponse(jwks="{}")

    server = start(mounted(TOKENS, wait))
    call = connect(server).unary_unary(KEY_SET).future(b"", timeout=30)
    assert arrived.wait(10)
    stopping = threading.Thread(target=server.stop, args=(grace,))
    stopping.start()
    if not answered:
        assert call.code() is grpc.StatusCode.UNAVAILABLE
    go_on.set()
    stopping.join(30)
    assert (call.code() is grpc.StatusCode.OK) == answered
