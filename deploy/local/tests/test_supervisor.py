"""supervisord as we use it: it restarts what dies, stops in order, and nothing below it outlives it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jiangheng.local.files import scratch
from jiangheng.local.processes import wait_until
from jiangheng.local.supervisor import Supervisor

LivingIn = Callable[[Path], list[int]]

# Says in a file that it started and that it was asked to stop; its command line names the folder.
PROGRAM = """
import signal, sys
note = open(sys.argv[1] + "/notes", "a", buffering=1)
signal.signal(signal.SIGTERM, lambda *_: (note.write(f"stopped {sys.argv[2]}\\n"), sys.exit(0)))
note.write(f"started {sys.argv[2]}\\n")
print("said 100% in words", flush=True)
while True:
    signal.pause()
"""
OWNER = """
import sys, time
from pathlib import Path
from jiangheng.local.supervisor import Supervisor

folder = Path(sys.argv[1])
supervisor = Supervisor(folder, {"one": ["sh", "-c", "while :; do sleep 1; done", str(folder)]})
supervisor.start()
print("ready", flush=True)
time.sleep(1000)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for the path of a socket, which pytest's own folders may not be."""
    with scratch() as folder:
        yield folder


@pytest.fixture
def supervisor(folder: Path) -> Iterator[Supervisor]:
    (folder / "program.py").write_text(PROGRAM)
    program = [sys.executable, str(folder / "program.py"), str(folder)]
    supervisor = Supervisor(folder, {name: [*program, name] for name in ("zebra", "ant")})
    supervisor.start()
    wait_until(lambda: all(one.state == "RUNNING" for one in supervisor.states()), 10, "running")
    yield supervisor
    supervisor.stop()


def test_programs_start_in_order_and_stop_in_reverse(supervisor: Supervisor, folder: Path) -> None:
    supervisor.stop()
    spawned = [line.split("'")[1] for line in _own_log(folder) if "spawned:" in line]
    assert spawned == ["zebra", "ant"]
    notes = (folder / "notes").read_text().splitlines()
    assert notes[2:] == ["stopped ant", "stopped zebra"]


def _own_log(folder: Path) -> list[str]:
    return (folder / "log" / "supervisord.log").read_text().splitlines()


def test_each_program_has_a_log_of_its_own(supervisor: Supervisor) -> None:
    wait_until(lambda: supervisor.log("ant").read_text() == "said 100% in words\n", 5, "log written")


def test_what_is_killed_is_started_again(supervisor: Supervisor) -> None:
    other = supervisor.state("ant").pid
    killed = supervisor.kill9_program("zebra")
    assert supervisor.await_replaced("zebra", killed) != killed
    assert supervisor.state("ant").pid == other


def test_what_is_stopped_stays_stopped_until_it_is_started(supervisor: Supervisor) -> None:
    supervisor.stop_program("ant")
    assert (supervisor.state("ant").state, supervisor.state("ant").pid) == ("STOPPED", 0)
    supervisor.start_program("ant")
    assert supervisor.state("ant").state == "RUNNING"


def test_supervisorctl_speaks_to_it(supervisor: Supervisor, folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "supervisor.supervisorctl",
        "-c",
        str(folder / "supervisord.conf"),
        "status",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [line.split()[:2] for line in said.splitlines()] == [["ant", "RUNNING"], ["zebra", "RUNNING"]]


@pytest.mark.failure
def test_nothing_outlives_supervisord(supervisor: Supervisor, folder: Path, living_in: LivingIn) -> None:
    assert len(living_in(folder)) == 3
    supervisor.kill9()
    wait_until(lambda: living_in(folder) == [], 10, "all gone")


@pytest.mark.failure
def test_nothing_outlives_its_owner(folder: Path, living_in: LivingIn) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "ready\n"
    assert len(living_in(folder)) >= 3
    owner.kill()
    owner.communicate()
    wait_until(lambda: living_in(folder) == [], 30, "all gone")


def test_a_path_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="use a shorter one"):
        Supervisor(tmp_path / ("long" * 30), {})
