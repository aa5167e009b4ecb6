"""Roles, the scopes they carry, and which may not be held by one person (IAM-006).

The table is duties.toml. A conflict is judged on the closure: on every role
that a role implies and on every scope these carry, so that no bundle of
harmless names adds up to a forbidden power.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.tables import table


class UnknownRole(LookupError):
    """There is no role of this name in the table."""

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self.role = role


@dataclass(frozen=True)
class Scope:
    """A right; `changes` says whether acts under it change records of the work."""

    id: str
    zh: str
    en: str
    holder: Literal["person", "service"]
    changes: bool


@dataclass(frozen=True)
class Role:
    """What a person can be granted; `per` says what the grant must name."""

    id: str
    zh: str
    en: str
    per: Literal["institution", "region", "country"]
    scopes: frozenset[str]
    implies: frozenset[str]


@dataclass(frozen=True)
class Side:
    """One half of a conflict, touched by any of these roles or scopes."""

    roles: frozenset[str]
    scopes: frozenset[str]

    def touched(self, roles: frozenset[str], scopes: frozenset[str]) -> bool:
        """True if one of the roles or scopes belongs to this side."""
        return bool(self.roles & roles or self.scopes & scopes)


@dataclass(frozen=True)
class Conflict(Explanation):
    """Two powers that one person may not hold, and why."""

    a: Side
    b: Side


@cache
def scopes() -> Mapping[str, Scope]:
    """Every scope by its name."""
    return MappingProxyType({row["id"]: Scope(**row) for row in table("duties")["scope"]})


@cache
def roles() -> Mapping[str, Role]:
    """Every role by its name."""
    return MappingProxyType({row["id"]: _role(row) for row in table("duties")["role"]})


@cache
def static_conflicts() -> tuple[Conflict, ...]:
    """Every conflict that holds for a person at any time."""
    return tuple(
        Conflict(**{**row, "a": _side(row["a"]), "b": _side(row["b"])}) for row in table("duties")["conflict"]
    )


def role(name: str) -> Role:
    """The role of this name. Raises UnknownRole."""
    try:
        return roles()[name]
    except KeyError:
        raise UnknownRole(name) from None


def closure(names: Iterable[str]) -> frozenset[str]:
    """These roles and all that they imply, directly or not. Raises UnknownRole."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(role(name).implies)
    return frozenset(found)


def scopes_of(names: Iterable[str]) -> frozenset[str]:
    """All scopes that these roles carry by closure. Raises UnknownRole."""
    return frozenset(scope for name in closure(names) for scope in role(name).scopes)


def conflicts(names: Iterable[str]) -> tuple[Conflict, ...]:
    """The conflicts in which one person with these roles would stand; empty if none. Raises UnknownRole."""
    held = closure(names)
    carried = scopes_of(held)
    return tuple(
        rule for rule in static_conflicts() if rule.a.touched(held, carried) and rule.b.touched(held, carried)
    )


def _role(row: dict[str, Any]) -> Role:
    return Role(
        id=row["id"],
        zh=row["zh"],
        en=row["en"],
        per=row["per"],
        scopes=frozenset(row["scopes"]),
        implies=frozenset(row.get("implies", ())),
    )


def _side(row: dict[str, Any]) -> Side:
    listed = frozenset(row.get("scopes", ()))
    if row.get("any_change"):
        listed |= {scope.id for scope in scopes().values() if scope.changes}
    return Side(roles=frozenset(row.get("roles", ())), scopes=listed)
