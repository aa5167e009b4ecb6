"""Who sits where: a repeatable rule for theory rooms, batches for work places and reviews (000 A3 7).

Seats of a room are taken as one line, row after row and there and back, so that
who follows in the line sits beside or behind. On paper the line is mixed:
neighbours differ in occupation or level as far as the numbers let them. The
seed that is stored with the plan makes the same line again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jiangheng.rules.dispatch import draw_order
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.records import option
from jiangheng.rules.rooms import Delivery
from jiangheng.rules.wording import worded

MIX = "seat.theory.mix"
SKILL_PLACES = "seat.skill.assignment"
REVIEW_ORDER = "seat.comprehensive.assignment"
_MIXED = "mixed_by_occupation_and_level"
_DRAWN = "drawn_before_batch"


@dataclass(frozen=True)
class Sitter:
    """A candidate by an opaque id, with what he is examined in."""

    id: str
    occupation: str
    level: int

    @property
    def kind(self) -> tuple[str, int]:
        """What neighbours should not share."""
        return self.occupation, self.level


def must_mix(delivery: Delivery, pack: Pack) -> bool:
    """True if theory rooms are mixed by occupation and level under the pack (000 A3 7(1): on paper)."""
    return pack.regulates(MIX) and option(pack.record(MIX), delivery) == _MIXED


def must_be_drawn(key: str, pack: Pack) -> bool:
    """True if places (SKILL_PLACES) or the order (REVIEW_ORDER) are drawn before each batch, not fixed."""
    return pack.regulates(key) and option(pack.record(key), "order") == _DRAWN


def mixed(sitters: Iterable[Sitter], seed: bytes, purpose: str) -> tuple[Sitter, ...]:
    """The line of a room: by lot, and as few neighbours of one kind as the numbers let (REG-113).

    Raises ValueError for somebody twice or a short seed.
    """
    listed = tuple(sitters)
    by_id = {each.id: each for each in listed}
    waiting = [by_id[each] for each in draw_order((each.id for each in listed), seed, purpose)]
    line: list[Sitter] = []
    while waiting:
        line.append(waiting.pop(_next(waiting, line[-1].kind if line else None)))
    return tuple(line)


def neighbours_of_one_kind(line: Sequence[Sitter]) -> int:
    """How often somebody is followed by another of the same occupation and level."""
    return sum(one.kind == next_one.kind for one, next_one in pairwise(line))


def fewest_neighbours_of_one_kind(sitters: Iterable[Sitter]) -> int:
    """How many such neighbours no line can avoid."""
    counts = Counter(each.kind for each in sitters)
    most = max(counts.values(), default=0)
    return max(0, 2 * most - counts.total() - 1)


def check_line(place: str, line: Sequence[Sitter], delivery: Delivery, pack: Pack) -> tuple[Explanation, ...]:
    """Why a room is not seated as the pack wants (REG-113)."""
    faults = []
    if len({each.id for each in line}) < len(line):
        faults.append(worded("seating", "seated_twice"))
    found, wanted = neighbours_of_one_kind(line), fewest_neighbours_of_one_kind(line)
    if must_mix(delivery, pack) and found > wanted:
        cite = pack.answer(MIX).cite
        faults.append(worded("seating", "not_mixed", cite, place=place, found=found, wanted=wanted))
    return tuple(faults)


def batches(ids: Sequence[str], places: int) -> tuple[tuple[str, ...], ...]:
    """Candidates divided in their order into batches of at most so many, as even as can be (REG-114).

    Raises ValueError without a place.
    """
    if places < 1:
        raise ValueError("a batch needs a place")
    number = -(-len(ids) // places)
    return tuple(_divided(ids, number))


def check_batch(
    name: str, candidates: int, places: int, pack: Pack, *, fixed_before: bool, key: str = SKILL_PLACES
) -> tuple[Explanation, ...]:
    """Why a batch is too big, or its places or order were fixed before the draw (REG-114, REG-115)."""
    faults = []
    if candidates > places:
        cite = pack.answer(key).cite if pack.regulates(key) else ("000 A3 7(2)",)
        faults.append(
            worded("seating", "more_than_places", cite, place=name, found=candidates, wanted=places)
        )
    if fixed_before and must_be_drawn(key, pack):
        faults.append(worded("seating", "fixed_too_early", pack.answer(key).cite, place=name))
    return tuple(faults)


def _next(waiting: Sequence[Sitter], last: tuple[str, int] | None) -> int:
    """Who comes next: the first by lot of another kind; of the biggest kind once it is half of the rest."""
    counts = Counter(each.kind for each in waiting)
    biggest, most = counts.most_common(1)[0]
    if 2 * most > len(waiting) and biggest != last:
        return next(at for at, each in enumerate(waiting) if each.kind == biggest)
    return next((at for at, each in enumerate(waiting) if each.kind != last), 0)


def _divided(ids: Sequence[str], number: int) -> Iterator[tuple[str, ...]]:
    for batch in range(number):
        yield tuple(ids[len(ids) * batch // number : len(ids) * (batch + 1) // number])
