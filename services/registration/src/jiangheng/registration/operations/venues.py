"""The sites of a batch as they stand: whether it may use them, and which rooms its sittings have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain.batch import Batch, Part, Sitting
from jiangheng.registration.domain.refusal import refuse
from jiangheng.registration.domain.seating import Session, Space
from jiangheng.registration.domain.site import Room, Site
from jiangheng.registration.domain.site_use import User, on_paper, places, site_faults
from jiangheng.registration.operations.dockets import INSTITUTIONS
from jiangheng.registration.operations.pins import pack_of
from jiangheng.registration.operations.step import stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import seats, sites
from jiangheng.registration.store.seats import RoomUse
from jiangheng.rules.pack import Pack
from jiangheng.rules.records import option

MIX = "seat.theory.mix"


@dataclass(frozen=True)
class Venues:
    """A batch's sites, by id, that it may use under its rules."""

    batch: Batch
    pack: Pack
    sites: Mapping[str, Site]
    taken: tuple[RoomUse, ...]

    def sessions(self) -> tuple[Session, ...]:
        """The sittings with the rooms that can be used and are not in use by another batch."""
        return tuple(self._session(sitting) for sitting in self.batch.plan.sittings if sitting.part)

    def _session(self, sitting: Sitting) -> Session:
        starts, ends = _times(sitting)
        if sitting.part is None:
            raise ValueError("a confirmed plan has no sitting without a part")
        rooms = [room for room in self.sites[sitting.site_id].plan.rooms if room.part is sitting.part]
        spaces = tuple(
            self._space(room) for room in rooms if self._usable(room, sitting.site_id, starts, ends)
        )
        return Session(sitting.sitting_id, sitting.part, starts, ends, spaces, turns_of(sitting))

    def _usable(self, room: Room, site_id: str, starts: datetime, ends: datetime) -> bool:
        busy = any(
            (use.site_id, use.room_id) == (site_id, room.room_id)
            and use.starts_at < ends
            and starts < use.ends_at
            for use in self.taken
        )
        return not busy and places(room, self.pack) > 0

    def _space(self, room: Room) -> Space:
        if room.part is Part.SKILL:
            return Space(room.room_id, stations=tuple(each.occupation_codes for each in room.ready_stations))
        mix = (
            on_paper(room) and self.pack.regulates(MIX) and option(self.pack.record(MIX), "paper") is not None
        )
        return Space(room.room_id, places(room, self.pack), columns=room.columns, mix=mix)


def turns_of(sitting: Sitting) -> int | None:
    """How many turns a sitting has time for; None where the plan does not say how long one takes."""
    if not sitting.turn_minutes:
        return None
    starts, ends = _times(sitting)
    return int((ends - starts).total_seconds() // 60) // sitting.turn_minutes


def venues_of(runtime: RegistrationRuntime, tx: Tx, batch: Batch) -> Venues:
    """The sites of the batch, locked: nobody else takes their rooms meanwhile.

    Raises Problem INVALID with everything that keeps the batch from using them
    (REG-028, REG-106, REG-108 to REG-112), by the pack that the batch is bound to.
    """
    wanted = {sitting.site_id for sitting in batch.plan.sittings}
    found = sites.several(tx, runtime.cipher, wanted, lock=True)
    pack = pack_of(tx, batch)
    owner = stored(runtime, tx, INSTITUTIONS, batch.credit_code)
    authority = owner.filing.authority if owner.filing else ""
    refuse(_faults(batch, found, User(batch.credit_code, authority), pack))
    return Venues(batch, pack, found, tuple(seats.taken_by_others(tx, batch.id, wanted)))


def _faults(batch: Batch, found: Mapping[str, Site], user: User, pack: Pack) -> Iterator[Problem]:
    by_site: dict[str, list[tuple[int, Sitting]]] = {}
    for number, sitting in enumerate(batch.plan.sittings):
        by_site.setdefault(sitting.site_id, []).append((number, sitting))
    for site_id, held in by_site.items():
        at = f"plan.sittings[{held[0][0]}].site_id"
        if site_id not in found:
            zh, en = "没有该考点。", "there is no such site"
            yield invalid(at, zh, en, rule="REG-028", clause="002 10", code="no-site")
            continue
        parts = {sitting.part for _, sitting in held if sitting.part}
        yield from site_faults(at, found[site_id], user, parts, pack)
        yield from _shared_rooms(held)


def _shared_rooms(held: list[tuple[int, Sitting]]) -> Iterator[Problem]:
    """Two sittings of one part at one site at one time would share its rooms."""
    for place, (number, one) in enumerate(held):
        for _, other in held[:place]:
            (start, end), (begun, over) = _times(one), _times(other)
            if one.part is other.part and start < over and begun < end:
                zh = "同一考点同一科目的场次时间重叠。"
                en = "two sittings of one part at one site overlap"
                yield invalid(f"plan.sittings[{number}]", zh, en, rule="REG-106", clause="000 A3 7")


def _times(sitting: Sitting) -> tuple[datetime, datetime]:
    if sitting.starts_at is None or sitting.ends_at is None:
        raise ValueError("a confirmed plan has no sitting without times")
    return sitting.starts_at, sitting.ends_at
