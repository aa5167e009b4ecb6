"""Are an employer's own conditions below the standard, and where? (000 A1 附 note 1; 004 E四(二)2; REG-093)

An own condition is not below if some condition of the standard for that level is met
by everybody who meets it: each need of the standard follows from one of the own.
So if nothing is found, nobody may apply under the own conditions who may not under
the standard; what is found may still be as strict in a way that is not seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jiangheng.rules.eligibility.conditions import (
    GRADES,
    LEVELS,
    Age,
    Apprenticed,
    Condition,
    Conditions,
    Graduated,
    Holds,
    Intent,
    Need,
    Studies,
    Titled,
    Work,
)
from jiangheng.rules.eligibility.wording import need_text
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.tables import table

_RULE = "REG-093"


@dataclass(frozen=True)
class Below:
    """An own condition that is easier than every one of the standard for its level.

    `nearest` is the one of the standard of which it lacks least, None if the standard
    has none for the level; `lacking` are the needs of it that do not follow.
    """

    own: Condition
    nearest: Condition | None
    lacking: tuple[Need, ...]
    explanation: Explanation


def compare(own: Conditions, standard: Conditions) -> tuple[Below, ...]:
    """Where own conditions are below the standard; empty if nowhere."""
    rows = (row for level in LEVELS for row in own.levels.get(level, ()))
    return tuple(found for row in rows if (found := _below(row, standard)))


def unexplained(below: tuple[Below, ...], reasons: Mapping[str, str]) -> tuple[Explanation, ...]:
    """Those for which no reason is given; `reasons` by the id of the own condition, e.g. 4.2 (REG-093)."""
    return tuple(each.explanation for each in below if not reasons.get(each.own.id, "").strip())


def follows(wanted: Need, given: tuple[Need, ...]) -> bool:
    """True if everybody who meets all that is given meets what is wanted."""
    return any(_FOLLOWS[type(wanted)](wanted, each) for each in given)


def _below(own: Condition, standard: Conditions) -> Below | None:
    rows = standard.levels.get(own.level, ())
    lacking = {row: tuple(need for need in row.needs if not follows(need, own.needs)) for row in rows}
    if any(not needs for needs in lacking.values()):
        return None
    nearest = min(rows, key=lambda row: _distance(row, lacking[row], own), default=None)
    if nearest is None:
        return Below(own, None, (), _said(own, "compare_no_level", "; ".join(standard.cite), {}))
    needs = lacking[nearest]
    texts = [need_text(need) for need in needs]
    words = {
        "nearest": (nearest.id, nearest.id),
        "lacking": ("；".join(zh for zh, _ in texts), "; ".join(en for _, en in texts)),
    }
    return Below(own, nearest, needs, _said(own, "compare_below", nearest.clause, words))


def _distance(row: Condition, lacking: tuple[Need, ...], own: Condition) -> tuple[int, int, int]:
    """First what is of a kind that the own condition has not at all, then how much is lacking in all."""
    kinds = {type(need) for need in own.needs}
    return sum(type(need) not in kinds for need in lacking), len(lacking), -len(row.needs)


def _said(own: Condition, kind: str, clause: str, words: Mapping[str, tuple[str, str]]) -> Explanation:
    said = table("eligibility/gaps")[kind]
    zh, en = (
        said[language].format(own=own.id, **{name: pair[place] for name, pair in words.items()})
        for place, language in enumerate(("zh", "en"))
    )
    return Explanation(zh=zh, en=en, rule=_RULE, clause=clause)


def _age(wanted: Age, given: Need) -> bool:
    return isinstance(given, Age) and given.years >= wanted.years


def _intent(_: Intent, given: Need) -> bool:
    return isinstance(given, Intent)


def _work(wanted: Work, given: Need) -> bool:
    """Work after a certificate or a title is work as well."""
    match given:
        case Work(months):
            return months >= wanted.months
        case Holds(work_months_after=months) | Titled(work_months_after=months):
            return months >= max(wanted.months, 1)
        case _:
            return False


def _holds(wanted: Holds, given: Need) -> bool:
    if not isinstance(given, Holds):
        return False
    level = given.level == wanted.level or (wanted.or_higher and given.level < wanted.level)
    higher = wanted.or_higher or not given.or_higher
    held = max(given.held_months, given.work_months_after)
    long = held >= wanted.held_months and given.work_months_after >= wanted.work_months_after
    return level and higher and long


def _titled(wanted: Titled, given: Need) -> bool:
    if not isinstance(given, Titled):
        return False
    above = GRADES.index(given.grade) > GRADES.index(wanted.grade)
    grade = given.grade == wanted.grade or (wanted.or_higher and above)
    higher = wanted.or_higher or not given.or_higher
    kind = wanted.or_qualification or not given.or_qualification
    return grade and higher and kind and given.work_months_after >= wanted.work_months_after


def _graduated(wanted: Graduated, given: Need) -> bool:
    return (
        isinstance(given, Graduated)
        and _same_course(wanted, given)
        and wanted.graduating >= given.graduating
        and wanted.approved <= given.approved
    )


def _studies(wanted: Studies, given: Need) -> bool:
    return isinstance(given, Studies) and _same_course(wanted, given)


def _same_course(wanted: Graduated | Studies, given: Graduated | Studies) -> bool:
    classes = not wanted.classes or (bool(given.classes) and given.classes <= wanted.classes)
    return given.schools <= wanted.schools and classes and wanted.any_major >= given.any_major


def _apprenticed(_: Apprenticed, given: Need) -> bool:
    return isinstance(given, Apprenticed)


_FOLLOWS: Mapping[type, Callable[[Any, Need], bool]] = {
    Age: _age,
    Intent: _intent,
    Work: _work,
    Holds: _holds,
    Titled: _titled,
    Graduated: _graduated,
    Studies: _studies,
    Apprenticed: _apprenticed,
}
