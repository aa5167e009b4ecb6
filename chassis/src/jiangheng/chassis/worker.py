"""Workers: threads beside the gRPC server that look for work from time to time.

A worker finds its work in the database, so that a missed wake-up or a failed turn only delays it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from jiangheng.chassis.incidents import describe
from jiangheng.chassis.lease import Lease
from jiangheng.chassis.telemetry import counter, get_logger

LONGEST_PAUSE_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.1
_log = get_logger(__name__)
_failures = counter("worker_failures", "Turns of a worker that ended in an exception.", ("worker",))


class Worker:
    """Calls `run` every so many seconds in a thread of its own, until it is stopped.

    A turn that returns a positive int says that more work waits: the next follows at once. A turn that
    raises is logged and counted, and the next ones wait longer. With a lease only the holder's turns run.
    """

    def __init__(
        self, name: str, every_seconds: float, run: Callable[[], object], *, lease: Lease | None = None
    ) -> None:
        self.name = name
        self._every = every_seconds
        self._run = run
        self._lease = lease
        self._failed = 0
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first turn comes at once."""
        self._thread.start()

    def wake(self) -> None:
        """Take the next turn now instead of waiting for its time."""
        self._woken.set()

    def stop(self, timeout_seconds: float = 10.0) -> bool:
        """Finish the turn that runs and end; whether that was done in time. Gives the lease back."""
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._stopping.is_set():
            pause = self._turn()
            if self._failed:
                self._stopping.wait(pause)  # a wake-up does not shorten this: what failed is to be left alone
            elif pause:
                self._woken.wait(pause)
                self._woken.clear()
        self._give_back()

    def _turn(self) -> float:
        """Take one turn; the seconds to wait until the next."""
        try:
            more = self._run() if self._lease is None or self._lease.hold() else None
        except Exception as error:
            return self._after_failure(error)
        self._failed = 0
        return 0.0 if isinstance(more, int) and more > 0 else self._every

    def _after_failure(self, error: Exception) -> float:
        self._failed += 1
        _failures.labels(self.name).inc()
        _log.error("worker failed", worker=self.name, in_a_row=self._failed, **describe(error))
        longest = min(LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0 ** min(self._failed, 10))
        return longest * random.uniform(0.5, 1.0)

    def _give_back(self) -> None:
        if self._lease is None:
            return
        try:
            self._lease.release()
        except Exception as error:
            _log.warning("lease left to expire", worker=self.name, error=type(error).__name__)
