"""Lock-out: five tries, then a growing time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.identity.domain.lockout import FREE_TRIES, LONGEST_LOCK, Tries, lock_time, reserve

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_four_tries_are_free() -> None:
    tries: Tries | None = Tries()
    for count in range(1, FREE_TRIES):
        assert tries is not None
        tries = reserve(tries, AT)
        assert tries == Tries(count)


def test_the_fifth_carries_its_lock_from_the_start() -> None:
    fifth = reserve(Tries(4), AT)
    assert fifth == Tries(5, AT + timedelta(minutes=1))
    assert reserve(fifth, AT + timedelta(seconds=59)) is None
    assert reserve(fifth, AT + timedelta(minutes=1)) == Tries(6, AT + timedelta(minutes=3))


@pytest.mark.parametrize(("failed", "minutes"), [(4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (16, 1440)])
def test_the_lock_doubles_up_to_a_day(failed: int, minutes: int) -> None:
    assert lock_time(failed) == timedelta(minutes=minutes)


@given(st.integers(min_value=0, max_value=10**9))
def test_the_lock_never_shrinks_and_never_exceeds_a_day(failed: int) -> None:
    assert lock_time(failed) <= lock_time(failed + 1) <= LONGEST_LOCK
