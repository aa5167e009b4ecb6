"""What one source says: the head of its pack, answers and silences, before packs are laid over each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from jiangheng.rules.values import Text, Value

Status = Literal["draft", "trial", "in_force"]
STATUSES: Mapping[Status, Text] = MappingProxyType(
    {
        "draft": Text("草案", "draft"),
        "trial": Text("试行", "trial"),
        "in_force": Text("有效", "in force"),
    }
)


@dataclass(frozen=True)
class Head:
    """Who made the rules of a pack, what they are worth, and for whom they are meant.

    `source` is the number by which citations name the paper; `document` the
    paper's own number; `kinds` options of `org.kinds`, `provinces` two digits
    each (GB/T 2260), both may be empty. `stands_alone`: its rules are of another
    matter than those that the base was drawn from, so the base says nothing here.
    """

    id: str
    zh: str
    en: str
    source: str
    issuer: Text
    interpreter: Text
    status: Status
    version: str
    extends: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    document: str = ""
    issued: date | None = None
    effective: date | None = None
    stands_alone: bool = False


@dataclass(frozen=True)
class Other:
    """What the same source says elsewhere, where it contradicts the reading chosen."""

    value: Value
    cite: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What is to be applied for a parameter, and where that stands.

    `origin` is the pack that gave it. `reading` says why this one of several
    readings, `other` what the others are; `inferred` that the text implies it
    but does not say it; `as_a_rule` that it says 一般 or 原则上, so that good reasons
    excuse from it.

    `only`: the kinds of institution (options of `org.kinds`) for which it holds,
    all if empty. `otherwise`: what holds for the others, the first that is for
    them; None there is a silence.
    """

    key: str
    value: Value
    cite: tuple[str, ...]
    origin: str
    reading: Text | None = None
    other: tuple[Other, ...] = ()
    note: Text | None = None
    inferred: bool = False
    only: tuple[str, ...] = ()
    as_a_rule: bool = False
    otherwise: tuple[Answer | None, ...] = ()

    @property
    def alternatives(self) -> tuple[Answer | None, ...]:
        """This one and what holds otherwise."""
        return (self, *self.otherwise)

    def for_kind(self, kind: str) -> Answer | None:
        """What holds for a kind of institution; None if nothing does."""
        for each in self.alternatives:
            if each is None or not each.only or kind in each.only:
                return each and replace(each, otherwise=())
        return None


# By key; None where the source is silent and says so.
Statements = Mapping[str, Answer | None]


@dataclass(frozen=True)
class Layer:
    """The content of one pack's folder. `conditions` is conditions.toml, None if there is none."""

    head: Head
    statements: Statements
    conditions: Mapping[str, Any] | None = None


def overlay(lower: Statements, upper: Statements) -> Statements:
    """Both, and where both speak the upper; a silence speaks. Associative.

    An upper that is only for some kinds of institution leaves the lower to the others.
    """
    return {
        **lower,
        **{key: _over(lower[key], each) if key in lower else each for key, each in upper.items()},
    }


def _over(lower: Answer | None, upper: Answer | None) -> Answer | None:
    last = upper and upper.alternatives[-1]
    if upper is None or last is None or not last.only:
        return upper
    below = (None,) if lower is None else (replace(lower, otherwise=()), *lower.otherwise)
    return replace(upper, otherwise=(*upper.otherwise, *below))
