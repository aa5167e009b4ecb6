"""Publishing with confirms: many messages under way at once over one connection to the broker.

pika's connection lives in a thread of its own, which also keeps the heartbeat while there is nothing to
say; a batch is handed over to it and comes back as a receipt. A session ends with its connection; its owner
opens another.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import pika
from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic, BasicProperties

# What happens to a connection comes to us as callbacks; pika would log each attempt with a traceback.
logging.getLogger("pika").setLevel(logging.CRITICAL)
_GOODBYE_SECONDS = 1.0


@dataclass(frozen=True)
class Message:
    """One message: the AMQP properties have to hold its `message_id`, by which receipts speak of it."""

    routing_key: str
    properties: Mapping[str, Any]
    body: bytes

    @property
    def id(self) -> str:
        """The message's id."""
        return str(self.properties["message_id"])


@dataclass
class Receipt:
    """What became of a batch, by message id; whatever is in no set is not known to have arrived.

    confirmed: the broker has it, as safely as its queues keep it; unbound: of these, those that no queue is
    bound for; refused: the broker would not take it (a full queue).
    """

    confirmed: set[str] = field(default_factory=set)
    unbound: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


@dataclass
class _Batch:
    messages: Sequence[Message]
    under_way: dict[int, str] = field(default_factory=dict)  # by delivery tag, ascending
    receipt: Receipt = field(default_factory=Receipt)
    done: threading.Event = field(default_factory=threading.Event)


def parameters_of(url: str, ca: Path | None = None) -> pika.URLParameters:
    """How to connect to one broker; over TLS its certificate is checked against `ca` (PEM), if given."""
    parameters = pika.URLParameters(url)
    if ca is not None and url.startswith("amqps:"):
        parameters.ssl_options = pika.SSLOptions(ssl.create_default_context(cafile=ca), parameters.host)
    return parameters


class BusSession:
    """One connection that publishes to one durable topic exchange, which it declares.

    Belongs to one thread, which calls `publish` and `close`. `trouble` says why it ended, without any secret.
    """

    def __init__(self, url: str, exchange: str, *, ca: Path | None = None) -> None:
        self._exchange = exchange
        self._parameters = parameters_of(url, ca)
        self._loop = IOLoop()
        self._connection: SelectConnection | None = None
        self._channel: Channel | None = None
        self._batch: _Batch | None = None
        self._published = 0
        self._settled = threading.Event()  # open, or already ended
        self.ended = False
        self.trouble = ""
        self._thread = threading.Thread(target=self._serve, name=f"bus {exchange}", daemon=True)
        self._thread.start()

    def ready(self, patience_seconds: float) -> bool:
        """Wait for the connection to open or to fail; whether it is open."""
        self._settled.wait(patience_seconds)
        return self._settled.is_set() and not self.ended

    def publish(self, messages: Sequence[Message], patience_seconds: float) -> Receipt:
        """Publish a batch and wait until the broker has answered for all of it, or the connection has ended.

        A broker that does not answer in time ends the session.
        """
        batch = _Batch(messages)
        self._batch = batch
        if not self.ended:  # asked after the batch is in place: a session that ends now settles it
            self._loop.add_callback_threadsafe(lambda: self._send(batch))
            if not batch.done.wait(patience_seconds):
                self.close("no confirm in time")
        self._batch = None
        return batch.receipt

    def close(self, reason: str = "closed") -> None:
        """End the connection and its thread."""
        self.trouble = self.trouble or reason
        self._loop.add_callback_threadsafe(self._hang_up)
        self._thread.join()
        self._loop.close()

    def _serve(self) -> None:
        try:
            self._connection = SelectConnection(
                self._parameters,
                on_open_callback=self._on_connected,
                on_open_error_callback=self._on_gone,
                on_close_callback=self._on_gone,
                custom_ioloop=self._loop,
            )
            self._loop.start()
        except Exception as error:  # a name that does not resolve, a broker that speaks another protocol
            self.trouble = self.trouble or type(error).__name__
        finally:
            self.ended = True
            self._settled.set()
            if self._batch is not None:
                self._batch.done.set()

    def _on_connected(self, connection: pika.connection.Connection) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._on_channel_gone)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_answer)
        channel.exchange_declare(
            self._exchange, "topic", durable=True, callback=lambda _: self._on_ready(channel)
        )

    def _on_ready(self, channel: Channel) -> None:
        self._channel = channel
        self._settled.set()

    def _on_gone(self, _connection: object, reason: BaseException) -> None:
        self.trouble = self.trouble or f"{type(reason).__name__}: {reason}"
        self._loop.stop()

    def _on_channel_gone(self, _channel: object, reason: BaseException) -> None:
        self.trouble = self.trouble or f"{type(reason).__name__}: {reason}"
        self._hang_up()

    def _hang_up(self) -> None:
        connection = self._connection
        if connection is not None and connection.is_open:
            connection.close()
            self._loop.call_later(_GOODBYE_SECONDS, self._loop.stop)  # if the broker does not answer
        elif connection is None or not connection.is_closing:
            self._loop.stop()

    def _send(self, batch: _Batch) -> None:
        if self._channel is None or not self._channel.is_open:
            batch.done.set()
            return
        if not batch.messages:
            batch.done.set()
        for message in batch.messages:
            self._published += 1
            batch.under_way[self._published] = message.id
            properties = BasicProperties(**message.properties)
            self._channel.basic_publish(
                self._exchange, message.routing_key, message.body, properties, mandatory=True
            )

    def _on_return(self, _c: Channel, _m: Basic.Return, properties: BasicProperties, _body: bytes) -> None:
        if self._batch is not None and properties.message_id is not None:
            self._batch.receipt.unbound.add(properties.message_id)

    def _on_answer(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        batch = self._batch
        if batch is None:
            return
        answer = frame.method
        receipt = batch.receipt
        answered = receipt.confirmed if isinstance(answer, Basic.Ack) else receipt.refused
        for tag in _tags(answer.delivery_tag, answer.multiple, batch.under_way):
            answered.add(batch.under_way.pop(tag))
        if not batch.under_way:
            batch.done.set()


def _tags(tag: int, multiple: bool, under_way: Mapping[int, str]) -> list[int]:
    """The delivery tags that an answer speaks of."""
    if not multiple:
        return [tag] if tag in under_way else []
    return list(takewhile(lambda each: each <= tag, under_way))
