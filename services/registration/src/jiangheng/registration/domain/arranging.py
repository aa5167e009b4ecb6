"""Divides the candidates among the sittings and seats them: everybody once in each of his parts (000 A3 7).

Nobody is put into two sittings that overlap. Sittings of a part are filled alike;
whoever finds none makes somebody else move, if that helps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from jiangheng.registration.domain.batch import Part
from jiangheng.registration.domain.filling import Filling
from jiangheng.registration.domain.seating import (
    Candidate,
    Seat,
    Session,
    draw,
    in_theory,
    in_turns,
    refuse_too_few_places,
    refuse_unseated,
)

# A candidate's sittings, one for each of his parts.
Choice = tuple[int, ...]
# So many ways are looked at when somebody has to make room: sittings of a batch are few.
_WAYS = 500


def arrange(
    candidates: Collection[Candidate], sessions: Collection[Session], seed: bytes
) -> tuple[Seat, ...]:
    """The seats of everybody, by sitting, room, turn and seat.

    Raises Problem WRONG_STATE "places-short", with numbers, if the places do not suffice.
    """
    ordered = sorted(sessions, key=lambda session: (session.starts_at, session.sitting_id))
    refuse_too_few_places(candidates, ordered)
    by_id = {each.application_id: each for each in candidates}
    division = _Division(ordered)
    left = [id for id in draw(seed, "sittings", by_id) if not division.place(by_id[id])]
    refuse_unseated(len(by_id), len(left))
    seats: list[Seat] = []
    for number, session in enumerate(ordered):
        sitting = division.sitters(number)
        seated = in_theory if session.part is Part.THEORY else in_turns
        seats += seated(session, sitting, seed)
    return tuple(
        sorted(
            seats, key=lambda seat: (seat.sitting_id, seat.room_id, seat.turn, seat.seat, seat.application_id)
        )
    )


class _Division:
    """Which candidate is in which sittings, so far."""

    def __init__(self, sessions: list[Session]) -> None:
        self._sessions = sessions
        self._fillings = [Filling.of_all([(session.classes, session.rounds)]) for session in sessions]
        self._chosen: dict[Candidate, Choice] = {}
        self._hopeless: set[tuple[str, frozenset[Part]]] = set()
        self._of_person: dict[str, set[Candidate]] = {}

    def sitters(self, number: int) -> list[Candidate]:
        """Who is in a sitting."""
        return [each for each, choice in self._chosen.items() if number in choice]

    def place(self, candidate: Candidate) -> bool:
        """Give the candidate a sitting for each part; False, nothing changed, if there is no way."""
        kind = (candidate.occupation_code, candidate.parts)
        if kind in self._hopeless:
            return False
        placed = self._take_any(candidate) or self._make_room(candidate, set())
        if not placed and not candidate.person:
            self._hopeless.add(kind)  # places do not come back: there is none for others like him either
        return placed

    def _take_any(self, candidate: Candidate, but: int | None = None) -> bool:
        ways = (choice for choice in self._ways(candidate) if but not in choice)
        return any(self._take(candidate, choice) for choice in islice(ways, _WAYS))

    def _take(self, candidate: Candidate, choice: Choice) -> bool:
        taken: list[int] = []
        for number in choice:
            if not self._fillings[number].add(candidate.occupation_code):
                for done in taken:
                    self._fillings[done].remove(candidate.occupation_code)
                return False
            taken.append(number)
        self._chosen[candidate] = choice
        self._of_person.setdefault(candidate.person, set()).add(candidate)
        return True

    def _leave(self, candidate: Candidate) -> Choice:
        choice = self._chosen.pop(candidate)
        self._of_person[candidate.person].remove(candidate)
        for number in choice:
            self._fillings[number].remove(candidate.occupation_code)
        return choice

    def _make_room(self, candidate: Candidate, tried: set[int]) -> bool:
        """Let somebody move out of a full sitting; he may make others move in his turn."""
        for choice in islice(self._ways(candidate), _WAYS):
            for number in choice:
                if number in tried or not self._is_full(number, candidate.occupation_code):
                    continue
                tried.add(number)
                if any(
                    self._swap(other, number, candidate, choice, tried) for other in self._kinds_in(number)
                ):
                    return True
        return False

    def _swap(
        self, other: Candidate, number: int, candidate: Candidate, choice: Choice, tried: set[int]
    ) -> bool:
        before = self._leave(other)
        if self._take(candidate, choice):
            if self._take_any(other, but=number) or self._make_room(other, tried):
                return True
            self._leave(candidate)
        if not self._take(other, before):
            raise AssertionError("a place that was given back is free")
        return False

    def _is_full(self, number: int, occupation: str) -> bool:
        if self._fillings[number].add(occupation):
            self._fillings[number].remove(occupation)
            return False
        return True

    def _kinds_in(self, number: int) -> list[Candidate]:
        """Of those in a sitting who are in the same sittings for the same thing, the first."""
        kinds: dict[tuple[object, ...], Candidate] = {}
        for each, choice in self._chosen.items():
            if number in choice:
                kinds.setdefault((each.occupation_code, each.parts, choice), each)
        return list(kinds.values())

    def _ways(self, candidate: Candidate) -> Iterator[Choice]:
        """The sittings that the candidate can have, those least filled first; none overlap."""
        parts = [part for part in Part if part in candidate.parts]
        others = self._of_person.get(candidate.person, ()) if candidate.person else ()
        taken = tuple(number for other in others for number in self._chosen[other])
        for choice in self._ways_of(parts, taken):
            yield choice[len(taken) :]

    def _ways_of(self, parts: list[Part], chosen: Choice) -> Iterator[Choice]:
        if not parts:
            yield chosen
            return
        numbers = [number for number, session in enumerate(self._sessions) if session.part is parts[0]]
        for number in sorted(numbers, key=lambda number: (self._fillings[number].load, number)):
            if not any(self._sessions[number].overlaps(self._sessions[other]) for other in chosen):
                yield from self._ways_of(parts[1:], (*chosen, number))
