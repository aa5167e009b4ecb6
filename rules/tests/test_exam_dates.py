"""No exam on a public holiday, where the pack says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jiangheng.rules.exam_dates import check_exam_date
from jiangheng.rules.notices import read_calendar
from jiangheng.rules.pack import pack_named

JILIN = pack_named("jilin")
# Not a real notice: one that bridges a day which law leaves alone.
OWN = """\
[2027]
number = "试〔2026〕1号"
workdays = [2027-02-13]
[2027.holidays]
"元旦" = [2027-01-01, 2027-01-03]
"春节" = [2027-02-05, 2027-02-09]
"清明节" = [2027-04-05, 2027-04-05]
"劳动节" = [2027-05-01, 2027-05-02]
"端午节" = [2027-06-09, 2027-06-09]
"中秋节" = [2027-09-15, 2027-09-15]
"国庆节" = [2027-10-01, 2027-10-03]
"""


@pytest.mark.requirement("REG-046")
@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        (date(2026, 10, 1), "国庆节"),
        (date(2026, 10, 7), "国庆节"),
        (date(2027, 2, 6), "春节"),  # by law alone, before the notice
        (date(2026, 10, 8), None),
        (date(2026, 10, 11), None),  # a plain Sunday
        (date(2026, 10, 10), None),  # a Saturday that is worked
        (date(2027, 2, 9), None),
    ],
)
def test_an_exam_is_on_no_public_holiday(day: date, holiday: str | None) -> None:
    refused = check_exam_date(day, JILIN)
    assert (refused is not None) == (holiday is not None)
    if refused and holiday:
        assert holiday in refused.zh
        assert str(day) in refused.en
        assert (refused.rule, refused.clause) == ("REG-046", "000 A1 4")


@pytest.mark.requirement("REG-046")
def test_the_calendar_that_users_maintain_decides(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(OWN, "utf-8")
    assert check_exam_date(date(2027, 2, 9), JILIN, read_calendar(file)) is not None
    assert check_exam_date(date(2027, 2, 10), JILIN, read_calendar(file)) is None


@pytest.mark.requirement("REG-046")
def test_other_packs_do_not_say_so() -> None:
    for name in ("shandong-enterprise", "xinjiang-inner-mongolia", "jilin-filing"):
        assert check_exam_date(date(2026, 10, 1), pack_named(name)) is None
