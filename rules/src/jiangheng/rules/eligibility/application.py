"""An application as a file: what is applied for, and the evidence. TOML, or JSON of the same form.

    [application]
    occupation = "6-31-01-03"
    level = 3

    [candidate]
    born = 1990-02-28
    intends = true

    [[certificate]]
    occupation = "6-31-01-03"
    level = 4
    issued = 2020-03-01

and so [[work]], [[education]], [[title]], [[apprenticeship]], with the fields of
`evidence`. A month, "2012-06", stands for its first day where time begins and
for its last where it ends.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jiangheng.rules.eligibility.conditions import GRADES, LEVELS
from jiangheng.rules.eligibility.evidence import (
    Apprenticeship,
    Certificate,
    Education,
    Evidence,
    Title,
    WorkPeriod,
)
from jiangheng.rules.faults import Fault, fault
from jiangheng.rules.numbers.occupation import check_occupation_code
from jiangheng.rules.positions import Positions
from jiangheng.rules.tables import table
from jiangheng.rules.toml_file import KINDS, TomlFile, read_toml, wrong_type

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_LAST = frozenset({"ended", "expected_until"})


@dataclass(frozen=True)
class Application:
    """What a candidate applies for, and on what evidence."""

    occupation: str
    level: int
    evidence: Evidence


class BadApplication(ValueError):
    """The file does not hold; everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


def read_application(path: Path) -> Application:
    """The application in a file. Raises BadApplication, OSError."""
    file = _json_file(path) if path.suffix == ".json" else read_toml(path)
    faults = list(application_faults(file))
    if faults:
        raise BadApplication(faults)
    return application_of(file.content)


def application_faults(file: TomlFile) -> Iterator[Fault]:
    """What is wrong in it, with lines; nothing if it holds."""
    yield from file.faults
    if file.faults:
        return
    known = {"application", "candidate", *_PIECES}
    for name in file.content.keys() - known:
        yield file.fault("unknown_field", name, name=name, known=", ".join(sorted(known)))
    yield from _fields(file, ("application",), file.content.get("application", {}), _APPLICATION)
    yield from _fields(file, ("candidate",), file.content.get("candidate", {}), _CANDIDATE, needed=())
    for name in [name for name in file.content if name in _PIECES]:
        rows = file.content[name]
        if not KINDS["tables"](rows):
            yield file.fault("wrong_type", name, **wrong_type("tables"))
            continue
        for place, row in enumerate(rows, 1):
            piece = _PIECES[name]
            yield from _fields(file, (name, f"[{place}]"), row, piece.fields, piece.needed)


def application_of(raw: Mapping[str, Any]) -> Application:
    """The application of a table without faults."""
    candidate = raw.get("candidate", {})
    evidence = Evidence(
        born=_day("born", candidate["born"]) if "born" in candidate else None,
        intends=candidate.get("intends", False),
        **{
            piece.of: tuple(_made(piece, row) for row in raw.get(name, ())) for name, piece in _PIECES.items()
        },
    )
    return Application(raw["application"]["occupation"], raw["application"]["level"], evidence)


@dataclass(frozen=True)
class _Piece:
    """A kind of evidence: its class, its place in Evidence, its fields and which of them it must have."""

    make: Callable[..., Any]
    of: str
    fields: Mapping[str, str]
    needed: tuple[str, ...]


_APPLICATION = {"occupation": "code", "level": "level"}
_CANDIDATE = {"born": "day", "intends": "flag"}
_COURSE_DAYS = dict.fromkeys(("enrolled", "graduating_from", "expected_until", "graduated"), "day")
_PIECES: Mapping[str, _Piece] = {
    "certificate": _Piece(
        Certificate,
        "certificates",
        {"occupation": "code", "level": "level", "issued": "day"},
        ("occupation", "level", "issued"),
    ),
    "work": _Piece(
        WorkPeriod,
        "work",
        {"occupation": "code", "begun": "day", "ended": "day"},
        ("occupation", "begun"),
    ),
    "education": _Piece(
        Education,
        "education",
        {
            "school": "schools",
            "major": "string",
            "class_kind": "classes",
            **_COURSE_DAYS,
            "approved": "flag",
        },
        ("school", "major"),
    ),
    "title": _Piece(
        Title,
        "titles",
        {"grade": "grade", "specialty": "string", "issued": "day", "kind": "title_kind"},
        ("grade", "specialty", "issued"),
    ),
    "apprenticeship": _Piece(
        Apprenticeship,
        "apprenticeships",
        {"occupation": "code", "completed": "day"},
        ("occupation", "completed"),
    ),
}
_ORDER = (
    ("begun", "ended"),
    ("enrolled", "graduated"),
    ("enrolled", "expected_until"),
    ("graduating_from", "expected_until"),
)


def _fields(
    file: TomlFile,
    path: tuple[str, ...],
    row: object,
    known: Mapping[str, str],
    needed: tuple[str, ...] | None = None,
) -> Iterator[Fault]:
    if not isinstance(row, dict):
        yield file.fault("wrong_type", *path, **wrong_type("table"))
        return
    for name in known if needed is None else needed:
        if name not in row:
            yield file.fault("missing_field", *path, name=name)
    for name, raw in row.items():
        if name not in known:
            yield file.fault("unknown_field", *path, name, name=name, known=", ".join(known))
        else:
            yield from _value(file, (*path, name), known[name], raw)
    yield from _order(file, path, row)


def _value(file: TomlFile, path: tuple[str, ...], kind: str, raw: Any) -> Iterator[Fault]:
    if kind == "day":
        if _day(path[-1], raw) is None:
            yield file.fault("not_a_day", *path)
    elif kind in {"flag", "string"}:
        if not KINDS[kind](raw):
            yield file.fault("wrong_type", *path, **wrong_type(kind))
    elif kind == "code":
        if not isinstance(raw, str) or check_occupation_code(raw):
            yield file.fault("not_an_occupation", *path, value=raw)
    elif isinstance(raw, bool) or raw not in _words(kind):
        yield file.fault("unknown_option", *path, value=raw, known=", ".join(map(str, _words(kind))))


def _words(kind: str) -> tuple[Any, ...]:
    fixed: Mapping[str, tuple[Any, ...]] = {
        "level": LEVELS,
        "grade": GRADES,
        "title_kind": ("title", "qualification"),
    }
    return fixed[kind] if kind in fixed else tuple(table("eligibility/vocabulary")[kind])


def _order(file: TomlFile, path: tuple[str, ...], row: Mapping[str, Any]) -> Iterator[Fault]:
    for begin, end in _ORDER:
        first, last = _day(begin, row.get(begin)), _day(end, row.get(end))
        if first and last and last < first:
            yield file.fault("ends_before", *path, end, begin=begin)


def _made(piece: _Piece, row: Mapping[str, Any]) -> Any:
    given = {name: _day(name, raw) if piece.fields[name] == "day" else raw for name, raw in row.items()}
    return piece.make(**given)


def _day(name: str, raw: object) -> date | None:
    """A date; of a month its first day, or its last where a time ends. None for anything else."""
    if isinstance(raw, date):
        return None if isinstance(raw, datetime) else raw
    if not isinstance(raw, str):
        return None
    month = _MONTH.fullmatch(raw)
    try:
        if not month:
            return date.fromisoformat(raw)
        year, number = int(month[1]), int(month[2])
        return date(year, number, monthrange(year, number)[1] if name in _LAST else 1)
    except ValueError:
        return None


def _json_file(path: Path) -> TomlFile:
    """JSON as if it were TOML; it has no lines."""
    nowhere = Positions("")
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        return TomlFile(path, str(path), {}, nowhere, (_unreadable(path, error),))
    if isinstance(content, dict):
        return TomlFile(path, str(path), content, nowhere)
    wrong = fault("wrong_type", file=str(path), line=1, key=path.name, **wrong_type("table"))
    return TomlFile(path, str(path), {}, nowhere, (wrong,))


def _unreadable(path: Path, error: ValueError) -> Fault:
    line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
    return Fault(
        str(path), line, path.name, "syntax", f"不是正确的 JSON：{error}。", f"Not correct JSON: {error}."
    )
