"""Takes a fact in: from the bus or from a feed, it lands here once and waits for the sequencer."""

from __future__ import annotations

import secrets

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.db import Tx
from jiangheng.chassis.envelope import envelope_json
from jiangheng.chassis.errors import invalid
from jiangheng.supervision import store
from jiangheng.supervision.domain.ledger import SALT_BYTES, Due, leaf


def record_fact(tx: Tx, envelope: Envelope, clock: Clock) -> None:
    """Keep the whole envelope, as it came, with a fresh salt; to be called from the inbox, once for an event.

    Raises INVALID "contradicting-event" if another event was taken in for the same place in the same
    feed: one of the two is forged, and a person has to say which.
    """
    other = store.event_at(tx, envelope.source, envelope.stream, envelope.position)
    if other is not None:
        raise _contradiction(envelope, other)
    text, salt = envelope_json(envelope).encode(), secrets.token_bytes(SALT_BYTES)
    store.take_in(tx, envelope, Due(envelope.id, text, salt, leaf(text, salt)), clock.now())


def _contradiction(envelope: Envelope, other: str) -> Exception:
    return invalid(
        "position",
        "该事件流的这一位置已有另一事件。",
        "Another event was recorded for this position of the feed.",
        code="contradicting-event",
        event_id=envelope.id,
        other=other,
    )
