"""Measures against candidates (000 A7 13, A1 13, A9; 001 D22, D1 33, D3 28; 004).

The pack's `exam.violation.scale` says for each conduct the measures, when they
are raised and to what; `exam.violation.decider`, who decides. The second time
is counted within a class (a row of the scale) and a session: the manual warns
once for any conduct of a class and voids the next (001 D22 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from jiangheng.rules.pack import Pack
from jiangheng.rules.sanctions.ruling import (
    SCALE,
    Named,
    Ruling,
    UnknownViolation,
    effect,
    options,
    ruling,
    said,
)
from jiangheng.rules.tables import table
from jiangheng.rules.values import Record, Text
from jiangheng.rules.wording import worded

DECIDER = "exam.violation.decider"
PAPER_REMOVED = "exam.paper_removed_sanction"

FoundOut = Literal["during_exam", "found_afterwards"]


def candidate_ruling(
    conduct: str, history: Iterable[str], pack: Pack, *, part: Literal["theory", "skill"] = "theory"
) -> Ruling:
    """What follows from a candidate's conduct after what he did earlier in this session.

    Conducts are the options of the scale. Raises NotRegulated if the pack has no
    scale, UnknownViolation for a conduct that is no option.
    """
    if conduct not in options(SCALE, "conduct"):
        raise UnknownViolation(conduct)
    row = _row(conduct, pack)
    if row is None or "measures" not in row:
        return _open_ruling(conduct, row, part, pack)
    raised = "then" in row and not set(_names(row, "conduct")).isdisjoint(history)
    taken, choice = _parted(_names(row, "then" if raised else "measures"))
    clause = table("sanctions")["conducts"].get(conduct, {}).get("clause", "")
    cite = _narrowed(clause, pack.answer(SCALE).cite)
    called = options(SCALE, "conduct")[conduct]
    return ruling(
        taken,
        choice,
        said("candidate_again" if raised else "candidate", taken, choice, cite, called),
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
    reason = said("paper_removed", [measure], (), pack.answer(PAPER_REMOVED).cite, Text("", ""))
    return ruling([measure], (), reason, records=_records(pack))


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
    return ruling(row["measures"], (), said("later", row["measures"], (), (row["clause"],), called))


def _parted(measures: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """A row of a scale as what is taken and what is chosen from: sending out goes with whatever is chosen."""
    along = [name for name in measures if effect(name).get("along")]
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
            called = options(DECIDER, name)
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
