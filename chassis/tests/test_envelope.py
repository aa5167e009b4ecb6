"""An envelope is the same in all its forms, and what is not one is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from google.protobuf.empty_pb2 import Empty
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import envelope, outbox
from jiangheng.chassis.db import Database
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.schema import CHASSIS

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)
COUNTS = st.integers(1, 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def envelopes(draw: Callable[..., Any]) -> Envelope:
    made = Envelope(
        id=str(draw(st.uuids())),
        source=draw(NAMES),
        type=draw(st.from_regex(r"[a-z]{1,9}\.[a-z_]{1,9}\.v[1-9]", fullmatch=True).filter(_is_type)),
        subject=draw(TEXTS),
        version=draw(COUNTS),
        region=draw(st.from_regex(r"([0-9]{2}){1,3}", fullmatch=True)),
        stream=draw(NAMES),
        position=draw(COUNTS),
        actor=draw(TEXTS),
        data=json.dumps(draw(st.dictionaries(NAMES, JSON, max_size=4)), ensure_ascii=draw(st.booleans())),
    )
    made.time.FromDatetime(draw(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1))))  # noqa: DTZ001
    return made


def _is_type(text: str) -> bool:
    return not text.split(".")[1].startswith("_")


@given(envelopes())
def test_the_bus_gives_back_the_same_envelope(sent: Envelope) -> None:
    properties, body = envelope.to_amqp(sent)
    assert envelope.from_amqp(properties["headers"], body) == sent


@given(envelopes())
def test_json_at_rest_gives_back_the_same_envelope(sent: Envelope) -> None:
    assert envelope.envelope_from_json(envelope.envelope_json(sent)) == sent


def test_on_the_bus_a_fact_is_a_persistent_cloudevent(make_event: Callable[..., Envelope]) -> None:
    properties, body = envelope.to_amqp(make_event("机构", 7, position=12))
    assert body.decode() == '{"subject": "机构", "note": "第7"}'
    headers = properties.pop("headers")
    assert UUID(properties.pop("message_id")) == UUID(headers.pop("ce-id"))
    assert properties == {
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "delivery_mode": 2,
    }
    assert headers == {
        "ce-specversion": "1.0",
        "ce-source": "maker",
        "ce-type": "thing.changed.v1",
        "ce-time": "2026-11-20T08:30:15.123456Z",
        "ce-subject": "机构",
        "ce-version": "7",
        "ce-position": "12",
        "ce-region": "2201",
        "ce-stream": "main",
        "ce-actor": "system",
    }


def test_the_routing_key_ends_with_the_province(make_event: Callable[..., Envelope]) -> None:
    assert envelope.routing_key(make_event(region="220102")) == "thing.changed.v1.22"
    assert envelope.routing_key(make_event(region="00")) == "thing.changed.v1.00"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce-specversion", "0.3"),
        ("ce-id", "7"),
        ("ce-id", b"\xff"),
        ("ce-source", ""),
        ("ce-type", "changed"),
        ("ce-type", "thing.changed.v1.22"),
        ("ce-subject", "a\x00b"),
        ("ce-subject", ""),
        ("ce-version", "0"),
        ("ce-version", 1),
        ("ce-position", "-1"),
        ("ce-position", str(2**63)),
        ("ce-position", "٣"),
        ("ce-region", "2"),
        ("ce-time", "yesterday"),
        ("ce-stream", "Main!"),
        ("ce-actor", None),
    ],
)
def test_a_wrong_or_missing_header_is_refused(
    header: str, value: object, make_event: Callable[..., Envelope]
) -> None:
    properties, body = envelope.to_amqp(make_event())
    with pytest.raises(Problem) as refused:
        envelope.from_amqp({**properties["headers"], header: value}, body)
    assert refused.value.kind is Kind.INVALID
    properties["headers"].pop(header)
    with pytest.raises(Problem):
        envelope.from_amqp(properties["headers"], body)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"a"', b"{'a': 1}", b'{"a": NaN}', b'{"a": "\xff"}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes, make_event: Callable[..., Envelope]) -> None:
    properties, _ = envelope.to_amqp(make_event())
    with pytest.raises(Problem) as refused:
        envelope.from_amqp(properties["headers"], body)
    assert refused.value.kind is Kind.INVALID


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"id": 7}', '{"unknown": "x"}'])
def test_json_that_is_no_envelope_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        envelope.envelope_from_json(text)


def test_a_row_of_the_outbox_is_the_same_envelope_on_the_bus(db: Database) -> None:
    at = datetime(2026, 11, 20, 8, 0, 0, 1, UTC)
    with db.write() as tx:
        fact = outbox.Fact("thing.changed.v1", "a", Empty(), region="22")
        event_id = outbox.append(tx, fact, actor="person:1", at=at)
        tx.execute(sa.update(CHASSIS.outbox).values(position=1))
    with db.read() as tx:
        stored = envelope.from_outbox_row(tx.execute(sa.select(CHASSIS.outbox)).one(), "maker")
    assert (stored.id, stored.version, stored.time.ToDatetime(UTC)) == (event_id, 1, at)
    properties, body = envelope.to_amqp(stored)
    assert envelope.from_amqp(properties["headers"], body) == stored
