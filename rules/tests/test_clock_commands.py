"""`jiangheng-rules deadlines`, `due` and `calendar`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jiangheng.rules import deadlines
from jiangheng.rules.cli.main import build

WIDE = {"COLUMNS": "200"}
OWN = """\
[2027]
number = "试〔2026〕1号"
workdays = [2027-01-09]
[2027.holidays]
"元旦" = [2027-01-01, 2027-01-04]
"春节" = [2027-02-05, 2027-02-11]
"清明节" = [2027-04-05, 2027-04-05]
"劳动节" = [2027-05-01, 2027-05-02]
"端午节" = [2027-06-09, 2027-06-09]
"中秋节" = [2027-09-15, 2027-09-15]
"国庆节" = [2027-10-01, 2027-10-07]
"""
FILING = ("due", "filing-completion", "--pack", "jilin-filing", "--from")


@pytest.fixture
def own(tmp_path: Path) -> str:
    file = tmp_path / "calendar.toml"
    file.write_text(OWN, "utf-8")
    return str(file)


def told(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(build(), arguments, env=WIDE)
    assert result.exit_code == code, result.output
    return result.output


def known(*arguments: str) -> Any:
    return json.loads(told(*arguments, "--json"))


def test_the_table_of_deadlines() -> None:
    shown = told("deadlines", "备案", "--pack", "jilin-filing", "--pack", "jilin")
    assert "filing-completion" in shown
    assert "备案申请受理后5个工作日内" in shown
    assert "[002 9]" in shown
    assert "jilin: " not in shown
    assert "incident-first-report" not in shown


def test_every_row_and_pack_for_programs() -> None:
    rows = {row["id"]: row for row in known("deadlines")}
    assert rows.keys() == deadlines.rows().keys()
    notices = rows["skill-notices"]["packs"]["jilin"]
    assert notices["opens"] == {
        "way": "before",
        "length": 5,
        "unit": "calendar_day",
        "cite": ["000 A3 10(7)"],
    }
    assert notices["due"]["length"] == 3
    assert rows["skill-notices"]["packs"]["jilin-filing"] is None
    assert rows["annual-summary"]["packs"]["jilin"] == {}
    assert rows["skill-notices"]["warn"] == {"length": 1, "unit": "calendar_day"}


def test_a_pack_that_names_no_term_is_told_from_one_that_is_silent() -> None:
    shown = told("deadlines", "annual-summary")
    assert "jilin: 期限未定" in shown
    assert "jilin-filing" not in shown


def test_ends_of_every_kind_in_words() -> None:
    shown = told("deadlines")
    for words in ("前5日起", "11月底前", "满5年后", "前10个工作日，至迟"):
        assert words in shown


def test_when_a_filing_is_due() -> None:
    shown = told(*FILING, "2026-09-30", "--now", "2026-10-13 23:59")
    assert "止 due: 2026-10-13 24:00" in shown
    assert "state: warned" in shown
    assert "[REG-011, 002 9]" in shown
    late = known(*FILING, "2026-09-30T10:30", "--done", "2026-10-14 08:00", "--now", "2026-11-01")
    assert late["due"] == "2026-10-14T00:00:00+08:00"
    assert (late["state"], late["reason"]["rule"]) == ("met_late", "REG-011")
    assert late["opens"] is None


def test_a_window_has_both_ends() -> None:
    shown = told("due", "skill-notices", "--pack", "jilin", "--from", "2026-11-05T09:00")
    assert "起 opens: 2026-10-31 0:00" in shown
    assert "止 due: 2026-11-02 24:00" in shown


def test_no_answer_is_said_with_its_ground(own: str) -> None:
    assert "没有这一期限" in told("due", "lunch", "--pack", "jilin", "--from", "2026-01-01", code=1)
    assert "未作规定" in told("due", "archive-loan", "--pack", "jilin", "--from", "2026-01-01", code=1)
    assert "2027年节假日安排尚未收录" in told(*FILING, "2026-12-28", code=1)
    assert "2027-01-06 24:00" in told(*FILING, "2026-12-28", "--calendar", own)


def test_a_provisional_answer_says_so() -> None:
    shown = told("due", "certificate-fix", "--pack", "jilin", "--from", "2026-12-28")
    assert "provisional" in shown
    assert "2027" in shown


def test_a_year_as_it_is_published() -> None:
    shown = told("calendar", "2026")
    assert "国庆节" in shown
    assert "2026-09-20" in shown
    (year,) = known("calendar", "2026")
    assert (year["published"], year["working_days"], year["notice"]) == (True, 248, None)


def test_a_year_before_its_notice_and_after(own: str) -> None:
    assert "provisional" in told("calendar", "2027")
    (year,) = known("calendar", "2027", "--calendar", own)
    assert (year["published"], year["notice"], year["made_up"]) == (True, "试〔2026〕1号", ["2027-01-09"])
    assert "2090" in told("calendar", "2090", code=1)


def test_an_official_calendar_is_checked(own: str, tmp_path: Path) -> None:
    shown = told("calendar", "--validate", own)
    assert "试〔2026〕1号" in shown
    assert "2027-01-09" in shown
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(OWN.replace("2027-01-09", "2027-01-08"), "utf-8")
    assert "wrong.toml:3: 2027.workdays" in told("calendar", "--validate", str(wrong), code=1)
    assert "a year is wanted" in told("calendar", code=1)
