"""Taking facts in: once, whole, and never two for one place in a feed."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from jiangheng.chassis.envelope import envelope_from_json, envelope_json
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.inbox import Outcome
from jiangheng.supervision import store
from jiangheng.supervision.domain.ledger import leaf


def test_a_fact_is_kept_whole_with_a_salt_of_its_own(ledger: Any) -> None:
    first, second = ledger.facts(), ledger.facts(region="220102")
    ledger.receive(first)
    ledger.receive(second)
    with ledger.runtime.db.read() as tx:
        rows = tx.execute(sa.select(store.intake).order_by(store.intake.c.id)).all()
    assert [envelope_from_json(row.envelope) for row in rows] == [first, second]
    assert [row.leaf_hash for row in rows] == [leaf(row.envelope.encode(), row.salt) for row in rows]
    assert rows[0].salt != rows[1].salt
    assert [len(row.salt) for row in rows] == [16, 16]


def test_a_fact_that_comes_twice_is_taken_in_once(ledger: Any) -> None:
    fact = ledger.facts()
    assert ledger.receive(fact) is Outcome.APPLIED
    assert ledger.receive(fact) is Outcome.DUPLICATE
    assert _kept(ledger) == [envelope_json(fact)]


def test_a_fact_is_taken_in_though_its_predecessor_has_not_come(ledger: Any) -> None:
    earlier, later = ledger.facts(subject="one"), ledger.facts(subject="one")
    assert ledger.receive(later) is Outcome.APPLIED
    assert ledger.receive(earlier) is Outcome.APPLIED


def test_a_second_fact_for_the_same_place_in_a_feed_is_refused(ledger: Any) -> None:
    genuine, forged = ledger.facts(), ledger.facts()
    forged.position = genuine.position
    ledger.receive(genuine)
    with pytest.raises(Problem) as refused:
        ledger.receive(forged)
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "contradicting-event")
    assert refused.value.details == {"event_id": forged.id, "other": genuine.id}
    assert _kept(ledger) == [envelope_json(genuine)]


def _kept(ledger: Any) -> list[str]:
    with ledger.runtime.db.read() as tx:
        return list(tx.execute(sa.select(store.intake.c.envelope).order_by(store.intake.c.id)).scalars())
