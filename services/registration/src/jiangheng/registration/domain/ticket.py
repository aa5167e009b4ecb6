"""What stands on an admission ticket (准考证, 000 A3 8), frozen when the tickets of a batch are issued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jiangheng.chassis.clocks import SHANGHAI
from jiangheng.registration.domain.batch import Part, Sitting
from jiangheng.registration.domain.seating import PART_ZH, Seat
from jiangheng.registration.domain.site import Room, Site
from jiangheng.rules import numbers
from jiangheng.rules.pack import Pack
from jiangheng.rules.records import options

FIELDS = "ticket.fields"
# What is printed where the pack leaves the content to the platform or says nothing (001 D1 11).
USUAL = ("name", "id_number", "ticket_number", "occupation", "level", "time", "place", "rules")


@dataclass(frozen=True)
class Line:
    """One sitting of the candidate, as printed."""

    part: str
    day: str
    time: str
    site: str
    address: str
    room: str
    place: str


@dataclass(frozen=True)
class Ticket:
    """An admission ticket; `printed` are the fields that the pack puts on it, empty ones stay off it."""

    number: str
    batch: str
    institution: str
    test: bool
    issued_on: str
    name: str
    id_number: str
    employer: str
    occupation: str
    level: str
    sittings: tuple[Line, ...]
    rules: tuple[str, ...]
    printed: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The same as JSON: what is frozen, and what the printed form is made from."""
        lists = {"sittings": [vars(line) for line in self.sittings], "rules": list(self.rules)}
        return {**vars(self), **lists, "printed": list(self.printed)}

    @classmethod
    def from_document(cls, written: Mapping[str, Any]) -> Ticket:
        """The ticket that gave this document."""
        rest: dict[str, Any] = {
            name: tuple(each) if isinstance(each, list) else each for name, each in written.items()
        }
        rest["sittings"] = tuple(Line(**each) for each in written["sittings"])
        return cls(**rest)


def printed_fields(pack: Pack) -> tuple[str, ...]:
    """The fields that the pack puts on a ticket."""
    named = options(pack.record(FIELDS), "printed") if pack.regulates(FIELDS) else ()
    return named or USUAL


def level_name(level: int) -> str:
    """A level as it is printed, e.g. 四级/中级工."""
    return numbers.level_names().get(str(level), str(level))


Rooms = Mapping[tuple[str, str], Room]


def rooms_of(sites: Iterable[Site]) -> Rooms:
    """The rooms of sites, by the ids of site and room."""
    return {(site.id, room.room_id): room for site in sites for room in site.plan.rooms}


def lines(
    seats: Iterable[Seat], sittings: Mapping[str, Sitting], sites: Mapping[str, Site], rooms: Rooms
) -> tuple[Line, ...]:
    """The sittings of a candidate in the order of time."""
    ordered = sorted(seats, key=lambda seat: (_starts(sittings[seat.sitting_id], seat), seat.sitting_id))
    return tuple(_line(seat, sittings[seat.sitting_id], sites, rooms) for seat in ordered)


def missing_seats(parts: Iterable[Part], seats: Sequence[Seat], sittings: Mapping[str, Sitting]) -> bool:
    """True unless there is one seat for each part: no ticket before time and place are fixed (REG-117)."""
    return sorted(part.value for part in parts) != sorted(
        part.value for seat in seats if (part := sittings[seat.sitting_id].part)
    )


def _line(seat: Seat, sitting: Sitting, sites: Mapping[str, Site], rooms: Rooms) -> Line:
    site = sites[sitting.site_id]
    starts, ends = _starts(sitting, seat), _ends(sitting, seat)
    return Line(
        part=PART_ZH[sitting.part] if sitting.part else "",
        day=f"{starts.year}年{starts.month}月{starts.day}日",
        time=f"{starts:%H:%M}—{ends:%H:%M}",
        site=site.plan.name,
        address=site.plan.address,
        room=_room_name(rooms[site.id, seat.room_id]),
        place=f"第{seat.turn}批次" if seat.turn else f"{seat.seat}号座位",
    )


def _room_name(room: Room) -> str:
    named = f"{room.name}（{room.room_id}）" if room.name else room.room_id
    return f"{room.location} {named}"


def _starts(sitting: Sitting, seat: Seat) -> datetime:
    """When the candidate's turn begins; without a length of turns, when the sitting does."""
    if sitting.starts_at is None:
        raise ValueError("a sitting without a time has no seats")
    before = max(seat.turn - 1, 0) * sitting.turn_minutes
    return (sitting.starts_at + timedelta(minutes=before)).astimezone(SHANGHAI)


def _ends(sitting: Sitting, seat: Seat) -> datetime:
    if seat.turn and sitting.turn_minutes:
        return _starts(sitting, seat) + timedelta(minutes=sitting.turn_minutes)
    if sitting.ends_at is None:
        raise ValueError("a sitting without a time has no seats")
    return sitting.ends_at.astimezone(SHANGHAI)
