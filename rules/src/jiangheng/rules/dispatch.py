"""Who is sent: draws that are at random, repeatable, unbiased among the lawful (X27, X28, SUP-013).

Everybody gets the HMAC-SHA256 of the purpose, the round and his id, with the
seed as key; the smallest numbers are drawn. Without the seed nobody can foresee
them, with it everybody can repeat them: the seed is random, at least 16 bytes,
and fixed (its `commitment` published) before the list of contenders closes.

- `draw_group`: a leader among those who may lead, then the others among all.
  A group that does not rotate enough is put back and the next round is drawn,
  so that every lawful group has the same chance.
- `draw_rooms`: place by place, each among all persons who may take it and leave
  the other places possible to fill; they have the same chance.
- `draw_order`: work places, orders of entry, papers.

Who refuses or must withdraw afterwards is drawn again: the same seed and list,
with the reason given for that person. The others keep their numbers.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack, canonical
from jiangheng.rules.places import Seeking, fill
from jiangheng.rules.records import number, option
from jiangheng.rules.schema import schema
from jiangheng.rules.values import Record
from jiangheng.rules.wording import worded

ROTATION = "staff.rotation_min_fraction"
RANDOM = "staff.dispatch.random"
SHORTEST_SEED = 16


@dataclass(frozen=True)
class Contender:
    """Somebody in the list of the draw, by an opaque id.

    `refusals`: why this person cannot be sent at all (card, duties, relations,
    refused). `barred`: by room, why not there.
    """

    id: str
    refusals: tuple[Explanation, ...] = ()
    may_lead: bool = False
    barred: Mapping[str, tuple[Explanation, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupWanted:
    """A group for a purpose (session, occupation); `last`: who was in the last one, None if none was."""

    purpose: str
    size: int
    led: bool = False
    last: frozenset[str] | None = None


@dataclass(frozen=True)
class RoomWanted:
    """A room and how many persons it needs."""

    place: str
    number: int


@dataclass(frozen=True)
class Excluded:
    """Who was not in the draw, or not for a room, and why."""

    id: str
    reasons: tuple[Explanation, ...]
    place: str = ""


@dataclass(frozen=True)
class Draw:
    """The protocol of a draw: who was drawn (the leader first), in which round, and who was excluded.

    `list_digest` is the SHA-256 of list and need, `commitment` that of the seed.
    """

    purpose: str
    drawn: tuple[str, ...]
    round: int
    excluded: tuple[Excluded, ...]
    list_digest: str
    commitment: str


@dataclass(frozen=True)
class RoomDraw:
    """The protocol of a draw for rooms: who goes where, and who was excluded."""

    purpose: str
    drawn: tuple[tuple[str, tuple[str, ...]], ...]
    excluded: tuple[Excluded, ...]
    list_digest: str
    commitment: str


@dataclass(frozen=True)
class NotEnough:
    """No lawful draw is possible: why, and who was excluded for what."""

    purpose: str
    reasons: tuple[Explanation, ...]
    excluded: tuple[Excluded, ...]


def commitment(seed: bytes) -> str:
    """What is published of a seed before the draw: its SHA-256 (hex). Raises ValueError for a short one."""
    return hashlib.sha256(_seed(seed)).hexdigest()


def draw_order(ids: Iterable[str], seed: bytes, purpose: str) -> tuple[str, ...]:
    """These in an order drawn by lot. Raises ValueError for an id twice or a short seed."""
    return _ordered(_distinct(ids), _seed(seed), purpose, 0)


def draw_group(
    contenders: Iterable[Contender], wanted: GroupWanted, pack: Pack, seed: bytes
) -> Draw | NotEnough:
    """A group, drawn; or why there is none (X27, X28). Raises ValueError for an id twice or a short seed."""
    everybody = _sorted(contenders)
    excluded = tuple(Excluded(each.id, each.refusals) for each in everybody if each.refusals)
    lawful = {each.id: each for each in everybody if not each.refusals}
    new = newcomers_needed(wanted.size, pack) if wanted.last is not None else 0
    impossible = _impossible(lawful, wanted, new, pack)
    if impossible:
        return NotEnough(wanted.purpose, impossible, excluded)
    drawn, rounds = _drawn_group(lawful, wanted, new, _seed(seed))
    digest = _digest(everybody, [wanted.purpose, wanted.size, wanted.led, _listed(wanted.last), new])
    return Draw(wanted.purpose, drawn, rounds, excluded, digest, commitment(seed))


def draw_rooms(
    contenders: Iterable[Contender], rooms: Sequence[RoomWanted], purpose: str, seed: bytes
) -> RoomDraw | NotEnough:
    """Persons for every room, drawn; or which rooms cannot be filled (EXM-021, X28). Raises as draw_group."""
    everybody = _sorted(contenders)
    names = _distinct(room.place for room in rooms)
    excluded = _excluded_from_rooms(everybody, names)
    lawful = [each for each in everybody if not each.refusals]
    order = _ordered(tuple(each.id for each in lawful), _seed(seed), purpose, 0)
    places = [room.place for room in rooms for _ in range(room.number)]
    barred = {each.id: frozenset(room for room, why in each.barred.items() if why) for each in lawful}
    filled = fill(places, [Seeking(each, barred[each]) for each in order])
    if filled.unfilled:
        return NotEnough(purpose, tuple(_unfilled(filled.unfilled)), excluded)
    drawn = tuple((name, tuple(filled.persons(name))) for name in names)
    digest = _digest(everybody, [purpose, [[room.place, room.number] for room in rooms]])
    return RoomDraw(purpose, drawn, excluded, digest, commitment(seed))


def verify_group(
    record: Draw, contenders: Iterable[Contender], wanted: GroupWanted, pack: Pack, seed: bytes
) -> Explanation | None:
    """Why a protocol is not the result of list, need and seed; None if it is (SUP-013)."""
    same = draw_group(contenders, wanted, pack, seed) == record
    return None if same else worded("dispatch", "other_result")


def verify_rooms(
    record: RoomDraw,
    contenders: Iterable[Contender],
    rooms: Sequence[RoomWanted],
    purpose: str,
    seed: bytes,
) -> Explanation | None:
    """The same for rooms."""
    same = draw_rooms(contenders, rooms, purpose, seed) == record
    return None if same else worded("dispatch", "other_result")


def newcomers_needed(size: int, pack: Pack) -> int:
    """How many of a group of this size must be new since the last session; 0 without a fraction (X27)."""
    if not pack.regulates(ROTATION):
        return 0
    rule = pack.record(ROTATION)
    above, below = number(rule, "numerator"), number(rule, "denominator")
    return ceil(size * Fraction(above, below)) if above and below else 0


def check_rotation(group: Iterable[str], last: Iterable[str] | None, pack: Pack) -> tuple[Explanation, ...]:
    """Why a group, however it was found, does not rotate enough since the last one (None: there was none)."""
    members = set(group)
    if last is None:
        return ()
    wanted, found = newcomers_needed(len(members), pack), len(members - set(last))
    if found >= wanted:
        return ()
    return (worded("dispatch", "rotation", pack.answer(ROTATION).cite, wanted=wanted, found=found),)


def check_drawn(who: str, pack: Pack, *, drawn: bool, occasion: str = "") -> tuple[Explanation, ...]:
    """Why somebody may not be sent by name but must be drawn (X28).

    `who`: an option of `staff.dispatch.random`, or "internal_supervisor".
    `occasion`: an option of its occasions, "" if none of them is meant.
    """
    if drawn or not pack.regulates(RANDOM):
        return ()
    cite = pack.answer(RANDOM).cite
    rules = [rule for rule in pack.records(RANDOM) if rule["obligatory"] and _meant(rule, who, occasion)]
    return tuple(worded("dispatch", "must_be_drawn", cite, **_named(rule)) for rule in rules)


def _impossible(
    lawful: Mapping[str, Contender], wanted: GroupWanted, new: int, pack: Pack
) -> tuple[Explanation, ...]:
    """Why no lawful group exists."""
    newcomers = lawful.keys() - (wanted.last or frozenset())
    reasons = []
    if len(lawful) < wanted.size:
        reasons.append(worded("dispatch", "too_few_lawful", found=len(lawful), wanted=wanted.size))
    if len(newcomers) < new:
        cite = pack.answer(ROTATION).cite
        reasons.append(worded("dispatch", "too_few_new", cite, found=len(newcomers), wanted=new))
    if not reasons and wanted.led and not _somebody_leads(lawful, newcomers, wanted.size, new):
        reasons.append(worded("dispatch", "no_leader"))
    return tuple(reasons)


def _somebody_leads(lawful: Mapping[str, Contender], newcomers: set[str], size: int, new: int) -> bool:
    """True if somebody can lead and still leave enough places to newcomers."""
    return any(each.may_lead and (each.id in newcomers or new < size) for each in lawful.values())


def _drawn_group(
    lawful: Mapping[str, Contender], wanted: GroupWanted, new: int, seed: bytes
) -> tuple[tuple[str, ...], int]:
    """The first round's group that rotates enough; there is one, so that the rounds come to an end."""
    rounds = 1
    while True:
        order = _ordered(tuple(lawful), seed, wanted.purpose, rounds)
        if wanted.led:
            leader = next(each for each in order if lawful[each].may_lead)
            order = (leader, *(each for each in order if each != leader))
        group = order[: wanted.size]
        if len(set(group) - (wanted.last or frozenset())) >= new:
            return group, rounds
        rounds += 1


def _excluded_from_rooms(everybody: Sequence[Contender], rooms: Sequence[str]) -> tuple[Excluded, ...]:
    wholly = [Excluded(each.id, each.refusals) for each in everybody if each.refusals]
    partly = [
        Excluded(each.id, each.barred[room], room)
        for each in everybody
        for room in rooms
        if not each.refusals and each.barred.get(room)
    ]
    return (*wholly, *partly)


def _unfilled(rooms: Mapping[str, int]) -> list[Explanation]:
    return [worded("dispatch", "room_not_filled", place=room, wanted=count) for room, count in rooms.items()]


def _meant(rule: Record, who: str, occasion: str) -> bool:
    people = {who, "supervisor"} if who.endswith("_supervisor") else {who}
    named = option(rule, "occasion")
    return rule["who"] in people and (named is None or not occasion or named == occasion)


def _named(rule: Record) -> dict[str, str]:
    fields = schema().parameters[RANDOM].shape.fields
    who = fields["who"].shape.options[str(rule["who"])]
    way = fields["way"].shape.options[str(rule["way"])]
    return {"who": who.zh, "who_en": who.en, "way": way.zh, "way_en": way.en}


def _ordered(ids: tuple[str, ...], seed: bytes, purpose: str, rounds: int) -> tuple[str, ...]:
    # Neither a purpose with line breaks nor an id can be mistaken for another pair: JSON tells them apart.
    def place(each: str) -> tuple[bytes, str]:
        return hmac.digest(seed, canonical([purpose, rounds, each]), "sha256"), each

    return tuple(sorted(ids, key=place))


def _sorted(contenders: Iterable[Contender]) -> tuple[Contender, ...]:
    everybody = tuple(sorted(contenders, key=lambda each: each.id))
    _distinct(each.id for each in everybody)
    return everybody


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    listed = tuple(names)
    if len(set(listed)) < len(listed):
        raise ValueError("somebody or something is in the list twice")
    return listed


def _seed(seed: bytes) -> bytes:
    if len(seed) < SHORTEST_SEED:
        raise ValueError(f"a seed has at least {SHORTEST_SEED} random bytes")
    return seed


def _listed(last: frozenset[str] | None) -> list[str] | None:
    return None if last is None else sorted(last)


def _digest(everybody: Iterable[Contender], need: list[object]) -> str:
    """SHA-256 of all that the draw is made from, the reasons of exclusions included."""
    people = [
        [
            each.id,
            each.may_lead,
            _plain(each.refusals),
            {room: _plain(why) for room, why in each.barred.items()},
        ]
        for each in everybody
    ]
    return hashlib.sha256(canonical([people, need])).hexdigest()


def _plain(reasons: Iterable[Explanation]) -> list[list[str]]:
    return [[each.rule, each.clause, each.zh, each.en] for each in reasons]
