"""eligible and check-conditions on a terminal and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from jiangheng.rules.cli.main import build

OWN = "6-31-01-03"
CANDIDATE = f"""\
[application]
occupation = "{OWN}"
level = LEVEL

[candidate]
born = 1990-02-28
intends = true

[[certificate]]
occupation = "{OWN}"
level = 5
issued = 2022-12-01

[[work]]
occupation = "{OWN}"
begun = "2018-07"

[[education]]
school = "junior_college"
major = "电气技术应用"
graduating_from = 2025-09-01
expected_until = 2026-07-15

[[education]]
school = "technical_school"
major = "电气技术应用"
graduated = 2012-07-01

[[title]]
grade = "junior"
specialty = "电气工程"
issued = 2019-01-01
"""
CONDITIONS = """\
[conditions]
zh = "本企业备案的申报条件"
en = "our filed conditions"
source = "SOURCE"
cite = ["企业备案 1"]

[[condition]]
level = 4
number = 1
clause = "企业备案 1(1)"
zh = "累计从事本职业工作满2年。"
en = "Two years of work."
needs = [{ work_years = 2 }]

[[condition]]
level = 5
number = 1
clause = "企业备案 1(2)"
zh = "本职业学徒期满。"
en = "A completed apprenticeship."
needs = [{ apprenticeship = true }]
"""
STANDARD = f"""\
[standard]
occupation = "{OWN}"
related_occupations = []
majors = ["电气技术应用"]
specialties = ["电气工程"]
"""


def written(tmp_path: Path, text: str, name: str = "candidate.toml") -> str:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return str(path)


def run(*words: str) -> Result:
    return CliRunner().invoke(build(), list(words), env={"COLUMNS": "200"})


def eligible(tmp_path: Path, level: int, *words: str, on: str = "2026-06-01") -> Result:
    candidate = written(tmp_path, CANDIDATE.replace("LEVEL", str(level)))
    return run("eligible", candidate, "--on", on, *words)


def test_yes_says_since_when_and_by_what(tmp_path: Path) -> None:
    result = eligible(tmp_path, 4)
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert "可以申报（自 2012-07-01 起）。" in lines
    assert "May apply, since 2012-07-01." in lines
    assert "Note: the lists used are an example; check them against the standard." in lines
    assert "· 学历 education 2 (技工学校, 电气技术应用, 2012-07-01 毕业)" in lines
    assert "· 学历 education 1 (普通高等学校专科, 电气技术应用, 应于 2026-07-15 毕业)" in lines
    assert "· 证书 certificate 1 (6-31-01-03, 五级/初级工, 2022-12-01)" in lines
    assert "· 工作 work 1 (6-31-01-03, 2018-07-01—今 now)" in lines


def test_a_day_ahead(tmp_path: Path) -> None:
    standard = written(tmp_path, STANDARD.replace("电气工程", "其他"), "standard.toml")
    result = eligible(tmp_path, 3, "--standard", standard)
    assert result.exit_code == 1
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert "不可申报；2028-07-01 起可以。" in lines
    assert "✗\u00a03.1 [000 A1 附 三1]" in lines
    assert "✗\u00a0累计从事本职业或相关职业工作须满10年，尚差2年1个月。" in lines
    assert "→ 2028-07-01 起满足。 Met from 2028-07-01 on." in lines
    assert not any("example" in line for line in lines)


def test_waiting_in_vain(tmp_path: Path) -> None:
    result = eligible(tmp_path, 1)
    assert result.exit_code == 1
    assert "May not apply. Waiting alone does not help" in result.stdout


def test_the_lowest_level_shows_age_and_intent(tmp_path: Path) -> None:
    result = eligible(tmp_path, 5)
    assert result.exit_code == 0
    assert "· 出生日期 date of birth 1990-02-28" in result.stdout
    assert "intends to work in the occupation" in result.stdout


def test_a_title_and_an_apprenticeship_are_shown(tmp_path: Path) -> None:
    standard = written(tmp_path, STANDARD, "standard.toml")
    result = eligible(tmp_path, 3, "--standard", standard)
    assert result.exit_code == 0
    assert "· 职称 title 1 (初级, 电气工程, 2019-01-01)" in result.stdout
    own = written(tmp_path, CONDITIONS.replace("SOURCE", "enterprise_conditions"), "own.toml")
    apprentice = CANDIDATE.replace("LEVEL", "5") + (
        f'\n[[apprenticeship]]\noccupation = "{OWN}"\ncompleted = 2020-01-01\n'
    )
    result = run("eligible", written(tmp_path, apprentice), "--on", "2026-06-01", "--conditions", own)
    assert "· 学徒 apprenticeship 1 (6-31-01-03, 2020-01-01)" in result.stdout


def test_json_has_it_all(tmp_path: Path) -> None:
    result = eligible(tmp_path, 3, "--json", on="2028-07-01")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (found["eligible"], found["from_day"], found["on"]) == (True, "2028-07-01", "2028-07-01")
    assert found["pack"]["id"] == "jilin"
    assert len(found["pack"]["digest"]) == 64
    assert found["conditions"][0]["needs"] == [
        {"met": True, "from_day": "2028-07-01", "evidence": [{"of": "work", "place": 0}], "gap": None}
    ]
    assert found["conditions"][1]["needs"][0]["gap"]["kind"] == "certificate.absent"


def test_today_if_no_day_is_given(tmp_path: Path) -> None:
    candidate = written(tmp_path, CANDIDATE.replace("LEVEL", "4"))
    assert run("eligible", candidate).exit_code == 0


def test_conditions_that_were_not_supplied(tmp_path: Path) -> None:
    result = eligible(tmp_path, 4, "--pack", "shandong-enterprise")
    assert result.exit_code == 1
    assert "企业备案的申报条件" in result.stderr


def test_own_conditions_decide_where_they_may(tmp_path: Path) -> None:
    own = written(tmp_path, CONDITIONS.replace("SOURCE", "filed_conditions"), "own.toml")
    yes = eligible(tmp_path, 4, "--pack", "shandong-enterprise", "--conditions", own)
    assert yes.exit_code == 0
    assert "企业备案 1(1)" in yes.stdout
    none = eligible(tmp_path, 3, "--pack", "shandong-enterprise", "--conditions", own)
    assert none.exit_code == 1
    assert "本企业备案的申报条件没有三级/高级工的申报条件。" in none.stdout
    no = eligible(tmp_path, 4, "--pack", "jilin", "--conditions", own)
    assert no.exit_code == 1
    assert "REG" not in no.stdout
    assert "备案的申报条件" in no.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("candidate.toml", ("eligible", "FILE")),
        ("own.toml", ("check-conditions", "FILE")),
        ("standard.toml", ("eligible", "GOOD", "--standard", "FILE")),
        ("own.toml", ("eligible", "GOOD", "--conditions", "FILE")),
    ],
)
def test_a_wrong_file_is_named(name: str, words: tuple[str, ...], tmp_path: Path) -> None:
    good = written(tmp_path, CANDIDATE.replace("LEVEL", "4"), "good.toml")
    for text in ("[wrong", "[wrong]\n"):
        wrong = written(tmp_path, text, name)
        result = run(*(each.replace("FILE", wrong).replace("GOOD", good) for each in words))
        assert result.exit_code == 1
        assert wrong in result.stderr


def test_an_unknown_pack(tmp_path: Path) -> None:
    assert eligible(tmp_path, 4, "--pack", "nowhere").exit_code == 1


def test_own_conditions_below_the_annex(tmp_path: Path) -> None:
    own = written(tmp_path, CONDITIONS.replace("SOURCE", "enterprise_conditions"), "own.toml")
    result = run("check-conditions", own)
    assert result.exit_code == 1
    assert (
        "自主条件4.1低于标准：与最接近的标准条件4.1相比，未要求：累计从事本职业或相关职业工作满5年。"
        in result.stdout
    )
    found = json.loads(run("check-conditions", own, "--json").stdout)
    assert [(each["condition"], each["rule"], each["clause"]) for each in found] == [
        ("5.1", "REG-093", "000 A1 附 一1"),
        ("4.1", "REG-093", "000 A1 附 二1"),
    ]


def test_own_conditions_beside_others(tmp_path: Path) -> None:
    own = written(tmp_path, CONDITIONS.replace("SOURCE", "filed_conditions"), "own.toml")
    result = run("check-conditions", own, "--against", own, "--pack", "shandong-enterprise")
    assert result.exit_code == 0
    assert "不低于标准 not below the standard" in result.stdout
    nothing = run("check-conditions", own, "--pack", "shandong-enterprise")
    assert nothing.exit_code == 1
    assert "--against" in nothing.stderr


def test_a_file_that_supplies_nothing(tmp_path: Path) -> None:
    head = CONDITIONS.replace("SOURCE", "filed_conditions").split("[[condition]]", maxsplit=1)[0]
    empty = written(tmp_path, head.replace("[conditions]", "[conditions]\nsupplied = false"), "own.toml")
    result = run("check-conditions", empty)
    assert result.exit_code == 1
    assert "no conditions are supplied" in result.stderr
