"""Terms of filings and batches, as the table of deadlines counts them under a policy pack."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from jiangheng.chassis.errors import Problem, wrong_state
from jiangheng.rules import deadlines
from jiangheng.rules.calendar import PUBLISHED, Calendar, CalendarNotPublished
from jiangheng.rules.deadlines import Clock
from jiangheng.rules.pack import NotRegulated, Pack, pack_named

# The only pack so far that regulates filings.
FILING_PACK = "jilin-filing"
# What ends at 24:00 of a day is named by that day.
INSTANT = timedelta(microseconds=1)


def of(row: str, pack: Pack, start: datetime, calendar: Calendar) -> Clock | None:
    """The clock of a row of the table from the moment of its event; None where the pack names no term.

    Raises Problem WRONG_STATE "calendar-uncovered" as `filing_due`.
    """
    try:
        return deadlines.clock(deadlines.row(row), pack, start, calendar)
    except NotRegulated:
        return None
    except CalendarNotPublished as unknown:
        raise _uncovered(unknown, "draft", deadlines.row(row).requirement, "") from None


def filing_due(accepted_at: datetime, calendar: Calendar = PUBLISHED) -> date:
    """The last day on which the filing is in time; the day of acceptance does not count.

    Raises Problem WRONG_STATE "calendar-uncovered" if the holidays of a year it
    reaches are not known: a wrong deadline is worse than none.
    """
    try:
        row = deadlines.row("filing-completion")
        return deadlines.due_day(row, pack_named(FILING_PACK), accepted_at, calendar)
    except CalendarNotPublished as unknown:
        raise _uncovered(unknown, "submitted", "REG-011", "002 9") from None


def warned_until(today: date, calendar: Calendar = PUBLISHED) -> date:
    """Filings due on this day or before are urgent: the end of the next working day."""
    try:
        return calendar.working_day_after(today, 1)
    except CalendarNotPublished:
        return today  # nothing can be due in a year whose working days were never counted


def _uncovered(unknown: CalendarNotPublished, state: str, rule: str, clause: str) -> Problem:
    why = unknown.explanation
    return wrong_state(
        state,
        f"{why.zh}请先更新节假日表。",
        f"{why.en} Bring the table of holidays up to date first.",
        code="calendar-uncovered",
        rule=rule,
        clause=clause,
        year=str(unknown.year),
    )
