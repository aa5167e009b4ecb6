"""Moments of the domain and of the wire."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(at: datetime) -> Timestamp:
    """The wire's form of a moment."""
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def moment(message: Message, field: str) -> datetime | None:
    """The moment in a field, None if it is not set or beyond what a datetime holds."""
    if not message.HasField(field):
        return None
    try:
        found: datetime = getattr(message, field).ToDatetime(UTC)
    except (ValueError, OverflowError):
        return None
    return found
