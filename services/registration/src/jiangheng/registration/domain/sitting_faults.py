"""What can be wrong with the sittings of a batch: times, days off, parts (000 A1 4-5; 000 main 11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain import deadline
from jiangheng.registration.domain.batch import BatchPlan, Part, Sitting
from jiangheng.registration.domain.dossier import InstitutionKind
from jiangheng.registration.domain.refusal import explained
from jiangheng.rules import terms
from jiangheng.rules.calendar import Calendar, CalendarNotPublished
from jiangheng.rules.exam_dates import check_exam_date
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack

# Of one sitting, in days.
MAX_DAYS = 31


@dataclass(frozen=True)
class Setting:
    """What a plan is judged against: the rules, whose plan it is, what its institution is filed for, when.

    `handed_in`: the plan was handed in in time, and only what changed since then is looked at: the term for
    handing it in binds the institution, not the authority that confirms it later.
    """

    # As it holds for this kind of institution.
    pack: Pack
    institution: str
    kind: InstitutionKind | None
    division: str
    filed: Collection[tuple[str, int]]
    calendar: Calendar
    now: datetime
    handed_in: bool = False


def sitting_faults(plan: BatchPlan, setting: Setting) -> Iterator[Problem]:
    """What is wrong with the sittings of a plan, and the parts that have none."""
    twice = Counter(sitting.sitting_id for sitting in plan.sittings)
    for number, sitting in enumerate(plan.sittings):
        at = f"plan.sittings[{number}]"
        if not sitting.sitting_id.strip() or twice[sitting.sitting_id] > 1:
            yield invalid(
                f"{at}.sitting_id", "场次编号缺失或重复。", "missing or named twice", rule="REG-053"
            )
        yield from _one_sitting_faults(at, sitting, setting)
    wanted = {part for scope in plan.scopes for part in scope.parts if part}
    for part in sorted(wanted - {sitting.part for sitting in plan.sittings}, key=_order):
        zh, en = f"没有安排场次：{part.value}。", f"no sitting for the part {part.value}"
        yield invalid("plan.sittings", zh, en, rule="REG-053")


def _one_sitting_faults(at: str, sitting: Sitting, setting: Setting) -> Iterator[Problem]:
    if sitting.part is None:
        yield invalid(f"{at}.part", "未知的考核科目。", "no such part", rule="REG-124", clause="000 main 11")
    if not sitting.site_id:
        yield invalid(f"{at}.site_id", "未选择考点。", "the site is missing", rule="REG-028")
    starts, ends = sitting.starts_at, sitting.ends_at
    if starts is None or ends is None or not starts < ends:
        yield invalid(
            f"{at}.ends_at", "起止时间有误。", "the times are missing or in no order", rule="REG-053"
        )
    elif starts <= setting.now:
        yield invalid(f"{at}.starts_at", "考试时间已过。", "the exam would be in the past", rule="REG-053")
    else:
        yield from _holiday_faults(at, starts, ends, setting)


def _holiday_faults(at: str, starts: datetime, ends: datetime, setting: Setting) -> Iterator[Problem]:
    """Each of its days keeps off statutory holidays, where the pack asks that of the institution."""
    day, last = terms.day_of(starts), terms.day_of(ends - deadline.INSTANT)
    if (last - day).days >= MAX_DAYS:
        zh, en = f"一场不得超过{MAX_DAYS}天。", f"longer than {MAX_DAYS} days"
        yield invalid(f"{at}.ends_at", zh, en, rule="REG-053")
        return
    for days in range((last - day).days + 1):
        field = f"{at}.starts_at" if not days else f"{at}.ends_at"
        why = _holiday(day + timedelta(days), setting)
        if why:
            yield from explained(field, why)
            return


def _holiday(day: date, setting: Setting) -> Explanation | None:
    try:
        return check_exam_date(day, setting.pack, setting.calendar)
    except CalendarNotPublished as unknown:
        return unknown.explanation


def _order(part: Part) -> int:
    return list(Part).index(part)
