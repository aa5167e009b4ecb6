"""Lengths of time that are added up from several periods and still end on the right day.

A position is a day on an even scale: every month has the same length, a day
is its share of its month. February has 29 shares in every year. So times add up
in any order, a longer time is never worth less, and N years after a day is the
same day of the same month; after 29 February it is 1 March where that day is
missing (满N年; 000 A1 附 does not say how months are added).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

MONTH = 29 * 30 * 31
"""The length of a month: it divides by the number of days of each."""
ALWAYS = 0
NEVER_ENDS = 12 * 10_000 * MONTH
"""Past the last day that a date can name."""

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SHARES = tuple(MONTH // days for days in _DAYS)
_DAY = timedelta(days=1)

Span = tuple[int, int]
"""From a position up to another that no longer belongs to it."""


def position(day: date) -> int:
    """Where a day lies on the scale."""
    return (12 * day.year + day.month - 1) * MONTH + (day.day - 1) * _SHARES[day.month - 1]


def day_at(place: int) -> date | None:
    """The first day at or after a position; None past the end of the calendar."""
    months, rest = divmod(place, MONTH)
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.min if year < date.min.year else None
    passed = -(-rest // _SHARES[month])
    try:
        return date(year, month + 1, passed + 1)
    except ValueError:
        return day_at((months + 1) * MONTH)


def span(first: date, last: date | None) -> Span:
    """The time from a first to a last day, both of them in it; without a last day it goes on."""
    return position(first), NEVER_ENDS if last is None or last == date.max else position(last + _DAY)


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in order, nothing counted twice; what adjoins is joined."""
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)


def common(first: Iterable[Span], second: tuple[Span, ...]) -> tuple[Span, ...]:
    """The time that belongs to both."""
    return tuple((max(a, c), min(b, d)) for a, b in first for c, d in second if max(a, c) < min(b, d))


def accumulated(spans: Iterable[Span], after: int, until: int) -> int:
    """How much of this time lies between two positions; the spans do not overlap."""
    return sum(max(0, min(end, until) - max(begin, after)) for begin, end in spans)


def holds_a_day(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Those spans in which there is a day; 29 February of most years is a position without one."""
    return tuple((begin, end) for begin, end in spans if end == NEVER_ENDS or _first(begin) < end)


def _first(place: int) -> int:
    day = day_at(place)
    return NEVER_ENDS if day is None else position(day)


def reached(spans: Iterable[Span], after: int, length: int) -> int | None:
    """The position at which so much time has been accumulated after another; None if it never will be."""
    left = length
    for begin, end in spans:
        start = max(begin, after)
        if end <= start:
            continue
        if start + left <= end:
            return start + left
        left -= end - start
    return None
