"""The schema of the parameters, and what is said when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from jiangheng.rules.faults import BadPack, Fault
from jiangheng.rules.schema import Schema, read_schema, schema
from jiangheng.rules.values import Text, Unit

Writes = Callable[[dict[str, str]], Path]
UNITS = '[day]\nzh = "日"\nen = "days"\ntime = true\n'
GROUP = '[group]\nid = "g"\norder = 1\nzh = "组"\nen = "group"\n'
NAMED = 'zh = "义"\nen = "meaning"\n'
FINE = '["k"]\nzh = "义"\nen = "meaning"\ntype = "flag"\n'


def faults(write: Writes, text: str, units: str = UNITS, **others: str) -> tuple[Fault, ...]:
    files = {"units.toml": units, "g.toml": text, **{f"{name}.toml": each for name, each in others.items()}}
    with pytest.raises(BadPack) as bad:
        read_schema(write(files))
    return bad.value.faults


def test_the_schema_of_the_wheel_is_whole() -> None:
    assert [group.order for group in schema().groups] == sorted({group.order for group in schema().groups})
    assert all(each.zh and each.en for each in schema().parameters.values())


def test_what_a_parameter_says(small_schema: Schema) -> None:
    integer, choice = small_schema.parameters["t.integer"], small_schema.parameters["t.choice"]
    assert (integer.zh, integer.en, integer.group.id) == ("天数", "days", "trial")
    assert integer.shape.unit == Unit("day", "日", "days", time=True)
    assert (integer.shape.min, integer.shape.max) == (Decimal(1), Decimal(10))
    assert choice.shape.options == {"a": Text("甲", "first"), "b": Text("乙", "second")}
    assert (choice.shape.unit, choice.shape.min) == (None, None)


def test_what_a_field_says(small_schema: Schema) -> None:
    fields = small_schema.parameters["t.record"].shape.fields
    assert [(each.name, each.zh, each.en, each.optional) for each in fields.values()] == [
        ("size", "数", "size", False),
        ("way", "法", "way", True),
    ]
    assert fields["way"].shape.options == {"x": Text("丙", "third")}


def test_groups_stand_in_their_order_whatever_their_files_are_called(write: Writes) -> None:
    files = {
        "units.toml": UNITS,
        "a.toml": GROUP.replace("1", "2") + FINE,
        "b.toml": GROUP + FINE.replace("k", "first"),
    }
    read = read_schema(write(files))
    assert list(read.parameters) == ["first", "k"]
    assert [group.order for group in read.groups] == [1, 2]


@pytest.mark.parametrize(
    ("text", "kind", "line", "key"),
    [
        ('["k"]\ntype = "flag"\n' + NAMED + "colour = 1\n", "unknown_field", 10, "k.colour"),
        ('["k"]\ntype = "flag"\nen = "m"\n', "missing_field", 6, "k"),
        ('["k"]\nzh = ""\nen = "m"\ntype = "flag"\n', "empty", 7, "k.zh"),
        ('["k"]\n' + NAMED, "missing_field", 6, "k"),
        ('["k"]\ntype = "number"\n' + NAMED, "unknown_option", 7, "k.type"),
        ('["k"]\ntype = 3\n' + NAMED, "wrong_type", 7, "k.type"),
        ('["k"]\n' + NAMED + 'type = "integer"\nunit = "mile"\n', "unknown_unit", 10, "k.unit"),
        ('["k"]\n' + NAMED + 'type = "flag"\nunit = "day"\n', "needless", 10, "k.unit"),
        ('["k"]\n' + NAMED + 'type = "text"\nmax = 3\n', "needless", 10, "k.max"),
        ('["k"]\n' + NAMED + 'type = "integer"\nmin = 3\nmax = 2\n', "range_reversed", 10, "k.min"),
        ('["k"]\n' + NAMED + 'type = "integer"\nmin = "3"\n', "wrong_type", 10, "k.min"),
        ('["k"]\n' + NAMED + 'type = "choice"\n', "missing_field", 6, "k"),
        ('["k"]\n' + NAMED + 'type = "choice"\noptions = {}\n', "missing_field", 6, "k"),
        ('["k"]\n' + NAMED + 'type = "record"\n', "missing_field", 6, "k"),
        ('["k"]\n' + NAMED + 'type = "choice"\noptions.a = 1\n', "wrong_type", 10, "k.options.a"),
        ('["k"]\n' + NAMED + 'type = "choice"\noptions.a.zh = "a"\n', "missing_field", 10, "k.options.a"),
        (
            '["k"]\n' + NAMED + 'type = "record"\nfields.a = { zh = "a", en = "a", type = "record" }\n',
            "unknown_option",
            10,
            "k.fields.a.type",
        ),
        (
            '["k"]\n' + NAMED + 'type = "record"\nfields.a = { zh = "a", en = "a", type = "choice" }\n',
            "missing_field",
            10,
            "k.fields.a",
        ),
        ("[[k]]\n", "wrong_type", 6, "k"),
    ],
)
def test_what_is_wrong_with_a_parameter(write: Writes, text: str, kind: str, line: int, key: str) -> None:
    (found,) = faults(write, GROUP + text)
    assert (found.kind, found.line, found.key, Path(found.file).name) == (kind, line, key, "g.toml")
    assert found.zh
    assert found.en


def test_a_field_may_be_optional_a_parameter_may_not(write: Writes) -> None:
    (found,) = faults(write, GROUP + FINE + "optional = true\n")
    assert (found.kind, found.key) == ("unknown_field", "k.optional")


def test_a_group_says_what_it_is(write: Writes) -> None:
    assert [(each.kind, each.key) for each in faults(write, FINE)] == [("missing_field", "group")] * 4
    (found,) = faults(write, GROUP.replace("1", '"1"') + FINE)
    assert (found.kind, found.line, found.key) == ("wrong_type", 3, "group.order")


def test_a_key_in_two_groups(write: Writes) -> None:
    (found,) = faults(write, GROUP + FINE, h=GROUP + FINE)
    assert (found.kind, found.key, Path(found.file).name, found.line) == (
        "key_in_two_files",
        "k",
        "h.toml",
        6,
    )
    assert "g.toml" in found.en


def test_units_are_checked_first(write: Writes) -> None:
    (found,) = faults(write, GROUP + FINE, units='[day]\nzh = "日"\n')
    assert (found.kind, found.key, Path(found.file).name) == ("missing_field", "day", "units.toml")


def test_everything_is_said_at_once(write: Writes) -> None:
    found = faults(write, GROUP + '["k"]\ntype = "flag"\n["l"]\ntype = "x"\n', h="[", i=GROUP + "[[m]]\n")
    assert {(Path(each.file).name, each.key) for each in found} == {
        ("g.toml", "k"),
        ("g.toml", "l"),
        ("h.toml", "h.toml"),
        ("i.toml", "m"),
    }
