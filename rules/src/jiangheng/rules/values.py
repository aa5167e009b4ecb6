"""What a parameter's value may be, checked against its shape, and written as JSON that says what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from jiangheng.rules.toml_file import KINDS, wrong_type

Type = Literal["flag", "integer", "decimal", "choice", "choices", "text", "duration", "record", "records"]
TYPES: tuple[Type, ...] = get_args(Type)
NESTED = frozenset({"record", "records"})


@dataclass(frozen=True)
class Text:
    """Prose in two languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Duration:
    """A length of time; `unit` is one of units.toml that measures time."""

    length: int
    unit: str


Scalar = bool | int | Decimal | str | tuple[str, ...] | Text | Duration
Record = Mapping[str, Scalar]
Value = Scalar | Record | tuple[Record, ...]


@dataclass(frozen=True)
class Unit:
    """What a number counts; `time` if a duration may be given in it."""

    id: str
    zh: str
    en: str
    time: bool = False


@dataclass(frozen=True)
class Shape:
    """The form of a value: type, unit, range (inclusive), options by their id, fields by name."""

    type: Type
    unit: Unit | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    options: Mapping[str, Text] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """One field of a record."""

    name: str
    zh: str
    en: str
    optional: bool
    shape: Shape


@dataclass(frozen=True)
class Problem:
    """Why a raw value does not fit: where in it, a kind of faults.toml, what that says."""

    path: tuple[str, ...]
    kind: str
    said: Mapping[str, object] = field(default_factory=dict)


def problems(shape: Shape, raw: object, units: Mapping[str, Unit]) -> Iterator[Problem]:
    """What keeps a value, as tomllib reads it, from having this shape; nothing if it has."""
    if not _OF_TYPE[shape.type](raw):
        yield Problem((), "wrong_type", wrong_type(shape.type))
    elif shape.type in _FURTHER:
        yield from _FURTHER[shape.type](shape, raw, units)


def typed(shape: Shape, raw: Any) -> Value:
    """The value of a raw one without problems."""
    match shape.type:
        case "decimal":
            return Decimal(raw)
        case "choices":
            return tuple(raw)
        case "text":
            return Text(**raw)
        case "duration":
            return Duration(**raw)
        case "record":
            return _record(shape, raw)
        case "records":
            return tuple(_record(shape, each) for each in raw)
        case _:
            return cast(Value, raw)


def plain(value: object) -> object:
    """A value as tomllib would read it; what is already so stays."""
    match value:
        case Text():
            return {"zh": value.zh, "en": value.en}
        case Duration():
            return {"length": value.length, "unit": value.unit}
        case Mapping():
            return {name: plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return value


def encoded(value: Value) -> Any:
    """JSON without floats that says what it is, so that it can be read without the schema of its day."""
    match value:
        case Decimal():
            return {"decimal": decimal_text(value)}
        case Text() | Duration():
            return {type(value).__name__.lower(): plain(value)}
        case tuple():
            return {"list": [encoded(each) for each in value]}
        case Mapping():
            return {"record": {name: encoded(each) for name, each in value.items()}}
        case _:
            return value


def decoded(written: Any) -> Value:
    """The value of what `encoded` wrote. Raises ValueError for anything else."""
    match written:
        case bool() | int() | str():
            return written
        case {"decimal": str(digits)}:
            return Decimal(digits)
        case {"text": {"zh": str(zh), "en": str(en)}}:
            return Text(zh, en)
        case {"duration": {"length": int(length), "unit": str(unit)}}:
            return Duration(length, unit)
        case {"list": list(each)}:
            return cast(Value, tuple(decoded(one) for one in each))
        case {"record": dict(fields)}:
            return cast(Value, MappingProxyType({name: decoded(one) for name, one in fields.items()}))
        case _:
            raise ValueError("not a value of a pack's document")


def decimal_text(value: Decimal) -> str:
    """The one way to write a number: 1.50 is 1.5, 1E+2 is 100, -0 is 0."""
    digits = format(value, "f")
    short = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return short if value else "0"


def _record(shape: Shape, raw: Mapping[str, Any]) -> Record:
    return MappingProxyType(
        {name: cast(Scalar, typed(shape.fields[name].shape, each)) for name, each in raw.items()}
    )


def _in_range(shape: Shape, raw: Any, _: Mapping[str, Unit]) -> Iterator[Problem]:
    low, high = shape.min, shape.max
    if (low is not None and raw < low) or (high is not None and raw > high):
        said = {"value": raw, "low": "−∞" if low is None else low, "high": "∞" if high is None else high}
        yield Problem((), "outside_range", said)


def _one_option(shape: Shape, raw: Any, _: Mapping[str, Unit]) -> Iterator[Problem]:
    if raw not in shape.options:
        yield Problem((), "unknown_option", {"value": raw, "known": ", ".join(shape.options)})


def _options(shape: Shape, raw: Sequence[str], units: Mapping[str, Unit]) -> Iterator[Problem]:
    for place, each in enumerate(raw):
        yield from _one_option(shape, each, units)
        if each in raw[:place]:
            yield Problem((), "option_twice", {"value": each})


def _text(_: Shape, raw: Mapping[str, str], __: Mapping[str, Unit]) -> Iterator[Problem]:
    yield from (Problem((language,), "empty") for language in raw if not raw[language].strip())


def _duration(shape: Shape, raw: Mapping[str, Any], units: Mapping[str, Unit]) -> Iterator[Problem]:
    yield from (Problem(("length", *found.path), found.kind, found.said) for found in _length(shape, raw))
    unit = raw["unit"]
    if unit not in units:
        yield Problem(("unit",), "unknown_unit", {"value": unit})
    elif shape.unit is not None and unit != shape.unit.id:
        yield Problem(("unit",), "wrong_unit", {"value": unit, "wanted": shape.unit.id})
    elif not units[unit].time:
        allowed = ", ".join(each.id for each in units.values() if each.time)
        yield Problem(("unit",), "wrong_unit", {"value": unit, "wanted": allowed})


def _length(shape: Shape, raw: Mapping[str, Any]) -> Iterator[Problem]:
    never_negative = Shape("integer", min=shape.min if shape.min is not None else Decimal(0), max=shape.max)
    yield from _in_range(never_negative, raw["length"], {})


def _fields(shape: Shape, raw: Mapping[str, Any], units: Mapping[str, Unit]) -> Iterator[Problem]:
    for name, wanted in shape.fields.items():
        if name not in raw and not wanted.optional:
            yield Problem((), "missing_field", {"name": name})
    for name, each in raw.items():
        if name not in shape.fields:
            yield Problem((name,), "unknown_field", {"name": name, "known": ", ".join(shape.fields)})
        else:
            for found in problems(shape.fields[name].shape, each, units):
                yield Problem((name, *found.path), found.kind, found.said)


def _each_record(shape: Shape, raw: Sequence[Any], units: Mapping[str, Unit]) -> Iterator[Problem]:
    for place, each in enumerate(raw):
        for found in _fields(shape, each, units):
            yield Problem((f"[{place + 1}]", *found.path), found.kind, found.said)


def _is_text(raw: object) -> bool:
    return isinstance(raw, dict) and set(raw) == {"zh", "en"} and all(KINDS["string"](raw[at]) for at in raw)


def _is_duration(raw: object) -> bool:
    right = isinstance(raw, dict) and set(raw) == {"length", "unit"}
    return right and KINDS["integer"](raw["length"]) and KINDS["string"](raw["unit"])  # type: ignore[index]


_OF_TYPE: Mapping[Type, Callable[[object], bool]] = {
    "flag": KINDS["flag"],
    "integer": KINDS["integer"],
    "decimal": KINDS["decimal"],
    "choice": KINDS["string"],
    "choices": KINDS["strings"],
    "text": _is_text,
    "duration": _is_duration,
    "record": KINDS["table"],
    "records": KINDS["tables"],
}
_FURTHER: Mapping[Type, Callable[[Shape, Any, Mapping[str, Unit]], Iterator[Problem]]] = {
    "integer": _in_range,
    "decimal": _in_range,
    "choice": _one_option,
    "choices": _options,
    "text": _text,
    "duration": _duration,
    "record": _fields,
    "records": _each_record,
}
