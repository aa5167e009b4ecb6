"""Working days as the State Council's notices have them."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.calendar import CalendarNotPublished, add_working_days, is_working_day

# 2026 (国办发明电〔2025〕7号): National Day 1-7 October, made up on 20 September and 10 October.
NATIONAL_DAY = date(2026, 10, 1)
LAST_YEAR = max(chinese_calendar.holidays).year


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 16), 5, date(2026, 11, 23)),  # a plain week: the Monday after
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # from a Friday
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over National Day
        (date(2026, 9, 30), 5, date(2026, 10, 13)),  # with the Saturday made up
        (date(2026, 10, 3), 1, date(2026, 10, 8)),  # an event on a holiday
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # over Spring Festival, the 14th being worked
    ],
)
def test_terms(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days) == end


def test_holidays_and_days_made_up() -> None:
    assert not is_working_day(NATIONAL_DAY)
    assert is_working_day(date(2026, 9, 20))


@given(st.dates(date(2024, 1, 1), date(2026, 6, 30)), st.integers(1, 60))
def test_a_term_holds_exactly_its_working_days(start: date, days: int) -> None:
    end = add_working_days(start, days)
    after = [start + timedelta(days=n + 1) for n in range((end - start).days)]
    assert sum(map(is_working_day, after)) == days
    assert is_working_day(end)


@given(st.dates(date(2024, 1, 1), date(2026, 6, 30)), st.integers(1, 30), st.integers(1, 30))
def test_terms_add_up(start: date, one: int, other: int) -> None:
    assert add_working_days(add_working_days(start, one), other) == add_working_days(start, one + other)


@pytest.mark.parametrize("days", [0, -1])
def test_a_term_has_at_least_a_day(days: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_working_days(NATIONAL_DAY, days)


def test_a_year_that_is_not_published_is_named_never_guessed() -> None:
    with pytest.raises(CalendarNotPublished) as caught:
        add_working_days(date(LAST_YEAR, 12, 31), 1)
    assert caught.value.year == LAST_YEAR + 1
    explanation = caught.value.explanation
    assert str(LAST_YEAR + 1) in explanation.zh
    assert str(LAST_YEAR + 1) in explanation.en
