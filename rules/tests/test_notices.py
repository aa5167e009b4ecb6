"""The official calendar of an agency: read, and told what is wrong with file, line and key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jiangheng.rules.calendar import PUBLISHED
from jiangheng.rules.notices import BadCalendar, read_calendar

# 国办发明电〔2025〕7号 as an agency would write it down.
NOTICE_2026 = """\
# 国务院办公厅关于2026年部分节假日安排的通知
[2026]
number = "国办发明电〔2025〕7号"
workdays = [
  2026-01-04, 2026-02-14, 2026-02-28,
  2026-05-09, 2026-09-20, 2026-10-10,
]

[2026.holidays]
"元旦" = [2026-01-01, 2026-01-03]
"春节" = [2026-02-15, 2026-02-23]
"清明节" = [2026-04-04, 2026-04-06]
"劳动节" = [2026-05-01, 2026-05-05]
"端午节" = [2026-06-19, 2026-06-21]
"中秋节" = [2026-09-25, 2026-09-27]
"国庆节" = [2026-10-01, 2026-10-07]
"""


def test_the_notice_of_2026_says_what_the_wheel_knows(tmp_path: Path) -> None:
    calendar = read_calendar(_file(tmp_path, NOTICE_2026))
    assert calendar.working_days(2026) == PUBLISHED.working_days(2026)
    assert calendar.notices[0].number == "国办发明电〔2025〕7号"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "key", "kind"),
    [
        ("[2026]\n", "[二六]\n", 2, "二六", "syntax"),
        ("[2026]\n", "['20xx']\n[2026]\n", 2, "20xx", "calendar_year"),
        ("[2026]\n", "x = 1\n[2026]\n", 2, "x", "calendar_year"),
        ('number = "国办发明电〔2025〕7号"\n', "", 2, "2026", "missing_field"),
        ('"国办发明电〔2025〕7号"', '" "', 3, "2026.number", "empty"),
        ("workdays = [", "workdys = [", 4, "2026.workdys", "unknown_field"),
        ("2026-01-04,", '"2026-01-04",', 4, "2026.workdays", "calendar_workdays"),
        ("2026-01-04,", "2026-01-05,", 4, "2026.workdays", "calendar_weekday"),
        ("2026-01-04,", "2027-01-02,", 4, "2026.workdays", "calendar_elsewhere"),
        ("2026-01-04,", "2025-11-30,", 4, "2026.workdays", "calendar_elsewhere"),
        ("2026-02-28", "2026-02-15", 4, "2026.workdays", "calendar_twice"),
        (
            "[2026-04-04, 2026-04-06]",
            "[2026-04-06, 2026-04-04]",
            12,
            "2026.holidays.清明节",
            "calendar_period",
        ),
        ("[2026-04-04, 2026-04-06]", "2026-04-05", 12, "2026.holidays.清明节", "calendar_period"),
        ('"端午节" = [2026-06-19, 2026-06-21]\n', "", 9, "2026.holidays", "calendar_statutory"),
        ("[2026-05-01, 2026-05-05]", "[2026-05-02, 2026-05-05]", 9, "2026.holidays", "calendar_statutory"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(
    tmp_path: Path, right: str, wrong: str, line: int, key: str, kind: str
) -> None:
    assert right in NOTICE_2026
    path = _file(tmp_path, NOTICE_2026.replace(right, wrong, 1))
    with pytest.raises(BadCalendar) as caught:
        read_calendar(path)
    found = [(fault.line, fault.kind) for fault in caught.value.faults]
    assert (line, kind) in found
    assert key in str(caught.value) or kind == "syntax"
    assert str(path) in str(caught.value)


def test_holidays_that_are_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCalendar, match=r"2026\.holidays"):
        read_calendar(_file(tmp_path, '[2026]\nnumber = "x"\nworkdays = []\nholidays = 3\n'))


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadCalendar) as caught:
        read_calendar(_file(tmp_path, "[2026]\n[2026.holidays]\n'元旦' = 1\n"))
    assert {fault.kind for fault in caught.value.faults} == {"missing_field", "calendar_period"}


def test_a_year_whose_festivals_nobody_knows_is_taken_as_it_is(tmp_path: Path) -> None:
    text = '[2003]\nnumber = "x"\nworkdays = []\n[2003.holidays]\n"元旦" = [2003-01-01, 2003-01-01]\n'
    calendar = read_calendar(_file(tmp_path, text))
    assert not calendar.is_working_day(date(2003, 1, 1))
    assert calendar.is_working_day(date(2003, 1, 2))


def _file(folder: Path, text: str) -> Path:
    path = folder / "calendar.toml"
    path.write_text(text, "utf-8")
    return path
