"""`jiangheng-local`, as a person uses it: up, status, down, and Ctrl-C whenever it pleases him."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jiangheng.local import backing
from jiangheng.local.files import scratch
from jiangheng.local.processes import wait_until

LivingIn = Callable[[Path], list[int]]

pytestmark = [pytest.mark.failure, pytest.mark.timeout(400)]


@pytest.fixture
def folder(living_in: LivingIn) -> Iterator[Path]:
    with scratch() as parent:
        folder = parent / "run"
        yield folder
        run("remove", folder)
        assert living_in(folder) == []


def start(command: str, folder: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "jiangheng.local", command, "--folder", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JIANGHENG_")}
    # Given by URL, the suite's broker is the one of the tests.
    given = {"JIANGHENG_AMQP_URL": os.environ[backing.AMQP_URL]} if backing.AMQP_URL in os.environ else {}
    pipe = subprocess.PIPE
    return subprocess.Popen(arguments, stdout=pipe, stderr=pipe, text=True, env={**environment, **given})


def run(command: str, folder: Path) -> tuple[int, str, str]:
    process = start(command, folder)
    out, err = process.communicate()
    return process.returncode, out, err


def status(folder: Path) -> dict[str, Any]:
    arguments = [sys.executable, "-m", "jiangheng.local", "status", "--json", "--folder", str(folder)]
    said: dict[str, Any] = json.loads(subprocess.run(arguments, capture_output=True, text=True).stdout)
    return said


def test_a_suite_stays_up_whatever_dies_until_it_is_taken_down(folder: Path, living_in: LivingIn) -> None:
    up(folder)
    assert {process["state"] for process in status(folder)["processes"]} == {"RUNNING"}
    code, _, err = run("up", folder)
    assert (code, "already" in err) == (1, True)

    supervisord = int((folder / "supervisord.pid").read_text())
    os.kill(supervisord, signal.SIGKILL)
    wait_until(lambda: int((folder / "supervisord.pid").read_text()) != supervisord, 60, "supervisord again")
    wait_until(lambda: run("status", folder)[0] == 0, 120, "all processes again")

    # Nothing outlives the process that holds them all, and what it kept is still good.
    os.kill(status(folder)["pid"], signal.SIGKILL)
    wait_until(lambda: living_in(folder) == [], 60, "all gone")
    assert run("status", folder)[0] == 3
    up(folder)

    assert run("down", folder)[0] == 0
    assert living_in(folder) == []
    assert run("status", folder)[0] == run("down", folder)[0] == 3


def up(folder: Path) -> None:
    code, _, err = run("up", folder)
    assert code == 0, err


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("starting RabbitMQ", signal.SIGINT),
        ("migrating databases", signal.SIGTERM),
        ("migrating databases", signal.SIGKILL),
    ],
)
def test_an_interrupted_start_leaves_nothing(
    folder: Path, living_in: LivingIn, moment: str, number: signal.Signals
) -> None:
    process = start("up", folder)
    assert process.stderr is not None
    assert any(moment in line for line in process.stderr)
    process.send_signal(number)
    _, rest = process.communicate()
    assert process.returncode == (130 if number != signal.SIGKILL else -signal.SIGKILL), rest
    wait_until(lambda: living_in(folder) == [], 60, "all gone")
    assert run("status", folder)[0] == 3
