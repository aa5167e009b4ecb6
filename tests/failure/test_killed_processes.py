"""Every process is killed at every step; what was acknowledged is on the ledger exactly once.

Step 18 of the journey is the proof: it compares the driver's own record with the ledger and looks for gaps.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest
from rich.console import Console

from jiangheng.local.candidates import FEWEST
from jiangheng.local.demo import walk
from jiangheng.local.processes import wait_until
from jiangheng.local.steps import Step
from jiangheng.local.suite import PROCESSES, Suite

pytestmark = [pytest.mark.failure, pytest.mark.timeout(900)]
SEED = 20260101


def test_every_process_is_killed_at_every_step(suite: Suite, make_trouble: Callable[..., object]) -> None:
    chance = random.Random(SEED)
    killed: dict[str, set[int]] = {process.name: set() for process in PROCESSES}

    def kill_all(step: Step) -> None:
        names = list(killed)
        chance.shuffle(names)
        for name in names:
            # Somewhere within the step, not always at its beginning.
            threading.Event().wait(chance.uniform(0.0, 0.4))
            wait_until(lambda name=name: suite.kill9(name) > 0, 60, f"{name} runs and is killed", every=0.05)
            killed[name].add(step.number)

    trouble = make_trouble(kill_all)
    summary = walk(
        suite.endpoints,
        suite.place.folder,
        suite.bootstrap_code,
        console=Console(),
        before=trouble.before,
        candidates=FEWEST,
    )
    assert summary["holds"]
    assert all(len(steps) >= len(summary["seconds"]) - 1 for steps in killed.values())
