"""The rows of deadlines.toml, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from jiangheng.rules.tables import table
from jiangheng.rules.values import Duration, Text


class UnknownDeadline(LookupError):
    """No row of the table has this id."""

    def __init__(self, id: str) -> None:
        super().__init__(f"there is no deadline {id}")
        self.id = id


@dataclass(frozen=True)
class Given:
    """A term in words or one that no parameter holds; for these packs and what extends them, or for all."""

    length: int
    unit: str
    packs: tuple[str, ...] = ()
    cite: tuple[str, ...] = ()


@dataclass(frozen=True)
class Term:
    """One end of a row: from a parameter (`key`, in a record its `field`), or as `given`.

    `way`: so long after the event, so long before it, or by the end of a month
    of the year that the event lies in. `moves`: off days off (民法典 203).
    `hour` and `excluded` are fields too: from which hour of the day; whether the
    last moment itself is too late. `first_counts`: 报名时间为7天, a span that
    contains the day it begins on.
    """

    way: Literal["after", "before", "month"]
    key: str = ""
    field: str = ""
    given: tuple[Given, ...] = ()
    moves: bool = True
    hour: str = ""
    excluded: str = ""
    first_counts: bool = False


@dataclass(frozen=True)
class When:
    """A row counts only where the parameter, or its field, has or holds this value; without one, any."""

    key: str
    value: str | bool | None = None
    field: str = ""


@dataclass(frozen=True)
class Row:
    """One deadline. `event`, `owes` and `escalate` are names of the table; `certain`: never provisionally."""

    id: str
    zh: str
    en: str
    requirement: str
    event: str
    owes: str
    opens: Term | None = None
    due: Term | None = None
    warn: Duration | None = None
    escalate: str = ""
    certain: bool = False
    when: When | None = None

    @property
    def keys(self) -> frozenset[str]:
        """The parameters that it counts by."""
        return frozenset(term.key for term in (self.opens, self.due) if term and term.key)


@cache
def rows() -> Mapping[str, Row]:
    """Every row by its id, in the order of the table."""
    return MappingProxyType({raw["id"]: _row(raw) for raw in table("deadlines")["deadline"]})


@cache
def names(kind: Literal["event", "party"]) -> Mapping[str, Text]:
    """What the events and parties of the table are called."""
    return MappingProxyType({id: Text(**raw) for id, raw in table("deadlines")[kind].items()})


def row(id: str) -> Row:
    """The row of this id. Raises UnknownDeadline."""
    try:
        return rows()[id]
    except KeyError:
        raise UnknownDeadline(id) from None


def _row(raw: dict[str, Any]) -> Row:
    made: dict[str, Any] = dict(raw)
    for end in ("opens", "due"):
        if end in raw:
            given = tuple(_given_of(each) for each in raw[end].get("given", ()))
            made[end] = Term(**{**raw[end], "given": given})
    if "warn" in raw:
        made["warn"] = Duration(**raw["warn"])
    if "when" in raw:
        made["when"] = When(**raw["when"])
    return Row(**made)


def _given_of(raw: dict[str, Any]) -> Given:
    return Given(raw["length"], raw["unit"], tuple(raw.get("packs", ())), tuple(raw.get("cite", ())))
