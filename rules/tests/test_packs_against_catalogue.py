"""The six packs against the table of parameters, cell by cell: who regulates what, and where it stands.

Values themselves are compared by people: the table has prose. What the table can
show is that no cell was forgotten, none invented, and every citation carried over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from jiangheng.rules.layer import Answer, Layer
from jiangheng.rules.library import BASE, Library
from jiangheng.rules.pack import pack_named
from jiangheng.rules.schema import schema

TABLE = Path(__file__).parents[2] / "docs" / "requirements" / "parameters.md"
# The columns of the table: pack and number of its source.
COLUMNS = (
    ("jilin", "000"),
    ("jilin-filing", "002"),
    ("xinjiang-inner-mongolia", "001"),
    ("shandong-social", "004"),
    ("shandong-enterprise", "004"),
    ("shandong-school", "004"),
)
# Where the regulation says otherwise than the table: (key, pack) and the citations that hold, with reason.
DEPARTURES: dict[tuple[str, str], set[str]] = {
    # The part on sites asks for a cordon in skill sites (警戒线), which the cell leaves out.
    ("room.functional_rooms", "xinjiang-inner-mongolia"): {"001 D1 14", "001 D11.2", "001 D11.7"},
    # Both papers have badges worn at work, as 002 15 and 004 E四(五)2(3) have, whose cells say so.
    ("card.layout", "jilin"): {
        "000 A7 10(4)",
        "000 A7 13",
        "000 A7 19",
        "000 A8 9",
        "000 A8 12(1)",
    },
    ("card.layout", "xinjiang-inner-mongolia"): {
        "001 D1 21",
        "001 D4 11",
        "001 D4-card",
        "001 D5 8(10)",
        "001 D5-card",
    },
}
# Cells that say that the source gives no answer: a pack lists the key as not regulated, with a comment.
NO_ANSWER = frozenset(
    {
        ("examiner.min_per_occupation", "jilin"),  # enough
        ("examiner.min_per_occupation", "jilin-filing"),  # enough
        ("score.pass_mark", "jilin-filing"),  # fixed, but where is not said
        ("result.appeal_reply_working_days", "shandong-enterprise"),  # no term
        ("cert.code.on_reissue", "jilin"),  # not stated
        ("cert.code.on_reissue", "xinjiang-inner-mongolia"),  # not stated
        ("supervisor.special_group_min", "xinjiang-inner-mongolia"),  # no number
        ("archive.retention.paper_years", "jilin-filing"),  # no general term
        ("archive.retention.electronic_years", "jilin-filing"),  # no general term
        ("sanction.suspend_during_rectification", "xinjiang-inner-mongolia"),  # not stated
    }
)

SHANDONG = ("shandong-social", "shandong-enterprise", "shandong-school")
LEFT_AT_THE_END = ("shandong-social", "shandong-school")

# The rule only for one part of the value, which its note names.
RULE_IN_PART = frozenset(
    {
        ("org.levels_allowed", "jilin"),  # social organisations
        ("staff.chief", "jilin"),  # who is the chief
    }
)

_ROW = re.compile(r"^\| `([a-z0-9_.]+)` \|(.*)\|$")
_GROUP = re.compile(r"^\| \*\*(.+)\*\* \|")
_BRACKETS = re.compile(r"\[([^\]]+)\]")
# A citation that stands for itself; others go on from the one before: "A3 4(3), 5-6" is A3 4(3) and A3 5-6.
_ANCHORED = re.compile(r"(main|title|form|A\d|D\d|[NSET])(?![a-z])")
# What such a one takes over: "A3 ", "A1 annex ", "D17." of "D17.5, 17.9", "S四(一)" of "S四(一)2, 3(4)".
_TAKEN_OVER = re.compile(
    r"main |A\d+ annex |[AD]\d+ |D(?=\d+\.)|[SET][一二三四五六七八九十]+\([一二三四五六七八九十]\)"
)


@dataclass(frozen=True)
class Row:
    """A parameter of the table: its cells by pack."""

    key: str
    cells: dict[str, str]


@cache
def groups() -> dict[str, tuple[Row, ...]]:
    """The rows by the heading they stand under."""
    found: dict[str, list[Row]] = {}
    rows: list[Row] = []
    for line in TABLE.read_text("utf-8").splitlines():
        if heading := _GROUP.match(line):
            rows = found.setdefault(heading[1], [])
        if row := _ROW.match(line):
            cells = [cell.strip() for cell in row[2].split("|")][2:]
            rows.append(Row(row[1], {pack: cell for (pack, _), cell in zip(COLUMNS, cells, strict=True)}))
    return {name: tuple(each) for name, each in found.items()}


def citations(cell: str, source: str) -> set[str]:
    """The articles that a cell names, each with the number of its source."""
    return {
        f"{source} {each}"
        for bracket in _BRACKETS.findall(cell)
        for each in _articles(bracket.removeprefix("inferred from "))
    }


def _articles(bracket: str) -> Iterator[str]:
    before = ""
    for part in bracket.split(", "):
        if _ANCHORED.match(part):
            taken_over = _TAKEN_OVER.match(part)
            before = taken_over[0] if taken_over else before
            yield part
        elif part.startswith(("sample", "card")):  # of the part of the manual just named
            yield f"{before.rstrip()}-{part}"
        else:
            yield before + part


@cache
def layer(pack: str) -> Layer:
    return Library(()).layer(pack)


def cited(answer: Answer) -> set[str]:
    return {*answer.cite, *(each for other in answer.other for each in other.cite)}


def faults(row: Row, pack: str, source: str) -> Iterator[str]:
    """How a pack's own layer differs from its cell."""
    statements, cell = layer(pack).statements, row.cells[pack]
    if row.key not in statements:
        yield f"{pack} does not name {row.key}"
        return
    answer = statements[row.key]
    if (answer is None) != (cell == "" or (row.key, pack) in NO_ANSWER):
        yield f"{pack} {row.key}: the table says {cell or 'nothing'!r}, the pack {answer and answer.value!r}"
    elif answer is not None:
        wanted = DEPARTURES.get((row.key, pack), citations(cell, source))
        # Another reading may cite more than the cell: the table lists contradictions in its appendix, too.
        if not set(answer.cite) <= wanted <= cited(answer):
            yield f"{pack} {row.key}: cites {sorted(cited(answer))}, the table {sorted(wanted)}"
        if answer.inferred != ("[inferred" in cell):
            yield f"{pack} {row.key}: inferred or not, the table says otherwise"


def test_the_table_is_read_whole() -> None:
    assert len(groups()) == 14
    assert sum(len(rows) for rows in groups().values()) == 249
    assert len({row.key for rows in groups().values() for row in rows}) == 249


@pytest.mark.parametrize(
    ("cell", "source", "articles"),
    [
        ("", "000", set()),
        ("5 [9]", "002", {"002 9"}),
        ("own [10, 32(2)]", "002", {"002 10", "002 32(2)"}),
        ("a [main 4, 12, 14]", "000", {"000 main 4", "000 main 12", "000 main 14"}),
        ("a [A2 5, 23, main 22]", "000", {"000 A2 5", "000 A2 23", "000 main 22"}),
        ("a [A3 4(3), 5-6]; b [main 2]", "000", {"000 A3 4(3)", "000 A3 5-6", "000 main 2"}),
        ("a [A1 annex 二3, 三4-6]", "000", {"000 A1 annex 二3", "000 A1 annex 三4-6"}),
        ("a [A1 6, A1 annex with footnote 1]", "000", {"000 A1 6", "000 A1 annex with footnote 1"}),
        ("a [D17.3, 17.9]", "001", {"001 D17.3", "001 D17.9"}),
        ("a [D3 16, sample note 2]", "001", {"001 D3 16", "001 D3-sample note 2"}),
        ("a [D4 16, card note 5]", "001", {"001 D4 16", "001 D4-card note 5"}),
        ("a [D24 三(三)3, 三(四)3]", "001", {"001 D24 三(三)3", "001 D24 三(四)3"}),
        ("a [S四(一)2, 3(4)]", "004", {"004 S四(一)2", "004 S四(一)3(4)"}),
        ("a [E title, E一]", "004", {"004 E title", "004 E一"}),
        ("a [title, main 49-50]", "000", {"000 title", "000 main 49-50"}),
        ("a [title, 34]", "002", {"002 title", "002 34"}),
        ("a [inferred from T一]", "004", {"004 T一"}),
    ],
)
def test_how_a_cell_is_read(cell: str, source: str, articles: set[str]) -> None:
    assert citations(cell, source) == articles


@pytest.mark.parametrize("group", groups())
def test_every_key_of_the_table_is_in_the_schema(group: str) -> None:
    missing = [row.key for row in groups()[group] if row.key not in schema().parameters]
    assert not missing, "\n".join(missing)


def test_the_schema_has_no_key_that_the_table_has_not() -> None:
    listed = {row.key for rows in groups().values() for row in rows}
    assert sorted(schema().parameters.keys() - listed) == []


@pytest.mark.parametrize(("pack", "source"), COLUMNS)
@pytest.mark.parametrize("group", groups())
def test_every_cell_is_in_its_pack(group: str, pack: str, source: str) -> None:
    found = [fault for row in groups()[group] for fault in faults(row, pack, source)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("pack", "source"), COLUMNS)
def test_what_the_table_calls_the_rule_only_is_so_in_its_pack(pack: str, source: str) -> None:
    said = {
        row.key
        for rows in groups().values()
        for row in rows
        if {"(一般)", "(原则上)"} & set(re.findall(r"\(.*?\)", row.cells[pack]))
    }
    firm = {key for key in said if not (answer := layer(pack).statements[key]) or not answer.as_a_rule}
    assert {(key, pack) for key in firm} == {each for each in RULE_IN_PART if each[1] == pack}


def test_annex_2_of_jilin_binds_social_evaluation_only() -> None:
    """000 A2 2; I01a."""
    bound = {
        key: answer.only
        for key, answer in layer("jilin").statements.items()
        if answer is not None and all(cite.startswith("000 A2 ") for cite in answer.cite)
    }
    assert len(bound) > 20
    assert set(bound.values()) == {("social_organisation",)}


def test_the_base_holds_only_what_the_sources_share() -> None:
    """Every source that regulates a key of the base gives the base's value, and the base cites them all."""
    for key, answer in layer(BASE).statements.items():
        assert answer is not None, f"{key}: the base is silent where it says nothing"
        said = [found for pack, _ in COLUMNS if (found := layer(pack).statements.get(key)) is not None]
        assert len(said) > 1, f"{key}: shared by whom?"
        assert [each.value for each in said] == [answer.value] * len(said), key
        assert set(answer.cite) == {cite for each in said for cite in cited(each)}, key


@pytest.mark.parametrize(
    ("pack", "silent", "ruled"),
    [
        *(
            (pack, "exam.theory.min_stay_minutes", "exam.theory.leave_window_before_end_minutes")
            for pack in LEFT_AT_THE_END
        ),
        *((pack, "exam.skill.draw_minutes", "seat.skill.assignment") for pack in SHANDONG),
        *((pack, "examiner.card.validity_years", "examiner.grades") for pack in SHANDONG),
        *((pack, "supervisor.term_years", "supervisor.coverage") for pack in SHANDONG),
        ("shandong-school", "reg.network_check_replaces_paper", "reg.required_papers"),
        ("shandong-enterprise", "room.theory.spacing_cm", "room.theory.layout"),
    ],
)
def test_the_base_does_not_speak_where_a_source_rules_otherwise_under_another_key(
    pack: str, silent: str, ruled: str
) -> None:
    asked = pack_named(pack, ())
    assert asked.answer(ruled).origin == pack
    assert not asked.regulates(silent)
