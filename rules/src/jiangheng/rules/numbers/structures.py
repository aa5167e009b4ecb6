"""Codes that are made of parts: put together, taken apart, and explained part by part.

The tables are in structures.toml. A code has no meaning but that of its
structure, so every function asks for the structure's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.divisions import cities, provinces
from jiangheng.rules.numbers.reasons import reason
from jiangheng.rules.tables import table

_CHARACTERS = re.compile(r"[A-Z0-9]*")
_DIGITS = re.compile(r"[0-9]+")
# A longer list of values is named, not written out.
_LISTED = 15


@dataclass(frozen=True)
class Part:
    """Some characters of a code; `first` counts from 1.

    `values` says in Chinese what each text stands for; it is empty if every
    number from `least` on will do.
    """

    name: str
    zh: str
    en: str
    first: int
    length: int
    least: int
    values: Mapping[str, str]

    @property
    def last(self) -> int:
        """The position of its last character."""
        return self.first + self.length - 1

    def of(self, code: str) -> str:
        """The characters of this part in a code."""
        return code[self.first - 1 : self.last]

    def takes(self, text: str) -> bool:
        """True if these characters may stand here."""
        if self.values:
            return text in self.values
        return bool(_DIGITS.fullmatch(text)) and int(text) >= self.least


@dataclass(frozen=True)
class Exclusion:
    """A combination of parts that the rule does not know."""

    when: Mapping[str, str]
    fault: Explanation


@dataclass(frozen=True)
class Structure:
    """A whole code: its parts from left to right and the article that says so."""

    id: str
    zh: str
    en: str
    parts: tuple[Part, ...]
    excluded: tuple[Exclusion, ...]
    clause: str

    @property
    def length(self) -> int:
        """How many characters a code of it has."""
        return self.parts[-1].last


@cache
def structure(name: str) -> Structure:
    """The structure of this name. Raises LookupError."""
    row = table("numbers/structures")["structure"][name]
    return Structure(name, row["zh"], row["en"], tuple(_parts(row["parts"])), _excluded(row), row["clause"])


def explain_parts(name: str, code: str) -> tuple[Explanation, ...]:
    """What is wrong with a code, one reason for each part; empty if its form is right."""
    shape = structure(name)
    if len(code) != shape.length or not _CHARACTERS.fullmatch(code):
        return (reason("structure_length", name=shape.zh, name_en=shape.en, length=shape.length),)
    texts = {part.name: part.of(code) for part in shape.parts}
    wrong = [_wrong(part) for part in shape.parts if not part.takes(texts[part.name])]
    wrong += [rule.fault for rule in shape.excluded if rule.when.items() <= texts.items()]
    return tuple(wrong)


def parts_of(name: str, code: str) -> tuple[tuple[Part, str, str], ...]:
    """Each part of a right code with its characters and what they stand for ("" for a mere number).

    Raises ValueError if it is none of this structure.
    """
    texts = split(name, code)
    return tuple(
        (part, texts[part.name], part.values.get(texts[part.name], "")) for part in structure(name).parts
    )


def structure_names() -> tuple[str, ...]:
    """The names of all structures."""
    return tuple(table("numbers/structures")["structure"])


def split(name: str, code: str) -> Mapping[str, str]:
    """The parts of a code by their names. Raises ValueError if it is none of this structure."""
    if explain_parts(name, code):
        raise ValueError(f"not a code of the structure {name!r}")
    return MappingProxyType({part.name: part.of(code) for part in structure(name).parts})


def compose(name: str, **values: str | int) -> str:
    """The code made of these parts, numbers filled up with zeros.

    Raises ValueError if a part is impossible, KeyError if one is missing.
    """
    code = "".join(str(values[part.name]).rjust(part.length, "0") for part in structure(name).parts)
    wrong = explain_parts(name, code)
    if wrong:
        raise ValueError(f"no code of the structure {name!r}: {'; '.join(fault.en for fault in wrong)}")
    return code


def _parts(names: list[str]) -> Iterator[Part]:
    first = 1
    for name in names:
        row = table("numbers/structures")["part"][name]
        values = _values(row.get("values"))
        yield Part(name, row["zh"], row["en"], first, row["length"], row.get("least", 0), values)
        first += row["length"]


def _values(named: str | dict[str, Any] | None) -> Mapping[str, str]:
    match named:
        case None:
            return MappingProxyType({})
        case {"cities_of": str(province)}:
            return cities(province)
        case {"provinces": list(codes)}:
            return MappingProxyType({code: provinces()[code] for code in codes})
        case "provinces":
            return provinces()
        case _:
            rows: dict[str, str] = table("numbers/structures")[str(named)]
            return MappingProxyType(rows)


def _excluded(row: dict[str, Any]) -> tuple[Exclusion, ...]:
    return tuple(
        Exclusion(
            MappingProxyType(item["when"]),
            Explanation(zh=item["zh"], en=item["en"], rule="CRT-005", clause=item["clause"]),
        )
        for item in row.get("excluded", ())
    )


def _wrong(part: Part) -> Explanation:
    one = part.length == 1
    wanted, wanted_en = _wanted(part)
    return reason(
        "part",
        where_zh=f"第{part.first}位" if one else f"第{part.first}—{part.last}位",
        where_en=f"Character {part.first}" if one else f"Characters {part.first}-{part.last}",
        name=part.zh,
        name_en=part.en,
        wanted=wanted,
        wanted_en=wanted_en,
    )


def _wanted(part: Part) -> tuple[str, str]:
    highest = "9" * part.length
    if not part.values:
        lowest = str(part.least).rjust(part.length, "0")
        return f"{lowest}至{highest}的数字", f"digits from {lowest} to {highest}"
    if len(part.values) > _LISTED:
        return "代码表所列的代码", "one of the codes of its table"
    return "、".join(part.values), " or ".join(part.values)
