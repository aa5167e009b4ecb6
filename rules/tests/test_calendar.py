"""Working days as the State Council's notices have them, and before there is one."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.calendar import (
    PUBLISHED,
    Calendar,
    CalendarNotPublished,
    Holiday,
    Notice,
    add_working_days,
    is_working_day,
    statutory,
)

# 2026 (国办发明电〔2025〕7号): National Day 1-7 October, made up on 20 September and 10 October.
NATIONAL_DAY = date(2026, 10, 1)
LAST_YEAR = max(chinese_calendar.holidays).year
UNKNOWN = LAST_YEAR + 1
PROVISIONAL = PUBLISHED.or_provisional


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
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # into a new year, whose first Sunday is worked
    ],
)
def test_terms(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days) == end


@pytest.mark.parametrize(
    ("event", "days", "last"),
    [
        (date(2026, 11, 23), 1, date(2026, 11, 20)),  # from a Monday
        (date(2026, 11, 22), 1, date(2026, 11, 20)),  # from a Sunday
        (date(2026, 10, 8), 1, date(2026, 9, 30)),  # over National Day
        (date(2026, 9, 21), 2, date(2026, 9, 18)),  # a Sunday that is worked counts
        (date(2026, 1, 4), 1, date(2025, 12, 31)),  # into the year before
    ],
)
def test_terms_counted_back(event: date, days: int, last: date) -> None:
    assert PUBLISHED.working_day_before(event, days) == last


def test_holidays_and_days_made_up() -> None:
    assert not is_working_day(NATIONAL_DAY)
    assert is_working_day(date(2026, 9, 20))
    assert not is_working_day(date(2026, 9, 19))


@pytest.mark.parametrize("year", range(2004, LAST_YEAR + 1))
def test_every_day_is_as_the_published_table_says(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


DATES = st.dates(date(2024, 1, 1), date(2026, 6, 30))


@given(DATES, st.integers(1, 60))
def test_a_term_holds_exactly_its_working_days(start: date, days: int) -> None:
    end = add_working_days(start, days)
    after = [start + timedelta(days=n + 1) for n in range((end - start).days)]
    assert sum(map(is_working_day, after)) == days
    assert is_working_day(end)


@given(DATES, st.integers(1, 30), st.integers(1, 30))
def test_terms_add_up(start: date, one: int, other: int) -> None:
    assert add_working_days(add_working_days(start, one), other) == add_working_days(start, one + other)


@given(DATES, st.integers(1, 60))
def test_counting_back_undoes_counting_forward_on_working_days(start: date, days: int) -> None:
    there = PUBLISHED.working_day_after(start, days)
    back = PUBLISHED.working_day_before(there, days)
    assert is_working_day(back)
    assert PUBLISHED.working_day_after(back, days) == there
    assert back == start or not is_working_day(start)


@pytest.mark.parametrize("days", [0, -1])
def test_a_term_has_at_least_a_day(days: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_working_days(NATIONAL_DAY, days)
    with pytest.raises(ValueError, match="at least one"):
        PUBLISHED.working_day_before(NATIONAL_DAY, days)


def test_a_year_that_is_not_published_is_named_never_guessed() -> None:
    with pytest.raises(CalendarNotPublished) as caught:
        add_working_days(date(LAST_YEAR, 12, 31), 1)
    assert caught.value.year == UNKNOWN
    explanation = caught.value.explanation
    assert str(UNKNOWN) in explanation.zh
    assert str(UNKNOWN) in explanation.en
    with pytest.raises(CalendarNotPublished):
        PUBLISHED.working_day_before(date(2004, 1, 2), 3)


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_statutory_holidays_agree_with_what_was_published(year: int) -> None:
    """The festivals of calendar.toml: on each of their days the published calendar is off."""
    days = [day for holiday in statutory(year) for day in holiday.days()]
    assert len(days) == 13
    assert not any(map(is_working_day, days))


def test_the_festivals_are_those_of_the_sky() -> None:
    """Qingming as the solar terms of chinesecalendar have it; lunar festivals about where they can be."""
    for year in range(2025, 2041):
        (spring, qingming, dragon_boat, mid_autumn) = (
            next(holiday for holiday in statutory(year) if holiday.name == name)
            for name in ("春节", "清明节", "端午节", "中秋节")
        )
        april = chinese_calendar.get_solar_terms(date(year, 4, 1), date(year, 4, 10))
        assert [(qingming.first, "清明")] == april
        assert date(year, 1, 20) <= spring.first <= date(year, 2, 19)
        assert (spring.last - spring.first).days == 3
        # Four or five lunar months and some days later, of 29.5 days each.
        assert (dragon_boat.first - spring.first).days in (122, 123, 124, 151, 152, 153, 154)
        assert (mid_autumn.first - dragon_boat.first).days in (97, 98, 99, 127, 128, 129)


def test_a_provisional_year_is_off_where_law_says_so_and_says_that_it_is_provisional() -> None:
    assert statutory(2027)[1] == Holiday("春节", date(2027, 2, 5), date(2027, 2, 8))
    provisional = Calendar(provisional=True)
    off = [day for day in range(1, 13) if not provisional.is_working_day(date(2027, 2, day))]
    assert off == [5, 6, 7, 8]
    (ground,) = provisional.grounds(date(2026, 12, 1), date(2027, 3, 1))
    assert "2027" in ground.zh
    assert "provisional" in ground.en
    assert ground.clause == "全国年节及纪念日放假办法 2"
    assert provisional.grounds(date(2026, 1, 1), date(2026, 12, 31)) == ()


def test_nothing_is_said_of_years_beyond_the_festivals_that_are_known() -> None:
    assert statutory(2090) == ()
    with pytest.raises(CalendarNotPublished):
        PROVISIONAL.is_working_day(date(2090, 1, 4))


def test_a_provisional_calendar_changes_nothing_of_what_is_published() -> None:
    assert PROVISIONAL.working_days(2026) == PUBLISHED.working_days(2026)
    assert not PUBLISHED.provisional


# Not a real notice: made up to be told apart from every other source.
NOTICE = Notice(
    2026,
    "试〔2025〕1号",
    (
        Holiday("元旦", date(2025, 12, 31), date(2026, 1, 1)),
        Holiday("国庆节", date(2026, 10, 1), date(2026, 10, 2)),
    ),
    frozenset({date(2026, 1, 10)}),
)
OWN = Calendar((NOTICE,))


def test_a_notice_overrides_its_year_and_the_december_before() -> None:
    assert OWN.is_working_day(date(2026, 1, 10))
    assert not OWN.is_working_day(date(2026, 10, 2))
    assert OWN.is_working_day(date(2026, 10, 5))
    assert not OWN.is_working_day(date(2026, 9, 20))
    assert is_working_day(date(2025, 12, 31))
    assert not OWN.is_working_day(date(2025, 12, 31))
    assert OWN.is_working_day(date(2025, 9, 28))  # the rest of 2025 is as published


def test_the_holidays_of_a_year_by_name() -> None:
    assert PUBLISHED.holidays(2026)[-1] == Holiday("国庆节", date(2026, 10, 1), date(2026, 10, 7))
    assert [holiday.name for holiday in PUBLISHED.holidays(2026)] == [
        "元旦",
        "春节",
        "清明",
        "劳动节",
        "端午",
        "中秋",
        "国庆节",
    ]
    assert OWN.holidays(2026) == NOTICE.holidays
    assert PROVISIONAL.holidays(2027) == statutory(2027)
    with pytest.raises(CalendarNotPublished):
        PUBLISHED.holidays(2027)


def test_the_holiday_that_a_day_lies_in() -> None:
    national_day = PUBLISHED.holiday_on(date(2026, 10, 3))
    assert national_day is not None
    assert national_day.name == "国庆节"
    assert PUBLISHED.holiday_on(date(2026, 10, 8)) is None
    assert PUBLISHED.holiday_on(date(2026, 10, 11)) is None  # a Sunday is no holiday
    assert OWN.holiday_on(date(2025, 12, 31)) == NOTICE.holidays[0]


def test_a_notice_extends_the_calendar() -> None:
    notice = Notice(UNKNOWN, "试", (Holiday("元旦", date(UNKNOWN, 1, 1), date(UNKNOWN, 1, 1)),), frozenset())
    calendar = Calendar((notice,))
    assert calendar.publishes(UNKNOWN)
    assert not PUBLISHED.publishes(UNKNOWN)
    assert calendar.working_day_after(date(LAST_YEAR, 12, 31), 1) > date(UNKNOWN, 1, 1)
    assert calendar.grounds(date(UNKNOWN, 1, 1), date(UNKNOWN, 12, 31)) == ()
