"""grpc.health.v1: does this server serve? It does while its store answers.

Watch is not offered: it needs no token and would hold a call each, so that a
stranger could use up all there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

CHECK = "/grpc.health.v1.Health/Check"
# Not serving when the store has not answered for this long.
SILENCE_SECONDS = 15.0


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # grpc_health has no types
    """Answers for the whole server ("") and for each of its services by full name.

    `beat` is to be called every few seconds; a check only looks at when the
    store answered last, so that nobody can wear the store out by asking.
    """

    def __init__(self, ping: Callable[[], object], services: Iterable[str]) -> None:
        self._ping = ping
        self._services = {"", *services}
        self._answered = float("-inf")
        self._leaving = False

    def beat(self) -> None:
        """Ask the store; raises what it raises."""
        self._ping()
        self._answered = time.monotonic()

    def leave(self) -> None:
        """Say NOT_SERVING from now on: the server is about to stop."""
        self._leaving = True

    def serving(self) -> bool:
        return not self._leaving and time.monotonic() - self._answered < SILENCE_SECONDS

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.service not in self._services:
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        answer = health_pb2.HealthCheckResponse
        return answer(status=answer.SERVING if self.serving() else answer.NOT_SERVING)
