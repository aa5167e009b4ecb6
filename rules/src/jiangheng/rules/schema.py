"""The parameters that a policy pack may set: meaning, unit, allowed values (parameters/*.toml).

Every number of a regulation has its name here; what a jurisdiction says of it
stands in its pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jiangheng.rules.faults import BadPack, Fault
from jiangheng.rules.toml_file import TomlFile, check_table, read_toml
from jiangheng.rules.values import NESTED, TYPES, Field, Shape, Text, Unit

FOLDER = Path(__file__).parent / "parameters"
UNITS = "units.toml"

_NAMED = {"zh": "string", "en": "string"}
_SHAPE = {
    **_NAMED,
    "type": "string",
    "unit": "string",
    "min": "decimal",
    "max": "decimal",
    "options": "table",
    "fields": "table",
}
_OPTIONAL = ("unit", "min", "max", "options", "fields")
# What only some types have; options and fields they must have.
_NEEDED = {"options": {"choice", "choices"}, "fields": NESTED}
_ALLOWED = {
    **_NEEDED,
    "unit": {"integer", "decimal", "duration"},
    "min": {"integer", "decimal", "duration"},
    "max": {"integer", "decimal", "duration"},
}


@dataclass(frozen=True)
class Group:
    """Parameters that belong together; `order` as in the catalogue."""

    id: str
    order: int
    zh: str
    en: str


@dataclass(frozen=True)
class Parameter:
    """What a pack can say something about."""

    key: str
    group: Group
    zh: str
    en: str
    shape: Shape


@dataclass(frozen=True)
class Schema:
    """All parameters by key, in the order of their groups, and the units."""

    parameters: Mapping[str, Parameter]
    units: Mapping[str, Unit]

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups in their order."""
        return tuple(dict.fromkeys(each.group for each in self.parameters.values()))

    @property
    def kinds(self) -> Mapping[str, Text]:
        """The kinds of institution (`org.kinds`); none if the schema does not list them."""
        listed = self.parameters.get("org.kinds")
        return listed.shape.options if listed else {}


@cache
def schema() -> Schema:
    """The wheel's own. Raises BadPack with everything that is wrong in it."""
    return read_schema(FOLDER)


def read_schema(folder: Path) -> Schema:
    """The schema that stands in a folder: units.toml and one file for each group. Raises BadPack, OSError."""
    units_file = read_toml(folder / UNITS)
    files = [read_toml(path) for path in sorted(folder.glob("*.toml")) if path.name != UNITS]
    faults = [*_unit_faults(units_file), *(fault for file in files for fault in file.faults)]
    units = {} if faults else {name: Unit(name, **each) for name, each in units_file.content.items()}
    for file in files:
        faults += [] if file.faults else _file_faults(file, units)
    faults += _given_twice(files)
    if faults:
        raise BadPack(faults)
    found = [each for file in files for each in _parameters(file, units)]
    found.sort(key=lambda each: each.group.order)
    return Schema(MappingProxyType({each.key: each for each in found}), MappingProxyType(units))


def _unit_faults(file: TomlFile) -> Iterator[Fault]:
    yield from file.faults
    for name, each in file.content.items():
        yield from check_table(file, (name,), each, {**_NAMED, "time": "flag"}, ("time",))


def _given_twice(files: list[TomlFile]) -> Iterator[Fault]:
    first: dict[str, TomlFile] = {}
    for file in files:
        for key in file.content:
            if key != "group" and first.setdefault(key, file) is not file:
                yield file.fault("key_in_two_files", key, other=first[key].name)


def _file_faults(file: TomlFile, units: Mapping[str, Unit]) -> Iterator[Fault]:
    group = {"id": "string", "order": "integer", **_NAMED}
    yield from check_table(file, ("group",), file.content.get("group", {}), group)
    for key, table in file.content.items():
        if key != "group":
            yield from _shape_faults(file, (key,), table, units, _SHAPE)


def _shape_faults(
    file: TomlFile, path: tuple[str, ...], table: Any, units: Mapping[str, Unit], known: dict[str, str]
) -> Iterator[Fault]:
    """Faults of one parameter or field, those of its form before those of what it says."""
    found = list(check_table(file, path, table, known, (*_OPTIONAL, "optional")))
    yield from found
    if not found:
        yield from _meaning_faults(file, path, table, units)
        for name, each in table.get("options", {}).items():
            yield from check_table(file, (*path, "options", name), each, _NAMED)
        for name, each in table.get("fields", {}).items():
            inner = {**_SHAPE, "optional": "flag"}
            yield from _shape_faults(file, (*path, "fields", name), each, units, inner)


def _meaning_faults(
    file: TomlFile, path: tuple[str, ...], table: Mapping[str, Any], units: Mapping[str, Unit]
) -> Iterator[Fault]:
    kind, unit = table["type"], table.get("unit")
    types = [each for each in TYPES if len(path) == 1 or each not in NESTED]
    if kind not in types:
        yield file.fault("unknown_option", *path, "type", value=kind, known=", ".join(types))
        return
    for name, having in _ALLOWED.items():
        if name in table and kind not in having:
            yield file.fault("needless", *path, name, type=kind, name=name)
    for name, having in _NEEDED.items():
        if kind in having and not table.get(name):
            yield file.fault("missing_field", *path, name=name)
    if unit is not None and unit not in units:
        yield file.fault("unknown_unit", *path, "unit", value=unit)
    low, high = table.get("min"), table.get("max")
    if low is not None and high is not None and low > high:
        yield file.fault("range_reversed", *path, "min", low=low, high=high)


def _parameters(file: TomlFile, units: Mapping[str, Unit]) -> Iterator[Parameter]:
    group = Group(**file.content["group"])
    for key, table in file.content.items():
        if key != "group":
            yield Parameter(key, group, table["zh"], table["en"], _shape(table, units))


def _shape(table: Mapping[str, Any], units: Mapping[str, Unit]) -> Shape:
    low, high = (None if table.get(name) is None else Decimal(table[name]) for name in ("min", "max"))
    options = {name: Text(**each) for name, each in table.get("options", {}).items()}
    fields = {
        name: Field(name, each["zh"], each["en"], each.get("optional", False), _shape(each, units))
        for name, each in table.get("fields", {}).items()
    }
    unit = units.get(table.get("unit", ""))
    return Shape(table["type"], unit, low, high, MappingProxyType(options), MappingProxyType(fields))
