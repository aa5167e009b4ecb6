"""Entry earlier than the conditions say, for merits or the occupation's sake (000 A7 8-9; 001 D4 6(4))."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.qualification.grades import Grade
from jiangheng.rules.records import is_so, number, option, options
from jiangheng.rules.schema import schema
from jiangheng.rules.terms import last_day
from jiangheng.rules.values import Record, Shape, Text
from jiangheng.rules.wording import worded

_REASONS = "qualification/reasons"
EARLY = "examiner.early_application_years"

Ground = Literal[
    "contest_expert",
    "contest_umpire",
    "skill_honour",
    "craftsman",
    "new_occupation",
    "heritage",
    "local_craft",
]
Area = Literal["city", "province", "nation"]
AREAS: tuple[str, ...] = get_args(Area)


@dataclass(frozen=True)
class Merit:
    """What may let somebody in earlier: an option of the parameter's grounds.

    `day`: of the contest or honour, or of the publication of a new occupation;
    None where it does not matter. `area`: of the contest or honour.
    """

    ground: Ground
    day: date | None = None
    area: Area | None = None


@dataclass(frozen=True)
class Earlier:
    """By how many years, on what ground; `waives`: the conditions are passed over.

    `needs_consent`: what could be had with the centre's consent and is not.
    """

    years: int = 0
    waives: bool = False
    grounds: tuple[Explanation, ...] = ()
    needs_consent: tuple[Explanation, ...] = ()


NO_EARLIER = Earlier()


def earlier_entry(merits: Iterable[Merit], grade: Grade, consented: bool, on: date, pack: Pack) -> Earlier:
    """The best that these merits give for the grade; they do not add up."""
    if not pack.regulates(EARLY):
        return NO_EARLIER
    mine, cite = tuple(merits), pack.answer(EARLY).cite
    rows = [row for row in pack.records(EARLY) if grade in options(row, "grades") and _met(row, mine, on)]
    granted = [row for row in rows if consented or option(row, "consent") is None]
    best = max(granted, key=_worth, default=None)
    years = number(best, "years") or 0 if best else 0
    more = [row for row in rows if row not in granted and (number(row, "years") or 0) > years]
    return Earlier(
        years=years,
        waives=best is not None and is_so(best, "waives_conditions"),
        grounds=(_ground(best, cite),) if best else (),
        needs_consent=tuple(_needs_consent(row, cite) for row in more),
    )


def _worth(row: Record) -> tuple[bool, int]:
    return is_so(row, "waives_conditions"), number(row, "years") or 0


def _met(row: Record, merits: Iterable[Merit], on: date) -> bool:
    return any(merit.ground in options(row, "grounds") and _counts(merit, row, on) for merit in merits)


def _counts(merit: Merit, row: Record, on: date) -> bool:
    area, within = option(row, "area"), number(row, "within_years")
    if area is not None and (merit.area is None or _rank(merit.area) < _rank(area)):
        return False
    if within is None:
        return True
    return merit.day is not None and merit.day <= on <= last_day(merit.day, within, "year", moves=False)


def _rank(area: str) -> int:
    return AREAS.index(area)


def _ground(row: Record, cite: Iterable[str]) -> Explanation:
    years = number(row, "years")
    reason = "earlier" if years else "conditions_waived"
    return worded(_REASONS, reason, cite, years=years, **_grounds_named(row))


def _needs_consent(row: Record, cite: Iterable[str]) -> Explanation:
    by = _field("consent").options[str(row["consent"])]
    return worded(_REASONS, "consent_needed", cite, years=number(row, "years"), by=by.zh, by_en=by.en)


def _field(name: str) -> Shape:
    return schema().parameters[EARLY].shape.fields[name].shape


def _grounds_named(row: Record) -> dict[str, str]:
    named: list[Text] = [_field("grounds").options[each] for each in options(row, "grounds")]
    return {
        "grounds": "、".join(each.zh for each in named),
        "grounds_en": ", ".join(each.en for each in named),
    }
