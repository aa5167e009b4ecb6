"""What is made before the processes start."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiangheng.local.provision import into_known_calendar
from jiangheng.rules.calendar import add_working_days


@pytest.mark.parametrize("today", [date(2026, 12, 30), date(2027, 3, 1), date(2031, 5, 5)])
def test_a_demonstration_stays_in_years_whose_holidays_are_published(today: date) -> None:
    offset = into_known_calendar(today)
    assert offset < timedelta()
    assert offset.days % 7 == 0  # the weekday stays
    assert add_working_days(today + offset, 5)


def test_a_day_in_a_known_year_is_not_moved() -> None:
    assert into_known_calendar(date(2026, 6, 1)) == timedelta()
