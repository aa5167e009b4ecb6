"""outbox: facts commit with what makes them true; versions count without a gap."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.chassis import envelope
from jiangheng.chassis.db import Database
from jiangheng.chassis.outbox import MAX_DATA_BYTES, Fact, append
from jiangheng.chassis.schema import CHASSIS

AT = datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=UTC)


def fact(subject: str = "r-1", type: str = "refusal.recorded.v1", note: str = "") -> Fact:
    return Fact(type, subject, RefusalRecorded(refusal_id=subject, rule=note), region="2201")


def state(db: Database, *facts: Fact) -> list[str]:
    with db.write() as tx:
        return [append(tx, each, actor="system", at=AT) for each in facts]


def versions(db: Database) -> dict[tuple[str, str], list[int]]:
    with db.read() as tx:
        rows = tx.execute(sa.select(CHASSIS.outbox).order_by(CHASSIS.outbox.c.id)).all()
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        found.setdefault((row.noun, row.subject), []).append(row.version)
    return found


def test_a_fact_is_kept_as_it_was_stated(db: Database) -> None:
    with db.write() as tx:
        event_id = append(tx, fact(note="甲"), actor="person:p-1", at=AT)
    with db.read() as tx:
        row = tx.execute(sa.select(CHASSIS.outbox)).one()
    assert (row.event_id, row.noun, row.type) == (event_id, "refusal", "refusal.recorded.v1")
    assert (row.subject, row.version, row.region, row.stream) == ("r-1", 1, "2201", "main")
    assert (row.occurred_at, row.actor) == (AT, "person:p-1")
    assert row.data == '{"refusal_id":"r-1","rule":"甲"}'
    assert (row.position, row.published_at) == (None, None)


def test_versions_count_per_noun_and_subject(db: Database) -> None:
    state(
        db, fact("a"), fact("b"), fact("a", "refusal.withdrawn.v2"), fact("a", "note.written.v1"), fact("a")
    )
    assert versions(db) == {("refusal", "a"): [1, 2, 3], ("refusal", "b"): [1], ("note", "a"): [1]}


def test_a_transaction_that_fails_states_nothing_and_leaves_no_gap(db: Database) -> None:
    state(db, fact())
    too_large = fact(note="x" * MAX_DATA_BYTES)
    with pytest.raises(ValueError, match="too large"):
        state(db, fact(), too_large)
    state(db, fact())
    assert versions(db) == {("refusal", "r-1"): [1, 2]}


def test_versions_have_no_gap_under_concurrent_appenders(db: Database) -> None:
    threads = [Thread(target=lambda: [state(db, fact()) for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions(db) == {("refusal", "r-1"): list(range(1, 101))}


def test_a_naive_time_is_refused(db: Database) -> None:
    with pytest.raises(sa.exc.StatementError), db.write() as tx:
        append(tx, fact(), actor="system", at=AT.replace(tzinfo=None))


def test_what_the_bus_could_not_carry_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="too large"):
        state(db, fact(note="x" * MAX_DATA_BYTES))
    state(db, fact(note="x" * (MAX_DATA_BYTES - 100)))
    with pytest.raises(ValueError, match="actor"), db.write() as tx:
        append(tx, fact(), actor="", at=AT)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("type", "refusal.recorded"),
        ("type", "refusal.recorded.v0"),
        ("type", "Refusal.recorded.v1"),
        ("subject", ""),
        ("subject", "a\nb"),
        ("region", "2"),
        ("region", "吉林"),
        ("stream", "Main stream"),
    ],
)
def test_a_fact_without_its_form_is_refused(member: str, value: str) -> None:
    members = {"type": "refusal.recorded.v1", "subject": "a", "region": "22", "stream": "main"}
    with pytest.raises(ValueError, match=member):
        Fact(message=RefusalRecorded(), **{**members, member: value})


@given(st.text(max_size=300), st.text(alphabet="0123456789", max_size=7), st.text(max_size=70))
def test_every_fact_that_is_taken_makes_an_envelope_that_receivers_take(
    subject: str, region: str, stream: str
) -> None:
    try:
        taken = Fact("refusal.recorded.v1", subject, RefusalRecorded(), region=region, stream=stream)
    except ValueError:
        return
    made = Envelope(
        id="00000000-0000-4000-8000-000000000000",
        source="sample",
        type=taken.type,
        subject=taken.subject,
        version=1,
        region=taken.region,
        stream=taken.stream,
        position=1,
        actor="system",
        data="{}",
    )
    made.time.FromDatetime(AT)
    envelope.checked(made)
