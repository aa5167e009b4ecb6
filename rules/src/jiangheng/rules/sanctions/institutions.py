"""Measures against institutions, and what these are after them.

Sources: 000 A1 14, A7 29, A8 25; 001 D1 34, D5 20; 002 31-32.

The ground and its gravity give the measures of the ladder that the pack cites;
the standing says which of them are lawful now. No text lets a measure be taken
without its ground, or brings an ended institution back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.sanctions.ruling import LADDER, Named, Ruling, UnknownViolation, ruling, said
from jiangheng.rules.tables import table
from jiangheng.rules.wording import worded

Gravity = Literal["ordinary", "serious", "gravest"]


@dataclass(frozen=True)
class Ground:
    """For what an institution gets measures; `steps` by gravity."""

    id: str
    zh: str
    en: str
    by: str
    clause: str
    decider: str
    steps: Mapping[Gravity, Mapping[str, Sequence[str]]]


def institution_grounds(pack: Pack) -> Mapping[str, Ground]:
    """The grounds of the ladder that the pack cites, by name. Raises NotRegulated."""
    cited = pack.answer(LADDER).cite
    return MappingProxyType({ground.id: ground for ground in _grounds() if ground.by in cited})


def institution_ruling(ground: str, pack: Pack, *, gravity: Gravity = "ordinary") -> Ruling:
    """What an institution gets on a ground (SUP-051 to SUP-055).

    A gravity for which the text has no step gets the step below it. Raises NotRegulated, UnknownViolation.
    """
    try:
        row = institution_grounds(pack)[ground]
    except KeyError:
        raise UnknownViolation(ground) from None
    step = row.steps[_step(row, gravity)]
    taken, choice = step.get("all", ()), step.get("one_of", ())
    office = table("sanctions")["deciders"][row.decider]
    return ruling(
        taken,
        choice,
        said("institution", taken, choice, (row.clause,), row),
        deciders=(Named(row.decider, office["zh"], office["en"]),),
    )


def standing_after(standing: str, measure: str) -> str | Explanation:
    """What an institution is after a measure, or why it cannot get it now. Raises LookupError."""
    called = table("sanctions")["standings"][standing]
    step = table("sanctions")["transitions"].get(measure)
    if step is None:
        return standing
    if standing not in step["from"]:
        return worded("sanctions", "transition", standing=called["zh"], standing_en=called["en"])
    return str(step["to"])


def explain_evaluating(standing: str, pack: Pack) -> tuple[Explanation, ...]:
    """Why an institution of this standing may not evaluate; empty if it may.

    Raises NotRegulated for one that rectifies if nothing says whether it stops meanwhile (001).
    """
    called = table("sanctions")["standings"][standing]
    if standing == "active":
        return ()
    if standing != "rectifying":
        return (worded("sanctions", "may_not_evaluate", standing=called["zh"], standing_en=called["en"]),)
    key = "sanction.suspend_during_rectification"
    return (worded("sanctions", "suspended", pack.answer(key).cite),) if pack.flag(key) else ()


def explain_end_of_filing(non_recognitions: int, idle_years: int, pack: Pack) -> tuple[Explanation, ...]:
    """Which counts end a filing (002 32(7)-(8)); empty if none does.

    One decision of non-recognition counts once, whatever grounds it names (the
    text does not say). A pack that regulates no count ends no filing by it.
    """
    found = []
    for key, count, name, place in (
        ("org.deregister.nonrecognition_count", non_recognitions, "too_often", "count"),
        ("org.deregister.idle_years", idle_years, "too_long_idle", "years"),
    ):
        if pack.regulates(key) and count >= pack.integer(key):
            found.append(worded("sanctions", name, pack.answer(key).cite, **{place: count}))
    return tuple(found)


@cache
def _grounds() -> tuple[Ground, ...]:
    return tuple(Ground(**row) for row in table("sanctions")["ground"])


def _step(ground: Ground, gravity: Gravity) -> Gravity:
    """The step for a gravity: the gravest that is not above it."""
    order: tuple[Gravity, ...] = ("gravest", "serious", "ordinary")
    return next(step for step in order[order.index(gravity) :] if step in ground.steps)
