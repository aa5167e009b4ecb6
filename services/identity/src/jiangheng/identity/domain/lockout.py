"""Locking out: after five wrong passwords a growing time of silence (000 A5 8; 001 D2 26).

A try is reserved before its password is compared, so that many tries at once
cannot go beyond five; it is settled afterwards. A process that dies between
the two leaves a wrong try behind, never a free one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_TRIES = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=24)


@dataclass(frozen=True)
class Tries:
    """Wrong tries since the last right one, and until when no further one is looked at."""

    failed: int = 0
    locked_until: datetime | None = None

    def locked(self, at: datetime) -> bool:
        """True while no password is looked at."""
        return self.locked_until is not None and at < self.locked_until


def reserve(tries: Tries, at: datetime) -> Tries | None:
    """The tries with one more counted, or None while locked.

    From the fifth on the try carries its lock from the start: who tries
    meanwhile is locked out already.
    """
    if tries.locked(at):
        return None
    failed = tries.failed + 1
    return Tries(failed, at + lock_time(failed) if failed >= FREE_TRIES else None)


def lock_time(failed: int) -> timedelta:
    """How long the wrong try of this number locks: one minute at the fifth, doubled by each further one."""
    if failed < FREE_TRIES:
        return timedelta(0)
    doublings = min(failed - FREE_TRIES, 20)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)
