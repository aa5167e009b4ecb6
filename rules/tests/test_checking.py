"""Everything that may be wrong in a pack's files, each with the line and the key it is told with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from jiangheng.rules.faults import BadPack, Fault, fault
from jiangheng.rules.layer import Layer
from jiangheng.rules.loading import read_layer
from jiangheng.rules.schema import Schema, read_schema, schema
from jiangheng.rules.tables import table

Writes = Callable[[dict[str, str]], Path]
Faults = Callable[..., tuple[Fault, ...]]
Head = Callable[..., str]


@pytest.fixture
def faults(write: Writes, small_schema: Schema, head_text: Head) -> Faults:
    """The faults of a pack with these files; its head is sound unless given."""

    def found(**files: str) -> tuple[Fault, ...]:
        given = {"pack": head_text("p"), **files}
        folder = write({f"p/{name}.toml": text for name, text in given.items()}) / "p"
        with pytest.raises(BadPack) as bad:
            read_layer(folder, small_schema)
        return bad.value.faults

    return found


def test_a_sound_pack(write: Writes, small_schema: Schema, head_text: Head) -> None:
    values = '["t.flag"]\nvalue = true\ncite = ["900 1"]\n'
    folder = write({"p/pack.toml": head_text("p"), "p/v.toml": values}) / "p"
    assert isinstance(read_layer(folder, small_schema), Layer)


@pytest.mark.parametrize(
    ("text", "kind", "line", "key"),
    [
        ('["t.flag"]\nvalue = true\ncite = ["1"]\ncolour = 1\n', "unknown_field", 4, "t.flag.colour"),
        ('["t.flag"]\ncite = ["1"]\n', "missing_field", 1, "t.flag"),
        ('\n["t.flat"]\nvalue = true\ncite = ["1"]\n', "unknown_parameter", 2, "t.flat"),
        ('["t.flag"]\nvalue = 1\ncite = ["1"]\n', "wrong_type", 2, "t.flag.value"),
        ('["t.integer"]\nvalue = true\ncite = ["1"]\n', "wrong_type", 2, "t.integer.value"),
        ('["t.integer"]\nvalue = "5"\ncite = ["1"]\n', "wrong_type", 2, "t.integer.value"),
        ('["t.integer"]\nvalue = 5.0\ncite = ["1"]\n', "wrong_type", 2, "t.integer.value"),
        ('["t.integer"]\ncite = ["1"]\nvalue = 11\n', "outside_range", 3, "t.integer.value"),
        ('["t.integer"]\ncite = ["1"]\nvalue = 0\n', "outside_range", 3, "t.integer.value"),
        ('["t.decimal"]\nvalue = 0.4\ncite = ["1"]\n', "outside_range", 2, "t.decimal.value"),
        ('["t.decimal"]\nvalue = nan\ncite = ["1"]\n', "wrong_type", 2, "t.decimal.value"),
        ('["t.choice"]\nvalue = "c"\ncite = ["1"]\n', "unknown_option", 2, "t.choice.value"),
        ('["t.choice"]\nvalue = ["a"]\ncite = ["1"]\n', "wrong_type", 2, "t.choice.value"),
        ('["t.choices"]\nvalue = ["a", "c"]\ncite = ["1"]\n', "unknown_option", 2, "t.choices.value"),
        ('["t.choices"]\nvalue = ["a", "a"]\ncite = ["1"]\n', "option_twice", 2, "t.choices.value"),
        ('["t.choices"]\nvalue = ["a", 1]\ncite = ["1"]\n', "wrong_type", 2, "t.choices.value"),
        ('["t.text"]\nvalue = "x"\ncite = ["1"]\n', "wrong_type", 2, "t.text.value"),
        ('["t.text"]\nvalue = { zh = "x" }\ncite = ["1"]\n', "wrong_type", 2, "t.text.value"),
        ('["t.text"]\nvalue.zh = "x"\nvalue.en = " "\ncite = ["1"]\n', "empty", 3, "t.text.value.en"),
        (
            '["t.duration"]\nvalue = { length = 3, unit = "mile" }\ncite = ["1"]\n',
            "unknown_unit",
            2,
            "t.duration.value.unit",
        ),
        (
            '["t.duration"]\nvalue = { length = 3, unit = "percent" }\ncite = ["1"]\n',
            "wrong_unit",
            2,
            "t.duration.value.unit",
        ),
        (
            '["t.months"]\nvalue = { length = 3, unit = "day" }\ncite = ["1"]\n',
            "wrong_unit",
            2,
            "t.months.value.unit",
        ),
        (
            '["t.duration"]\nvalue = { length = 101, unit = "day" }\ncite = ["1"]\n',
            "outside_range",
            2,
            "t.duration.value.length",
        ),
        (
            '["t.months"]\nvalue = { length = -1, unit = "month" }\ncite = ["1"]\n',
            "outside_range",
            2,
            "t.months.value.length",
        ),
        ('["t.duration"]\nvalue = { length = 3 }\ncite = ["1"]\n', "wrong_type", 2, "t.duration.value"),
        ('["t.record"]\nvalue = { way = "x" }\ncite = ["1"]\n', "missing_field", 2, "t.record.value"),
        ('["t.record"]\nvalue.size = -1\ncite = ["1"]\n', "outside_range", 2, "t.record.value.size"),
        (
            '["t.record"]\nvalue.size = 1\nvalue.odd = 1\ncite = ["1"]\n',
            "unknown_field",
            3,
            "t.record.value.odd",
        ),
        (
            '["t.records"]\ncite = ["1"]\nvalue = [\n{ size = 1 },\n{ size = "x" }]\n',
            "wrong_type",
            3,
            "t.records.value.[2].size",
        ),
        ('["t.flag"]\nvalue = true\n', "missing_citation", 1, "t.flag.cite"),
        ('["t.flag"]\nvalue = true\ncite = []\n', "missing_citation", 3, "t.flag.cite"),
        ('["t.flag"]\nvalue = true\ncite = [" "]\n', "missing_citation", 3, "t.flag.cite"),
        ('["t.flag"]\nvalue = true\ncite = "1"\n', "wrong_type", 3, "t.flag.cite"),
        ('["t.flag"]\nvalue = true\ncite = ["1"]\ninferred = 1\n', "wrong_type", 4, "t.flag.inferred"),
        ('["t.flag"]\nvalue = true\ncite = ["1"]\nnote = "x"\n', "wrong_type", 4, "t.flag.note"),
        ('["t.flag"]\nvalue = true\ncite = ["1"]\nnote.zh = "x"\n', "missing_field", 4, "t.flag.note"),
        ('["t.flag"]\nvalue = true\ncite = ["1"]\nreading.zh = "x"\n', "missing_field", 4, "t.flag.reading"),
        (
            '["t.flag"]\nvalue = true\ncite = ["1"]\nother = [{ value = false, cite = ["2"] }]\n',
            "missing_field",
            1,
            "t.flag",
        ),
        ('["t.flag"]\nvalue = true\ncite = ["1"]\nother = 1\n', "wrong_type", 4, "t.flag.other"),
        ('["t.flag"]\nvalue = true\ncite = ["1"]\nother = [1]\n', "wrong_type", 4, "t.flag.other"),
        ('not_regulated = "t.flag"\n', "wrong_type", 1, "not_regulated"),
        ('not_regulated = [\n"t.text",\n"t.flat"]\n', "unknown_parameter", 3, "t.flat"),
        ('not_regulated = [\n"t.text",\n"t.flag","t.text"]\n', "silent_twice", 2, "t.text"),
        (
            'not_regulated = ["t.flag"]\n["t.flag"]\nvalue = true\ncite = ["1"]\n',
            "silent_and_valued",
            2,
            "t.flag",
        ),
        ('["t.flag"]\nvalue = true\ncite = ["1"]\n["t.flag"]\nvalue = true\n', "key_twice", 4, "t.flag"),
        ('["t.flag"]\nvalue = true\nvalue = false\n', "key_twice", 3, "t.flag.value"),
        ('["t.flag"]\nvalue = tru\n', "syntax", 2, "v.toml"),
        ('["t.flag"]\nvalue = [\n', "syntax", 3, "v.toml"),
        ('"t.flag" = 3\n', "wrong_type", 1, "t.flag"),
    ],
)
def test_what_is_wrong_in_a_file_of_values(faults: Faults, text: str, kind: str, line: int, key: str) -> None:
    found = [each for each in faults(v=text) if each.kind == kind and each.key == key]
    assert [(each.line, Path(each.file).name) for each in found] == [(line, "v.toml")]


def test_another_reading_is_checked_like_the_one_chosen(faults: Faults) -> None:
    text = '["t.integer"]\nvalue = 5\ncite = ["1"]\nreading = { zh = "因", en = "why" }\n'
    found = faults(v=text + 'other = [{ value = 11, cite = ["2"] }, { value = 6 }, { cite = ["2"] }]\n')
    assert [(each.kind, each.key) for each in found] == [
        ("outside_range", "t.integer.other.[1].value"),
        ("missing_citation", "t.integer.other.[2].cite"),
        ("missing_field", "t.integer.other.[3]"),
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "kind", "line", "key"),
    [
        ('"draft"', '"valid"', "unknown_option", 8, "pack.status"),
        ('issuer = { zh = "某厅", en = "an authority" }', "", "missing_field", 1, "pack"),
        (
            'issuer = { zh = "某厅", en = "an authority" }',
            'issuer.zh = "某厅"',
            "missing_field",
            6,
            "pack.issuer",
        ),
        ('issuer = { zh = "某厅", en = "an authority" }', 'issuer = "某厅"', "wrong_type", 6, "pack.issuer"),
        ('"1.0"', '"one"', "not_a_version", 9, "pack.version"),
        ('"1.0"', "1.0", "wrong_type", 9, "pack.version"),
        ("extends = []", "extends = []\nprovinces = ['2']", "not_a_province", 11, "pack.provinces"),
        ("extends = []", "extends = []\nissued = '2023-13-01'", "wrong_type", 11, "pack.issued"),
        ("extends = []", "extends = []\nissued = 2023-01-01T00:00:00", "wrong_type", 11, "pack.issued"),
        ("extends = []", "extends = []\nissued = 2023-13-01", "syntax", 11, "pack.toml"),
        ("extends = []", "extends = []\ncolour = 1", "unknown_field", 11, "pack.colour"),
        ('id = "p"', 'id = "q"', "not_its_folder", 2, "pack.id"),
        ('id = "p"', 'id = ""', "empty", 2, "pack.id"),
        ("[pack]", "[pick]", "missing_field", 1, ""),
        ("extends = []", "extends = []\n[more]", "unknown_field", 11, "more"),
    ],
)
def test_what_is_wrong_with_a_head(
    faults: Faults, head_text: Head, was: str, becomes: str, kind: str, line: int, key: str
) -> None:
    text = head_text("p")
    assert was in text
    found = [each for each in faults(pack=text.replace(was, becomes)) if each.kind == kind]
    assert [(each.line, each.key, Path(each.file).name) for each in found] == [(line, key, "pack.toml")]


def test_a_head_that_is_no_table(faults: Faults) -> None:
    assert [(each.kind, each.key) for each in faults(pack="pack = 1\n")] == [("wrong_type", "pack")]


def test_kinds_are_those_of_the_schema(write: Writes, head_text: Head) -> None:
    group = '[group]\nid = "g"\norder = 1\nzh = "组"\nen = "g"\n["org.kinds"]\nzh = "类"\nen = "kinds"\n'
    known = group + 'type = "choices"\noptions.school = { zh = "校", en = "school" }\n'
    read = read_schema(write({"s/units.toml": "", "s/g.toml": known}) / "s")
    text = head_text("p") + 'kinds = ["school", "bank"]\n'
    with pytest.raises(BadPack) as bad:
        read_layer(write({"p/pack.toml": text}) / "p", read)
    assert [(each.kind, each.key, each.line) for each in bad.value.faults] == [
        ("unknown_option", "pack.kinds", 11)
    ]


@pytest.mark.parametrize(
    ("written", "kind", "line"),
    [
        ("only = 'employer'", "wrong_type", 4),
        ("only = []", "empty", 4),
        ("only = ['employer', 'bank', 'bank']", "unknown_option", 4),
        ("only = ['employer', 'employer']", "option_twice", 4),
        ("as_a_rule = 1", "wrong_type", 4),
    ],
)
def test_what_is_wrong_with_the_limits_of_a_value(
    write: Writes, head_text: Head, written: str, kind: str, line: int
) -> None:
    value = f'["org.filing.complete_working_days"]\nvalue = 5\ncite = ["1"]\n{written}\n'
    with pytest.raises(BadPack) as bad:
        read_layer(write({"p/pack.toml": head_text("p"), "p/v.toml": value}) / "p", schema())
    key = f"org.filing.complete_working_days.{written.split()[0]}"
    assert (kind, line, key) in [(each.kind, each.line, each.key) for each in bad.value.faults]
    assert len(bad.value.faults) == (2 if "bank" in written else 1)


def test_a_schema_without_kinds_leaves_them_unchecked(
    write: Writes, head_text: Head, small_schema: Schema
) -> None:
    value = '["t.flag"]\nvalue = true\ncite = ["1"]\nonly = ["any"]\nas_a_rule = true\n'
    read = read_layer(write({"p/pack.toml": head_text("p"), "p/v.toml": value}) / "p", small_schema)
    said = read.statements["t.flag"]
    assert said is not None
    assert (said.only, said.as_a_rule) == (("any",), True)


def test_a_key_in_two_files(faults: Faults) -> None:
    value = '["t.flag"]\nvalue = true\ncite = ["1"]\n'
    (found,) = faults(a=value, b="\n" + value)
    assert (found.kind, found.key, found.line, Path(found.file).name) == (
        "key_in_two_files",
        "t.flag",
        2,
        "b.toml",
    )
    assert "a.toml" in found.zh


def test_a_silence_in_two_files(faults: Faults) -> None:
    (found,) = faults(a='not_regulated = ["t.flag"]', b='not_regulated = [\n"t.flag"\n]')
    assert (found.kind, found.key, found.line) == ("key_in_two_files", "t.flag", 2)


@pytest.mark.parametrize("silent", ["a", "b"])
def test_silent_in_one_file_and_valued_in_another(faults: Faults, silent: str) -> None:
    files = dict.fromkeys("ab", '["t.flag"]\nvalue = true\ncite = ["1"]\n')
    (found,) = faults(**{**files, silent: 'not_regulated = ["t.flag"]'})
    assert (found.kind, found.key, Path(found.file).name) == ("silent_and_valued", "t.flag", "b.toml")


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("a = 1.5\n", 1, "a"),
        ("a = 1\n[b]\nc = [1, { d = 2026-01-01 }]\n", 3, "b.c.[2].d"),
    ],
)
def test_conditions_are_plain(faults: Faults, text: str, line: int, key: str) -> None:
    (found,) = faults(conditions=text)
    assert (found.kind, found.line, found.key) == ("not_plain", line, key)


def test_a_file_that_is_not_utf_8(write: Writes, small_schema: Schema, head_text: Head) -> None:
    folder = write({"p/pack.toml": head_text("p")}) / "p"
    (folder / "v.toml").write_bytes("# 试".encode("gb18030"))
    with pytest.raises(BadPack, match=r"v\.toml:1: v\.toml: .*UTF-8"):
        read_layer(folder, small_schema)


def test_all_faults_of_a_folder_at_once_in_order(faults: Faults, head_text: Head) -> None:
    found = faults(
        pack=head_text("p").replace('"1.0"', '"x"'),
        a='["t.flag"]\nvalue = 1\n',
        b="[",
        conditions="a = 1.0",
    )
    assert [(Path(each.file).name, each.kind) for each in found] == [
        ("a.toml", "missing_citation"),
        ("a.toml", "wrong_type"),
        ("b.toml", "syntax"),
        ("conditions.toml", "not_plain"),
        ("pack.toml", "not_a_version"),
    ]


def test_a_fault_says_file_line_key_and_both_sentences() -> None:
    said = str(fault("outside_range", file="a/b.toml", line=7, key="k.value", value=3, low=5, high="∞"))
    assert said.startswith("a/b.toml:7: k.value: 3 超出")
    assert "3 is outside its range (5 to ∞)." in said


def test_every_kind_of_fault_has_both_sentences_with_the_same_words_to_fill_in() -> None:
    for kind, sentences in table("faults").items():
        if kind != "types":
            zh, en = (
                {name.split("_")[0] for _, name, _, _ in Formatter().parse(sentences[language]) if name}
                for language in ("zh", "en")
            )
            assert zh == en, kind
