"""May the candidate apply: which alternatives were tried, what meets them, what is missing, from when on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from jiangheng.rules.eligibility.conditions import Condition, Conditions, Need
from jiangheng.rules.eligibility.evidence import Evidence
from jiangheng.rules.eligibility.facts import Facts, Spans, facts_of, spans_of
from jiangheng.rules.eligibility.gaps import Gap, Piece, gap_of, pieces_of
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.eligibility.tenure import (
    Span,
    common,
    day_at,
    holds_a_day,
    position,
    united,
)
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.tables import table

_Tried = tuple[Condition, tuple[Spans, ...], int | None]
"""A condition, when each of its needs is met, and where the time begins in which all are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One need of a condition: met by these pieces of evidence since a day, or what is missing.

    `from_day` is the first day of the time in which it is met, now or later; None if waiting does not help.
    """

    need: Need
    met: bool
    from_day: date | None
    pieces: tuple[Piece, ...]
    gap: Gap | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One alternative as it was tried."""

    condition: Condition
    on: date
    met: bool
    _begin: int | None = field(repr=False)
    _facts: Facts = field(repr=False, compare=False)
    _spans: tuple[Spans, ...] = field(repr=False, compare=False)

    @property
    def from_day(self) -> date | None:
        """As in a Decision, for this alternative alone."""
        return _day(self._begin)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Need by need."""
        each = zip(self.condition.needs, self._spans, strict=True)
        return tuple(_finding(need, spans, self._facts, self.on) for need, spans in each)

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """What is missing, one for each need that is not met."""
        gaps = [finding.gap for finding in self.findings if finding.gap]
        rule, clause = self.condition.rule, self.condition.clause
        return tuple(Explanation(zh=gap.zh, en=gap.en, rule=rule, clause=clause) for gap in gaps)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one level on one day.

    `from_day`: if eligible, the first day of the unbroken time in which he is; if not,
    the first later day on which he will be if he merely waits (work that goes on goes on,
    nothing else is added); None if waiting does not help.
    """

    standard: Standard
    level: int
    on: date
    eligible: bool
    from_day: date | None
    source: Conditions = field(repr=False)
    _facts: Facts = field(repr=False, compare=False)
    _tried: tuple[_Tried, ...] = field(repr=False)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All alternatives of the level, in their order."""
        place = position(self.on)
        return tuple(
            Attempt(row, self.on, _holds(begin, place), begin, self._facts, spans)
            for row, spans, begin in self._tried
        )

    @property
    def met(self) -> tuple[Attempt, ...]:
        """The alternatives that are met."""
        return tuple(attempt for attempt in self.attempts if attempt.met)

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """Why not: what each alternative misses; empty if he may apply. Without personal data."""
        if self.eligible:
            return ()
        if not self.attempts:
            return (_no_conditions(self.level, self.source),)
        return tuple(_refused(attempt) for attempt in self.attempts)

    @property
    def waiting(self) -> Explanation:
        """Whether waiting helps, and if not why."""
        kind = "met" if self.eligible else "helps" if self.from_day else "in_vain"
        said = table("eligibility/gaps")["waiting"][kind]
        clause = self.attempts[0].condition.clause if self.attempts else "; ".join(self.source.cite)
        return Explanation(zh=said["zh"], en=said["en"], rule="REG-092", clause=clause)


def decide(conditions: Conditions, evidence: Evidence, level: int, standard: Standard, on: date) -> Decision:
    """The decision for this level of the standard's occupation on a day (REG-087 to REG-092).

    `Standard("6-31-01-03")` will do if its lists are not known: then only the occupation
    itself counts, and conditions that ask for majors or specialties cannot be met.
    """
    facts = facts_of(evidence, standard)
    place = position(on)
    tried: list[_Tried] = []
    whole: list[Span] = []
    for condition in conditions.levels.get(level, ()):
        spans = [spans_of(need, facts) for need in condition.needs]
        met = _all(spans)
        whole += met
        tried.append((condition, tuple(spans), _begin(met, place)))
    first = _begin(united(whole), place)
    eligible = _holds(first, place)
    return Decision(standard, level, on, eligible, _day(first), conditions, facts, tuple(tried))


def _all(each: list[Spans]) -> Spans:
    """The time in which all of them are met."""
    whole = each[0]
    for spans in each[1:]:
        whole = common(whole, spans) if whole else ()
    return holds_a_day(whole) if whole else ()


def _begin(spans: Spans, place: int) -> int | None:
    """Where the first span begins that has not ended; spans are in order."""
    for begin, end in spans:
        if place < end:
            return begin
    return None


def _holds(begin: int | None, place: int) -> bool:
    """True if the time that begins there has begun; it is one that has not ended."""
    return begin is not None and begin <= place


def _day(place: int | None) -> date | None:
    return None if place is None else day_at(place)


def _finding(need: Need, spans: Spans, facts: Facts, on: date) -> Finding:
    place = position(on)
    begin = _begin(spans, place)
    met = _holds(begin, place)
    gap = None if met else gap_of(need, facts, on)
    return Finding(need, met, _day(begin), pieces_of(need, facts, on) if met else (), gap)


def _refused(attempt: Attempt) -> Explanation:
    """One alternative that is not met, with everything that it misses."""
    condition, missing = attempt.condition, attempt.explanations
    zh = "；".join(each.zh.rstrip("。") for each in missing)
    en = "; ".join(_within(each.en) for each in missing)
    said = table("eligibility/gaps")["refused"]
    return Explanation(
        zh=said["zh"].format(condition=condition.id, missing=zh),
        en=said["en"].format(condition=condition.id, missing=en),
        rule=condition.rule,
        clause=condition.clause,
    )


def _within(sentence: str) -> str:
    """An English sentence as a part of another."""
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _no_conditions(level: int, source: Conditions) -> Explanation:
    said = table("eligibility/gaps")["no_conditions"]
    names = table("eligibility/vocabulary")["levels"][str(level)]
    return Explanation(
        zh=said["zh"].format(level=names["zh"], source=source.zh),
        en=said["en"].format(level=names["en"], source=source.en),
        rule="REG-092",
        clause="; ".join(source.cite),
    )
