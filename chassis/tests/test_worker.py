"""worker: turns go on whatever they meet, and end promptly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, MutableMapping
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from jiangheng.chassis import worker
from jiangheng.chassis.db import Database
from jiangheng.chassis.lease import Lease
from jiangheng.chassis.worker import Worker

NEVER = 3600.0
Start = Callable[..., Worker]
Logs = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def logs() -> Iterator[Logs]:
    """What was logged, instead of long tracebacks on the screen."""
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts workers and stops them after the test."""
    started: list[Worker] = []

    def start(every_seconds: float, run: Callable[[], object], lease: Lease | None = None) -> Worker:
        made = Worker("sample", every_seconds, run, lease=lease)
        made.start()
        started.append(made)
        return made

    yield start
    for each in started:
        each.stop()


class Turns:
    """A `run` that counts its turns and answers each from a list; when that is at an end, with None."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.count = 0
        self.enough = Event()

    def __call__(self) -> object:
        self.count += 1
        if self.count > len(self._answers):
            self.enough.set()
            return None
        answer = self._answers[self.count - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_the_first_turn_comes_at_once_and_the_next_in_time(start: Start) -> None:
    turns = Turns(None, None)
    start(0.01, turns)
    assert turns.enough.wait(10)


def test_more_work_is_done_at_once(start: Start) -> None:
    turns = Turns(500, 500, 3)
    start(NEVER, turns)
    assert turns.enough.wait(10)


def test_without_more_work_it_waits_until_it_is_woken(start: Start) -> None:
    turns = Turns(0)
    waiting = start(NEVER, turns)
    assert not turns.enough.wait(0.2)
    waiting.wake()
    assert turns.enough.wait(10)


def test_a_failed_turn_is_logged_and_counted_and_delays_the_next_ones(start: Start, logs: Logs) -> None:
    before = failures()
    turns = Turns(LookupError("a"), ValueError("b"), RuntimeError("c"))
    began = time.monotonic()
    failing = start(0, turns)
    while not turns.enough.wait(0.01):
        failing.wake()  # does not hurry what failed
        assert time.monotonic() < began + 30
    assert failures() == before + 3
    kinds = ["LookupError", "ValueError", "RuntimeError"]  # never their text, which may quote a row
    assert [(line["event"], line["error"]) for line in logs] == [("worker failed", kind) for kind in kinds]
    assert time.monotonic() - began >= 0.1 + 0.2 + 0.4


def failures() -> float:
    return REGISTRY.get_sample_value("jiangheng_worker_failures_total", {"worker": "sample"}) or 0.0


def test_pauses_grow_to_a_limit() -> None:
    failing = Worker("sample", 0, Turns(*[ValueError()] * 40))
    pauses = [failing._turn() for _ in range(40)]
    assert pauses[0] <= 0.2
    assert all(
        worker.LONGEST_PAUSE_SECONDS / 2 <= pause <= worker.LONGEST_PAUSE_SECONDS for pause in pauses[8:]
    )


def test_it_stops_promptly_while_it_waits_and_while_it_is_failing() -> None:
    for run in (Turns(), Turns(*[ValueError()] * 99)):
        stopping = Worker("sample", NEVER, run)
        stopping.start()
        while not run.count:
            run.enough.wait(0.01)
        began = time.monotonic()
        assert stopping.stop()
        assert time.monotonic() - began < 1


def test_a_turn_that_does_not_end_is_reported() -> None:
    end = Event()
    hanging = Worker("sample", NEVER, end.wait)
    hanging.start()
    assert not hanging.stop(0.05)
    end.set()
    assert hanging.stop()


def test_one_that_was_never_started_can_be_stopped() -> None:
    assert Worker("sample", NEVER, Turns()).stop()


def test_only_the_holder_of_the_lease_works(db: Database, start: Start) -> None:
    one, other = (Lease(db, "sample", ttl=timedelta(minutes=1)) for _ in range(2))
    first, second = Turns(), Turns()
    holding = start(0.01, first, one)
    assert first.enough.wait(10)
    start(0.01, second, other)
    assert not second.enough.wait(0.3)
    holding.stop()  # gives it back
    assert second.enough.wait(10)
