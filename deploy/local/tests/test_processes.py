"""Children on a leash: none outlives its owner, whatever happens to that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jiangheng.local.processes import Child, NotReady, free_port, wait_until

OWNER = """
import signal, sys
from pathlib import Path
from jiangheng.local.processes import Child

child = Child("child", ["sleep", "1000"], Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    child = Child("child", ["sleep", "1000"], tmp_path / "log")
    yield child
    child.kill9()


def gone(pid: int) -> Callable[[], bool]:
    def is_gone() -> bool:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes() == b""
        except OSError:
            return True

    return is_gone


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_child_ends_with_its_owner(tmp_path: Path, number: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    wait_until(lambda: b"sleep" in Path(f"/proc/{pid}/cmdline").read_bytes(), 5, "become the program")
    owner.send_signal(number)
    owner.communicate()
    wait_until(gone(pid), 5, "child gone")


def test_the_thread_that_started_it_may_end(child: Child) -> None:
    """Linux counts the thread as the parent; the child must not care."""
    thread = threading.Thread(target=child.start)
    thread.start()
    thread.join()
    wait_until(lambda: b"sleep" in Path(f"/proc/{child.pid}/cmdline").read_bytes(), 5, "become the program")
    with pytest.raises(NotReady):
        wait_until(lambda: not child.alive(), 0.5, "its end")


def test_ctrl_c_does_not_reach_it(child: Child) -> None:
    """A terminal sends SIGINT to the whole foreground group, but the owner stops its children in order."""
    child.start()
    assert os.getpgid(child.pid) != os.getpgid(0)


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    deaf = Child("deaf", ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"], tmp_path / "log")
    deaf.start()
    deaf.wait_ready(lambda: "up" in deaf.log_tail(), 5)
    deaf.stop(seconds=0.3)
    assert not deaf.alive()


def test_a_failed_start_shows_the_log(tmp_path: Path) -> None:
    broken = Child("broken", ["sh", "-c", "echo no such setting; exit 2"], tmp_path / "log")
    broken.start()
    with pytest.raises(NotReady, match=r"broken ended while it was starting\nno such setting"):
        broken.wait_ready(lambda: False, 5)


def test_waiting_ends(tmp_path: Path) -> None:
    before = time.monotonic()
    with pytest.raises(NotReady, match=r"the moon: not within 0\.2 s"):
        wait_until(lambda: False, 0.2, "the moon")
    assert time.monotonic() - before < 2


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's setting")
def test_ports_are_none_that_an_outgoing_connection_takes() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(1024 < free_port() < lowest for _ in range(20))
