"""The rules: decisions on eligibility and evaluations of deadlines a second, and what importing them costs.

Raw limits, in the same run: for eligibility the dates of the same evidence added up and compared in plain
Python, without a reason; for deadlines the same term counted day by day against a set of days off; for the
import a bare interpreter.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import chinese_calendar

from bench.report import Result
from jiangheng.rules.deadline_rows import row
from jiangheng.rules.deadlines import standing
from jiangheng.rules.eligibility.decide import decide
from jiangheng.rules.eligibility.evidence import Certificate, Education, Evidence, WorkPeriod
from jiangheng.rules.eligibility.source import pack_conditions
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.pack import pack_named

T = TypeVar("T")

CASES = 100_000
STARTS = 10
OCCUPATION, LEVEL, ON = "6-31-01-03", 3, date(2026, 6, 1)
DEADLINE = "filing-completion"
FIRST = datetime(2024, 1, 2, 4, tzinfo=UTC)
MODULES = (
    "pack",
    "deadlines",
    "eligibility.decide",
    "numbers.certificate",
    "staffing",
    "marks",
    "incompatibility",
)


def run() -> list[Result]:
    return [_eligibility(), _deadlines(), _import()]


def _eligibility() -> Result:
    conditions = pack_conditions(pack_named("jilin", ()))
    if conditions is None:
        raise RuntimeError("the pack has no conditions")
    standard = Standard(OCCUPATION, majors=frozenset({"电气技术应用"}))
    shuffled = random.Random(1)
    candidates = [_candidate(shuffled) for _ in range(CASES)]
    decided = _rate(lambda each: decide(conditions, each, LEVEL, standard, ON).eligible, candidates)
    compared = _rate(_compared, candidates)
    return Result(
        f"decisions on eligibility, level {LEVEL}", decided, "dates added up and compared", compared
    )


def _candidate(shuffled: random.Random) -> Evidence:
    """Two periods of work with a gap, a certificate, a school: nobody like another."""
    begun = ON - timedelta(days=shuffled.randrange(2_000, 6_000))
    left = begun + timedelta(days=shuffled.randrange(200, 1_000))
    again = left + timedelta(days=shuffled.randrange(1, 400))
    return Evidence(
        born=begun - timedelta(days=shuffled.randrange(6_000, 9_000)),
        certificates=(Certificate(OCCUPATION, 4, left + timedelta(days=shuffled.randrange(1, 900))),),
        work=(WorkPeriod(OCCUPATION, begun, left), WorkPeriod(OCCUPATION, again)),
        education=(Education("secondary_vocational_school", "电气技术应用", graduated=begun),),
    )


def _compared(each: Evidence) -> bool:
    certificate, days = each.certificates[0], 0
    for period in each.work:
        days += ((period.ended or ON) - max(period.begun, certificate.issued)).days
    return days >= 4 * 365 and certificate.level == LEVEL + 1 and certificate.issued <= ON


def _deadlines() -> Result:
    wanted, pack = row(DEADLINE), pack_named("jilin-filing", ())
    days = pack.integer("org.filing.complete_working_days")
    starts = [FIRST + timedelta(minutes=9 * n) for n in range(CASES)]  # a good year and a half of moments
    evaluated = _rate(lambda start: standing(wanted, pack, start, None, start + timedelta(days=6)), starts)
    span = (starts[-1].date() - starts[0].date()).days + 30
    off = {day for n in range(span) if chinese_calendar.is_holiday(day := FIRST.date() + timedelta(days=n))}
    counted = _rate(lambda start: _counted(start.date(), days, off), starts)
    return Result("deadlines, in working days", evaluated, "day by day against a set", counted)


def _counted(day: date, days: int, off: set[date]) -> date:
    while days:
        day += timedelta(days=1)
        days -= day not in off
    return day


def _import() -> Result:
    everything = "import " + ", ".join(f"jiangheng.rules.{name}" for name in MODULES)
    return Result("starts with the rules imported", _starts(everything), "bare interpreter", _starts("pass"))


def _starts(code: str) -> float:
    started = time.perf_counter()
    for _ in range(STARTS):
        subprocess.run([sys.executable, "-c", code], check=True)
    return STARTS / (time.perf_counter() - started)


def _rate(act: Callable[[T], object], cases: Iterable[T]) -> float:
    started = time.perf_counter()
    for each in cases:
        act(each)
    return CASES / (time.perf_counter() - started)
