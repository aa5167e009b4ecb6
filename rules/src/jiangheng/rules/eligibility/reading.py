"""Reads a table of conditions and says everything that is wrong with it, by file, line and key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jiangheng.rules.eligibility.conditions import (
    GRADES,
    LEVELS,
    Age,
    Apprenticed,
    Condition,
    Conditions,
    Graduated,
    Holds,
    Intent,
    Need,
    Studies,
    Titled,
    Work,
)
from jiangheng.rules.faults import Fault
from jiangheng.rules.tables import table
from jiangheng.rules.toml_file import KINDS, TomlFile, check_table, wrong_type
from jiangheng.rules.values import Problem

Raw = Mapping[str, Any]
Parameter = Callable[[str], int]
"""Gives the integer of a parameter; LookupError or ValueError if there is none."""

_HEAD = {"zh": "string", "en": "string", "source": "string", "cite": "strings", "supplied": "flag"}
_CONDITION = {
    "level": "integer", "number": "integer", "zh": "string", "en": "string",
    "clause": "string", "rule": "string", "needs": "tables",
}  # fmt: skip
SOURCES = "reg.conditions_source"
_RULE = "REG-092"
_NEEDS: Mapping[str, Mapping[str, str]] = {
    "age_years": {"age_years": "any"},
    "intends": {"intends": "flag"},
    "works": {"works": "flag"},
    "work_years": {"work_years": "integer", "work_months": "integer"},
    "certificate": {
        "certificate": "integer", "or_higher": "flag", "held_years": "integer", "held_months": "integer",
        "work_years_after": "integer", "work_months_after": "integer",
    },
    "title": {
        "title": "string", "or_higher": "flag", "or_qualification": "flag",
        "work_years_after": "integer", "work_months_after": "integer",
    },
    "diploma": {
        "diploma": "strings", "classes": "strings", "any_major": "flag",
        "graduating": "flag", "approved": "flag",
    },
    "student": {"student": "strings", "classes": "strings", "any_major": "flag"},
    "apprenticeship": {"apprenticeship": "flag"},
}  # fmt: skip
_MUST_BE_TRUE = frozenset({"intends", "works", "apprenticeship"})
_LENGTHS = frozenset(
    {"work_years", "work_months", "held_years", "held_months", "work_years_after", "work_months_after"}
)
_MOST_YEARS = 60


def conditions_from(raw: Raw, parameter: Parameter | None = None) -> Conditions | None:
    """The conditions of a table as tomllib reads it; None if it says that they are not supplied.

    `parameter` gives the integers of parameters that the table names; LookupError if they
    are named without it. Raises ValueError with all that is wrong (`problems` says where).
    """
    wrong = list(problems(raw, parameter))
    if wrong:
        raise ValueError("; ".join(f"{'.'.join(found.path)}: {found.kind}" for found in wrong))
    head = raw["conditions"]
    if not head.get("supplied", True):
        return None
    rows = [_condition(row, parameter) for row in raw.get("condition", ())]
    levels = {level: tuple(row for row in rows if row.level == level) for level in LEVELS}
    return Conditions(head["zh"], head["en"], head["source"], tuple(head["cite"]), levels)


def faults(file: TomlFile, parameter: Parameter | None = None) -> Iterator[Fault]:
    """What is wrong in a file of conditions, with lines; nothing if it holds."""
    yield from file.faults
    if not file.faults:
        for name in file.content.keys() - {"conditions", "condition", "standard"}:
            yield file.fault("unknown_field", name, name=name, known="conditions, condition")
        for found in problems(file.content, parameter):
            yield file.fault(found.kind, *found.path, **found.said)


def problems(raw: Raw, parameter: Parameter | None = None) -> Iterator[Problem]:
    """The same without a file."""
    head, rows = raw.get("conditions"), raw.get("condition", [])
    if not isinstance(head, dict):
        yield Problem((), "missing_field", {"name": "conditions"})
    else:
        yield from _head_problems(head, bool(rows))
    if not KINDS["tables"](rows):
        yield Problem(("condition",), "wrong_type", wrong_type("tables"))
        return
    seen: set[tuple[object, object]] = set()
    for place, row in enumerate(rows, 1):
        path = ("condition", f"[{place}]")
        yield from (Problem((*path, *found.path), found.kind, found.said) for found in _row(row, parameter))
        named = (str(row.get("level")), str(row.get("number")))
        if named in seen:
            yield Problem((*path, "number"), "option_twice", {"value": ".".join(named)})
        seen.add(named)


def _head_problems(head: Raw, has_rows: bool) -> Iterator[Problem]:
    yield from _under("conditions", _table(head, _HEAD, optional=("supplied",)))
    if KINDS["string"](head.get("source")):
        yield from _under("conditions", _among(head, "source", sources()))
    cite = head.get("cite", [])
    if KINDS["strings"](cite) and not any(each.strip() for each in cite):
        yield Problem(("conditions", "cite"), "missing_citation")
    if has_rows is (head.get("supplied") is False):
        yield Problem(("conditions",), "missing_field", {"name": "condition" if not has_rows else "supplied"})


def _row(row: Raw, parameter: Parameter | None) -> Iterator[Problem]:
    wrong = list(_table(row, _CONDITION, optional=("rule",)))
    yield from wrong
    if wrong:
        return
    yield from _among(row, "level", LEVELS)
    if not row["needs"]:
        yield Problem(("needs",), "empty")
    for need in row["needs"]:
        yield from _under("needs", _need_problems(need, parameter))


def _need_problems(need: Raw, parameter: Parameter | None) -> Iterator[Problem]:
    kind = next((name for name in _NEEDS if name in need), None)
    if kind is None:
        name = next(iter(need), "")
        yield Problem((name,), "unknown_field", {"name": name, "known": ", ".join(_NEEDS)})
        return
    wrong = list(_table(need, _NEEDS[kind], optional=_NEEDS[kind].keys() - {kind}))
    yield from wrong or _meaning(kind, need, parameter)


def _meaning(kind: str, need: Raw, parameter: Parameter | None) -> Iterator[Problem]:
    if kind in _MUST_BE_TRUE and need[kind] is not True:
        yield Problem((kind,), "unknown_option", {"value": "false", "known": "true"})
    if kind == "age_years":
        yield from _age_problems(need[kind], parameter)
    if kind == "certificate":
        yield from _among(need, kind, LEVELS)
    if kind == "title":
        yield from _among(need, kind, GRADES)
    if kind in {"diploma", "student"}:
        yield from _course_problems(kind, need)
    for name in need.keys() & _LENGTHS:
        yield from _length(name, need[name])


def _course_problems(kind: str, need: Raw) -> Iterator[Problem]:
    words = table("eligibility/vocabulary")
    yield from _each_among(need, kind, words["schools"])
    if "classes" in need:
        yield from _each_among(need, "classes", words["classes"])


def _age_problems(value: object, parameter: Parameter | None) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _named_problems(value, parameter)
    elif not KINDS["integer"](value):
        yield Problem(("age_years",), "wrong_type", wrong_type("integer"))
    else:
        yield from _length("age_years", value)


def _named_problems(name: str, parameter: Parameter | None) -> Iterator[Problem]:
    """A parameter is looked up only where there is a pack to be asked."""
    try:
        if parameter:
            yield from _length("age_years", parameter(name))
    except (LookupError, ValueError):
        yield Problem(("age_years",), "unknown_parameter", {"name": name})


def _length(name: str, value: Any) -> Iterator[Problem]:
    most = _MOST_YEARS * (12 if "months" in name else 1)
    if not 0 <= value <= most:
        yield Problem((name,), "outside_range", {"value": value, "low": 0, "high": most})


def sources() -> Mapping[str, Mapping[str, str]]:
    """Where conditions may stand: the options of `reg.conditions_source`."""
    options: Mapping[str, Mapping[str, str]] = table("parameters/registration")[SOURCES]["options"]
    return options


def _table(found: Raw, known: Mapping[str, str], optional: Any = ()) -> Iterator[Problem]:
    return check_table(_Nowhere(), (), found, known, optional)  # type: ignore[arg-type, return-value]


class _Nowhere:
    """Takes the place of a file where only problems are wanted."""

    def fault(self, kind: str, *path: str, **said: object) -> Problem:
        return Problem(path, kind, said)


def _among(found: Raw, name: str, options: Any) -> Iterator[Problem]:
    if found[name] not in options:
        known = ", ".join(map(str, options))
        yield Problem((name,), "unknown_option", {"value": found[name], "known": known})


def _each_among(found: Raw, name: str, options: Any) -> Iterator[Problem]:
    if not found[name]:
        yield Problem((name,), "empty")
    for value in found[name]:
        yield from _among({name: value}, name, options)


def _under(name: str, found: Iterator[Problem]) -> Iterator[Problem]:
    return (Problem((name, *each.path), each.kind, each.said) for each in found)


def _condition(row: Raw, parameter: Parameter | None) -> Condition:
    return Condition(
        level=row["level"],
        number=row["number"],
        zh=row["zh"],
        en=row["en"],
        rule=row.get("rule", _RULE),
        clause=row["clause"],
        needs=tuple(_need(need, parameter) for need in row["needs"]),
    )


def _need(need: Raw, parameter: Parameter | None) -> Need:
    kind = next(name for name in _NEEDS if name in need)
    return _MAKE[kind](need, parameter)


def _age(need: Raw, parameter: Parameter | None) -> Need:
    years = need["age_years"]
    if not isinstance(years, str):
        return Age(years)
    if parameter is None:
        raise LookupError(f"no pack was given that says {years}")
    return Age(parameter(years))


def _holds(need: Raw, _: Parameter | None) -> Need:
    held, after = _months(need, "held_{}"), _months(need, "work_{}_after")
    return Holds(need["certificate"], need.get("or_higher", False), held, after)


def _titled(need: Raw, _: Parameter | None) -> Need:
    return Titled(
        grade=need["title"],
        or_higher=need.get("or_higher", False),
        or_qualification=need.get("or_qualification", False),
        work_months_after=_months(need, "work_{}_after"),
    )


def _graduated(need: Raw, _: Parameter | None) -> Need:
    return Graduated(
        schools=frozenset(need["diploma"]),
        classes=frozenset(need.get("classes", ())),
        any_major=need.get("any_major", False),
        graduating=need.get("graduating", False),
        approved=need.get("approved", False),
    )


def _studies(need: Raw, _: Parameter | None) -> Need:
    classes = frozenset(need.get("classes", ()))
    return Studies(frozenset(need["student"]), classes, need.get("any_major", False))


def _months(need: Raw, name: str) -> int:
    years: int = need.get(name.format("years"), 0)
    months: int = need.get(name.format("months"), 0)
    return 12 * years + months


_MAKE: Mapping[str, Callable[[Raw, Parameter | None], Need]] = {
    "age_years": _age,
    "intends": lambda *_: Intent(),
    "works": lambda *_: Work(0),
    "work_years": lambda need, _: Work(_months(need, "work_{}")),
    "certificate": _holds,
    "title": _titled,
    "diploma": _graduated,
    "student": _studies,
    "apprenticeship": lambda *_: Apprenticed(),
}
