"""Seats for a batch (考场编排, 000 A3 7): who sits which part in which sitting, room and seat or turn.

Everything follows from the candidates, the sittings with their rooms, and a seed
of 32 bytes, whatever order they are given in: whoever has the seed makes the same
arrangement again (REG-113). Chance comes from HMAC-SHA256 under the seed.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from hashlib import sha256

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.batch import Part
from jiangheng.registration.domain.filling import Filling, PlaceClass
from jiangheng.registration.domain.mixing import mixed

SEED_BYTES = 32
PART_ZH: Mapping[Part, str] = {
    Part.THEORY: "理论知识考试",
    Part.SKILL: "技能操作考核",
    Part.COMPREHENSIVE: "综合评审",
}


@dataclass(frozen=True)
class Candidate:
    """Whoever is to be seated: the application, what for, in which parts.

    `person` is the same in all applications of one human, who cannot be in two places; "" if there is one.
    """

    application_id: str
    occupation_code: str
    level: int
    parts: frozenset[Part]
    person: str = ""


@dataclass(frozen=True)
class Space:
    """A room as it can be used in a sitting.

    `seats`: of a theory room, or of one turn of a review. `stations`: the occupations of each work place
    (none: any). `columns`: seats side by side, 0 if they stand in one line. `mix`: neighbours of the same
    occupation and level are to be avoided.
    """

    room_id: str
    seats: int = 0
    stations: tuple[frozenset[str], ...] = ()
    columns: int = 0
    mix: bool = False


@dataclass(frozen=True)
class Session:
    """A sitting with the rooms that it has. `turns`: how many fit; None: as many as are needed."""

    sitting_id: str
    part: Part
    starts_at: datetime
    ends_at: datetime
    spaces: tuple[Space, ...]
    turns: int | None = None

    def overlaps(self, other: Session) -> bool:
        """True if nobody can be in both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def classes(self) -> tuple[PlaceClass, ...]:
        """Its places of one turn, those alike together; in one order, however the rooms are given."""
        if self.part is not Part.SKILL:
            ordered = sorted(self.spaces, key=lambda each: each.room_id)
            return tuple(PlaceClass(each.room_id, frozenset(), each.seats) for each in ordered)
        stations = Counter((each.room_id, station) for each in self.spaces for station in each.stations)
        kinds = sorted(stations.items(), key=lambda item: (item[0][0], sorted(item[0][1])))
        return tuple(PlaceClass(room_id, occupations, count) for (room_id, occupations), count in kinds)

    @property
    def rounds(self) -> int | None:
        """How often each place can be used; None: without limit."""
        return 1 if self.part is Part.THEORY else self.turns


@dataclass(frozen=True)
class Seat:
    """Where a candidate sits a part: `seat` from 1 in theory, else `turn` from 1; the other is 0."""

    application_id: str
    sitting_id: str
    room_id: str
    seat: int = 0
    turn: int = 0


@dataclass(frozen=True)
class Arrangement:
    """How a batch was seated: on which revision of it, from which seed, with the digest of all seats."""

    batch_id: str
    revision: int
    seed: bytes
    digest: bytes
    seats: int
    at: datetime


def draw(seed: bytes, label: str, ids: Iterable[str]) -> list[str]:
    """The ids in the order that the seed gives them under a label."""

    def rank(id: str) -> bytes:
        return hmac.digest(seed, f"{label}\0{id}".encode(), sha256)

    return sorted(set(ids), key=lambda id: (rank(id), id))


def refuse_too_few_places(candidates: Collection[Candidate], sessions: Collection[Session]) -> None:
    """Raise Problem WRONG_STATE "places-short" saying for each part how many places are missing."""
    short = {part: _missing(part, candidates, sessions) for part in Part}
    told = {part: numbers for part, numbers in short.items() if numbers[1]}
    if not told:
        return
    zh = "；".join(
        f"{PART_ZH[part]}考生{wanted}人，尚缺{missing}个位置" for part, (wanted, missing) in told.items()
    )
    en = "; ".join(
        f"{part.value}: {wanted} candidates, {missing} places missing"
        for part, (wanted, missing) in told.items()
    )
    raise _short(f"考场（工位）不足：{zh}。", f"too few places: {en}", told)


def refuse_unseated(candidates: int, unseated: int) -> None:
    """Raise Problem WRONG_STATE "sittings-overlap" if candidates found no sittings that do not overlap."""
    if unseated:
        raise Problem(
            Kind.WRONG_STATE,
            "sittings-overlap",
            f"各场次时间重叠，{candidates}名考生中尚有{unseated}名无法安排。",
            f"sittings overlap: {unseated} of {candidates} candidates cannot be seated",
            rule="REG-113",
            clause="000 A3 7",
            details={"wanted": str(candidates), "missing": str(unseated)},
        )


def in_theory(session: Session, sitting: Sequence[Candidate], seed: bytes) -> list[Seat]:
    """Seats in as few rooms as suffice, each with its share of every occupation and level (REG-113)."""
    group = {each.application_id: (each.occupation_code, each.level) for each in sitting}
    drawn = draw(seed, f"theory:{session.sitting_id}", group)
    dealt = _dealt(sorted(drawn, key=lambda id: group[id]), _sizes(session.spaces, len(drawn)))
    seats = []
    for space in session.spaces:
        here = draw(seed, f"room:{session.sitting_id}:{space.room_id}", dealt.get(space.room_id, ()))
        ordered = mixed(here, group, space.columns) if space.mix else here
        seats += [
            Seat(id, session.sitting_id, space.room_id, seat=number) for number, id in enumerate(ordered, 1)
        ]
    return seats


def in_turns(session: Session, sitting: Sequence[Candidate], seed: bytes) -> list[Seat]:
    """Turns by the number of places, as few as suffice (REG-114, REG-115).

    The place and the order within a turn are drawn on the spot.
    """
    occupation = {each.application_id: each.occupation_code for each in sitting}
    drawn = draw(seed, f"turns:{session.sitting_id}", occupation)
    filling = _fewest_turns(session, Counter(occupation.values()), len(drawn))
    waiting = {code: [id for id in drawn if occupation[id] == code] for code in set(occupation.values())}
    seats = []
    for kind, taken in filling.shares():
        here = [waiting[code].pop(0) for code, count in taken.items() for _ in range(count)]
        ordered = draw(seed, f"turn:{session.sitting_id}:{kind.room_id}:{sorted(kind.occupations)}", here)
        seats += [
            Seat(id, session.sitting_id, kind.room_id, turn=number // kind.count + 1)
            for number, id in enumerate(ordered)
        ]
    return seats


def _fewest_turns(session: Session, wanted: Mapping[str, int], candidates: int) -> Filling:
    """The filling with the fewest turns that takes all of them, found by halving."""
    low, high = 1, session.rounds or max(candidates, 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _filled(session, middle, wanted)[1] == 0 else (middle + 1, high)
    return _filled(session, low, wanted)[0]


def _filled(session: Session, turns: int, wanted: Mapping[str, int]) -> tuple[Filling, int]:
    filling = Filling(session.classes, turns)
    left = sum(not filling.add(code) for code, count in sorted(wanted.items()) for _ in range(count))
    return filling, left


def _missing(part: Part, candidates: Collection[Candidate], sessions: Collection[Session]) -> tuple[int, int]:
    """How many sit a part, and for how many of them there is no place, overlaps left aside."""
    wanted = Counter(each.occupation_code for each in candidates if part in each.parts)
    of_part = [session for session in sessions if session.part is part]
    filling = Filling.of_all((session.classes, session.rounds) for session in of_part)
    left = sum(not filling.add(code) for code, count in sorted(wanted.items()) for _ in range(count))
    return wanted.total(), left


def _sizes(spaces: Sequence[Space], candidates: int) -> dict[str, int]:
    """How many sit in each room: the largest rooms that suffice, filled alike."""
    used: list[Space] = []
    for space in sorted(spaces, key=lambda each: (-each.seats, each.room_id)):
        if sum(each.seats for each in used) < candidates:
            used.append(space)
    total = sum(each.seats for each in used)
    sizes = {each.room_id: candidates * each.seats // total for each in used}
    for each in used:
        if sum(sizes.values()) < candidates and sizes[each.room_id] < each.seats:
            sizes[each.room_id] += 1
    return sizes


def _dealt(ids: Sequence[str], sizes: Mapping[str, int]) -> dict[str, list[str]]:
    """Deal the ids to the rooms like cards, each room getting its number evenly spread over the row."""
    slots = sorted(
        (Fraction(2 * number + 1, 2 * size), room_id)
        for room_id, size in sizes.items()
        for number in range(size)
    )
    dealt: dict[str, list[str]] = {}
    for id, (_, room_id) in zip(ids, slots, strict=True):
        dealt.setdefault(room_id, []).append(id)
    return dealt


def _short(zh: str, en: str, told: Mapping[Part, tuple[int, int]]) -> Problem:
    details = {f"{part.value}.wanted": str(wanted) for part, (wanted, _) in told.items()}
    details |= {f"{part.value}.missing": str(missing) for part, (_, missing) in told.items()}
    return Problem(
        Kind.WRONG_STATE, "places-short", zh, en, rule="REG-106", clause="000 A3 7", details=details
    )
