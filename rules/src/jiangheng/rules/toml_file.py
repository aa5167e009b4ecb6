"""A TOML file that people edit: its content, and faults that say on which line they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiangheng.rules.faults import Fault, fault
from jiangheng.rules.positions import Positions
from jiangheng.rules.tables import table

_AT_LINE = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True)
class TomlFile:
    """What stands in a file, and where; `faults` if it could not be read, and then it is empty."""

    path: Path
    name: str
    content: Mapping[str, Any]
    positions: Positions
    faults: tuple[Fault, ...] = ()

    def fault(self, kind: str, *path: str, **said: object) -> Fault:
        """Something wrong with this key, on the line of the key or of what it is in."""
        return fault(kind, file=self.name, line=self.positions.line(path), key=".".join(path), **said)

    def fault_at_word(self, kind: str, path: str, *, word: str, **said: object) -> Fault:
        """Something wrong with a word of a list, which may also be a key of its own."""
        line = self.positions.line((word,) if word in self.content else (path,), word)
        return fault(kind, file=self.name, line=line, key=word, **said)


def read_toml(path: Path) -> TomlFile:
    """The file with decimals as Decimal; faults instead of exceptions. Raises OSError if there is none."""
    name = str(path)
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return TomlFile(path, name, {}, Positions(""), (fault("encoding", file=name, line=1, key=path.name),))
    positions = Positions(text)
    try:
        return TomlFile(path, name, tomllib.loads(text, parse_float=Decimal), positions)
    except tomllib.TOMLDecodeError as error:
        return TomlFile(path, name, {}, positions, tuple(_unreadable(path, positions, str(error))))


def _unreadable(path: Path, positions: Positions, error: str) -> Iterator[Fault]:
    # tomllib says "Cannot declare … twice", "Cannot overwrite …": everything that is so, not the first only.
    repeated = positions.twice() if error.startswith("Cannot") else ()
    for again, first in repeated:
        yield fault("key_twice", file=str(path), line=again.line, key=".".join(again.path), first=first.line)
    if not repeated:
        line = _AT_LINE.search(error)
        last = path.read_text("utf-8").count("\n") + 1
        yield fault("syntax", file=str(path), line=int(line[1]) if line else last, key=path.name, error=error)


def _is_strings(raw: object) -> bool:
    return isinstance(raw, list) and all(isinstance(each, str) for each in raw)


def _is_tables(raw: object) -> bool:
    return isinstance(raw, list) and all(isinstance(each, dict) for each in raw)


KINDS: Mapping[str, Callable[[object], bool]] = {
    "flag": lambda raw: isinstance(raw, bool),
    "integer": lambda raw: type(raw) is int,
    "decimal": lambda raw: type(raw) is int or (isinstance(raw, Decimal) and raw.is_finite()),
    "string": lambda raw: isinstance(raw, str),
    "strings": _is_strings,
    "date": lambda raw: isinstance(raw, date) and not isinstance(raw, datetime),
    "table": lambda raw: isinstance(raw, dict),
    "tables": _is_tables,
    "any": lambda raw: True,
}


def wrong_type(wanted: str) -> dict[str, str]:
    """What a fault `wrong_type` says."""
    names = table("faults")["types"][wanted]
    return {"wanted_zh": names["zh"], "wanted_en": names["en"]}


def check_table(
    file: TomlFile,
    path: tuple[str, ...],
    found: object,
    known: Mapping[str, str],
    optional: Collection[str] = (),
) -> Iterator[Fault]:
    """Faults of a table whose fields and their kinds (KINDS) are known; text may not be empty."""
    if not isinstance(found, dict):
        yield file.fault("wrong_type", *path, **wrong_type("table"))
        return
    for name in known:
        if name not in found and name not in optional:
            yield file.fault("missing_field", *path, name=name)
    for name, raw in found.items():
        if name not in known:
            yield file.fault("unknown_field", *path, name, name=name, known=", ".join(known))
        elif not KINDS[known[name]](raw):
            yield file.fault("wrong_type", *path, name, **wrong_type(known[name]))
        elif isinstance(raw, str) and not raw.strip():
            yield file.fault("empty", *path, name)
