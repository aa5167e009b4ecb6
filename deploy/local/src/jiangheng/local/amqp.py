"""What is asked of any broker, whoever runs it: does it answer, and may we have a virtual host."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import amqp as py_amqp


def answers(url: str) -> bool:
    """Whether a client can log in at `url`. py-amqp is asked, because pika logs a page for each refusal."""
    parts = urlsplit(url)
    connection = py_amqp.Connection(
        host=f"{parts.hostname}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}",
        userid=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path[1:]) or "/",
        ssl=parts.scheme == "amqps",
        connect_timeout=5,
        read_timeout=5,
    )
    try:
        connection.connect()
        connection.close()
    except (py_amqp.AMQPError, OSError):
        return False
    return True


def with_vhost(url: str, vhost: str) -> str:
    """The same broker and user, another virtual host."""
    return urlunsplit(urlsplit(url)._replace(path="/" + quote(vhost, safe="")))


@dataclass(frozen=True)
class BrokerApi:
    """RabbitMQ's management interface, as far as tests need it."""

    address: str
    user: str
    password: str = field(repr=False)

    @classmethod
    def beside(cls, amqp_url: str, address: str = "") -> BrokerApi:
        """The interface of the broker at `amqp_url`: at `address`, or on the usual port of the same host."""
        parts = urlsplit(amqp_url)
        usual = f"http://{parts.hostname}:15672"
        return cls(address or usual, unquote(parts.username or "guest"), unquote(parts.password or "guest"))

    def answers(self) -> bool:
        try:
            self._call("GET", "overview")
        except OSError:
            return False
        return True

    def add_vhost(self, name: str) -> None:
        self._call("PUT", f"vhosts/{quote(name, safe='')}", {})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._call("PUT", f"permissions/{quote(name, safe='')}/{quote(self.user, safe='')}", everything)

    def drop_vhost(self, name: str) -> None:
        """Remove the virtual host with its queues and connections; none there is as good."""
        try:
            self._call("DELETE", f"vhosts/{quote(name, safe='')}")
        except urllib.error.HTTPError as problem:
            if problem.code != 404:
                raise

    def uptime_seconds(self) -> float:
        """How long the node that was started last has been up; 0 while it does not say."""
        return min(float(node.get("uptime", 0)) for node in json.loads(self._call("GET", "nodes"))) / 1000

    def _call(self, verb: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        request = urllib.request.Request(f"{self.address}/api/{path}", method=verb)
        secret = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {secret}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=15) as answer:
            content: bytes = answer.read()
            return content
