"""The clock of a filing (002 9; row filing-completion of the table of deadlines) on dates of law."""

from __future__ import annotations

from datetime import date, datetime

from jiangheng.chassis.errors import wrong_state
from jiangheng.rules import deadlines
from jiangheng.rules.calendar import PUBLISHED, Calendar, CalendarNotPublished
from jiangheng.rules.pack import pack_named

# The only pack so far that regulates filings.
FILING_PACK = "jilin-filing"


def filing_due(accepted_at: datetime, calendar: Calendar = PUBLISHED) -> date:
    """The last day on which the filing is in time; the day of acceptance does not count.

    Raises Problem WRONG_STATE "calendar-uncovered" if the holidays of a year it
    reaches are not known: a wrong deadline is worse than none.
    """
    try:
        row = deadlines.row("filing-completion")
        return deadlines.due_day(row, pack_named(FILING_PACK), accepted_at, calendar)
    except CalendarNotPublished as unknown:
        why = unknown.explanation
        raise wrong_state(
            "submitted",
            f"{why.zh}更新节假日表后再受理。",
            f"{why.en} Accept once the table of holidays is brought up to date.",
            code="calendar-uncovered",
            rule="REG-011",
            clause="002 9",
            year=str(unknown.year),
        ) from None


def warned_until(today: date, calendar: Calendar = PUBLISHED) -> date:
    """Filings due on this day or before are urgent: the end of the next working day."""
    try:
        return calendar.working_day_after(today, 1)
    except CalendarNotPublished:
        return today  # nothing can be due in a year whose working days were never counted
