"""lease: one holder at a time, the next one after it expires or is given back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.db import Database
from jiangheng.chassis.lease import Lease, acquire_or_renew

AT = datetime(2026, 5, 1, tzinfo=UTC)
TTL = timedelta(seconds=10)


def acquire(db: Database, holder: str, seconds: float, name: str = "publisher") -> int | None:
    with db.write() as tx:
        return acquire_or_renew(tx, name, holder, TTL, AT + timedelta(seconds=seconds))


def test_a_lease_is_anothers_only_after_it_has_expired(db: Database) -> None:
    assert acquire(db, "one", 0) == 1
    assert acquire(db, "other", 9.9) is None
    assert acquire(db, "other", 10) == 2
    assert acquire(db, "one", 10) is None


def test_a_renewed_lease_keeps_its_epoch_and_runs_on(db: Database) -> None:
    assert acquire(db, "one", 0) == 1
    assert acquire(db, "one", 6) == 1
    assert acquire(db, "other", 12) is None
    assert acquire(db, "one", 30) == 1  # expired, but nobody took it meanwhile
    assert acquire(db, "other", 40) == 2
    assert acquire(db, "one", 50) == 3


def test_leases_of_different_names_are_independent(db: Database) -> None:
    assert acquire(db, "one", 0) == 1
    assert acquire(db, "other", 0, "sweeper") == 1


def test_a_holder_asks_again_when_half_of_the_time_has_run(db: Database) -> None:
    clock = FixedClock(AT)
    one, other = (Lease(db, "publisher", ttl=TTL, clock=clock) for _ in range(2))
    assert one.hold()
    assert not other.hold()
    clock.advance(timedelta(seconds=6))
    assert one.hold()  # renewed: it runs until 16
    clock.advance(timedelta(seconds=6))
    assert not other.hold()
    clock.advance(timedelta(seconds=4))
    assert other.hold()
    assert not one.hold()


def test_a_lease_given_back_is_free_at_once(db: Database) -> None:
    clock = FixedClock(AT)
    one, other = (Lease(db, "publisher", ttl=TTL, clock=clock) for _ in range(2))
    assert one.hold()
    other.release()  # not its own: nothing happens
    assert not other.hold()
    one.release()
    assert other.hold()
    assert not one.hold()
