"""Seats: everybody exactly once in each part, nowhere too many, again the same from the same seed."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.arranging import arrange
from jiangheng.registration.domain.batch import Part
from jiangheng.registration.domain.filling import Filling, PlaceClass
from jiangheng.registration.domain.mixing import mixed
from jiangheng.registration.domain.seating import Candidate, Seat, Session, Space

NINE = datetime(2026, 6, 6, 1, 0, tzinfo=UTC)
SEED = bytes(range(32))
ELECTRICIAN, TURNER, WELDER = "6-31-01-03", "6-18-01-01", "6-18-02-04"
ALL = frozenset(Part)
THEORY, SKILL = frozenset({Part.THEORY}), frozenset({Part.SKILL})


def people(
    number: int,
    parts: frozenset[Part] = THEORY,
    occupation: str = ELECTRICIAN,
    level: int = 4,
    first: int = 0,
) -> list[Candidate]:
    return [
        Candidate(f"{occupation}-{level}-{first + at:05d}", occupation, level, parts) for at in range(number)
    ]


def session(
    id: str, part: Part, *spaces: Space, hour: float = 0, hours: float = 2, turns: int | None = None
) -> Session:
    starts = NINE + timedelta(hours=hour)
    return Session(id, part, starts, starts + timedelta(hours=hours), spaces, turns)


def stations(room: str, number: int, *occupations: str) -> Space:
    return Space(room, stations=(frozenset(occupations),) * number)


def alike_neighbours(order: Sequence[object], columns: int) -> int:
    """How many seats have somebody of the same group beside or behind them."""
    width = columns or max(len(order), 1)
    beside = sum(left == right for seat, (left, right) in enumerate(pairwise(order), start=1) if seat % width)
    return beside + sum(order[seat] == order[seat - width] for seat in range(width, len(order)))


def check_whole(
    candidates: Collection[Candidate], sessions: Collection[Session], seats: Collection[Seat]
) -> None:
    """Everybody once in each of his parts, in no two sittings at once, no place taken twice."""
    by_id = {each.sitting_id: each for each in sessions}
    mine: dict[str, list[Session]] = defaultdict(list)
    persons: dict[str, list[Session]] = defaultdict(list)
    person = {each.application_id: each.person or each.application_id for each in candidates}
    for seat in seats:
        mine[seat.application_id].append(by_id[seat.sitting_id])
        persons[person[seat.application_id]].append(by_id[seat.sitting_id])
    for sat in persons.values():
        assert not any(one.overlaps(other) for at, one in enumerate(sat) for other in sat[at + 1 :])
    assert set(mine) == {each.application_id for each in candidates if each.parts}
    for each in candidates:
        sat = mine[each.application_id]
        assert Counter(one.part for one in sat) == Counter(each.parts)
    occupation = {each.application_id: each.occupation_code for each in candidates}
    for one in sessions:
        check_sitting(one, [seat for seat in seats if seat.sitting_id == one.sitting_id], occupation)


def check_sitting(one: Session, seats: Collection[Seat], occupation: dict[str, str]) -> None:
    spaces = {space.room_id: space for space in one.spaces}
    at_once: dict[tuple[str, int], list[Seat]] = defaultdict(list)
    for seat in seats:
        at_once[seat.room_id, seat.turn].append(seat)
        assert one.turns is None or seat.turn <= one.turns
    for (room, turn), here in at_once.items():
        if one.part is Part.THEORY:
            assert turn == 0
            assert sorted(seat.seat for seat in here) == list(range(1, len(here) + 1))
            assert len(here) <= spaces[room].seats
        elif one.part is Part.COMPREHENSIVE:
            assert turn >= 1
            assert len(here) <= spaces[room].seats
        else:
            assert all(seat.seat == 0 for seat in here)
            filling = Filling(PlaceClass(room, station, 1) for station in spaces[room].stations)
            assert all(filling.add(occupation[seat.application_id]) for seat in here)


# Whole batches with sittings for every part; there may be too few places, and sittings may overlap.
_codes = st.sampled_from([ELECTRICIAN, TURNER, WELDER])
_space = st.builds(
    lambda seats, columns, mix, works: Space("", seats, tuple(works), columns, mix),
    st.integers(1, 12),
    st.integers(0, 4),
    st.booleans(),
    st.lists(st.frozensets(_codes, max_size=2), min_size=1, max_size=4),
)


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[Candidate], list[Session]]:
    candidates = []
    for at in range(draw(st.integers(0, 30))):
        parts = draw(st.frozensets(st.sampled_from(Part), min_size=1))
        person = draw(st.sampled_from(["", "", "", "p1", "p2"]))
        candidates.append(Candidate(f"a{at:03d}", draw(_codes), draw(st.integers(3, 4)), parts, person))
    sessions = []
    for at in range(draw(st.integers(1, 7))):
        part = list(Part)[at] if at < 3 else draw(st.sampled_from(Part))
        spaces = draw(st.lists(_space, min_size=1, max_size=3))
        named = [replace(space, room_id=f"r{number}") for number, space in enumerate(spaces)]
        turns = draw(st.none() | st.integers(1, 6))
        hour = draw(st.integers(0, 8))
        sessions.append(session(f"s{at}", part, *named, hour=hour, turns=turns))
    return candidates, sessions


def arranged_or_told(
    candidates: Collection[Candidate], sessions: Collection[Session], seed: bytes
) -> tuple[Seat, ...] | Problem:
    try:
        return arrange(candidates, sessions, seed)
    except Problem as problem:
        return problem


@pytest.mark.requirement("REG-113")
@pytest.mark.requirement("REG-114")
@settings(max_examples=250, deadline=None)
@given(batches(), st.binary(min_size=32, max_size=32), st.randoms(use_true_random=False))
def test_whatever_the_batch_everybody_sits_once_or_nobody_does(
    batch: tuple[list[Candidate], list[Session]], seed: bytes, shuffled: random.Random
) -> None:
    candidates, sessions = batch
    seats = arranged_or_told(candidates, sessions, seed)
    if isinstance(seats, Problem):
        assert seats.code in ("places-short", "sittings-overlap")
        assert any(key.endswith("missing") and int(number) > 0 for key, number in seats.details.items())
        return
    check_whole(candidates, sessions, seats)
    shuffled.shuffle(candidates)
    shuffled.shuffle(sessions)
    assert arrange(candidates, sessions, seed) == seats


@pytest.mark.requirement("REG-113")
def test_another_seed_gives_another_arrangement() -> None:
    candidates, sessions = people(30), [session("T1", Part.THEORY, Space("301", 30))]
    one, other = arrange(candidates, sessions, SEED), arrange(candidates, sessions, SEED[::-1])
    assert one != other
    assert [seat.application_id for seat in one] != sorted(seat.application_id for seat in one)


@pytest.mark.requirement("REG-113")
def test_the_arrangement_of_a_seed_never_changes() -> None:
    """What was drawn years ago has to be drawn again alike, by every later version."""
    sessions = [
        session("T1", Part.THEORY, Space("301", 4, mix=True)),
        session("S1", Part.SKILL, stations("W1", 2), hour=3),
    ]
    seats = arrange([*people(2, ALL - {Part.COMPREHENSIVE}), *people(2, THEORY, TURNER)], sessions, SEED)
    assert [(seat.application_id, seat.sitting_id, seat.seat, seat.turn) for seat in seats] == [
        ("6-31-01-03-4-00000", "S1", 0, 1),
        ("6-31-01-03-4-00001", "S1", 0, 1),
        ("6-18-01-01-4-00000", "T1", 1, 0),
        ("6-31-01-03-4-00000", "T1", 2, 0),
        ("6-18-01-01-4-00001", "T1", 3, 0),
        ("6-31-01-03-4-00001", "T1", 4, 0),
    ]


def test_rooms_are_added_as_they_are_needed_and_filled_alike() -> None:
    rooms = (Space("101", 20), Space("102", 30), Space("103", 30))

    def used(number: int) -> dict[str, int]:
        seats = arrange(people(number), [session("T1", Part.THEORY, *rooms)], SEED)
        return dict(Counter(seat.room_id for seat in seats))

    assert used(30) == {"102": 30}
    assert used(31) == {"102": 16, "103": 15}
    assert used(60) == {"102": 30, "103": 30}
    assert used(80) == {"101": 20, "102": 30, "103": 30}


@pytest.mark.requirement("REG-113")
@pytest.mark.parametrize("columns", [0, 5, 6])
def test_on_paper_neighbours_are_of_another_occupation_or_level(columns: int) -> None:
    candidates = [*people(14), *people(9, THEORY, ELECTRICIAN, 3), *people(7, THEORY, TURNER)]
    group = {each.application_id: (each.occupation_code, each.level) for each in candidates}
    room = Space("301", 30, columns=columns, mix=True)
    seats = arrange(candidates, [session("T1", Part.THEORY, room)], SEED)
    order = [group[seat.application_id] for seat in seats]
    assert alike_neighbours(order, columns) == 0
    plain = arrange(candidates, [session("T1", Part.THEORY, replace(room, mix=False))], SEED)
    assert alike_neighbours([group[seat.application_id] for seat in plain], columns) > 0


@pytest.mark.requirement("REG-113")
@given(st.lists(st.integers(1, 12), min_size=1, max_size=5))
def test_in_a_line_there_are_never_more_alike_neighbours_than_there_must_be(sizes: list[int]) -> None:
    ids = [f"{group}-{number}" for group, size in enumerate(sizes) for number in range(size)]
    group = {id: id.split("-")[0] for id in ids}
    order = [group[id] for id in mixed(ids, group, 0)]
    assert Counter(order) == Counter(group.values())
    assert alike_neighbours(order, 0) == max(0, 2 * max(sizes) - len(ids) - 1)


@pytest.mark.requirement("REG-113")
def test_every_room_gets_its_share_of_every_occupation() -> None:
    candidates = [*people(20), *people(20, THEORY, TURNER), *people(20, THEORY, WELDER)]
    rooms = (Space("101", 20), Space("102", 20), Space("103", 20))
    group = {each.application_id: each.occupation_code for each in candidates}
    shares: dict[str, Counter[str]] = defaultdict(Counter)
    for seat in arrange(candidates, [session("T1", Part.THEORY, *rooms)], SEED):
        shares[seat.room_id][group[seat.application_id]] += 1
    assert all(6 <= number <= 7 for share in shares.values() for number in share.values())


@pytest.mark.requirement("REG-114")
def test_turns_are_as_few_as_the_stations_allow_and_name_no_place() -> None:
    one = session("S1", Part.SKILL, stations("W1", 4))
    seats = arrange(people(10, SKILL), [one], SEED)
    assert Counter(seat.turn for seat in seats) == {1: 4, 2: 4, 3: 2}
    assert {seat.seat for seat in seats} == {0}


@pytest.mark.requirement("REG-114")
def test_a_station_examines_only_its_occupations() -> None:
    rooms = (stations("W1", 2, ELECTRICIAN), stations("W2", 2, TURNER), stations("W3", 1))
    one = session("S1", Part.SKILL, *rooms)
    candidates = [*people(6, SKILL), *people(3, SKILL, TURNER)]
    seats = arrange(candidates, [one], SEED)
    check_whole(candidates, [one], seats)
    assert max(seat.turn for seat in seats) == 2


@pytest.mark.requirement("REG-115")
def test_a_review_is_divided_into_turns_by_the_seats_of_the_room() -> None:
    parts = frozenset({Part.COMPREHENSIVE})
    seats = arrange(people(7, parts), [session("C1", Part.COMPREHENSIVE, Space("401", 3))], SEED)
    assert Counter(seat.turn for seat in seats) == {1: 3, 2: 3, 3: 1}


def short(candidates: Collection[Candidate], *sessions: Session) -> Problem:
    with pytest.raises(Problem) as raised:
        arrange(candidates, sessions, SEED)
    assert raised.value.kind is Kind.WRONG_STATE
    return raised.value


@pytest.mark.requirement("REG-107")
def test_what_is_missing_is_told_part_by_part() -> None:
    problem = short(
        people(25, ALL),
        session("T1", Part.THEORY, Space("301", 20)),
        session("S1", Part.SKILL, stations("W1", 4), hour=3, turns=5),
        session("C1", Part.COMPREHENSIVE, Space("401", 6), hour=6),
    )
    assert problem.code == "places-short"
    assert problem.details == {
        "theory.wanted": "25",
        "theory.missing": "5",
        "skill.wanted": "25",
        "skill.missing": "5",
    }
    assert "理论知识考试考生25人，尚缺5个位置" in problem.zh
    nobody = short(people(3, SKILL, WELDER), session("S1", Part.SKILL, stations("W1", 9, TURNER)))
    assert nobody.details == {"skill.wanted": "3", "skill.missing": "3"}


def test_half_sit_theory_while_the_others_work_and_then_they_change() -> None:
    """The shift system: no one is in two places, though every sitting is full."""
    sessions = [
        session("T1", Part.THEORY, Space("301", 15)),
        session("S1", Part.SKILL, stations("W1", 5), turns=3),
        session("T2", Part.THEORY, Space("301", 15), hour=3),
        session("S2", Part.SKILL, stations("W1", 5), hour=3, turns=3),
    ]
    candidates = people(30, THEORY | SKILL)
    check_whole(candidates, sessions, arrange(candidates, sessions, SEED))
    problem = short(people(16, THEORY | SKILL), *sessions[:2])
    assert problem.code == "places-short"
    overlapping = short(people(15, THEORY | SKILL), *sessions[:2])
    assert (overlapping.code, overlapping.details["missing"]) == ("sittings-overlap", "15")


def test_who_applies_twice_is_not_in_two_places() -> None:
    twice = [
        Candidate("a1", ELECTRICIAN, 4, THEORY, "p"),
        Candidate("a2", TURNER, 4, THEORY, "p"),
    ]
    one = session("T1", Part.THEORY, Space("301", 30))
    problem = short(twice, one)
    assert (problem.code, problem.details["missing"]) == ("sittings-overlap", "1")
    sessions = [one, session("T2", Part.THEORY, Space("301", 1), hour=3)]
    check_whole(twice, sessions, arrange(twice, sessions, SEED))


def test_somebody_makes_room_when_only_that_helps() -> None:
    """S1 overlaps T1: who sits T1 needs S2, so nobody else may fill it up."""
    sessions = [
        session("T1", Part.THEORY, Space("301", 10)),
        session("T2", Part.THEORY, Space("301", 10), hour=3),
        session("S1", Part.SKILL, stations("W1", 10), turns=1),
        session("S2", Part.SKILL, stations("W1", 10), hour=6, turns=1),
    ]
    for number in range(16, 21):
        candidates = people(number, THEORY | SKILL)
        check_whole(candidates, sessions, arrange(candidates, sessions, SEED))


def test_ten_thousand_are_seated_within_seconds() -> None:
    rooms = tuple(Space(f"{number:03d}", 30, columns=5, mix=True) for number in range(60))
    sessions = [session(f"T{at}", Part.THEORY, *rooms, hour=3 * at) for at in range(6)]
    sessions += [
        session(f"S{at}", Part.SKILL, stations(f"W{at}", 60), hour=24, hours=8, turns=30) for at in range(6)
    ]
    codes = (ELECTRICIAN, TURNER, WELDER)
    candidates = [each for code in codes for each in people(3334, THEORY | SKILL, code)]
    begun = time.monotonic()
    seats = arrange(candidates, sessions, SEED)
    assert time.monotonic() - begun < 20
    assert len(seats) == 20004
