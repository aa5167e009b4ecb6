"""A whole suite for tests that walk the journey: real processes, real broker, both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jiangheng.local.provision import Place, Settings
from jiangheng.local.suite import Suite

# What the journey has to wait for is shorter here; nothing else differs from the demo.
SETTINGS: Settings = {
    "identity": {"access_token_seconds": 12, "key_cooling_off_seconds": 1},
    "supervision": {"reconcile_seconds": 1.0},
}


@pytest.fixture(params=["sqlite", "postgresql"])
def suite(request: pytest.FixtureRequest, tmp_path: Path, amqp_url: str) -> Iterator[Suite]:
    """A running suite in an empty folder; a test that kills servers asks for `broker` or `postgresql` too."""
    server = "postgresql" if "postgresql" in request.fixturenames else "postgresql_of_run"
    url = request.getfixturevalue(server).url if request.param == "postgresql" else None
    running = Suite(Place(tmp_path / "suite", amqp_url, url, SETTINGS))
    running.start()
    yield running
    running.remove()
