"""Fills places with persons in a given order of preference, without a dead end.

Each place takes the first person in the order who may take it and leaves the
other places possible to fill. A full assignment is kept all the time and
mended along augmenting paths, so that 100 places take milliseconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seeking:
    """A person, in the order of the draw, and the rooms that are barred."""

    id: str
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Filled:
    """Rooms, place by place, with the person of each; `unfilled`: how many places of a room stayed empty."""

    places: tuple[tuple[str, str], ...]
    unfilled: dict[str, int] = field(default_factory=dict)

    def persons(self, room: str) -> list[str]:
        """Who goes to a room, in the order of its places."""
        return [person for place, person in self.places if place == room]


def fill(places: Sequence[str], people: Sequence[Seeking]) -> Filled:
    """Persons for places, each named by its room; with empty places if there is no full assignment."""
    assigned = _Assignment(places, people)
    empty = [room for at, room in enumerate(places) if not assigned.extend(at)]
    if empty:
        return Filled((), dict(Counter(empty)))
    for at in range(len(places)):
        assigned.settle(at)
    return Filled(tuple((room, people[assigned.person[at]].id) for at, room in enumerate(places)))


class _Assignment:
    """Which person (by place in the order) has which place, and the other way round."""

    def __init__(self, places: Sequence[str], people: Sequence[Seeking]) -> None:
        self._places, self._people = places, people
        self.person: dict[int, int] = {}
        self._place: dict[int, int] = {}
        self._fixed: set[int] = set()

    def extend(self, at: int, busy: frozenset[int] = frozenset()) -> bool:
        """Gives a place somebody, moving others along if need be; False, nothing changed, if it cannot be."""
        reached: dict[int, int] = {}
        waiting = [at]
        for place in waiting:
            for who in self._suited(place):
                if who in reached or who in busy or who in self._fixed:
                    continue
                reached[who] = place
                if who not in self._place:
                    self._move_along(who, reached, at)
                    return True
                waiting.append(self._place[who])
        return False

    def settle(self, at: int) -> None:
        """Fixes a place with the first person for whom all others can still be filled."""
        free = (who for who in self._suited(at) if who not in self._fixed)
        self._fixed.add(next(who for who in free if self._moved(at, who)))

    def _moved(self, at: int, who: int) -> bool:
        """Puts somebody on a place if whoever holds his finds another one; else changes nothing."""
        before, left = self.person[at], self._place.get(who)
        if before == who:
            return True
        self._give(at, who)
        del self._place[before]
        if left is None or self.extend(left, frozenset({who})):
            return True
        self._give(at, before)
        self._give(left, who)
        return False

    def _move_along(self, who: int, reached: dict[int, int], at: int) -> None:
        while (place := reached[who]) != at:
            who, released = self.person[place], who
            self._give(place, released)
        self._give(at, who)

    def _give(self, at: int, who: int) -> None:
        self.person[at] = who
        self._place[who] = at

    def _suited(self, at: int) -> list[int]:
        room = self._places[at]
        return [who for who, each in enumerate(self._people) if room not in each.barred]
