"""What a process says about itself: JSON log lines without personal data, and Prometheus metrics.

Nothing is set up by importing this module; a process calls `configure` once.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import TextIO
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import Counter, Gauge, Histogram, start_http_server
from structlog.typing import EventDict, Processor, WrappedLogger

from jiangheng.chassis.masking import mask_text, mask_value


def configure(service: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sends every log record of this process, the libraries' included, to the stream as JSON lines.

    Each line has time (UTC), level, event and service. The stream is standard
    error unless another is given. Calling it again replaces what was set up.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_common(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def get_logger(name: str = "jiangheng") -> structlog.stdlib.BoundLogger:
    """A logger; what it is told goes where `configure` said by the time it is told."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor that leaves nothing personal and no secret in an event."""
    text = mask_text(str(event.pop("event", "")))
    return {"event": text, **mask_value(event)}


def _common() -> list[Processor]:
    return [structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level]


def _formatter(service: str) -> structlog.stdlib.ProcessorFormatter:
    def add_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    # Masking comes last but one, when exceptions have become text.
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_common(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            add_service,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


@cache
def counter(name: str, meaning: str, labels: tuple[str, ...] = ()) -> Counter:
    """A count that only grows; asked for twice it is the same one. Names get the prefix jiangheng_."""
    return Counter(f"jiangheng_{name}", meaning, labels)


@cache
def gauge(name: str, meaning: str, labels: tuple[str, ...] = ()) -> Gauge:
    """A value that goes up and down."""
    return Gauge(f"jiangheng_{name}", meaning, labels)


@cache
def histogram(name: str, meaning: str, labels: tuple[str, ...] = ()) -> Histogram:
    """A distribution, of seconds unless the name says otherwise."""
    return Histogram(f"jiangheng_{name}", meaning, labels)


@dataclass(frozen=True)
class MetricsEndpoint:
    """The running HTTP endpoint that gives the metrics."""

    server: WSGIServer
    thread: Thread

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server.server_port)

    def stop(self) -> None:
        """Ends it; the port is free afterwards."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def start_metrics(port: int, address: str = "127.0.0.1") -> MetricsEndpoint:
    """Serves the metrics of this process over HTTP; port 0 takes a free one."""
    server, thread = start_http_server(port, addr=address)
    return MetricsEndpoint(server, thread)
