"""From marks to a result: per part and for the whole, in exact decimals (000 A3 16-21; 001 D1 26).

- Every part that is held must reach the pass mark; nothing makes up for a part.
- Marks of several markers combine by their arithmetic mean, module by module
  (the only rule that a source knows; where the pack is silent the result says
  so); a part is the sum of its modules. No source knows dropping of the highest
  or lowest mark, so there is none.
- The decision is taken on the exact mean. Rounding is for showing only.
- Absence, exclusion and the like are states, never a mark of zero (EXM-103).
- What the leader of the group must settle (dispute, marks too far apart, late
  marks) leaves the part open until his mark is given (000 A7 24; 001 D4 10).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from enum import StrEnum
from math import lcm

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.mark_rules import MarkRules, part_row
from jiangheng.rules.tables import table
from jiangheng.rules.wording import worded

# Enough for every sum of marks with two places to be exact.
_EXACT = Context(prec=60)


class Verdict(StrEnum):
    """What a part or the whole comes to; `open` is not decided yet."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"
    OPEN = "open"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class GivenMark:
    """One marker's mark for one module; `late` if it came after marking was closed."""

    marker: str
    value: Decimal
    present: bool = True
    late: bool = False


@dataclass(frozen=True)
class Module:
    """A piece of a part that is marked on its own, out of `full`; `on_the_spot` only by those present."""

    id: str
    full: Decimal
    marks: tuple[GivenMark, ...]
    on_the_spot: bool = False


@dataclass(frozen=True)
class Marked:
    """Marks of a part; `settled` is the leader's mark for the whole part, which ends every dispute."""

    modules: tuple[Module, ...]
    disputed: bool = False
    settled: Decimal | None = None


@dataclass(frozen=True)
class Reviewed:
    """A part without marks, of which the reviewers say passed or not (001 D1 26, comprehensive review)."""

    passed: bool


@dataclass(frozen=True)
class NotMarked:
    """A state in place of a mark: a key of `states` in marks.toml."""

    state: str


Evidence = Marked | Reviewed | NotMarked


@dataclass(frozen=True)
class PartResult:
    """One part's outcome: `mark` as shown (None without one), `state` or "", and why."""

    part: str
    verdict: Verdict
    mark: Decimal | None
    state: str
    reasons: tuple[Explanation, ...]


@dataclass(frozen=True)
class Result:
    """The whole outcome, its parts in the order asked for, and why."""

    verdict: Verdict
    parts: tuple[PartResult, ...]
    reasons: tuple[Explanation, ...]


def shown(exact: Decimal) -> Decimal:
    """A mark as it is shown: two places, digits beyond dropped (marks.toml says why)."""
    row = table("marks")["rounding"]
    return exact.quantize(Decimal(1).scaleb(-row["places"]), rounding=row["mode"], context=_EXACT)


def part_result(part: str, evidence: Evidence, rules: MarkRules) -> PartResult:
    """The outcome of one part (theory, skill, comprehensive). An unknown part or state raises LookupError."""
    if isinstance(evidence, NotMarked):
        return _in_state(part, evidence.state)
    if isinstance(evidence, Reviewed):
        verdict = Verdict.PASSED if evidence.passed else Verdict.NOT_PASSED
        return PartResult(part, verdict, None, "", (_said(part, f"review_{verdict}"),))
    return _marked(part, evidence, rules)


def whole_result(required: Sequence[str], results: Iterable[PartResult]) -> Result:
    """The outcome of an evaluation of these parts: passed only if each is (EXM-102)."""
    by_part = {result.part: result for result in results}
    parts = tuple(by_part.get(part) or _missing(part) for part in required)
    verdicts = {result.verdict for result in parts}
    verdict = next(found for found in _STRONGEST if found in verdicts)
    reasons = tuple(reason for result in parts for reason in result.reasons)
    if verdict is Verdict.NOT_PASSED and Verdict.PASSED in verdicts:
        reasons += (worded("marks", "partial"),)
    return Result(verdict, parts, reasons)


def explain_order(
    part: str, after: Collection[str], results: Iterable[PartResult]
) -> tuple[Explanation, ...]:
    """Why a part may not be taken yet: those of `after` that are not passed (001 D1 26); empty if it may."""
    passed = {result.part for result in results if result.verdict is Verdict.PASSED}
    return tuple(
        _said(part, "not_yet", before=part_row(before)["zh"], before_en=part_row(before)["en"])
        for before in after
        if before not in passed
    )


# A cancelled part cancels the whole; a failed one decides it, whatever is still open.
_STRONGEST = (Verdict.CANCELLED, Verdict.NOT_PASSED, Verdict.OPEN, Verdict.PASSED)


def _in_state(part: str, state: str) -> PartResult:
    row = table("marks")["states"][state]
    why = _said(part, "state", state=row["zh"], state_en=row["en"])
    why = replace(why, clause=row["clause"])
    return PartResult(part, Verdict(row["verdict"]), None, state, (why,))


def _missing(part: str) -> PartResult:
    return PartResult(part, Verdict.OPEN, None, "", (_said(part, "missing_part"),))


def _marked(part: str, evidence: Marked, rules: MarkRules) -> PartResult:
    if evidence.settled is not None:
        faults: tuple[Explanation, ...] = ()
        if not _within(evidence.settled, rules.full):
            faults = (_said(part, "range"),)
        return _decided(part, evidence.settled, rules, faults, (_said(part, "settled"),))
    faults = tuple(_faults(part, evidence, rules))
    notes = tuple(_mean_said(part, evidence, rules))
    return _decided(part, Decimal(0) if faults else _combined(evidence.modules), rules, faults, notes)


def _mean_said(part: str, evidence: Marked, rules: MarkRules) -> Iterator[Explanation]:
    if any(len(module.marks) > 1 for module in evidence.modules):
        yield _said(part, "mean" if rules.mean_cite else "mean_assumed", rules.mean_cite)


def _decided(
    part: str,
    exact: Decimal,
    rules: MarkRules,
    faults: tuple[Explanation, ...],
    notes: tuple[Explanation, ...],
) -> PartResult:
    if faults:
        return PartResult(part, Verdict.OPEN, None, "", faults)
    passed = exact >= rules.pass_mark
    why = _said(part, "passed" if passed else "below", rules.cite, pass_mark=rules.pass_mark)
    verdict = Verdict.PASSED if passed else Verdict.NOT_PASSED
    return PartResult(part, verdict, shown(exact), "", (why, *notes))


def _combined(modules: tuple[Module, ...]) -> Decimal:
    """The sum of the means, divided once at the end, so that no order and no third leaves a trace."""
    share = lcm(*(len(module.marks) for module in modules))
    total = Decimal(0)
    for module in modules:
        for mark in module.marks:
            total = _EXACT.add(total, _EXACT.multiply(mark.value, Decimal(share // len(module.marks))))
    return _EXACT.divide(total, Decimal(share))


def _faults(part: str, evidence: Marked, rules: MarkRules) -> Iterator[Explanation]:
    """What keeps the marks from being combined, each kind of fault once."""
    if sum((module.full for module in evidence.modules), Decimal(0)) != rules.full:
        yield _said(part, "modules", full=rules.full)
    for name, wrong in _MODULE_FAULTS.items():
        if any(wrong(module, rules) for module in evidence.modules):
            yield _said(part, name, least=rules.markers, threshold=rules.disagreement)
    if evidence.disputed:
        yield _said(part, "disputed")


def _too_few(module: Module, rules: MarkRules) -> bool:
    least = rules.spot_markers if module.on_the_spot else rules.markers
    return 0 < len({mark.marker for mark in module.marks}) < least


def _twice(module: Module, _rules: MarkRules) -> bool:
    return len({mark.marker for mark in module.marks}) < len(module.marks)


def _apart(module: Module, rules: MarkRules) -> bool:
    values = [mark.value for mark in module.marks if mark.value.is_finite()]
    return bool(values) and rules.disagreement is not None and max(values) - min(values) > rules.disagreement


def _within(value: Decimal, full: Decimal) -> bool:
    return value.is_finite() and 0 <= value <= full


_MODULE_FAULTS: Mapping[str, Callable[[Module, MarkRules], bool]] = {
    "no_mark": lambda module, _: not module.marks,
    "too_few": _too_few,
    "range": lambda module, _: not all(_within(mark.value, module.full) for mark in module.marks),
    "twice": _twice,
    "not_present": lambda module, _: module.on_the_spot and not all(mark.present for mark in module.marks),
    "late_mark": lambda module, _: any(mark.late for mark in module.marks),
    "apart": _apart,
}


def _said(part: str, name: str, cite: Iterable[str] = (), **places: object) -> Explanation:
    row = part_row(part)
    return worded("marks", name, cite, part=row["zh"], part_en=row["en"].capitalize(), **places)
