"""Many faults told in one refusal, and the faults that any text or list can have."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.rules.explanation import Explanation

# A Problem travels in gRPC's trailers, which are short: the first fault is told
# in full, so many more are listed, the rest is only counted.
MORE_FAULTS = 10
DIGEST_BYTES = 32


def refuse(faults: Iterable[Problem]) -> None:
    """Raise the first of the faults with the others in its details; nothing if there are none."""
    found = list(faults)
    if not found:
        return
    first, more = found[0], found[1 : 1 + MORE_FAULTS]
    listed = {f"fault.{number}": _line(fault) for number, fault in enumerate(more, start=2)}
    raise invalid(
        first.field,
        first.zh,
        first.en,
        rule=first.rule,
        clause=first.clause,
        code=first.code,
        faults=str(len(found)),
        **listed,
    )


def text_fault(field: str, text: str, limit: int, *, lines: bool = False) -> Problem | None:
    """What is wrong with a text: too long, or control characters (`lines`: line ends are allowed)."""
    if len(text) > limit:
        return invalid(field, f"不得超过{limit}个字符。", f"longer than {limit} characters")
    allowed = "\n\t" if lines else ""
    if any(unicodedata.category(char) == "Cc" and char not in allowed for char in text):
        return invalid(field, "含有控制字符。", "contains control characters")
    return None


def text_faults(texts: Iterable[tuple[str, str, int]]) -> Iterator[Problem]:
    """The same of several texts, each with its field and limit."""
    for field, text, limit in texts:
        fault = text_fault(field, text, limit)
        if fault:
            yield fault


def too_many(field: str, found: int, limit: int) -> Iterator[Problem]:
    """The fault of a list that is too long."""
    if found > limit:
        yield invalid(field, f"不得超过{limit}项。", f"more than {limit} entries")


def explained(field: str, why: Explanation | None) -> Iterator[Problem]:
    """The refusal of a field for a reason that a rule gave."""
    if why:
        yield invalid(field, why.zh, why.en, rule=why.rule, clause=why.clause)


def day_of(text: str) -> date | None:
    """The day that a text YYYY-MM-DD names; None if it names none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Python reads days in other forms of ISO 8601 too: 20260411, 2026-W15-6.
    return day if day.isoformat() == text else None


def _line(fault: Problem) -> str:
    source = ", ".join(part for part in (fault.rule, fault.clause) if part)
    return f"{fault.field} [{source}] {fault.zh} {fault.en}"
