"""Dead letters as the broker keeps them: found, looked at, put back into their queue or taken away for good.

What is read stays in its queue until it is settled: every other letter goes back when the connection ends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import pika
from pika.exceptions import ChannelClosedByBroker

from jiangheng.api import registry
from jiangheng.chassis.bus import parameters_of
from jiangheng.chassis.masking import mask_value
from jiangheng.chassis.routes import DEAD, EVERY_NOUN, dead_queue_name, queue_name

_NOT_FOUND = 404
# What the broker adds on the way; a consumer must not take it for the event's own.
_OF_THE_BROKER = ("x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count")


class NoSuchQueue(Exception):
    """The broker has no queue of this name."""


@dataclass(frozen=True)
class Letter:
    """A dead letter that is held; `tag` is the broker's number for it on this connection."""

    queue: str
    tag: int
    properties: Any
    body: bytes

    @property
    def id(self) -> str:
        """The event's id, or a digest of what is not an event."""
        try:
            return str(UUID(str(self.headers.get("ce-id"))))
        except ValueError:
            return "sha256-" + hashlib.sha256(self.body).hexdigest()[:16]

    @property
    def headers(self) -> dict[str, Any]:
        """Its headers, the broker's included."""
        return dict(self.properties.headers or {})

    @property
    def died_of(self) -> str:
        """Why it died: "rejected" (it could never succeed) or "delivery_limit" (it failed too often)."""
        return str(self.headers.get("x-first-death-reason", "unknown"))

    @property
    def died_at(self) -> str:
        """When, RFC 3339; empty if the broker did not say."""
        deaths = self.headers.get("x-death")
        at = deaths[0].get("time") if isinstance(deaths, list) and deaths else None
        return at.replace(tzinfo=UTC).isoformat() if isinstance(at, datetime) else ""

    def summary(self) -> dict[str, str]:
        """What it is and why it is here, without what is in it."""
        told = {name: str(mask_value(self.headers.get(f"ce-{name}", ""))) for name in ("type", "subject")}
        return {"id": self.id, **told, "died_of": self.died_of, "died_at": self.died_at}

    def content(self, *, reveal: bool) -> dict[str, Any]:
        """Headers and body; unless revealed, personal data are masked and what is no JSON stays shut."""
        headers = json.loads(json.dumps(self.headers, default=str))
        if reveal:
            return {"headers": headers, "body": self.body.decode("utf-8", "backslashreplace")}
        return {"headers": mask_value(headers), "body": self._masked_body()}

    def _masked_body(self) -> Any:
        try:
            return mask_value(json.loads(self.body))
        except (ValueError, RecursionError):
            return f"{len(self.body)} bytes that are not JSON"


class DeadLetters:
    """A connection to the broker for somebody who looks after dead letters; use it in a `with` block.

    `amqp_url` may name several nodes, separated by ";". Raises pika's exceptions when the broker is away.
    """

    def __init__(self, amqp_url: str, ca: Path | None = None) -> None:
        self._connection = pika.BlockingConnection([parameters_of(url, ca) for url in amqp_url.split(";")])
        self._channel = self._open_channel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._channel.is_open:
            # basic.nack: since RabbitMQ 4.3 it does not count as a failed delivery.
            self._channel.basic_nack(0, multiple=True, requeue=True)
        if self._connection.is_open:
            self._connection.close()

    def count(self, queue: str) -> int:
        """How many letters a queue holds. Raises NoSuchQueue."""
        try:
            return int(self._channel.queue_declare(queue, passive=True).method.message_count)
        except ChannelClosedByBroker as error:
            if error.reply_code != _NOT_FOUND:
                raise
            self._channel = self._open_channel()
            raise NoSuchQueue(queue) from None

    def counts(self, queues: Iterable[str]) -> dict[str, int]:
        """How many letters each of these queues holds; those that do not exist are left out."""
        found: dict[str, int] = {}
        for queue in queues:
            try:
                found[queue] = self.count(queue)
            except NoSuchQueue:
                continue
        return found

    def read(self, queue: str) -> Iterator[Letter]:
        """The letters that are in the queue now, oldest first; they stay held until settled or the end."""
        for _ in range(self.count(queue)):
            method, properties, body = self._channel.basic_get(queue)
            if method is None:
                return
            yield Letter(queue, method.delivery_tag, properties, body)

    def replay(self, letter: Letter) -> None:
        """Put it into the queue it came from, and only when that has it, take it out of this one."""
        original = letter.queue.removesuffix(DEAD)
        properties = letter.properties
        properties.headers = {
            name: value for name, value in letter.headers.items() if not name.startswith(_OF_THE_BROKER)
        }
        self._channel.basic_publish("", original, letter.body, properties, mandatory=True)
        self.remove(letter)

    def remove(self, letter: Letter) -> None:
        """Take it out of its queue for good."""
        self._channel.basic_ack(letter.tag)

    def _open_channel(self) -> Any:
        channel = self._connection.channel()
        channel.confirm_delivery()
        return channel


def known_queues() -> list[str]:
    """The names that dead-letter queues of this suite can have, by the registry of events."""
    names = set()
    for event in registry.events().values():
        for consumer in event.consumers:
            for source in event.producers:
                names |= {queue_name(consumer, source, noun) for noun in (event.noun, EVERY_NOUN)}
    return sorted(map(dead_queue_name, names))
