"""The language of conditions.toml: what it reads, and what it says of a file that is wrong."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jiangheng.rules.eligibility.conditions import (
    Age,
    Apprenticed,
    Conditions,
    Graduated,
    Holds,
    Intent,
    Need,
    Studies,
    Titled,
    Work,
)
from jiangheng.rules.eligibility.reading import conditions_from, faults, problems
from jiangheng.rules.eligibility.source import (
    ConditionsNotSupplied,
    NotASource,
    conditions_for,
    integers_of,
    pack_conditions,
)
from jiangheng.rules.eligibility.standard import Standard, example_standard, standard_from
from jiangheng.rules.eligibility.wording import need_text
from jiangheng.rules.pack import Pack, overlaid, pack_named
from jiangheng.rules.toml_file import read_toml

HEAD = """
[conditions]
zh = "自主条件"
en = "own conditions"
source = "enterprise_conditions"
cite = ["own 1"]
"""
ROW = """
[[condition]]
level = 4
number = 1
clause = "own 1(1)"
zh = "条件"
en = "condition"
needs = [{needs}]
"""
SCHOOLS = '["technician_college"]'

NEEDS: list[tuple[str, Need]] = [
    ("{ age_years = 18 }", Age(18)),
    ("{ intends = true }", Intent()),
    ("{ works = true }", Work(0)),
    ("{ work_years = 2 }", Work(24)),
    ("{ work_years = 1, work_months = 6 }", Work(18)),
    ("{ certificate = 4 }", Holds(4)),
    (
        "{ certificate = 4, or_higher = true, held_months = 3, work_years_after = 2, work_months_after = 1 }",
        Holds(4, True, 3, 25),
    ),
    ("{ certificate = 3, held_years = 2 }", Holds(3, False, 24, 0)),
    ('{ title = "junior" }', Titled("junior")),
    (
        '{ title = "senior", or_higher = true, or_qualification = true, work_years_after = 1 }',
        Titled("senior", True, True, 12),
    ),
    ("{ diploma = " + SCHOOLS + " }", Graduated(frozenset({"technician_college"}))),
    (
        "{ diploma = "
        + SCHOOLS
        + ', classes = ["technician"], any_major = true, graduating = true, approved = true }',
        Graduated(frozenset({"technician_college"}), frozenset({"technician"}), True, True, True),
    ),
    (
        "{ student = " + SCHOOLS + ', classes = ["technician"], any_major = true }',
        Studies(frozenset({"technician_college"}), frozenset({"technician"}), True),
    ),
    ("{ student = " + SCHOOLS + " }", Studies(frozenset({"technician_college"}))),
    ("{ apprenticeship = true }", Apprenticed()),
]


def read(text: str) -> Mapping[str, Any]:
    return tomllib.loads(text)


@pytest.mark.parametrize(("written", "meant"), NEEDS, ids=[row[0] for row in NEEDS])
def test_each_need(written: str, meant: Need) -> None:
    found = conditions_from(read(HEAD + ROW.format(needs=written)))
    assert found
    (row,) = found.levels[4]
    assert row.needs == (meant,)
    assert (row.id, row.rule, row.clause, row.zh) == ("4.1", "REG-092", "own 1(1)", "条件")
    assert all(need_text(meant))


def test_a_need_in_words() -> None:
    whole = Graduated(frozenset({"technician_college"}), frozenset({"technician"}), False, True, True)
    assert (
        need_text(whole)[0]
        == "取得技师学院毕业证书，班级为技师班，本专业或相关专业，学校经评估论证，含在读应届毕业生"
    )
    assert need_text(Holds(3, True, 24, 6)) == (
        "取得本职业或相关职业三级/高级工及以上证书，取得满2年，此后累计从事本职业或相关职业工作满6个月",
        "a certificate of level 3 or higher in the occupation or a related one, held for at least 2 years,"
        " and after it at least 6 months of work in the occupation or related ones",
    )
    assert need_text(Titled("junior", True, True))[1] == (
        "a junior or higher title in a corresponding specialty,"
        " or the professional qualification that corresponds"
    )


# A row of needs, the path and the kind of what is wrong with it.
WRONG = [
    ("", "condition.[1].needs", "empty"),
    ("{ year = 5 }", "condition.[1].needs.year", "unknown_field"),
    ("{ }", "condition.[1].needs.", "unknown_field"),
    ("{ work_years = 5, level = 3 }", "condition.[1].needs.level", "unknown_field"),
    ('{ work_years = "5" }', "condition.[1].needs.work_years", "wrong_type"),
    ("{ work_years = 61 }", "condition.[1].needs.work_years", "outside_range"),
    ("{ work_years = 1, work_months = -1 }", "condition.[1].needs.work_months", "outside_range"),
    ("{ certificate = 6 }", "condition.[1].needs.certificate", "unknown_option"),
    ('{ title = "high" }', "condition.[1].needs.title", "unknown_option"),
    ('{ diploma = ["school"] }', "condition.[1].needs.diploma", "unknown_option"),
    ("{ diploma = [] }", "condition.[1].needs.diploma", "empty"),
    ('{ student = ["technical_school"], classes = ["x"] }', "condition.[1].needs.classes", "unknown_option"),
    ("{ intends = false }", "condition.[1].needs.intends", "unknown_option"),
    ('{ age_years = "reg.no_such" }', "condition.[1].needs.age_years", "unknown_parameter"),
    ('{ age_years = "reg.channel" }', "condition.[1].needs.age_years", "unknown_parameter"),
    ('{ age_years = "reg.min_age.source" }', "condition.[1].needs.age_years", "unknown_parameter"),
    ("{ age_years = true }", "condition.[1].needs.age_years", "wrong_type"),
    ("{ age_years = 99 }", "condition.[1].needs.age_years", "outside_range"),
]


@pytest.mark.parametrize(("needs", "key", "kind"), WRONG, ids=[row[0] or "nothing" for row in WRONG])
def test_a_wrong_need_is_named_with_its_line(needs: str, key: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "conditions.toml"
    path.write_text(HEAD + ROW.format(needs=needs), "utf-8")
    (found,) = faults(read_toml(path), integers_of(pack_named("jilin")))
    assert (found.file, found.key, found.kind, found.line) == (str(path), key, kind, 14)
    with pytest.raises(ValueError, match=kind):
        conditions_from(read_toml(path).content, integers_of(pack_named("jilin")))


WHOLE = HEAD + ROW.format(needs="{ work_years = 5 }")
WRONG_FILES = [
    ("", 1, "", "missing_field"),
    ("[conditions", 1, "conditions.toml", "syntax"),
    (WHOLE.replace("level = 4", "level = 6"), 9, "condition.[1].level", "unknown_option"),
    (WHOLE.replace("level = 4", 'level = "4"'), 9, "condition.[1].level", "wrong_type"),
    (WHOLE.replace("number = 1\n", ""), 8, "condition.[1]", "missing_field"),
    (WHOLE.replace("enterprise_conditions", "mine"), 5, "conditions.source", "unknown_option"),
    (WHOLE.replace('"enterprise_conditions"', "1"), 5, "conditions.source", "wrong_type"),
    (WHOLE.replace('["own 1"]', '[" "]'), 6, "conditions.cite", "missing_citation"),
    (WHOLE.replace('["own 1"]', "1"), 6, "conditions.cite", "wrong_type"),
    (WHOLE.replace('["own 1"]', "[]"), 6, "conditions.cite", "missing_citation"),
    (WHOLE + ROW.format(needs="{ works = true }"), 18, "condition.[2].number", "option_twice"),
    (WHOLE.replace("[conditions]", "[conditions]\nsupplied = false"), 2, "conditions", "missing_field"),
    (HEAD, 2, "conditions", "missing_field"),
    (HEAD + "[condition]\nlevel = 4\n", 7, "condition", "wrong_type"),
    (WHOLE + "[more]\n", 15, "more", "unknown_field"),
]


@pytest.mark.parametrize(
    ("text", "line", "key", "kind"), WRONG_FILES, ids=[str(n) for n in range(len(WRONG_FILES))]
)
def test_a_wrong_file_is_named_with_its_line(
    text: str, line: int, key: str, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "conditions.toml"
    path.write_text(text, "utf-8")
    assert [(each.line, each.key, each.kind) for each in faults(read_toml(path))] == [(line, key, kind)]


def test_a_parameter_is_looked_up_where_there_is_a_pack() -> None:
    raw = read(HEAD + ROW.format(needs='{ age_years = "reg.min_age.years" }'))
    assert not list(problems(raw))
    with pytest.raises(LookupError):
        conditions_from(raw)
    found = conditions_from(raw, integers_of(pack_named("jilin")))
    assert found
    assert found.levels[4][0].needs == (Age(16),)
    older = overlaid(pack_named("jilin"), {"reg.min_age": {"years": 18, "source": "fixed"}})
    changed = pack_conditions(older)
    assert changed
    assert changed.levels[5][0].needs[0] == Age(18)
    plain = read(HEAD + ROW.format(needs='{ age_years = "reg.max_occupations_per_application" }'))
    assert conditions_from(plain, integers_of(pack_named("shandong-social")))


def test_a_pinned_pack_has_the_same_conditions() -> None:
    pack = pack_named("jilin")
    assert pack_conditions(Pack.from_document(json.loads(json.dumps(pack.document())))) == pack_conditions(
        pack
    )


OTHERS = (
    "jilin-filing",
    "xinjiang-inner-mongolia",
    "shandong-social",
    "shandong-enterprise",
    "shandong-school",
)


@pytest.mark.parametrize("name", OTHERS)
def test_what_was_not_supplied_is_not_guessed(name: str) -> None:
    pack = pack_named(name)
    with pytest.raises(ConditionsNotSupplied) as no:
        conditions_for(pack)
    said = no.value.explanation
    assert said.clause == "; ".join(pack.answer("reg.conditions_source").cite)
    assert pack.conditions["conditions"]["zh"] in said.zh


def test_a_pack_without_the_file_says_which_source_it_means() -> None:
    pack = overlaid(pack_named("jilin"), {"reg.conditions_source": ["national_policy"]})
    with pytest.raises(ConditionsNotSupplied) as no:
        conditions_for(type(pack)(pack.head, pack.answers, pack.silent))
    assert "国家相关政策" in no.value.explanation.zh


def made(source: str) -> Conditions:
    found = conditions_from(read(WHOLE.replace("enterprise_conditions", source)))
    assert found
    return found


def test_sources_come_in_the_order_of_the_pack() -> None:
    jilin = pack_named("jilin")
    standard = Standard("6-31-01-03", conditions=made("national_standard"))
    assert conditions_for(jilin, Standard("6-31-01-03")).source == "pack_table"
    assert conditions_for(jilin, standard).source == "national_standard"
    table_first = overlaid(jilin, {"reg.conditions_source": ["pack_table", "national_standard"]})
    assert conditions_for(table_first, standard).source == "pack_table"
    assert conditions_for(pack_named("shandong-social"), standard).source == "national_standard"


def test_own_conditions_decide_only_where_employers_may_set_theirs() -> None:
    own, filed = made("enterprise_conditions"), made("filed_conditions")
    assert conditions_for(pack_named("jilin"), own=own) is own
    assert conditions_for(pack_named("shandong-enterprise"), own=filed) is filed
    for pack, others in (("shandong-social", own), ("jilin", made("pack_table"))):
        with pytest.raises(NotASource) as no:
            conditions_for(pack_named(pack), own=others)
        assert no.value.explanation.rule == "REG-093"


def test_the_example_standard() -> None:
    found = example_standard("6-31-01-03")
    assert found
    assert found.example
    assert found.cite == ("人社厅发〔2018〕145号",)
    assert found.related_occupations is None
    assert "电气技术应用" in (found.majors or ())
    assert example_standard("6-31-01-99") is None


def test_a_standard_with_conditions_of_its_own() -> None:
    lists = '[standard]\noccupation = "6-31-01-03"\nrelated_occupations = []\n'
    found = standard_from(read(lists + WHOLE.replace("enterprise_conditions", "national_standard")))
    assert found.related_occupations == frozenset()
    assert found.conditions
    assert found.conditions.source == "national_standard"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "standard = 1",
        '[standard]\nzh = "x"',
        '[standard]\noccupation = "6-31-01-03"\nmajor = []',
        '[standard]\noccupation = "6-31-01-03"\nmajors = "all"',
        '[standard]\noccupation = "6-31-01-03"\nmajors = [1]',
    ],
)
def test_what_is_no_standard(text: str) -> None:
    with pytest.raises(ValueError, match=r"standard|list of texts"):
        standard_from(read(text))
