"""The clock of a filing (002 9, `org.filing.complete_working_days`) on dates of law."""

from __future__ import annotations

from datetime import date, datetime

from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.errors import wrong_state
from jiangheng.rules import filing
from jiangheng.rules.calendar import CalendarNotPublished, add_working_days


def filing_due(accepted_at: datetime) -> date:
    """The last day on which the filing is in time; the day of acceptance does not count.

    Raises Problem WRONG_STATE "calendar-uncovered" if the holidays of a year it
    reaches are not known: a wrong deadline is worse than none.
    """
    try:
        return filing.filing_due(legal_date(accepted_at))
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


def warned_until(today: date) -> date:
    """Filings due on this day or before are urgent: the end of the next working day."""
    try:
        return add_working_days(today, 1)
    except CalendarNotPublished:
        return today  # nothing can be due in a year whose working days were never counted
