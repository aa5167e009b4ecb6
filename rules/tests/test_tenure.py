"""Adding up time: whole years end on the same day, order does not matter, a gap does not count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.eligibility.tenure import (
    MONTH,
    NEVER_ENDS,
    accumulated,
    common,
    day_at,
    holds_a_day,
    position,
    reached,
    span,
    united,
)

DAYS = st.dates(date(1950, 1, 1), date(2090, 12, 31))
Spans = tuple[tuple[int, int], ...]
SPANS = st.lists(
    st.tuples(DAYS, DAYS).map(lambda pair: span(min(pair), max(pair))), min_size=0, max_size=6
).map(united)


@given(DAYS)
def test_every_day_has_a_place_of_its_own(day: date) -> None:
    assert day_at(position(day)) == day
    assert position(day) < position(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("begun", "years", "ends"),
    [
        (date(2020, 3, 1), 5, date(2025, 3, 1)),
        (date(2019, 2, 15), 5, date(2024, 2, 15)),
        (date(2020, 2, 15), 5, date(2025, 2, 15)),
        (date(2020, 2, 28), 1, date(2021, 2, 28)),
        (date(2020, 2, 29), 1, date(2021, 3, 1)),
        (date(2020, 2, 29), 4, date(2024, 2, 29)),
        (date(2019, 12, 31), 10, date(2029, 12, 31)),
    ],
)
def test_years_end_on_the_same_day(begun: date, years: int, ends: date) -> None:
    assert day_at(position(begun) + 12 * years * MONTH) == ends


@pytest.mark.parametrize(
    ("begun", "months", "ends"),
    [
        (date(2023, 1, 31), 1, date(2023, 3, 1)),
        (date(2023, 1, 15), 6, date(2023, 7, 15)),
        (date(2023, 4, 30), 1, date(2023, 5, 31)),
        (date(2023, 12, 31), 1, date(2024, 1, 31)),
    ],
)
def test_months_end_when_their_share_of_the_month_has_passed(begun: date, months: int, ends: date) -> None:
    assert day_at(position(begun) + months * MONTH) == ends


def test_outside_the_calendar() -> None:
    assert day_at(0) == date.min
    assert day_at(NEVER_ENDS) is None
    assert day_at(position(date(9999, 12, 31)) + 1) is None


def test_both_days_of_a_period_count_and_adjoining_ones_are_one() -> None:
    first = span(date(2020, 1, 1), date(2020, 6, 30))
    second = span(date(2020, 7, 1), date(2020, 12, 31))
    assert united([second, first]) == (span(date(2020, 1, 1), date(2020, 12, 31)),)
    assert reached(united([second, first]), 0, 12 * MONTH) == position(date(2021, 1, 1))


def test_overlap_counts_once_and_a_reversed_span_not_at_all() -> None:
    whole, part = span(date(2020, 1, 1), date(2021, 12, 31)), span(date(2021, 1, 1), date(2021, 6, 30))
    assert united([part, whole]) == (whole,)
    assert united([(whole[1], whole[0])]) == ()


def test_a_gap_does_not_count() -> None:
    spans = united([span(date(2015, 1, 1), date(2016, 12, 31)), span(date(2020, 1, 1), None)])
    assert day_at(reached(spans, 0, 60 * MONTH) or 0) == date(2023, 1, 1)
    assert accumulated(spans, 0, position(date(2022, 1, 1))) == 48 * MONTH
    assert day_at(reached(spans, position(date(2016, 1, 1)), 24 * MONTH) or 0) == date(2021, 1, 1)


def test_time_that_is_never_reached() -> None:
    spans = (span(date(2015, 1, 1), date(2016, 12, 31)),)
    assert reached(spans, 0, 24 * MONTH) == position(date(2017, 1, 1))
    assert reached(spans, 0, 24 * MONTH + 1) is None
    assert reached(spans, position(date(2017, 1, 1)), 0) is None


def test_what_two_have_in_common() -> None:
    assert common([(0, 10), (20, 30)], ((5, 25),)) == ((5, 10), (20, 25))
    assert common([(0, 10)], ((10, 20),)) == ()


def test_a_span_between_two_days_holds_none() -> None:
    leap_day = position(date(2020, 2, 29)) + 12 * MONTH  # not a day of 2021
    march = position(date(2021, 3, 1))
    assert holds_a_day([(leap_day, march), (leap_day, march + 1), (leap_day, NEVER_ENDS)]) == (
        (leap_day, march + 1),
        (leap_day, NEVER_ENDS),
    )
    assert holds_a_day([(NEVER_ENDS - 1, NEVER_ENDS - 1)]) == ()


@given(SPANS, SPANS, DAYS, DAYS)
def test_more_time_is_never_worth_less(one: Spans, two: Spans, a: date, b: date) -> None:
    more = united([*one, *two])
    after, until = sorted(map(position, (a, b)))
    assert accumulated(more, after, until) >= accumulated(one, after, until)
    length = accumulated(one, after, until)
    if length:
        earlier = reached(more, after, length)
        assert earlier is not None
        assert earlier <= until


@given(SPANS, DAYS, st.integers(1, 400))
def test_reached_is_the_first_moment(spans: Spans, after: date, months: int) -> None:
    place = reached(spans, position(after), months * MONTH)
    if place is not None:
        assert accumulated(spans, position(after), place) == months * MONTH
        assert accumulated(spans, position(after), place - 1) == months * MONTH - 1
    else:
        assert accumulated(spans, position(after), NEVER_ENDS) < months * MONTH
