"""On which days an exam may be held (REG-046)."""

from __future__ import annotations

from datetime import date

from jiangheng.rules.calendar import PUBLISHED, Calendar
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack

_RULE = "announcement.exclude_public_holidays"


def check_exam_date(day: date, pack: Pack, calendar: Calendar = PUBLISHED) -> Explanation | None:
    """Why no exam of social evaluation (社会化评价) may be on this day; None if one may (000 A1 4).

    A day that a notice bridges is a holiday; a Sunday is none. In a year that is
    not published only the days count that law fixes. Raises CalendarNotPublished
    where not even those are known.
    """
    if not pack.regulates(_RULE) or not pack.flag(_RULE):
        return None
    holiday = calendar.or_provisional.holiday_on(day)
    if holiday is None:
        return None
    return Explanation(
        zh=f"考试日期 {day} 在法定节假日（{holiday.name}，{holiday.first} 至 {holiday.last}）期间。",
        en=f"The exam date {day} is in a public holiday ({holiday.name}, {holiday.first} to {holiday.last}).",
        rule="REG-046",
        clause="; ".join(pack.answer(_RULE).cite),
    )
