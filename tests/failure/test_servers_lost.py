"""The broker and the database are killed and come back in the middle of the journey; it still holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.console import Console

from jiangheng.local import backing
from jiangheng.local.candidates import FEWEST
from jiangheng.local.demo import Before, walk
from jiangheng.local.steps import Step
from jiangheng.local.suite import Suite

pytestmark = [pytest.mark.failure, pytest.mark.timeout(900)]


def walked(suite: Suite, before: Before) -> dict[str, object]:
    return walk(
        suite.endpoints,
        suite.place.folder,
        suite.bootstrap_code,
        console=Console(),
        before=before,
        candidates=FEWEST,
    )


def test_the_broker_is_killed_and_stays_away_for_steps(broker: backing.Broker, suite: Suite) -> None:
    """Nobody needs the broker to answer a call; the ledger is complete before it is back."""
    deeds: dict[int, Callable[[], None]] = {
        2: broker.kill9,
        4: broker.start,
        6: broker.kill9,
        19: broker.start,
    }

    def before(step: Step) -> None:
        deeds.get(step.number, lambda: None)()

    assert walked(suite, before)["holds"]


@pytest.mark.parametrize("suite", ["postgresql"], indirect=True)
def test_the_database_is_killed_and_started_again(postgresql: backing.Server, suite: Suite) -> None:
    """A client whose call meets the dead database is told to try again, and loses nothing."""

    def before(step: Step) -> None:
        if step.number in (3, 5, 8, 12, 13, 14, 16, 17, 18):
            postgresql.kill9()
            postgresql.start()

    assert walked(suite, before)["holds"]
