"""The gRPC server of a service: Edge and Guard in front, health and reflection beside.

It refuses to start when a method is not declared, a policy contradicts itself,
or calls would leave the machine unencrypted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.edge import CALL_SECONDS, Edge
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.health import Health
from jiangheng.chassis.loopback import host_of, is_loopback
from jiangheng.chassis.policy import PolicyError
from jiangheng.chassis.worker import Worker

MAX_REQUEST_BYTES = 1024 * 1024
MAX_RESPONSE_BYTES = 4 * 1024 * 1024
MAX_METADATA_BYTES = 16 * 1024
# Calls taken at once for each worker thread: one that runs and a few that wait.
CALLS_PER_WORKER = 8

_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
    ("grpc.max_send_message_length", MAX_RESPONSE_BYTES),
    ("grpc.max_metadata_size", MAX_METADATA_BYTES),
    # Two servers on one port would share its calls at random: the second shall fail instead.
    ("grpc.so_reuseport", 0),
]


@dataclass(frozen=True)
class Mounted:
    """One gRPC service of a server: its contract, the generated function that adds it, its code."""

    descriptor: ServiceDescriptor
    add: Callable[[Any, Any], None]
    servicer: object


@dataclass(frozen=True)
class Tls:
    """Certificate chain and private key of a server: PEM files."""

    certificate: Path
    key: Path

    def credentials(self) -> grpc.ServerCredentials:
        return grpc.ssl_server_credentials([(self.key.read_bytes(), self.certificate.read_bytes())])


class Server:
    """A gRPC server that is bound to its port; `start` makes it take calls."""

    def __init__(self, server: grpc.Server, port: int, health: Health, edge: Edge) -> None:
        self.port = port
        self.health = health
        self._server = server
        self._threads = (
            Worker("calls overdue", 1.0, edge.end_overdue),
            Worker("health", 3.0, health.beat),
        )

    def start(self) -> None:
        self._server.start()
        for thread in self._threads:
            thread.start()

    def stop(self, grace_seconds: float) -> None:
        """Take no more calls, let those that run end within the grace, then end the rest."""
        self.health.leave()
        self._server.stop(grace_seconds).wait()
        for thread in self._threads:
            thread.stop()


class _Mounting:
    """Stands for the server while services are added to it, and notes which methods those bring."""

    def __init__(self, server: grpc.Server) -> None:
        self._server: Any = server
        self.methods: set[str] = set()

    def add_generic_rpc_handlers(self, handlers: Any) -> None:
        self._server.add_generic_rpc_handlers(handlers)

    def add_registered_method_handlers(self, service: str, handlers: Any) -> None:
        self.methods |= {f"/{service}/{method}" for method in handlers}
        self._server.add_registered_method_handlers(service, handlers)


def build_server(
    *,
    bind: str,
    mounted: Sequence[Mounted],
    guard: Guard,
    ping: Callable[[], object],
    tls: Tls | None = None,
    workers: int = 16,
    reflect: bool = False,
    call_seconds: float = CALL_SECONDS,
) -> Server:
    """A server bound to `bind` ("host:port"), not yet started.

    Raises ConfigError if it would take calls off loopback without TLS or the
    port is taken, PolicyError if the services mounted are not what the Guard
    knows.
    """
    if tls is None and not is_loopback(host_of(bind)):
        raise ConfigError(f"bind {bind} is off loopback: tls_cert and tls_key are needed")
    edge = Edge(guard.methods, call_seconds=call_seconds)
    server = grpc.server(
        futures.ThreadPoolExecutor(workers, thread_name_prefix="call"),
        interceptors=[edge, guard],
        options=_OPTIONS,
        maximum_concurrent_rpcs=workers * CALLS_PER_WORKER,
    )
    _mount(server, mounted, guard)
    names = [each.descriptor.full_name for each in mounted]
    health = Health(ping, names)
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    if reflect:
        reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], server)
    return Server(server, _bind(server, bind, tls), health, edge)


def _mount(server: grpc.Server, mounted: Sequence[Mounted], guard: Guard) -> None:
    mounting = _Mounting(server)
    for each in mounted:
        each.add(each.servicer, mounting)
    faults = [f"{name}: mounted, but not declared" for name in sorted(mounting.methods - set(guard.methods))]
    faults += [f"{name}: declared, but not mounted" for name in sorted(set(guard.methods) - mounting.methods)]
    if faults:
        raise PolicyError("the server cannot start:\n" + "\n".join(faults))


def _bind(server: grpc.Server, bind: str, tls: Tls | None) -> int:
    try:
        return server.add_secure_port(bind, tls.credentials()) if tls else server.add_insecure_port(bind)
    except RuntimeError:
        raise ConfigError(f"cannot take calls on {bind}: is the port in use?") from None
