"""Deadlines evaluated a second: every row that the Jilin pack regulates, by the clock on the wall."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from bench.report import Result
from jiangheng.rules import deadlines
from jiangheng.rules.pack import NotRegulated, Pack, pack_named

EVALUATIONS = 100_000
START = datetime(2026, 3, 2, 3, tzinfo=UTC)


def run() -> list[Result]:
    pack = pack_named("jilin")
    rows = [row for row in deadlines.rows().values() if _regulated(row, pack)]
    started = time.perf_counter()
    for number in range(EVALUATIONS):
        event = START + timedelta(minutes=number)
        deadlines.standing(rows[number % len(rows)], pack, event, None, START)
    return [Result("deadlines by the Jilin pack", EVALUATIONS / (time.perf_counter() - started))]


def _regulated(row: deadlines.Row, pack: Pack) -> bool:
    try:
        return bool(deadlines.measured(row, pack))
    except NotRegulated:
        return False
