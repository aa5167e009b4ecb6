"""The gRPC client side: channels with TLS and careful retries, calls that raise Problems.

Only methods whose contract says that repeating them does no harm are retried,
by gRPC's own retry policy and only when the service was away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.loopback import host_of, is_loopback
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.wire import from_error

DEADLINE_SECONDS = 5.0

_RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}

Request = TypeVar("Request")
Response = TypeVar("Response")
Token = str | Callable[[], str]


class Methods:
    """The methods of some services on one channel, each found by the request that only it takes."""

    def __init__(self, connection: grpc.Channel, services: Iterable[ServiceDescriptor]) -> None:
        self._connection = connection
        self._by_request = {
            method.input_type.full_name: method for service in services for method in service.methods
        }

    def path(self, request: Message) -> str:
        """The method that takes such a request: "/package.Service/Method"."""
        method = self._by_request[request.DESCRIPTOR.full_name]
        return f"/{method.containing_service.full_name}/{method.name}"

    def ask(self, request: Message, *, token: Token = "", timeout: float = DEADLINE_SECONDS) -> Any:
        """Call it; raises Problem, as invoke."""
        answer = GetMessageClass(self._by_request[request.DESCRIPTOR.full_name].output_type)
        call: grpc.UnaryUnaryMultiCallable[Message, Message] = self._connection.unary_unary(
            self.path(request),
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        return invoke(call, request, token=token, timeout=timeout)


def channel(
    target: str, services: Iterable[ServiceDescriptor] = (), *, ca: Path | None = None
) -> grpc.Channel:
    """A channel to "host:port"; repeatable methods of the services named are retried.

    `ca` is the PEM file of the authority that the server's certificate is
    checked against; without it the channel is plain, which off loopback raises
    ConfigError.
    """
    options = [
        ("grpc.service_config", service_config(services)),
        # A proxy named in the environment is for other traffic: these calls carry tokens.
        ("grpc.enable_http_proxy", 0),
    ]
    if ca is not None:
        return grpc.secure_channel(target, grpc.ssl_channel_credentials(ca.read_bytes()), options)
    if not is_loopback(host_of(target)):
        raise ConfigError(f"{target} is off loopback: tls_ca is needed")
    return grpc.insecure_channel(target, options)


def service_config(services: Iterable[ServiceDescriptor]) -> str:
    """gRPC's service config (JSON): which methods may be tried again."""
    repeatable = [name for name, method in methods_of(services).items() if method.repeatable]
    names = [dict(zip(("service", "method"), name[1:].split("/"), strict=True)) for name in repeatable]
    return json.dumps({"methodConfig": [{"name": names, "retryPolicy": _RETRY}]} if names else {})


def invoke(
    method: grpc.UnaryUnaryMultiCallable[Request, Response],
    request: Request,
    *,
    token: Token = "",
    timeout: float = DEADLINE_SECONDS,
) -> Response:
    """Call a method of a stub; raises Problem, whatever goes wrong.

    `token` is an access token or what gives one; `timeout` in seconds.
    """
    value = token() if callable(token) else token
    metadata = (("authorization", f"Bearer {value}"),) if value else None
    try:
        return method(request, timeout=timeout, metadata=metadata)
    except grpc.RpcError as error:
        raise from_error(error) from error
