"""The annual plan of an institution (年度认定计划) and its course (000 main 7(9); REG-037, 038, 041)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain.course import Apart, Course
from jiangheng.registration.domain.refusal import day_of, explained, refuse, text_faults, too_many
from jiangheng.registration.domain.signed import Signed
from jiangheng.rules import numbers

PREPARE, CONFIRM = "registration.plan.prepare", "registration.plan.confirm"
MAX_LINES = 500
_MAX_PLACE = 200
_MAX_CANDIDATES = 1_000_000
_YEARS = range(2000, 2200)


class State(Enum):
    """How far a plan has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CONFIRMED = "confirmed"


class Act(Enum):
    """What a person can do with a plan."""

    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"
    CONFIRM = "confirm"


TRANSITIONS: Mapping[tuple[State, Act], State] = MappingProxyType(
    {
        (State.DRAFT, Act.SAVE): State.DRAFT,
        (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Act.RETURN): State.RETURNED,
        (State.RETURNED, Act.SAVE): State.RETURNED,
        (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Act.CONFIRM): State.CONFIRMED,
        # A changed plan has to be confirmed anew (REG-041).
        (State.CONFIRMED, Act.SAVE): State.DRAFT,
    }
)
STATE_ZH: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: "草稿",
        State.SUBMITTED: "已提交",
        State.RETURNED: "已退回",
        State.CONFIRMED: "已确认",
    }
)
_PREPARING = frozenset({Act.SAVE, Act.SUBMIT})
_DECIDING = frozenset({Act.RETURN, Act.CONFIRM})
_SELF = Apart(
    _PREPARING,
    "PLAN-SELF",
    "000 main 3 [inferred]",
    "编制或提交该计划的人员不得确认或退回该计划。",
    "whoever prepared or submitted this plan cannot decide on it",
)
COURSE = Course(
    noun="plan",
    zh="年度计划",
    en="annual plan",
    rule="REG-038",
    clause="000 main 7(9)",
    transitions=TRANSITIONS,
    states_zh=STATE_ZH,
    scopes={act: PREPARE if act in _PREPARING else CONFIRM for act in Act},
    own=_PREPARING,
    apart=dict.fromkeys(_DECIDING, _SELF),
)


@dataclass(frozen=True)
class PlanLine:
    """One line: what is to be assessed, how many, when (YYYY-MM-DD) and where."""

    occupation_code: str
    level: int
    candidates: int
    exam_date: str
    place: str


@dataclass(frozen=True)
class Plan:
    """An institution's plan for a year as it stands."""

    credit_code: str
    year: int
    division: str
    lines: tuple[PlanLine, ...]
    state: State
    revision: int
    digest: bytes
    return_reason: str = ""
    confirmed: Signed | None = None
    # As last confirmed: it stands while a change of it is on its way (REG-041).
    standing: tuple[PlanLine, ...] | None = None

    @property
    def id(self) -> str:
        """One plan for each institution and year."""
        return plan_id(self.credit_code, self.year)

    def moved(self, state: State, revision: int) -> Plan:
        """The same after an act."""
        return replace(self, state=state, revision=revision)

    def rewritten(self, fresh: Plan) -> Plan:
        """The same with other lines."""
        return replace(self, lines=fresh.lines, digest=fresh.digest, confirmed=None)


def plan_id(credit_code: str, year: int) -> str:
    """The name of a plan's case."""
    return f"{credit_code}-{year}"


def refuse_unstorable(year: int, lines: tuple[PlanLine, ...]) -> None:
    """Raise Problem INVALID for what cannot even be a draft."""
    refuse(_unstorable(year, lines))


def refuse_incomplete(found: Plan, filed: Collection[tuple[str, int]]) -> None:
    """Raise Problem INVALID unless every line is whole and within the filed scope (REG-017, REG-037)."""
    refuse(_incomplete(found, filed))


def _unstorable(year: int, lines: tuple[PlanLine, ...]) -> Iterator[Problem]:
    if year not in _YEARS:
        yield invalid("year", "年度有误。", "not a year of plans", rule="REG-037")
    yield from too_many("lines", len(lines), MAX_LINES)
    for at, line in enumerate(lines[:MAX_LINES]):
        texts = (("place", line.place, _MAX_PLACE), ("exam_date", line.exam_date, 10))
        yield from text_faults((f"lines[{at}].{name}", text, limit) for name, text, limit in texts)
        yield from explained(
            f"lines[{at}].occupation_code", numbers.check_occupation_code(line.occupation_code)
        )


def _incomplete(found: Plan, filed: Collection[tuple[str, int]]) -> Iterator[Problem]:
    if not found.lines:
        yield invalid("lines", "计划没有内容。", "the plan is empty", rule="REG-037", clause="000 main 7(9)")
    for number, line in enumerate(found.lines):
        yield from _line_faults(f"lines[{number}]", line, found.year, filed)


def _line_faults(at: str, line: PlanLine, year: int, filed: Collection[tuple[str, int]]) -> Iterator[Problem]:
    yield from out_of_scope(at, line.occupation_code, line.level, filed)
    if not 0 < line.candidates <= _MAX_CANDIDATES:
        yield invalid(f"{at}.candidates", "计划人数有误。", "not a number of candidates", rule="REG-037")
    day = day_of(line.exam_date)
    if day is None or day.year != year:
        zh, en = "应为该年度内的日期（YYYY-MM-DD）。", "not a day of the plan's year (YYYY-MM-DD)"
        yield invalid(f"{at}.exam_date", zh, en, rule="REG-037")
    if not line.place.strip():
        yield invalid(f"{at}.place", "未填写地点。", "the place is missing", rule="REG-037")


def out_of_scope(
    at: str, occupation_code: str, level: int, filed: Collection[tuple[str, int]]
) -> Iterator[Problem]:
    """The fault of an occupation and level that the institution is not filed for (REG-017)."""
    if (occupation_code, level) not in filed:
        yield invalid(
            at,
            "超出备案的职业、等级范围。",
            "beyond the occupations and levels the institution is filed for",
            rule="REG-017",
            clause="000 main 7(5), 16; 002 32(1)",
            code="out-of-scope",
        )
