"""How terms are counted, in Asia/Shanghai (民法典 200-204, unless the rule itself says otherwise).

- The day of the event does not count, forward or backward; hours and minutes run from the moment (201).
- A term of months or years ends on the day of the same number, or on the last day of that month (202).
- It ends at 24:00 of its last day (203): that instant is still in time, the next is late.
- The last day of a term of days, weeks, months or years in which somebody must act moves to the next
  working day when it is a day off (203; weekends are days off). Nothing else moves: a term of working days
  cannot end on a day off; a lead time counted back would become shorter; a time for which something is
  kept, barred or valid asks for no act on its last day; a fixed date is no term.
- 不少于5个工作日: at least so many full working days. Forward they end with the last of them; backward the
  event must come after the last of them, so that the act lies before the first (`full_days_before`).
- 提前10个工作日: the act may still be done on the tenth working day before the event (`before`).
- 前3—5日: from 0:00 of the fifth day before the event to 24:00 of the third (`window_before`).
- 前一日下午: from 12:00 of the day before (`hour_before`).
- 11月底前: until 24:00 of the last day of the month (`end_of_month`).

Moments are aware and returned in UTC.
"""

from __future__ import annotations

import calendar as gregorian
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal, get_args

from jiangheng.rules.calendar import PUBLISHED, Calendar

# China has kept one time without daylight saving since 1991.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
LAW = "民法典"

Unit = Literal["minute", "hour", "working_day", "calendar_day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
# Units that are counted from the moment, not from the day.
CLOCK: dict[Unit, timedelta] = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_DAY = timedelta(days=1)
_DAYS: dict[Unit, timedelta] = {"calendar_day": _DAY, "week": _DAY * 7}
_MONTHS: dict[Unit, int] = {"month": 1, "year": 12}


def day_of(moment: datetime) -> date:
    """The calendar day of a moment in Asia/Shanghai. Raises ValueError if it is naive."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone names no moment")
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """0:00 of a day."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """24:00 of a day, the last instant that is in time (民法典 203)."""
    return start_of(day + _DAY)


def last_day(
    event: date, length: int, unit: Unit, *, calendar: Calendar = PUBLISHED, moves: bool = True
) -> date:
    """The last day of a term of days or longer from the day of the event, which does not count.

    `moves`: somebody must act in the term, so that it does not end on a day off.
    No length at all is the day of the event. Raises CalendarNotPublished, ValueError.
    """
    _not_negative(length)
    if not length:
        return event
    if unit == "working_day":
        return calendar.working_day_after(event, length)
    day = _shifted(event, length, unit)
    return calendar.working_day_after(day - _DAY, 1) if moves else day


def day_before(event: date, length: int, unit: Unit, *, calendar: Calendar = PUBLISHED) -> date:
    """The last day on which something is done so long before the day of the event, which does not count.

    Raises CalendarNotPublished, ValueError.
    """
    _not_negative(length)
    if not length:
        return event
    if unit == "working_day":
        return calendar.working_day_before(event, length)
    return _shifted(event, -length, unit)


def full_days_before(event: date, days: int, *, calendar: Calendar = PUBLISHED) -> date:
    """The last day after which so many full working days precede the event. Raises CalendarNotPublished."""
    return calendar.working_day_before(event, days + 1)


def after(
    event: datetime, length: int, unit: Unit, *, calendar: Calendar = PUBLISHED, moves: bool = True
) -> datetime:
    """The moment at which a term ends; see last_day. Raises CalendarNotPublished, ValueError."""
    if unit in CLOCK:
        _not_negative(length)
        return _utc(event) + CLOCK[unit] * length
    return end_of(last_day(day_of(event), length, unit, calendar=calendar, moves=moves))


def before(event: datetime, length: int, unit: Unit, *, calendar: Calendar = PUBLISHED) -> datetime:
    """The last moment so long before; see day_before. Raises CalendarNotPublished, ValueError."""
    if unit in CLOCK:
        _not_negative(length)
        return _utc(event) - CLOCK[unit] * length
    return end_of(day_before(day_of(event), length, unit, calendar=calendar))


def window_before(
    event: datetime, first: int, last: int, unit: Unit, *, calendar: Calendar = PUBLISHED
) -> tuple[datetime, datetime]:
    """From the beginning of the `first` day before the event to the end of the `last`: 前3—5日 is 5, 3.

    Raises CalendarNotPublished, ValueError.
    """
    opens = day_before(day_of(event), first, unit, calendar=calendar)
    closes = day_before(day_of(event), last, unit, calendar=calendar)
    if opens > closes:
        raise ValueError("a window begins with its greater distance")
    return start_of(opens), end_of(closes)


def hour_before(event: datetime, days: int, hour: int) -> datetime:
    """That hour of the day so many days before the event."""
    return start_of(day_of(event) - _DAY * days) + timedelta(hours=hour)


def end_of_month(year: int, month: int) -> datetime:
    """24:00 of the last day of a month."""
    return end_of(date(year, month, gregorian.monthrange(year, month)[1]))


def _shifted(day: date, length: int, unit: Unit) -> date:
    """The day so many units later; of months and years the day of the same number (民法典 202)."""
    if unit in _DAYS:
        return day + _DAYS[unit] * length
    if unit not in _MONTHS:
        raise ValueError(f"{unit} does not count days")
    years, month = divmod(day.year * 12 + day.month - 1 + length * _MONTHS[unit], 12)
    return date(years, month + 1, min(day.day, gregorian.monthrange(years, month + 1)[1]))


def _utc(moment: datetime) -> datetime:
    day_of(moment)  # refuses a naive one
    return moment.astimezone(UTC)


def _not_negative(length: int) -> None:
    if length < 0:
        raise ValueError("a length of time is not negative")
