"""An authenticated call beside a bare grpcio echo: same message, same client, same machine, in one run.

The servers are processes of their own; the client keeps WINDOW calls under way.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.report import Result
from jiangheng.api.registration.v1 import registration_pb2, registration_pb2_grpc
from jiangheng.chassis import keyset
from jiangheng.chassis.auth import Caller, Grant, TokenVerifier, sign_token
from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.server import Mounted, build_server

AUDIENCE = "registration"
CALLS = 6_000
WARM_UP = 500
WINDOW = 50
ROUNDS = 3
SERVICE = registration_pb2.DESCRIPTOR.services_by_name["InstitutionService"]


class Echo(registration_pb2_grpc.InstitutionServiceServicer):
    """Answers at once, so that what is measured is the way there and back."""

    def ListInstitutions(
        self, request: registration_pb2.ListInstitutionsRequest, context: grpc.ServicerContext
    ) -> registration_pb2.ListInstitutionsResponse:
        return registration_pb2.ListInstitutionsResponse(next_page_token=request.page_token)


def run() -> list[Result]:
    """The medians of alternating rounds, so that a noisy moment hits both."""
    key = Ed25519PrivateKey.generate()
    caller = Caller(
        "person", "bench", (Grant("r", frozenset({"registration.institution.read"}), region="22"),)
    )
    token = sign_token(caller, AUDIENCE, key_id="bench", private_key=key, at=MachineClock().now())
    with TemporaryDirectory() as folder:
        jwks = Path(folder) / "jwks.json"
        jwks.write_text(keyset.jwks({"bench": key.public_key()}))
        with serving("guarded", jwks) as guarded, serving("bare", jwks) as bare:
            pairs = [(rate(guarded, token), rate(bare, token)) for _ in range(ROUNDS)]
    middle = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    return [Result("authenticated echo, calls", middle[0], "bare grpcio echo", middle[1], floor=0.6)]


def rate(port: int, token: str) -> float:
    """Calls a second, WINDOW at a time."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        method = registration_pb2_grpc.InstitutionServiceStub(channel).ListInstitutions
        call_many(method, token, WARM_UP)
        started = time.perf_counter()
        call_many(method, token, CALLS)
        return CALLS / (time.perf_counter() - started)


def call_many(method: grpc.UnaryUnaryMultiCallable, token: str, calls: int) -> None:  # type: ignore[type-arg]
    request = registration_pb2.ListInstitutionsRequest(page_token="x" * 100)
    metadata = (("authorization", f"Bearer {token}"),)
    room = BoundedSemaphore(WINDOW)
    under_way = []
    for _ in range(calls):
        room.acquire()
        call = method.future(request, timeout=30, metadata=metadata)
        call.add_done_callback(lambda _: room.release())
        under_way.append(call)
    for call in under_way:
        call.result()


@contextmanager
def serving(kind: str, jwks: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "bench.rpc", kind, str(jwks)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(timeout=30)


def serve(kind: str, jwks: Path) -> None:
    """Until standard input ends, so that the server ends with its starter."""
    if kind == "bare":
        bare = grpc.server(futures.ThreadPoolExecutor(16))
        registration_pb2_grpc.add_InstitutionServiceServicer_to_server(Echo(), bare)
        print(bare.add_insecure_port("127.0.0.1:0"), flush=True)
        bare.start()
    else:
        mounted = Mounted(SERVICE, registration_pb2_grpc.add_InstitutionServiceServicer_to_server, Echo())
        verifier = TokenVerifier(AUDIENCE, keyset.JwksFile(jwks, MachineClock()), MachineClock())
        guard = Guard(methods_of([SERVICE]), verifier, {"institution": lambda _: None}, lambda *_: None)
        server = build_server(bind="127.0.0.1:0", mounted=[mounted], guard=guard, ping=lambda: None)
        print(server.port, flush=True)
        server.start()
    sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
