"""Moments between Python and protobuf."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(moment: datetime) -> Timestamp:
    """The protobuf form of an aware moment."""
    made = Timestamp()
    made.FromDatetime(moment)
    return made


def moment(stamp: Timestamp) -> datetime:
    """The moment of a protobuf timestamp, aware, in UTC."""
    return stamp.ToDatetime(tzinfo=UTC)
