"""Child processes that never outlive us: started on a leash, waited for, stopped, killed.

A child gets a session of its own, so Ctrl-C in a terminal reaches only its owner, who then stops it in order.
If the owner is killed, the kernel kills the child (see leash.py).
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from queue import SimpleQueue

LEASH = Path(__file__).with_name("leash.py")


class NotReady(RuntimeError):
    """A server did not come up, or did not go away, in time; the message holds the end of its log."""


def leashed(
    program: Sequence[str], *, death: signal.Signals = signal.SIGKILL, user: str = "", parent: str = ""
) -> list[str]:
    """The command that runs `program` so that it gets signal `death` when this process (or `parent`) ends."""
    return [sys.executable, "-I", "-S", str(LEASH), parent or str(os.getpid()), death.name, user, *program]


def free_port() -> int:
    """A TCP port of loopback that nobody has at this moment.

    It lies below the range from which Linux gives ports to outgoing connections: one of those could otherwise
    take it while its server is down, or a client that knocks at it could be connected to itself.
    """
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = random.randrange(15_000, 32_000)
            probe.bind(("127.0.0.1", port))
            return port


def listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], seconds: float, what: str, every: float = 0.05) -> None:
    """Look at `condition` until it holds; NotReady after `seconds`."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise NotReady(f"{what}: not within {seconds:g} s")
        time.sleep(every)


class _Spawner(threading.Thread):
    """Starts every child. Linux ties a leash to the *thread* that made it: this one lives as long as we do.

    A daemon, not an executor: its thread can be left unregistered by an interrupt while it starts, and then
    the process never ends.
    """

    def __init__(self) -> None:
        super().__init__(name="spawner", daemon=True)
        self._tasks: SimpleQueue[tuple[Callable[[], None], Future[None]]] = SimpleQueue()

    def run(self) -> None:
        while True:
            task, done = self._tasks.get()
            try:
                done.set_result(task())
            except Exception as problem:
                done.set_exception(problem)

    def run_now(self, task: Callable[[], None]) -> None:
        """Have the task done; an interrupt comes through only afterwards, so that no child gets lost."""
        done: Future[None] = Future()
        self._tasks.put((task, done))
        try:
            done.result()
        except KeyboardInterrupt:
            done.result()
            raise


@cache
def _spawner() -> _Spawner:
    spawner = _Spawner()
    spawner.start()
    return spawner


@dataclass
class Child:
    """One program under our care. `log` collects what it prints."""

    name: str
    program: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    user: str = ""
    folder: Path | None = None
    death: signal.Signals = signal.SIGKILL
    stop_signal: signal.Signals = signal.SIGTERM
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """The process id of the program itself; 0 when it was never started."""
        return self._process.pid if self._process else 0

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        if not self.alive():
            _spawner().run_now(self._spawn)

    def _spawn(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                leashed(self.program, death=self.death, user=self.user),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.folder,
                start_new_session=True,
            )

    def stop(self, seconds: float = 30) -> None:
        """Ask it to end and wait; kill it when it does not."""
        self._end(self.stop_signal, seconds)

    def kill9(self) -> None:
        """End it without warning, as a power cut would."""
        self._end(signal.SIGKILL, 10)

    def _end(self, number: signal.Signals, seconds: float) -> None:
        if self._process is None or not self.alive():
            return
        self._process.send_signal(number)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready`; NotReady, with the end of the log, when the program ends or time runs out."""
        try:
            wait_until(lambda: self._still_running() and ready(), seconds, self.name)
        except NotReady as problem:
            raise NotReady(f"{problem}\n{self.log_tail()}") from None

    def _still_running(self) -> bool:
        if not self.alive():
            raise NotReady(f"{self.name} ended while it was starting")
        return True

    def log_tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
