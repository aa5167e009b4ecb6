"""What follows from a violation: measures against candidates and against institutions, each with its clause.

Candidates: the pack's `exam.violation.scale` says for each conduct the measures,
when they are raised and to what; `exam.violation.decider`, who decides. The
second time is counted within a class (a row of the scale) and a session: the
manual warns once for any conduct of a class and voids the next (001 D22 1).

Institutions: the ground and its gravity give the measures of the ladder that
the pack cites; the standing says which of them are lawful now. No text lets a
measure be taken without its ground, or brings an ended institution back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table
from jiangheng.rules.values import Record, Text
from jiangheng.rules.wording import worded

SCALE = "exam.violation.scale"
DECIDER = "exam.violation.decider"
LADDER = "sanction.institution_ladder"
PAPER_REMOVED = "exam.paper_removed_sanction"

Gravity = Literal["ordinary", "serious", "gravest"]
FoundOut = Literal["during_exam", "found_afterwards"]


class UnknownViolation(LookupError):
    """No conduct or ground goes by this name in this pack."""


@dataclass(frozen=True)
class Named:
    """A measure, an office or a standing: its id and what it is called."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True)
class Ruling:
    """What follows, who decides it, what goes on record, and why.

    All of `measures` are taken, and one of `one_of` (from light to grave) by
    gravity; both are empty if the pack leaves them to a paper outside. `state`
    is what the measures make of the result (states of marks.toml), "" if it
    stands or depends on the choice. `raised`: the second step of the scale.
    Deciders are in the order in which they take part.
    """

    measures: tuple[Named, ...]
    one_of: tuple[Named, ...]
    deciders: tuple[Named, ...]
    records: tuple[Text, ...]
    state: str
    raised: bool
    reason: Explanation


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


def candidate_ruling(
    conduct: str, history: Iterable[str], pack: Pack, *, part: Literal["theory", "skill"] = "theory"
) -> Ruling:
    """What follows from a candidate's conduct after what he did earlier in this session.

    Conducts are the options of the scale. Raises NotRegulated if the pack has no
    scale, UnknownViolation for a conduct that is no option.
    """
    if conduct not in _options(SCALE, "conduct"):
        raise UnknownViolation(conduct)
    row = _row(conduct, pack)
    if row is None or "measures" not in row:
        return _open_ruling(conduct, row, part, pack)
    raised = "then" in row and not set(_names(row, "conduct")).isdisjoint(history)
    taken, choice = _parted(_names(row, "then" if raised else "measures"))
    clause = table("sanctions")["conducts"].get(conduct, {}).get("clause", "")
    cite = _narrowed(clause, pack.answer(SCALE).cite)
    called = _options(SCALE, "conduct")[conduct]
    return _ruling(
        taken,
        choice,
        _said("candidate_again" if raised else "candidate", taken, choice, cite, called),
        deciders=_deciders(conduct, part, pack),
        records=_records(pack),
        raised=raised,
    )


def paper_removed_ruling(found: FoundOut, pack: Pack) -> Ruling | None:
    """What follows when a paper is taken away; None if the pack says nothing of this moment.

    Raises NotRegulated.
    """
    measure = pack.record(PAPER_REMOVED).get(found)
    if not isinstance(measure, str):
        return None
    reason = _said("paper_removed", [measure], (), pack.answer(PAPER_REMOVED).cite, Text("", ""))
    return _ruling([measure], (), reason, records=_records(pack))


def later_violations(pack: Pack) -> Mapping[str, Named]:
    """What can come out after the exam, by the source of the pack's scale. Raises NotRegulated."""
    sources = {cite.split()[0] for cite in pack.answer(SCALE).cite}
    rows = [row for row in table("sanctions")["later"] if row["of"] in sources]
    return MappingProxyType({row["id"]: Named(row["id"], row["zh"], row["en"]) for row in rows})


def later_ruling(violation: str, pack: Pack) -> Ruling:
    """What follows from what came out after the exam (000 A1 13; 001 D1 33, D3 28).

    Each measure as far as it applies: a certificate is annulled if there is one. Raises UnknownViolation.
    """
    if violation not in later_violations(pack):
        raise UnknownViolation(violation)
    row = next(row for row in table("sanctions")["later"] if row["id"] == violation)
    called = Text(row["zh"], row["en"])
    return _ruling(row["measures"], (), _said("later", row["measures"], (), (row["clause"],), called))


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
    return _ruling(
        taken,
        choice,
        _said("institution", taken, choice, (row.clause,), row),
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


def _ruling(
    measures: Sequence[str],
    one_of: Sequence[str],
    reason: Explanation,
    *,
    deciders: tuple[Named, ...] = (),
    records: tuple[Text, ...] = (),
    raised: bool = False,
) -> Ruling:
    states = [state for name in measures if (state := _effect(name).get("state", ""))]
    return Ruling(
        tuple(_measure(name) for name in measures),
        tuple(_measure(name) for name in one_of),
        deciders,
        records,
        next(iter(states), ""),
        raised,
        reason,
    )


def _said(
    name: str, taken: Iterable[str], choice: Iterable[str], cite: Iterable[str], called: Text | Named | Ground
) -> Explanation:
    each = [_measure(measure) for measure in taken]
    one = [_measure(measure) for measure in choice]
    zh = [*(measure.zh for measure in each), "或".join(measure.zh for measure in one)]
    en = [*(measure.en for measure in each), " or ".join(measure.en for measure in one)]
    return worded(
        "sanctions",
        name,
        cite,
        conduct=called.zh,
        conduct_en=called.en,
        measures="、".join(filter(None, zh)),
        measures_en=", ".join(filter(None, en)),
    )


def _parted(measures: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """A row of a scale as what is taken and what is chosen from: sending out goes with whatever is chosen."""
    along = [name for name in measures if _effect(name).get("along")]
    chosen = [name for name in measures if name not in along]
    return (along, chosen) if len(chosen) > 1 else (measures, ())


def _open_ruling(conduct: str, row: Record | None, part: str, pack: Pack) -> Ruling:
    """The pack leaves the measures to a paper that it does not have, or says nothing of this conduct."""
    paper = row.get("elsewhere") if row else None
    cite = pack.answer(SCALE).cite
    if isinstance(paper, Text):
        reason = worded("sanctions", "elsewhere", cite, paper=paper.zh, paper_en=paper.en)
    else:
        reason = worded("sanctions", "no_row", cite)
    return Ruling((), (), _deciders(conduct, part, pack), _records(pack), "", False, reason)


def _row(conduct: str, pack: Pack) -> Record | None:
    """The row of the scale that names the conduct, or else the one for any."""
    rows = pack.records(SCALE)
    named = (row for row in rows if conduct in _names(row, "conduct"))
    general = (row for row in rows if not _names(row, "conduct"))
    return next(named, next(general, None))


def _deciders(conduct: str, part: str, pack: Pack) -> tuple[Named, ...]:
    """Who decides: by the conduct's own field, the part's, or any exam's; nobody if the pack is silent."""
    if not pack.regulates(DECIDER):
        return ()
    record = pack.record(DECIDER)
    own = table("sanctions")["conducts"].get(conduct, {}).get("decider", part)
    for name in (own, part, "any"):
        if name in record:
            called = _options(DECIDER, name)
            return tuple(Named(each, called[each].zh, called[each].en) for each in _names(record, name))
    return ()


def _records(pack: Pack) -> tuple[Text, ...]:
    rows = table("sanctions")["records"]
    found = [rows[cite] for cite in pack.answer(SCALE).cite if cite in rows] if pack.regulates(SCALE) else []
    return tuple(Text(zh, en) for row in found for zh, en in zip(row["zh"], row["en"], strict=True))


def _narrowed(clause: str, cite: Sequence[str]) -> tuple[str, ...]:
    """The conduct's own article if it lies within what the pack cites."""
    return (clause,) if clause.startswith(tuple(cite)) else tuple(cite)


def _names(row: Record, field: str) -> tuple[str, ...]:
    value = row.get(field, ())
    return value if isinstance(value, tuple) else ()


def _options(key: str, field: str) -> Mapping[str, Text]:
    return schema().parameters[key].shape.fields[field].shape.options


def _effect(measure: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] = table("sanctions")["measures"].get(measure, {})
    return row


def _measure(name: str) -> Named:
    own = _effect(name)
    if "zh" in own:
        return Named(name, own["zh"], own["en"])
    called = _options(SCALE, "measures").get(name) or schema().parameters[LADDER].shape.options[name]
    return Named(name, called.zh, called.en)


@cache
def _grounds() -> tuple[Ground, ...]:
    return tuple(Ground(**row) for row in table("sanctions")["ground"])


def _step(ground: Ground, gravity: Gravity) -> Gravity:
    """The step for a gravity: the gravest that is not above it."""
    order: tuple[Gravity, ...] = ("gravest", "serious", "ordinary")
    return next(step for step in order[order.index(gravity) :] if step in ground.steps)
