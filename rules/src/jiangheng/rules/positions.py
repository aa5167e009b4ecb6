"""Where in a TOML file a key stands; tomllib says so of syntax errors only.

The text is cut into statements (a header, or a key with its value); the keys
themselves are read by tomllib, so that quoting and spaces mean what they mean
there.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

Path = tuple[str, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[^\"'\#\n\[\]{}=]+"
    r"|.",
    re.DOTALL,
)


@dataclass(frozen=True)
class Statement:
    """A header or a key with its value: where it begins, what it names, and its text without comments."""

    line: int
    path: Path
    text: str


class Positions:
    """The lines of a file's keys; the text is cut up only when somebody asks, which is when it has faults."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _statements(self) -> tuple[Statement, ...]:
        return tuple(_statements(self._text))

    def line(self, path: Path, word: str = "") -> int:
        """The line on which a key is given, or the nearest thing that holds it; 1 if nothing does.

        With `word` it is the line of the value on which that stands in quotes.
        """
        near = max(self._statements, key=lambda found: _shared(found.path, path), default=None)
        if not near or not _shared(near.path, path):
            return 1
        place = re.search(rf"""["']{re.escape(word)}["']""", near.text) if word else None
        return near.line + (near.text[: place.start()].count("\n") if place else 0)

    def twice(self) -> tuple[tuple[Statement, Statement], ...]:
        """The headers and keys that are given again, each with where it was first."""
        first: dict[Path, Statement] = {}
        return tuple(
            (found, first[found.path])
            for found in self._statements
            if first.setdefault(found.path, found) is not found
        )


def _shared(found: Path, wanted: Path) -> int:
    """How far `found` leads towards `wanted`, or within it; 0 if it names something else."""
    length = min(len(found), len(wanted))
    return length if wanted[:length] == found[:length] else 0


def _statements(text: str) -> Iterator[Statement]:
    table: Path = ()
    elements: Counter[Path] = Counter()
    for line, statement in _cut(text):
        if statement.startswith("["):
            table = _path(statement.strip("[] \t"))
            if statement.startswith("[["):  # each element is a table of its own
                elements[table] += 1
                table = (*table, f"[{elements[table]}]")
            yield Statement(line, table, statement)
        else:
            yield Statement(line, table + _path(_before_equals(statement)), statement)


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """The statements with the lines they begin on; comments are left out, breaks within are kept."""
    line, begun, depth, part = 1, 1, 0, ""
    for piece in _TOKEN.findall(text + "\n"):
        depth += (piece in "[{") - (piece in "]}")
        if piece == "\n" and depth <= 0:
            if part.strip():
                yield begun, part.strip()
            part, depth = "", 0
        elif part or not piece.isspace():
            begun = begun if part else line
            part += "" if piece.startswith("#") else piece
        line += piece.count("\n")


def _before_equals(statement: str) -> str:
    key = ""
    for piece in _TOKEN.findall(statement):
        if piece == "=":
            break
        key += piece
    return key


def _path(key: str) -> Path:
    """The parts of a dotted key, as tomllib reads it; the text itself if it is none."""
    try:
        inner = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return (key,)
    path: list[str] = []
    while isinstance(inner, dict):
        ((part, inner),) = inner.items()
        path.append(part)
    return tuple(path)
