"""Places that are taken one after another, and what has to move so that one more finds his.

A skill room has work places for some occupations only: then whoever can stand
elsewhere makes room (augmenting paths over occupations, of which there are few).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PlaceClass:
    """So many places of a room that are alike; without occupations they are for any."""

    room_id: str
    occupations: frozenset[str]
    count: int

    def takes(self, occupation: str) -> bool:
        """True if somebody of this occupation can be examined here."""
        return not self.occupations or occupation in self.occupations


class Filling:
    """Who takes which places, by occupation; never more than there are."""

    def __init__(self, classes: Iterable[PlaceClass], rounds: int | None = 1) -> None:
        self._classes = tuple(classes)
        self._limits: list[int | None] = [
            None if rounds is None else each.count * rounds for each in self._classes
        ]
        self._taken: list[Counter[str]] = [Counter() for _ in self._classes]
        self._totals = [0] * len(self._classes)
        self._used, self._places = 0, sum(each.count for each in self._classes)

    @classmethod
    def of_all(cls, several: Iterable[tuple[Iterable[PlaceClass], int | None]]) -> Filling:
        """The places of several sittings together, all that are alike as one, in whatever room."""
        limits: dict[frozenset[str], int | None] = {}
        places: Counter[frozenset[str]] = Counter()
        for classes, rounds in several:
            for each in classes:
                before = limits.get(each.occupations, 0)
                endless = rounds is None or before is None
                limits[each.occupations] = None if endless else (before or 0) + each.count * (rounds or 0)
                places[each.occupations] += each.count
        whole = cls(PlaceClass("", occupations, places[occupations]) for occupations in limits)
        whole._limits = list(limits.values())
        return whole

    @property
    def load(self) -> float:
        """How often each place is used on average."""
        return self._used / self._places if self._places else 0.0

    def shares(self) -> Iterator[tuple[PlaceClass, Mapping[str, int]]]:
        """Each kind of place with how many of each occupation take it."""
        for kind, taken in zip(self._classes, self._taken, strict=True):
            yield kind, {code: count for code, count in sorted(taken.items()) if count}

    def add(self, occupation: str) -> bool:
        """Take a place for one more, moving others along if need be; False if that does not help either."""
        came: dict[int, tuple[str, int | None]] = {}
        seen = {occupation}
        waiting: list[tuple[str, int | None]] = [(occupation, None)]
        for code, left in waiting:
            for at in self._suited(code, came):
                came[at] = (code, left)
                if self._spare(at):
                    self._move_along(at, came)
                    self._used += 1
                    return True
                others = sorted(set(self._taken[at]) - seen)
                movable = [other for other in others if self._taken[at][other]]
                seen.update(movable)
                waiting.extend((other, at) for other in movable)
        return False

    def remove(self, occupation: str) -> None:
        """Give one place of this occupation back. Raises ValueError if it has none."""
        for at, taken in enumerate(self._taken):
            if taken[occupation]:
                self._count(at, occupation, -1)
                self._used -= 1
                return
        raise ValueError("nobody of this occupation has a place")

    def _suited(self, code: str, came: Mapping[int, object]) -> Iterator[int]:
        return (at for at, kind in enumerate(self._classes) if at not in came and kind.takes(code))

    def _spare(self, at: int) -> bool:
        limit = self._limits[at]
        return limit is None or self._totals[at] < limit

    def _count(self, at: int, code: str, change: int) -> None:
        self._taken[at][code] += change
        self._totals[at] += change

    def _move_along(self, at: int, came: Mapping[int, tuple[str, int | None]]) -> None:
        """Put the last into the spare place, whoever he left it to into his, and so on."""
        to: int | None = at
        while to is not None:
            code, left = came[to]
            self._count(to, code, 1)
            if left is not None:
                self._count(left, code, -1)
            to = left
