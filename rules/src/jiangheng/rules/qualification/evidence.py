"""What is proved of somebody who applies, and the decision on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from jiangheng.rules.eligibility.tenure import MONTH, accumulated, position, span, united
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.qualification.early import Merit
from jiangheng.rules.qualification.loss import Bar

TitleRank = Literal["junior", "intermediate", "senior"]
TITLE_RANKS: tuple[str, ...] = get_args(TitleRank)
YEAR = 12 * MONTH
"""A year on the scale of eligibility.tenure."""


@dataclass(frozen=True)
class Certificate:
    """A certificate of the occupation applied for; level 1 is the highest."""

    level: int
    issued: date


@dataclass(frozen=True)
class Title:
    """A professional title, of a related field as far as the pack asks for it (000 A7 6)."""

    rank: TitleRank
    conferred: date


@dataclass(frozen=True)
class Period:
    """A time of work, both days in it; None: it goes on. `own`: in the occupation, else in a related one."""

    first: date
    last: date | None = None
    own: bool = True


@dataclass(frozen=True)
class Applicant:
    """What is proved of somebody who applies for an occupation.

    `assessing`: times of work as a qualified examiner. `highest_level` of the
    occupation. `merits` and `consented`: for an earlier entry. `bars`: see loss.
    """

    born: date
    certificates: tuple[Certificate, ...] = ()
    titles: tuple[Title, ...] = ()
    practice: tuple[Period, ...] = ()
    assessing: tuple[Period, ...] = ()
    holds_card_of_occupation: bool = False
    highest_level: int = 1
    merits: tuple[Merit, ...] = ()
    consented: bool = False
    hr_staff: bool = False
    general_conditions: bool = False
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class Supervisor:
    """What is proved of somebody who is to supervise.

    `backgrounds`: options of `supervisor.qualification`. `regular_staff` of the
    institution; `registered`: in the provincial centre's system.
    """

    general_conditions: bool = False
    regular_staff: bool = False
    registered: bool = False
    backgrounds: frozenset[str] = frozenset()
    assessing: tuple[Period, ...] = ()
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class Decision:
    """Why not (empty: qualified), and what a yes rests on."""

    refusals: tuple[Explanation, ...]
    grounds: tuple[Explanation, ...] = ()

    @property
    def qualified(self) -> bool:
        """True if nothing is missing."""
        return not self.refusals


def bar_faults(bars: Iterable[Bar], on: date) -> Iterator[Explanation]:
    """Why somebody may not apply at all that day (X12)."""
    yield from (bar.reason for bar in bars if bar.holds(on))


def time_worked(periods: Iterable[Period], after: date, on: date) -> int:
    """How much time lies in these periods between two days, nothing counted twice; YEAR is a year."""
    spans = united(span(each.first, each.last) for each in periods)
    return accumulated(spans, position(after), position(on))


def months(time: int) -> int:
    """A time in months, rounded up."""
    return -(-time // MONTH)
