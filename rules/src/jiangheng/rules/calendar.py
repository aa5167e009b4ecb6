"""Working days of mainland China: holidays, make-up workdays, and the years nobody has published.

Three sources, the stronger first: the notices that an agency keeps in its
official calendar (notices.py); the table of chinesecalendar, which covers the
State Council's notices from 2004 on; for later years, if the caller takes a
provisional answer, the days that law itself fixes (calendar.toml).

The notice of a year appears in the November before. Until then nobody knows
which days will be bridged and made up, and a provisional term can be wrong by
them. It is still nearer than Monday to Friday, which would count through the
Spring Festival.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.tables import table

_DAY = timedelta(days=1)
SATURDAY = 5
LAW = "CALENDAR"


class CalendarNotPublished(LookupError):
    """The State Council's notice on the holidays of this year is not known, and a guess is not wanted."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the holidays of {year} are not known")
        self.year = year

    @property
    def explanation(self) -> Explanation:
        """The same for people."""
        return Explanation(
            zh=f"{self.year}年节假日安排尚未收录，无法计算工作日。",
            en=f"The holidays of {self.year} are not known: working days cannot be counted.",
            rule=LAW,
            clause="全国年节及纪念日放假办法",
        )


@dataclass(frozen=True)
class Holiday:
    """A holiday from its first to its last day."""

    name: str
    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Each day of it."""
        return (self.first + _DAY * n for n in range((self.last - self.first).days + 1))


@dataclass(frozen=True)
class Notice:
    """The State Council's notice for a year: days off, and Saturdays and Sundays that are worked instead.

    Its days lie in that year or in the December before.
    """

    year: int
    number: str
    holidays: tuple[Holiday, ...]
    workdays: frozenset[date]

    @property
    def days_off(self) -> frozenset[date]:
        """All days of its holidays."""
        return frozenset(day for holiday in self.holidays for day in holiday.days())


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. `provisional`: years that nobody has published are answered by law alone."""

    notices: tuple[Notice, ...] = ()
    provisional: bool = False
    _years: dict[int, tuple[date, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def or_provisional(self) -> Calendar:
        """The same calendar, for rules that do not need certainty."""
        return replace(self, provisional=True)

    def publishes(self, year: int) -> bool:
        """True if a notice covers the year."""
        return year in _published_years() or any(notice.year == year for notice in self.notices)

    def grounds(self, first: date, last: date) -> tuple[Explanation, ...]:
        """Why an answer resting on the days from `first` to `last` is provisional; empty if it is certain."""
        years = range(first.year, last.year + 1)
        return tuple(_ground(year) for year in years if not self.publishes(year))

    def is_working_day(self, day: date) -> bool:
        """True for a day that is worked, a made-up Sunday too. Raises CalendarNotPublished."""
        days = self.working_days(day.year)
        at = bisect_left(days, day)
        return at < len(days) and days[at] == day

    def working_day_after(self, day: date, count: int) -> date:
        """The last day of a term of `count` (at least 1) working days; the day of the event does not count.

        Raises CalendarNotPublished.
        """
        _at_least_one(count)
        days = self.working_days(day.year)
        at = bisect_right(days, day) + count - 1
        while at >= len(days):
            at -= len(days)
            days = self.working_days(days[-1].year + 1)
        return days[at]

    def working_day_before(self, day: date, count: int) -> date:
        """The day that lies `count` (at least 1) working days back; the day of the event does not count.

        Raises CalendarNotPublished.
        """
        _at_least_one(count)
        days = self.working_days(day.year)
        at = bisect_left(days, day) - count
        while at < 0:
            days = self.working_days(days[0].year - 1)
            at += len(days)
        return days[at]

    def holidays(self, year: int) -> tuple[Holiday, ...]:
        """The holidays of a year, in order. Raises CalendarNotPublished."""
        for notice in self.notices:
            if notice.year == year:
                return notice.holidays
        if year in _published_years():
            return _published_holidays(year)
        if self.provisional and statutory(year):
            return statutory(year)
        raise CalendarNotPublished(year)

    def holiday_on(self, day: date) -> Holiday | None:
        """The holiday that a day lies in, if it lies in one. Raises CalendarNotPublished."""
        early = (holiday for notice in self.notices for holiday in notice.holidays)
        known = (*self.holidays(day.year), *early)
        return next((holiday for holiday in known if holiday.first <= day <= holiday.last), None)

    def working_days(self, year: int) -> tuple[date, ...]:
        """Every working day of a year, in order. Raises CalendarNotPublished."""
        if year not in self._years:
            off = self._weekdays_off(year).union(*(notice.days_off for notice in self.notices))
            worked = self._made_up(year).union(*(notice.workdays for notice in self.notices))
            self._years[year] = tuple(
                day for day in _days(year) if day in worked or (day not in off and day.weekday() < SATURDAY)
            )
        return self._years[year]

    def _weekdays_off(self, year: int) -> frozenset[date]:
        if any(notice.year == year for notice in self.notices):
            return frozenset()
        if year in _published_years():
            return _published()[0]
        if self.provisional and statutory(year):
            return frozenset(day for holiday in statutory(year) for day in holiday.days())
        raise CalendarNotPublished(year)

    def _made_up(self, year: int) -> frozenset[date]:
        own = any(notice.year == year for notice in self.notices)
        return frozenset() if own else _published()[1]


# What chinesecalendar knows. An agency's own calendar comes from notices.read().
PUBLISHED = Calendar()


def is_working_day(day: date) -> bool:
    """True for a day that is worked by the published calendar. Raises CalendarNotPublished."""
    return PUBLISHED.is_working_day(day)


def add_working_days(start: date, days: int) -> date:
    """The last day of a term of working days by the published calendar. Raises CalendarNotPublished."""
    return PUBLISHED.working_day_after(start, days)


def statutory(year: int) -> tuple[Holiday, ...]:
    """The holidays that law fixes, without bridges; empty for a year whose festivals are not in the table."""
    rows = table("calendar")["holiday"] if str(year) in table("calendar")["festival"] else ()
    return tuple(_statutory(row, year) for row in rows)


def _statutory(row: dict[str, Any], year: int) -> Holiday:
    if "festival" in row:
        first: date = table("calendar")["festival"][str(year)][row["festival"]]
        first -= _DAY * row.get("before", 0)
    else:
        first = date(year, row["month"], row["day"])
    return Holiday(row["name"], first, first + _DAY * (row["days"] - 1))


def _ground(year: int) -> Explanation:
    return Explanation(
        zh=f"{year}年节假日安排尚未公布：暂按法定放假日和周末推算，未计调休和补班，结果是暂定的。",
        en=f"The holidays of {year} are not published: counted by the statutory holidays and weekends alone, "
        "without bridges and made-up days, the result is provisional.",
        rule=LAW,
        clause=table("calendar")["clause"],
    )


def _days(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + _DAY * n for n in range((date(year, 12, 31) - first).days + 1))


def _at_least_one(count: int) -> None:
    if count < 1:
        raise ValueError("a term has at least one working day")


@cache
def _published() -> tuple[frozenset[date], frozenset[date]]:
    """Days off and days made up, of all years that chinesecalendar covers."""
    import chinese_calendar  # costs a part of the wheel's import time, and not every rule counts days

    return frozenset(chinese_calendar.holidays), frozenset(chinese_calendar.workdays)


@cache
def _published_holidays(year: int) -> tuple[Holiday, ...]:
    """What chinesecalendar names day by day, joined to holidays."""
    import chinese_calendar

    found: list[Holiday] = []
    for day, name in sorted(chinese_calendar.holidays.items()):
        called = chinese_calendar.Holiday(name).chinese
        if day.year == year and found and (found[-1].name, found[-1].last) == (called, day - _DAY):
            found[-1] = replace(found[-1], last=day)
        elif day.year == year:
            found.append(Holiday(called, day, day))
    return tuple(found)


@cache
def _published_years() -> frozenset[int]:
    return frozenset(day.year for day in _published()[0])
