"""Consuming facts from the bus: what is decided about a delivery, and the start of the process that consumes.

Nothing here knows nameko, so that services may import their routes anywhere; `run` turns the process into one
that does (entrypoint.py).
"""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import inbox
from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.db import Database, retryable
from jiangheng.chassis.envelope import from_amqp
from jiangheng.chassis.errors import Kind, Problem, invalid
from jiangheng.chassis.inbox import Outcome
from jiangheng.chassis.incidents import describe
from jiangheng.chassis.routes import Route, check, queue_name
from jiangheng.chassis.telemetry import counter, get_logger

__all__ = ["Delivery", "Intake", "Limits", "Route", "Verdict", "run"]

_log = get_logger(__name__)
_events = counter("events", "Deliveries by what became of them.", ("consumer", "source", "outcome"))


@dataclass(frozen=True)
class Limits:
    """How much a consumer takes at once and how long it tries.

    `prefetch` deliveries of a queue are held at once, and as many share a transaction. A failing event is
    delivered `deliveries` + 1 times before it becomes a dead letter; the pauses between double from
    `first_pause` to `longest_pause` seconds, in which it stays in hand (RabbitMQ would take it back after
    half an hour). With these defaults it dies after six minutes. A crash of the process counts as a failure
    of all it held, so the number is generous. On SIGTERM work in hand has `grace` seconds to finish.
    """

    prefetch: int = 200
    deliveries: int = 20
    first_pause: float = 0.2
    longest_pause: float = 30.0
    grace: float = 20.0

    def pause(self, failures: int) -> float:
        """Seconds to wait after the given number of earlier failures."""
        return min(self.longest_pause, self.first_pause * 2.0 ** min(failures, 30))


@dataclass(frozen=True)
class Delivery:
    """A message as the broker brought it."""

    headers: Mapping[str, Any]
    body: bytes


class Verdict(Enum):
    """What to tell the broker about a delivery."""

    DONE = "done"  # its effects are committed, or it was parked: acknowledge
    REJECT = "reject"  # it can never succeed: to the dead letters
    RETRY = "retry"  # it failed: deliver it again, until the limit
    WAIT = "wait"  # the database is away, which is no fault of the event: keep it and try again


class Intake:
    """Takes the deliveries of one route into the service's database."""

    def __init__(self, consumer: str, route: Route, db: Database, clock: Clock) -> None:
        self.route = route
        self.queue = queue_name(consumer, route.source, route.noun)
        self._consumer, self._db, self._clock = consumer, db, clock

    def take(self, deliveries: Sequence[Delivery]) -> list[Verdict]:
        """Apply the deliveries, commit, say what to do with each. Runs in a native thread; never raises."""
        decoded = [self._decode(delivery) for delivery in deliveries]
        verdicts = iter(self._apply([envelope for envelope in decoded if envelope is not None]))
        return [Verdict.REJECT if envelope is None else next(verdicts) for envelope in decoded]

    def reject(self, reason: str, **circumstances: str) -> Verdict:
        """Note that a delivery goes to the dead letters, never what was in it."""
        self._count("rejected")
        _log.error("event rejected", queue=self.queue, reason=reason, **circumstances)
        return Verdict.REJECT

    def _decode(self, delivery: Delivery) -> Envelope | None:
        try:
            envelope = from_amqp(delivery.headers, delivery.body)
            if not self.route.takes(envelope):
                raise _misrouted(envelope, self.queue)
        except Problem as problem:
            self.reject(str(problem))
            return None
        return envelope

    def _apply(self, envelopes: list[Envelope]) -> list[Verdict]:
        """All in one transaction; if that fails each in its own, so that a bad event fails alone."""
        if not envelopes:
            return []
        try:
            outcomes = self._commit(envelopes)
        except Exception as error:
            if retryable(error):
                _log.warning("database away or busy", queue=self.queue, error=type(error).__name__)
                return [Verdict.WAIT] * len(envelopes)
            if len(envelopes) > 1:
                return [verdict for envelope in envelopes for verdict in self._apply([envelope])]
            return [self._judge(envelopes[0], error)]
        for outcome in outcomes:
            self._count(outcome.value)
        return [Verdict.DONE] * len(envelopes)

    def _commit(self, envelopes: list[Envelope]) -> list[Outcome]:
        ordered, handle, at = self.route.ordered, self.route.handle, self._clock.now()
        with self._db.write() as tx:
            return inbox.receive_all(tx, self._consumer, envelopes, handle, ordered=ordered, at=at)

    def _judge(self, envelope: Envelope, error: Exception) -> Verdict:
        if isinstance(error, Problem) and error.kind is Kind.INVALID:
            return self.reject(str(error), event_id=envelope.id, type=envelope.type)
        self._count("requeued")
        which = {"queue": self.queue, "event_id": envelope.id, "type": envelope.type}
        _log.warning("event failed", **which, **describe(error))
        return Verdict.RETRY

    def _count(self, outcome: str) -> None:
        _events.labels(self._consumer, self.route.source, outcome).inc()


def run(
    name: str,
    routes: Sequence[Route],
    db: Database,
    amqp_url: str,
    clock: Clock,
    *,
    limits: Limits | None = None,
    tls_ca: Path | None = None,
    stop: threading.Event | None = None,
) -> NoReturn:
    """Consume until `stop` is set, or without one until SIGTERM or SIGINT; then end the process.

    Its exit code is 0, or 1 after a failure that only a new process mends. `amqp_url` may name several nodes,
    separated by ";". Needs no broker to start. Raises ValueError for faulty routes.
    """
    check(name, routes)
    stop = stop or _set_by_signals()
    _log.info("consumer starting", queues=[queue_name(name, route.source, route.noun) for route in routes])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet says that it is deprecated: docs/adr/0001
        import eventlet

    # Threads stay native: database drivers block them, which is harmless only outside the hub.
    eventlet.monkey_patch(thread=False)
    from jiangheng.chassis import entrypoint  # nameko must meet the patched modules

    intakes = [Intake(name, route, db, clock) for route in routes]
    entrypoint.serve(name, intakes, entrypoint.settings(amqp_url, tls_ca), limits or Limits(), stop)


def _set_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _misrouted(envelope: Envelope, queue: str) -> Problem:
    return invalid(
        "type",
        "事件与队列不符",
        f"{envelope.type} of {envelope.source} does not belong into {queue}",
        code="misrouted-event",
    )
