"""The two clocks: the legal one counts deadlines, the machine one counts everything else.

A demonstration may move the legal clock to show what happens in three weeks;
tokens, leases and timeouts never follow it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

# China keeps one time without daylight saving since 1991, so a fixed offset
# says the same as the zone's table and needs no table on the machine.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class MachineClock:
    """The machine's own time: for tokens, leases, timeouts and the order of facts."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class LegalClock:
    """The time that deadlines are counted by; outside production it may be moved by an offset.

    Raises ValueError when an offset is asked for in production.
    """

    def __init__(self, offset: timedelta = timedelta(0), *, profile: str = "production") -> None:
        if offset and profile == "production":
            raise ValueError("the legal clock cannot be moved in production")
        self._offset = offset

    def now(self) -> datetime:
        """The present moment of law, aware, in UTC."""
        return datetime.now(UTC) + self._offset


class FixedClock:
    """A clock that stands still until it is advanced: for tests."""

    def __init__(self, at: datetime) -> None:
        self._at = _aware(at).astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was set to, aware, in UTC."""
        return self._at

    def advance(self, step: timedelta) -> None:
        """Moves it on by a step."""
        self._at += step


def legal_date(at: datetime) -> date:
    """The date of law of a moment: the calendar day in Asia/Shanghai. Raises ValueError if naive."""
    return _aware(at).astimezone(SHANGHAI).date()


def rfc3339(at: datetime) -> str:
    """A moment as text for what is signed: UTC, microseconds when there are any, ending in Z."""
    return _aware(at).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without zone names no moment")
    return at
