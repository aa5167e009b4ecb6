"""Working days of mainland China, make-up days included."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

from jiangheng.rules.explanation import Explanation


class CalendarNotPublished(LookupError):
    """The State Council's notice on the holidays of this year is not in the table.

    The notice appears in the November before; the table comes with a release of
    chinesecalendar. A guess would be wrong by the make-up days.
    """

    def __init__(self, year: int) -> None:
        super().__init__(f"the holidays of {year} are not known")
        self.year = year

    @property
    def explanation(self) -> Explanation:
        """The same for people."""
        return Explanation(
            zh=f"{self.year}年节假日安排尚未收录，无法计算工作日。",
            en=f"The holidays of {self.year} are not known: working days cannot be counted.",
            rule="CALENDAR",
            clause="全国年节及纪念日放假办法",
        )


def is_working_day(day: date) -> bool:
    """True for a day that is worked, a made-up Sunday too. Raises CalendarNotPublished."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise CalendarNotPublished(day.year) from None


def add_working_days(start: date, days: int) -> date:
    """The last day of a term of so many working days (at least 1); the day of the event does not count.

    Raises CalendarNotPublished if the term reaches a year without a table.
    """
    if days < 1:
        raise ValueError("a term has at least one working day")
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day
