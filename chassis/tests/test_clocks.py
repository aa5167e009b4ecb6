"""The two clocks, and dates of law."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.clocks import FixedClock, LegalClock, MachineClock, legal_date, rfc3339

moments = st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_the_machine_clock_is_now_in_utc() -> None:
    before = datetime.now(UTC)
    now = MachineClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_the_legal_clock_may_be_moved_outside_production() -> None:
    ahead = LegalClock(timedelta(days=21), profile="demo").now() - datetime.now(UTC)
    assert timedelta(days=20, hours=23) < ahead <= timedelta(days=21)


@pytest.mark.parametrize("offset", [timedelta(seconds=1), timedelta(days=-1)])
def test_production_refuses_to_move_the_legal_clock(offset: timedelta) -> None:
    with pytest.raises(ValueError, match="production"):
        LegalClock(offset, profile="production")
    with pytest.raises(ValueError, match="production"):
        LegalClock(offset)


def test_in_production_both_clocks_agree() -> None:
    assert abs(LegalClock(profile="production").now() - MachineClock().now()) < timedelta(seconds=5)


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(datetime(2026, 11, 20, 8, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == clock.now() == datetime(2026, 11, 20, tzinfo=UTC)
    clock.advance(timedelta(minutes=10))
    assert clock.now() == datetime(2026, 11, 20, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "day"), [(15, date(2026, 11, 20)), (16, date(2026, 11, 21)), (23, date(2026, 11, 21))]
)
def test_the_day_of_law_begins_at_midnight_in_china(hour: int, day: date) -> None:
    assert legal_date(datetime(2026, 11, 20, hour, tzinfo=UTC)) == day


@given(moments)
def test_the_fixed_offset_says_what_the_zone_table_says(at: datetime) -> None:
    assert legal_date(at) == at.astimezone(ZoneInfo("Asia/Shanghai")).date()


@given(moments)
def test_rfc3339_reads_back(at: datetime) -> None:
    text = rfc3339(at.astimezone(timezone(timedelta(hours=8))))
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == at


def test_a_time_without_zone_is_refused() -> None:
    naive = datetime(2026, 11, 20)  # noqa: DTZ001
    for use in (legal_date, rfc3339, FixedClock):
        with pytest.raises(ValueError, match="zone"):
            use(naive)
