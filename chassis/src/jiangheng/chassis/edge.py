"""The outermost layer of every call: Problems become statuses here, once.

An unexpected exception becomes INTERNAL with an incident id, which the log has
too, and nothing else. Calls are counted, and none runs for ever.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import grpc
from google.protobuf.message import Message

from jiangheng.chassis.db import retryable
from jiangheng.chassis.errors import Kind, Problem, unavailable
from jiangheng.chassis.guard import Behaviour, Handler, wrapped
from jiangheng.chassis.incidents import describe
from jiangheng.chassis.telemetry import counter, get_logger, histogram
from jiangheng.chassis.wire import to_status

# A call that says no deadline, or a later one, is ended after this time.
CALL_SECONDS = 60.0

_log = get_logger(__name__)
_calls = counter("calls", "Calls answered.", ("method", "code"))
_seconds = histogram("call_seconds", "Time from a worker taking a call to its answer.", ("method",))


class Edge(grpc.ServerInterceptor):
    """Wraps the methods it is given; all others pass through."""

    def __init__(self, methods: Collection[str], *, call_seconds: float = CALL_SECONDS) -> None:
        self._methods = frozenset(methods)
        self._call_seconds = call_seconds
        self._wrapped: dict[str, Handler | None] = {}
        self._running: dict[int, tuple[float, grpc.ServicerContext]] = {}

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        name = handler_call_details.method
        if name not in self._methods:
            return continuation(handler_call_details)
        if name not in self._wrapped:
            self._wrapped[name] = wrapped(continuation(handler_call_details), partial(self._wrap, name))
        return self._wrapped[name]

    def end_overdue(self) -> None:
        """End the calls whose time is up: the caller is told now, the work's answer will go nowhere."""
        now = time.monotonic()
        for name, (end, context) in self._running.copy().items():
            if now >= end:
                self._running.pop(name, None)
                context.cancel()

    def _wrap(self, name: str, behaviour: Behaviour) -> Behaviour:
        seconds, right = _seconds.labels(name), _calls.labels(name, "OK")

        def answer(request: Message, context: grpc.ServicerContext) -> Any:
            begun = time.monotonic()
            self._running[id(context)] = begun + self._call_seconds, context
            try:
                response = behaviour(request, context)
            except Problem as raised:
                problem = raised
            except Exception as error:
                problem = _incident(name, error)
            else:
                right.inc()
                return response
            finally:
                self._running.pop(id(context), None)
                seconds.observe(time.monotonic() - begun)
            _calls.labels(name, problem.kind.value).inc()
            return context.abort_with_status(to_status(problem))

        return answer


def _incident(method: str, error: Exception) -> Problem:
    incident = str(uuid.uuid4())
    if retryable(error):
        _log.warning("store away", method=method, incident=incident, **describe(error))
        return unavailable(
            "数据库暂不可用，请稍后再试。", "The store is away; try again later.", incident=incident
        )
    _log.error("incident", method=method, incident=incident, **describe(error))
    zh, en = f"内部错误（事件编号 {incident}）。", f"Internal error (incident {incident})."
    return Problem(Kind.INTERNAL, "internal", zh, en, details={"incident": incident})
