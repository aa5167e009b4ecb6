"""The conventions by which terms are counted (民法典 200-204)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules import terms
from jiangheng.rules.calendar import PUBLISHED, CalendarNotPublished
from jiangheng.rules.terms import SHANGHAI, UNITS, Unit

# Thursday, 5 November 2026, half past nine in the morning in Shanghai.
EVENT = datetime(2026, 11, 5, 9, 30, tzinfo=SHANGHAI)
DAY_UNITS: tuple[Unit, ...] = ("working_day", "calendar_day", "week", "month", "year")
units = st.sampled_from(UNITS)
day_units = st.sampled_from(DAY_UNITS)
days = st.dates(date(2020, 1, 1), date(2024, 6, 30))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2024, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001
lengths = st.integers(0, 12)
PROVISIONAL = PUBLISHED.or_provisional


@pytest.mark.parametrize(
    ("event", "length", "unit", "last"),
    [
        (date(2026, 11, 5), 5, "working_day", date(2026, 11, 12)),
        (date(2026, 11, 5), 3, "calendar_day", date(2026, 11, 9)),  # a Sunday, moved to Monday
        (date(2026, 11, 5), 5, "calendar_day", date(2026, 11, 10)),
        (date(2026, 11, 5), 2, "week", date(2026, 11, 19)),
        (date(2026, 9, 1), 1, "month", date(2026, 10, 8)),  # 1 October, moved over National Day
        (date(2026, 8, 31), 1, "month", date(2026, 9, 30)),  # no 31st: the last day of the month
        (date(2024, 2, 29), 2, "year", date(2026, 2, 28)),  # no 29th; a Saturday that is worked
        (date(2025, 12, 31), 2, "month", date(2026, 2, 28)),
        (date(2025, 6, 3), 1, "year", date(2026, 6, 3)),
        (date(2026, 11, 5), 0, "month", date(2026, 11, 5)),
        (date(2026, 11, 7), 0, "calendar_day", date(2026, 11, 7)),  # the day itself, Saturday or not
    ],
)
def test_the_day_of_the_event_does_not_count_and_a_day_off_does_not_end_a_term(
    event: date, length: int, unit: Unit, last: date
) -> None:
    assert terms.last_day(event, length, unit) == last


@pytest.mark.parametrize(
    ("length", "unit", "last"),
    [
        (3, "calendar_day", date(2026, 11, 8)),
        (3, "year", date(2029, 11, 5)),
        (11, "month", date(2027, 10, 5)),
    ],
)
def test_what_is_kept_or_valid_ends_on_a_day_off_too(length: int, unit: Unit, last: date) -> None:
    assert terms.last_day(EVENT.date(), length, unit, moves=False) == last


@pytest.mark.parametrize(
    ("length", "unit", "last"),
    [
        (5, "working_day", date(2026, 10, 29)),
        (10, "working_day", date(2026, 10, 22)),
        (3, "calendar_day", date(2026, 11, 2)),
        (5, "calendar_day", date(2026, 10, 31)),  # a Saturday stays: a lead time is not shortened
        (1, "month", date(2026, 10, 5)),
        (0, "working_day", date(2026, 11, 5)),
    ],
)
def test_counting_back(length: int, unit: Unit, last: date) -> None:
    assert terms.day_before(EVENT.date(), length, unit) == last


def test_at_least_five_full_working_days() -> None:
    """Forward and backward, five working days lie between: 30 October, 2 to 5 November."""
    assert terms.full_days_before(date(2026, 11, 6), 5) == date(2026, 10, 29)
    assert terms.last_day(date(2026, 10, 29), 5, "working_day") == date(2026, 11, 5)


def test_a_term_ends_at_24_hours_in_shanghai() -> None:
    assert terms.after(EVENT, 5, "working_day") == datetime(2026, 11, 13, 0, 0, tzinfo=SHANGHAI)
    assert terms.before(EVENT, 1, "calendar_day") == datetime(2026, 11, 5, 0, 0, tzinfo=SHANGHAI)
    late_in_utc = datetime(2026, 11, 4, 16, 30, tzinfo=UTC)  # already the 5th in Shanghai
    assert terms.day_of(late_in_utc) == date(2026, 11, 5)


def test_hours_and_minutes_run_from_the_moment() -> None:
    assert terms.after(EVENT, 10, "minute") == EVENT + timedelta(minutes=10)
    assert terms.before(EVENT, 60, "minute") == EVENT - timedelta(hours=1)
    assert terms.after(EVENT, 2, "hour") == EVENT + timedelta(hours=2)
    assert terms.after(EVENT, 10, "minute").tzinfo is UTC


def test_a_window_of_days_before() -> None:
    """认定前3—5日: from the beginning of 31 October to the end of 2 November."""
    opens, closes = terms.window_before(EVENT, 5, 3, "calendar_day")
    assert opens == datetime(2026, 10, 31, tzinfo=SHANGHAI)
    assert closes == datetime(2026, 11, 3, tzinfo=SHANGHAI)
    with pytest.raises(ValueError, match="greater distance"):
        terms.window_before(EVENT, 3, 5, "calendar_day")


def test_the_afternoon_of_the_day_before() -> None:
    assert terms.hour_before(EVENT, 1, 12) == datetime(2026, 11, 4, 12, 0, tzinfo=SHANGHAI)


def test_the_end_of_a_month() -> None:
    assert terms.end_of_month(2026, 11) == datetime(2026, 12, 1, tzinfo=SHANGHAI)
    assert terms.end_of_month(2026, 12) == datetime(2027, 1, 1, tzinfo=SHANGHAI)


def test_a_year_that_is_not_published_stops_a_term_unless_it_may_be_provisional() -> None:
    with pytest.raises(CalendarNotPublished):
        terms.last_day(date(2026, 12, 10), 30, "working_day")
    # Six statutory and ten weekend days lie between; bridges may move it.
    assert terms.last_day(date(2026, 12, 10), 30, "working_day", calendar=PROVISIONAL) == date(2027, 1, 22)


@pytest.mark.parametrize("count", [terms.after, terms.before])
def test_what_names_no_term_is_refused(count: object) -> None:
    assert callable(count)
    with pytest.raises(ValueError, match="without zone"):
        count(datetime(2026, 11, 5), 1, "minute")  # noqa: DTZ001
    with pytest.raises(ValueError, match="without zone"):
        count(datetime(2026, 11, 5), 1, "month")  # noqa: DTZ001
    with pytest.raises(ValueError, match="not negative"):
        count(EVENT, -1, "minute")
    with pytest.raises(ValueError, match="not negative"):
        count(EVENT, -1, "month")
    with pytest.raises(ValueError, match="does not count days"):
        count(EVENT, 1, "fortnight")


def test_a_clock_unit_has_no_last_day() -> None:
    with pytest.raises(ValueError, match="does not count days"):
        terms.last_day(date(2026, 11, 5), 1, "hour")


@given(moments, moments, lengths, units)
def test_a_later_event_never_ends_a_term_earlier(
    one: datetime, other: datetime, length: int, unit: Unit
) -> None:
    sooner, later = sorted((one, other))
    assert terms.after(sooner, length, unit, calendar=PROVISIONAL) <= terms.after(
        later, length, unit, calendar=PROVISIONAL
    )
    assert terms.before(sooner, length, unit) <= terms.before(later, length, unit)


@given(moments, lengths, units)
def test_a_longer_term_never_ends_earlier(event: datetime, length: int, unit: Unit) -> None:
    longer = terms.after(event, length + 1, unit, calendar=PROVISIONAL)
    assert terms.after(event, length, unit, calendar=PROVISIONAL, moves=False) <= longer
    assert terms.before(event, length + 1, unit) < terms.before(event, length, unit)


@given(days, st.integers(1, 12), day_units)
def test_a_term_in_which_somebody_acts_ends_on_a_working_day(event: date, length: int, unit: Unit) -> None:
    end = terms.last_day(event, length, unit, calendar=PROVISIONAL)
    unmoved = terms.last_day(event, length, unit, calendar=PROVISIONAL, moves=False)
    assert PROVISIONAL.is_working_day(end)
    between = [unmoved + timedelta(days=n) for n in range((end - unmoved).days)]
    assert not any(map(PROVISIONAL.is_working_day, between))


@given(days, st.integers(1, 60), st.sampled_from(("calendar_day", "week")))
def test_days_and_weeks_forward_and_back_cancel(event: date, length: int, unit: Unit) -> None:
    there = terms.last_day(event, length, unit, moves=False)
    assert terms.day_before(there, length, unit) == event


@given(days, st.integers(1, 40))
def test_full_days_before_leaves_so_many_working_days_between(event: date, length: int) -> None:
    start = terms.full_days_before(event, length)
    between = [start + timedelta(days=n) for n in range(1, (event - start).days)]
    assert sum(map(PUBLISHED.is_working_day, between)) == length


@given(days, st.integers(1, 20), st.sampled_from(("month", "year")))
def test_months_and_years_end_on_the_same_number_or_the_last_of_the_month(
    event: date, length: int, unit: Unit
) -> None:
    end = terms.last_day(event, length, unit, moves=False)
    assert end.day == event.day or (end + timedelta(days=1)).day == 1
    months = (end.year - event.year) * 12 + end.month - event.month
    assert months == length * (12 if unit == "year" else 1)
