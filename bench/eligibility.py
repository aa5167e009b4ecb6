"""Decisions on who may apply: 100,000 of them, with every alternative tried and explained by need and day."""

from __future__ import annotations

import time
from datetime import date

from bench.report import Result
from jiangheng.rules.eligibility.decide import decide
from jiangheng.rules.eligibility.evidence import Certificate, Education, Evidence, Title, WorkPeriod
from jiangheng.rules.eligibility.source import conditions_for
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.pack import pack_named

DECISIONS = 100_000
OCCUPATION, RELATED = "6-31-01-03", "6-31-01-08"
ON = date(2026, 6, 1)


def run() -> list[Result]:
    conditions = conditions_for(pack_named("jilin"))
    standard = Standard(
        OCCUPATION,
        related_occupations=frozenset({RELATED}),
        majors=frozenset({"A"}),
        specialties=frozenset({"A"}),
    )
    candidates = [_candidate(born) for born in range(1960, 2010)]
    started = time.perf_counter()
    for number in range(DECISIONS):
        decide(conditions, candidates[number % len(candidates)], 1 + number % 5, standard, ON)
    return [Result("eligibility decisions", DECISIONS / (time.perf_counter() - started))]


def _candidate(born: int) -> Evidence:
    """Two jobs, one of them going on, two certificates, a diploma and a title."""
    return Evidence(
        born=date(born, 3, 1),
        certificates=(
            Certificate(OCCUPATION, 5, date(2014, 1, 1)),
            Certificate(RELATED, 4, date(2018, 1, 1)),
        ),
        work=(
            WorkPeriod(RELATED, date(2012, 7, 1), date(2015, 12, 31)),
            WorkPeriod(OCCUPATION, date(2016, 5, 15)),
        ),
        education=(Education("junior_college", "A", graduated=date(2012, 6, 30)),),
        titles=(Title("junior", "A", date(2020, 1, 1)),),
    )
