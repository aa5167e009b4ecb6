"""feed: what a service stated, in order and without a gap, and heads that only it can sign."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.api.feed.v1.feed_pb2 import ListRequest, ListResponse, SignedHead
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.db import Database
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.feed import FeedServicer, HeadSigner, InvalidHead, list_events, sign_head, verify_head
from jiangheng.chassis.outbox import MAX_DATA_BYTES, Fact, append
from jiangheng.chassis.publisher import stamp
from jiangheng.chassis.runtime import Runtime

AT = datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
SIGNER = HeadSigner("sample-1", KEY)


def state(db: Database, subject: str, stream: str = "main", note: str = "") -> str:
    with db.write() as tx:
        fact = Fact("refusal.recorded.v1", subject, RefusalRecorded(rule=note), region="2201", stream=stream)
        return append(tx, fact, actor="person:p-1", at=AT)


def stamp_all(db: Database, stream: str = "main") -> None:
    with db.write() as tx:
        stamp(tx, stream, 1000)


def list_of(db: Database, request: ListRequest) -> ListResponse:
    clock = FixedClock(AT)
    servicer = FeedServicer(Runtime("sample", db, clock, clock), SIGNER)
    return servicer.List(request, cast(grpc.ServicerContext, None))


def test_it_lists_stamped_events_in_order_after_a_position(db: Database) -> None:
    ids = [state(db, f"r-{number}") for number in range(5)]
    stamp_all(db)
    state(db, "not stamped yet")
    response = list_of(db, ListRequest(stream="main", after=1, limit=3))
    assert [event.id for event in response.events] == ids[1:4]
    assert [event.position for event in response.events] == [2, 3, 4]
    assert response.head.position == 5


def test_an_event_comes_as_it_was_stated(db: Database) -> None:
    event_id = state(db, "r-1", note="甲")
    stamp_all(db)
    (event,) = list_of(db, ListRequest(stream="main")).events
    assert (event.id, event.source, event.type) == (event_id, "sample", "refusal.recorded.v1")
    assert (event.subject, event.version, event.region, event.stream) == ("r-1", 1, "2201", "main")
    assert (event.position, event.time.ToDatetime(tzinfo=UTC), event.actor) == (1, AT, "person:p-1")
    assert event.data == '{"rule":"甲"}'


def test_streams_are_apart(db: Database) -> None:
    state(db, "r-1")
    other = state(db, "r-2", stream="22")
    stamp_all(db)
    stamp_all(db, "22")
    response = list_of(db, ListRequest(stream="22"))
    assert [event.id for event in response.events] == [other]
    assert (response.head.stream, response.head.position) == ("22", 1)


def test_a_stream_that_holds_nothing_has_a_head_too(db: Database) -> None:
    response = list_of(db, ListRequest(stream="main"))
    assert (len(response.events), response.head.position) == (0, 0)
    verify_head(KEY.public_key(), response.head)


def test_a_page_stays_below_the_size_of_a_message_and_is_never_empty(db: Database) -> None:
    for number in range(5):
        state(db, f"r-{number}", note="x" * (MAX_DATA_BYTES - 100))
    stamp_all(db)
    seen: list[int] = []
    while len(seen) < 5:
        response = list_of(db, ListRequest(stream="main", after=len(seen)))
        assert response.ByteSize() < 1024 * 1024
        assert response.events
        seen += [event.position for event in response.events]
    assert seen == [1, 2, 3, 4, 5]


def test_it_gives_no_more_than_the_limit(db: Database) -> None:
    for number in range(4):
        state(db, f"r-{number}")
    stamp_all(db)
    with db.read() as tx:
        events, head = list_events(tx, "sample", "main", 0, 2)
    assert ([event.position for event in events], head) == ([1, 2], 4)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ListRequest(stream="main", limit=1001), "limit"),
        (ListRequest(), "stream"),
        (ListRequest(stream="no such\nname"), "stream"),
        (ListRequest(stream="main", after=2**63), "after"),
    ],
)
def test_a_wrong_request_names_the_field(db: Database, request_: ListRequest, field: str) -> None:
    with pytest.raises(Problem) as caught:
        list_of(db, request_)
    assert (caught.value.kind, caught.value.field) == (Kind.INVALID, field)


def test_the_limits_themselves_are_lawful(db: Database) -> None:
    list_of(db, ListRequest(stream="main", limit=1000, after=2**63 - 1))


def test_a_head_is_signed_over_the_text_of_the_contract() -> None:
    head = sign_head(SIGNER, "sample", "main", 7, AT)
    text = b"jiangheng-feed-head-v1\nsample\nmain\n7\n2026-05-01T08:30:00.123456Z\n"
    KEY.public_key().verify(head.signature, text)
    assert head.key_id == "sample-1"


CHANGES = {"source": "other", "stream": "other", "position": 8, "signature": b"", "time": None}


@pytest.mark.parametrize("member", CHANGES)
def test_a_changed_head_is_not_valid(member: str) -> None:
    head = sign_head(SIGNER, "sample", "main", 7, AT)
    if member == "time":
        head.time.nanos += 1000
    else:
        setattr(head, member, CHANGES[member])
    with pytest.raises(InvalidHead):
        verify_head(KEY.public_key(), head)


def test_another_key_does_not_do() -> None:
    head = sign_head(SIGNER, "sample", "main", 7, AT)
    with pytest.raises(InvalidHead):
        verify_head(Ed25519PrivateKey.generate().public_key(), head)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    head = SignedHead(source="sample", stream="main", position=1, key_id="k", signature=data)
    head.time.seconds = 2**62  # beyond what a date can be
    with pytest.raises(InvalidHead):
        verify_head(KEY.public_key(), head)
