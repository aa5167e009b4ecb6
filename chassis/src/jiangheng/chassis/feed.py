"""The feed: everything a service has stated, again and in order, with a signed word on how far that goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.feed.v1.feed_pb2 import ListRequest, ListResponse, SignedHead
from jiangheng.api.feed.v1.feed_pb2_grpc import FeedServiceServicer
from jiangheng.chassis.clocks import rfc3339
from jiangheng.chassis.db import Tx
from jiangheng.chassis.envelope import FORMS, from_outbox_row
from jiangheng.chassis.errors import invalid
from jiangheng.chassis.runtime import Runtime
from jiangheng.chassis.schema import CHASSIS

DEFAULT_LIMIT = 500
LARGEST_LIMIT = 1000
_PAGE_BYTES = 512 * 1024  # well below what one gRPC message may hold
_HIGHEST_POSITION = 2**63 - 1
_OUTBOX, _HEAD = CHASSIS.outbox, CHASSIS.feed_head


class InvalidHead(Exception):
    """A head of a feed that the service it names did not sign."""


@dataclass(frozen=True)
class HeadSigner:
    """The key with which a service signs the heads of its feed; readers find its public half by `key_id`."""

    key_id: str
    key: Ed25519PrivateKey


def list_events(tx: Tx, source: str, stream: str, after: int, limit: int) -> tuple[list[Envelope], int]:
    """The events of a stream after a position, in order and without a gap, and the highest position stamped.

    There may be fewer than `limit` though more follow, when they are large; but never none.
    """
    query = sa.select(_HEAD.c.position).where(_HEAD.c.stream == stream)
    head = tx.execute(query).scalar_one_or_none() or 0
    rows = sa.select(_OUTBOX).where(
        _OUTBOX.c.stream == stream, _OUTBOX.c.position > after, _OUTBOX.c.position <= head
    )
    found = tx.execute(rows.order_by(_OUTBOX.c.position).limit(limit)).all()
    return _page(found, source), head


def _page(rows: Sequence[sa.Row[Any]], source: str) -> list[Envelope]:
    page: list[Envelope] = []
    size = 0
    for row in rows:
        event = from_outbox_row(row, source)
        size += event.ByteSize()
        if page and size > _PAGE_BYTES:
            break
        page.append(event)
    return page


def sign_head(signer: HeadSigner, source: str, stream: str, position: int, at: datetime) -> SignedHead:
    """State that at this time the stream holds everything up to the position."""
    head = SignedHead(source=source, stream=stream, position=position, key_id=signer.key_id)
    head.time.FromDatetime(at)
    head.signature = signer.key.sign(_signed_text(head))
    return head


def verify_head(key: Ed25519PublicKey, head: SignedHead) -> None:
    """Raise InvalidHead unless the key signed exactly this head.

    That it speaks of the stream that was asked for is the caller's to compare.
    """
    try:
        key.verify(head.signature, _signed_text(head))
    except (InvalidSignature, ValueError) as error:
        raise InvalidHead(f"the head of {head.source}'s feed is not signed by {head.key_id}") from error


def _signed_text(head: SignedHead) -> bytes:
    time = rfc3339(head.time.ToDatetime(tzinfo=UTC))
    return f"jiangheng-feed-head-v1\n{head.source}\n{head.stream}\n{head.position}\n{time}\n".encode()


class FeedServicer(FeedServiceServicer):
    """FeedService of one service, over its outbox."""

    def __init__(self, runtime: Runtime, signer: HeadSigner) -> None:
        self._runtime = runtime
        self._signer = signer

    def List(self, request: ListRequest, context: grpc.ServicerContext) -> ListResponse:
        """Facts of a stream after a position, in order, without a gap."""
        _check(request)
        return read_feed(
            self._runtime, self._signer, request.stream, request.after, request.limit or DEFAULT_LIMIT
        )


def read_feed(runtime: Runtime, signer: HeadSigner, stream: str, after: int, limit: int) -> ListResponse:
    """A page of the service's own feed and its signed head."""
    # Taken first: what the head says of this moment must not be younger than what was read.
    at = runtime.machine_clock.now()
    with runtime.db.read() as tx:
        events, head = list_events(tx, runtime.name, stream, after, limit)
    return ListResponse(events=events, head=sign_head(signer, runtime.name, stream, head, at))


def _check(request: ListRequest) -> None:
    if not FORMS["stream"].fullmatch(request.stream):
        raise invalid("stream", "事件流名称不正确", "not the name of a stream")
    if request.after > _HIGHEST_POSITION:
        raise invalid("after", "位置超出范围", "no position is that high")
    if request.limit > LARGEST_LIMIT:
        raise invalid("limit", f"每次最多 {LARGEST_LIMIT} 条", f"at most {LARGEST_LIMIT} at a time")
