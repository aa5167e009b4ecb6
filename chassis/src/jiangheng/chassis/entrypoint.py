"""The one file that knows nameko: queues, deliveries and acknowledgements, in the hub of eventlet.

Import it only in a process of its own, after eventlet.monkey_patch(thread=False): consumer.run does. What a
delivery causes runs in native threads (tpool). nameko by itself acknowledges an event whose handler failed
and knows no dead letters; here an event is acknowledged after its commit, and never otherwise.
"""

from __future__ import annotations

import logging
import os
import ssl
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import eventlet
from amqp.exceptions import PreconditionFailed
from eventlet import tpool
from kombu import Connection, Consumer, Exchange, Queue
from nameko.events import EventHandler
from nameko.exceptions import ContainerBeingKilled
from nameko.messaging import QueueConsumer
from nameko.runners import ServiceRunner
from nameko.standalone.events import get_event_exchange

from jiangheng.chassis.consumer import Delivery, Intake, Limits, Verdict
from jiangheng.chassis.incidents import describe
from jiangheng.chassis.routes import (
    dead_letter_exchange,
    dead_queue_arguments,
    dead_queue_name,
    queue_arguments,
)
from jiangheng.chassis.telemetry import get_logger

_SECONDS_TO_DISCONNECT = 3.0
_log = get_logger(__name__)


class BusConsumer(QueueConsumer):  # type: ignore[misc]
    """The process's connection to the broker, with one consumer for each queue."""

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """Connect, for as long as it takes; kombu itself would let half a minute pass between two tries."""
        self._forget_host()
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error, interval_start=0.2, interval_step=0.3, interval_max=3
            )
            yield connection

    def get_consumers(self, _consumer_cls: Any, channel: Any) -> list[Any]:
        """Declare every queue, on every new connection: the broker may be another than before."""
        for provider in self._providers:
            # A channel for each queue, so that one acknowledgement can speak for a batch of its deliveries.
            own = channel.connection.channel()
            own.auto_decode = False  # bodies come as they are; envelope.py says what is text
            self._consumers[provider] = self._consumer(provider, own)
        return list(self._consumers.values())

    def _consumer(self, provider: InboxEntrypoint, channel: Any) -> Any:
        try:
            provider.declare_dead_letters(channel)
            consumer = Consumer(
                channel, [provider.queue], on_message=provider.deliver, on_decode_error=self.on_decode_error
            )
        except PreconditionFailed:
            _log.error("queue exists with other arguments", queue=provider.queue.name)
            raise
        consumer.qos(prefetch_count=provider.limits.prefetch)
        return consumer

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        """Say so; the address stays out of the log, since it holds a password."""
        _log.warning("broker away", error=type(exc).__name__, retry_seconds=interval)
        self._forget_host()

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """What kombu cannot even unpack is nobody's event."""
        _log.error("event rejected", reason=f"cannot be unpacked: {type(exc).__name__}")
        self.settle(message, message.reject)

    def _forget_host(self) -> None:
        """kombu writes the first node's name into our settings and would expect it of the next node too."""
        if tls := self.container.config.get("AMQP_SSL"):
            tls["server_hostname"] = None

    def settle(self, message: Any, tell: Any) -> None:
        """Tell the broker; on a lost connection it has taken the message back already."""
        if not is_live(message):
            return
        try:
            tell()
        except Connection(self.amqp_uri).connection_errors as error:
            _log.info("delivery not settled", error=type(error).__name__)


class InboxEntrypoint(EventHandler):  # type: ignore[misc]
    """Brings the deliveries of one queue to its intake, all that wait at once, one batch after the other."""

    queue_consumer = BusConsumer()

    def __init__(self, consumer: str, intake: Intake, limits: Limits) -> None:
        super().__init__(intake.route.source, intake.route.pattern)
        self.consumer, self.intake, self.limits = consumer, intake, limits
        self.stopping = self.busy = self._pausing = False
        self._pending: deque[Any] = deque()
        self._failing = 0  # deliveries that are held back until they are requeued
        self._waits = 0

    def setup(self) -> None:
        """Define the queue; it is declared whenever the broker is met."""
        name = self.intake.queue
        self.queue = Queue(
            name,
            exchange=get_event_exchange(self.source_service, self.container.config),
            routing_key=self.event_type,
            durable=True,
            queue_arguments=queue_arguments(self.consumer, name, self.limits.deliveries),
        )
        self.queue_consumer.register_provider(self)

    def declare_dead_letters(self, channel: Any) -> None:
        """Declare where rejected events go: without it the broker would keep them in the queue."""
        name = dead_queue_name(self.queue.name)
        exchange = Exchange(dead_letter_exchange(self.consumer), type="direct", durable=True)
        queue = Queue(name, exchange, name, durable=True, queue_arguments=dead_queue_arguments())
        queue.bind(channel).declare()

    def deliver(self, message: Any) -> None:
        """Accept a message from the broker."""
        self._pending.append(message)
        self._work()

    def stop(self) -> None:
        """Finish what is in hand, then stop consuming."""
        self.stopping = True
        while self.busy:
            eventlet.sleep(0.02)
        super().stop()

    def _work(self) -> None:
        batch = self._next_batch()
        if not batch:
            return
        self.busy = True
        deliveries = [Delivery(message.headers, message.body) for message in batch]
        settle = partial(self._settle, batch)
        try:
            self.container.spawn_worker(self, (deliveries,), {}, handle_result=settle)
        except ContainerBeingKilled:
            self.busy = False

    def _next_batch(self) -> list[Any]:
        if self.busy or self._pausing or self.stopping:
            return []
        live = [message for message in self._pending if is_live(message)]
        self._pending = deque(live[self.limits.prefetch :])
        return live[: self.limits.prefetch]

    def _settle(self, batch: list[Any], _worker: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """In the hub, after the commit: tell the broker, then go on with what has come meanwhile."""
        verdicts = result if exc_info is None else [Verdict.RETRY] * len(batch)
        self._tell(batch, verdicts)
        kept = [message for message, verdict in zip(batch, verdicts, strict=True) if verdict is Verdict.WAIT]
        self._pending.extendleft(reversed(kept))
        self._waits = self._waits + 1 if kept else 0
        # Not at once: this worker's place in nameko's pool becomes free when it has returned.
        self.busy, self._pausing = False, True
        eventlet.spawn_after(self.limits.pause(self._waits) if kept else 0, self._go_on)
        return result, exc_info

    def _go_on(self) -> None:
        self._pausing = False
        self._work()

    def _tell(self, batch: list[Any], verdicts: list[Verdict]) -> None:
        settle = self.queue_consumer.settle
        if set(verdicts) == {Verdict.DONE} and not self._failing:
            settle(batch[-1], partial(batch[-1].ack, multiple=True))  # all that was delivered up to this one
            return
        for message, verdict in zip(batch, verdicts, strict=True):
            if verdict is Verdict.DONE:
                settle(message, message.ack)
            elif verdict is Verdict.REJECT:
                settle(message, message.reject)
            elif verdict is Verdict.RETRY:
                self._requeue_later(message)

    def _requeue_later(self, message: Any) -> None:
        failures = message.headers.get("x-delivery-count")
        pause = self.limits.pause(failures if isinstance(failures, int) else 0)
        self._failing += 1
        eventlet.spawn_after(pause, self._requeue, message)

    def _requeue(self, message: Any) -> None:
        self._failing -= 1
        # basic.reject, not basic.nack: since RabbitMQ 4.3 only the former counts towards the delivery limit.
        self.queue_consumer.settle(message, partial(message.reject, requeue=True))


def is_live(message: Any) -> bool:
    """Whether the channel that brought the message is still open."""
    return message.channel.connection is not None


def settings(amqp_url: str, tls_ca: Path | None) -> dict[str, Any]:
    """nameko's configuration. Over TLS the broker's certificate is verified, against `tls_ca` if given."""
    authority = str(tls_ca) if tls_ca else None
    verify = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": authority, "server_hostname": None}
    tls = {"AMQP_SSL": verify} if amqp_url.startswith("amqps:") else {}
    return {"AMQP_URI": amqp_url, "HEARTBEAT": 20, **tls}


def serve(
    name: str, intakes: Sequence[Intake], config: dict[str, Any], limits: Limits, stop: threading.Event
) -> NoReturn:
    """Run nameko until `stop` is set or it fails, then end the process."""
    runner = ServiceRunner({**config, "max_workers": len(intakes)})
    runner.add_service(_service(name, intakes, limits))
    life = eventlet.spawn(_live, runner)
    # A signal handler may not use eventlet, and it finds the hub asleep: it sets `stop`, which is asked here.
    while not stop.is_set() and not life.dead:
        eventlet.sleep(0.1)
    code = 0 if stop.is_set() else 1
    _log.info("consumer stopping", code=code)
    _stop(runner, limits.grace)
    logging.shutdown()
    # With the broker away nameko would wait for it; native threads may be waiting for a database.
    os._exit(code)


def _service(name: str, intakes: Sequence[Intake], limits: Limits) -> type:
    """nameko's class of a service, with a method for each route."""
    members: dict[str, Any] = {"name": name}
    for intake in intakes:
        entry = InboxEntrypoint.decorator(name, intake, limits)
        members[f"{intake.route.source}_{intake.route.noun}"] = entry(_method(intake))
    return type(name, (), members)


def _method(intake: Intake) -> Any:
    def take(_service: object, deliveries: Sequence[Delivery]) -> Any:
        return tpool.execute(intake.take, deliveries)

    return take


def _live(runner: Any) -> None:
    try:
        runner.start()
        runner.wait()
    except Exception as error:
        _log.critical("consumer failed", **describe(error))


def _stop(runner: Any, grace: float) -> None:
    """Let work in hand commit and be acknowledged, then part from the broker if it is there."""
    entrypoints = [entrypoint for container in runner.containers for entrypoint in container.entrypoints]
    for entrypoint in entrypoints:
        entrypoint.stopping = True
    with eventlet.Timeout(grace, False):
        while any(entrypoint.busy for entrypoint in entrypoints):
            eventlet.sleep(0.02)
    stopper = eventlet.spawn(runner.stop)
    with eventlet.Timeout(_SECONDS_TO_DISCONNECT, False):
        try:
            stopper.wait()
        except Exception as error:
            _log.info("nameko did not stop cleanly", error=type(error).__name__)
