"""Everything that can be wrong with the description of a site, whatever the jurisdiction.

A site belongs to no batch, so no policy pack is asked here: SaveSite wants the
description whole and in the rules' words (`refuse_faulty`), ApproveSite wants it
inspected (`refuse_uninspected`). What a pack demands is asked when a batch uses
the site (site_use.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain.batch import Part
from jiangheng.registration.domain.batch_faults import id_faults
from jiangheng.registration.domain.refusal import (
    DIGEST_BYTES,
    day_of,
    explained,
    refuse,
    text_faults,
    too_many,
)
from jiangheng.registration.domain.site import Inspection, Room, SitePlan
from jiangheng.rules import numbers, room_words

MAX_ROOMS, MAX_STATIONS, MAX_INSPECTIONS, MAX_WORDS = 200, 500, 100, 50
_TEXT, _ID = 200, 40
_MAX_SEATS, _MAX_CM = 2000, 10_000
# 考点建设、审验、评估 (001 D6 institution 2, 6).
SITE_INSPECTIONS = frozenset({"set_up", "inspection", "evaluation"})
_CLAUSE = "000 A3 4-6; 001 D11"


def refuse_faulty(site_id: str, plan: SitePlan, today: date) -> None:
    """Raise Problem INVALID naming the first fault and, in its details, the others."""
    refuse([*id_faults("site_id", site_id), *_size_faults(plan)])  # only what has a size is looked through
    refuse(_faults(plan, today))


def refuse_uninspected(plan: SitePlan) -> None:
    """Raise Problem INVALID unless the site was inspected and passed, and each room is one that can be used.

    An inspection that failed later than it passed counts (REG-028a, REG-109).
    """
    refuse(_uninspected(plan))


def standing(inspections: Iterable[Inspection]) -> dict[str, bool]:
    """How the latest inspection of each kind ended; of two on one day the failed one counts."""
    latest: dict[str, tuple[str, bool]] = {}
    for each in inspections:
        found = (each.on, not each.passed)
        latest[each.kind] = max(found, latest.get(each.kind, found))
    return {kind: not failed for kind, (_, failed) in latest.items()}


def _size_faults(plan: SitePlan) -> Iterator[Problem]:
    yield from too_many("plan.rooms", len(plan.rooms), MAX_ROOMS)
    yield from too_many("plan.inspections", len(plan.inspections), MAX_INSPECTIONS)
    for name in ("functional_rooms", "devices", "conditions"):
        yield from too_many(f"plan.{name}", len(getattr(plan, name)), MAX_WORDS)
    for index, room in enumerate(plan.rooms[:MAX_ROOMS]):
        at = f"plan.rooms[{index}]"
        yield from too_many(f"{at}.stations", len(room.stations), MAX_STATIONS)
        yield from too_many(f"{at}.inspections", len(room.inspections), MAX_INSPECTIONS)
        for name in ("layout", "video", "devices"):
            yield from too_many(f"{at}.{name}", len(getattr(room, name)), MAX_WORDS)


def _faults(plan: SitePlan, today: date) -> Iterator[Problem]:
    yield from _texts("plan", ("name", plan.name, True), ("address", plan.address, True))
    yield from explained("plan.division", numbers.check_division(plan.division))
    if not plan.rooms:
        yield _fault("plan.rooms", "至少应有一个考场。", "a site has a room at least")
    functional = [each.room for each in plan.functional_rooms]
    yield from _unknown("plan.functional_rooms", functional, room_words.functional_rooms(), rule="REG-108")
    yield from _unknown("plan.devices", plan.devices, room_words.devices(), rule="REG-108")
    yield from _unknown("plan.conditions", plan.conditions, room_words.conditions(), rule="REG-108")
    yield from _inspection_faults("plan", plan.inspections, SITE_INSPECTIONS, "REG-028a", today)
    twice = Counter(room.room_id for room in plan.rooms)
    for index, room in enumerate(plan.rooms):
        at = f"plan.rooms[{index}]"
        if twice[room.room_id] > 1:
            yield _fault(f"{at}.room_id", "考场编号重复。", "the room is named twice")
        yield from _room_faults(at, room, today)


def _room_faults(at: str, room: Room, today: date) -> Iterator[Problem]:
    yield from _texts(at, ("name", room.name, False), ("location", room.location, True))
    yield from _texts(at, ("room_id", room.room_id, True), limit=_ID)
    yield from _texts(at, ("paper_because", room.paper_because, False))
    if room.part is None:
        yield _fault(f"{at}.part", "未选择考场的考试科目。", "the part examined there is missing")
        return
    yield from _place_faults(at, room)
    yield from _unknown(f"{at}.video", room.video, room_words.video())
    yield from _unknown(f"{at}.devices", room.devices, room_words.devices(), rule="REG-108")
    known = room_words.facts(room.part.value)
    yield from _inspection_faults(at, room.inspections, known, "REG-109", today)
    yield from _trace_faults(at, room)


def _place_faults(at: str, room: Room) -> Iterator[Problem]:
    if room.part is Part.SKILL:
        yield from _station_faults(at, room)
        return
    if not 0 < room.capacity <= _MAX_SEATS:
        yield _fault(f"{at}.capacity", f"座位数应为1至{_MAX_SEATS}。", f"seats: 1 to {_MAX_SEATS}")
    if room.stations:
        yield _fault(f"{at}.stations", "只有技能考核考场设工位。", "only skill rooms have stations")
    if room.part is Part.THEORY:
        yield from _theory_faults(at, room)


def _theory_faults(at: str, room: Room) -> Iterator[Problem]:
    if not 0 < room.spacing_cm <= _MAX_CM:
        yield _fault(
            f"{at}.spacing_cm", "未填写座位间距（厘米）。", "the distance of the seats (cm) is missing"
        )
    if room.columns > room.capacity:
        yield _fault(f"{at}.columns", "列数不得多于座位数。", "more columns than seats")
    yield from _unknown(f"{at}.layout", room.layout, room_words.layouts())
    yield from _unknown(f"{at}.kind", [room.kind], frozenset(room_words.deliveries()))


def _station_faults(at: str, room: Room) -> Iterator[Problem]:
    if not room.stations:
        yield _fault(f"{at}.stations", "技能考核考场至少有一个工位。", "a skill room has a station at least")
    twice = Counter(station.station_id for station in room.stations)
    for index, station in enumerate(room.stations):
        field = f"{at}.stations[{index}]"
        yield from _texts(field, ("station_id", station.station_id, True), limit=_ID)
        if twice[station.station_id] > 1:
            yield _fault(f"{field}.station_id", "工位编号重复。", "the station is named twice")
        for code in sorted(station.occupation_codes):
            yield from explained(f"{field}.occupation_codes", numbers.check_occupation_code(code))


def _inspection_faults(
    at: str, inspections: Collection[Inspection], known: Collection[str], rule: str, today: date
) -> Iterator[Problem]:
    for index, each in enumerate(inspections):
        field = f"{at}.inspections[{index}]"
        yield from _unknown(f"{field}.kind", [each.kind], known, rule=rule)
        yield from _texts(field, ("inspector", each.inspector, True), rule=rule)
        day = day_of(each.on)
        if day is None or day > today:
            zh, en = (
                "应为检查当日（YYYY-MM-DD），不得晚于今天。",
                "not the day of a past inspection (YYYY-MM-DD)",
            )
            yield _fault(f"{field}.on", zh, en, rule=rule)


def _trace_faults(at: str, room: Room) -> Iterator[Problem]:
    trace = room.other_trace
    if trace is None:
        return
    yield from _texts(f"{at}.other_trace", ("description", trace.description, True), limit=2000)
    if len(trace.evidence) != DIGEST_BYTES:
        zh, en = "应附其他全程留痕措施的依据（SHA-256摘要）。", "the SHA-256 of the evidence is missing"
        yield _fault(f"{at}.other_trace.evidence", zh, en, rule="REG-112", clause="004 E四(五)1")


def _uninspected(plan: SitePlan) -> Iterator[Problem]:
    stands = standing(plan.inspections)
    if not stands.get("inspection"):
        zh, en = "考点未经审验，或审验未通过。", "the site was not inspected, or it did not pass"
        yield _fault("plan.inspections", zh, en, rule="REG-028a", clause="001 D6 institution 2, 6")
    if stands.get("evaluation") is False:
        zh, en = "考点评估未通过。", "the site did not pass its evaluation"
        yield _fault("plan.inspections", zh, en, rule="REG-028a", clause="001 D6 institution 6")
    for index, room in enumerate(plan.rooms):
        for kind, passed in standing(room.inspections).items():
            if not passed:
                zh, en = f"考场检查未通过：{kind}。", f"the room did not pass: {kind}"
                yield _fault(f"plan.rooms[{index}].inspections", zh, en, rule="REG-109")
        if not room.places:
            zh, en = "考场没有可用的工位。", "no station of the room is ready"
            yield _fault(f"plan.rooms[{index}].stations", zh, en, rule="REG-111a", clause="001 D11.2")


def _texts(
    at: str, *texts: tuple[str, str, bool], limit: int = _TEXT, rule: str = "REG-106"
) -> Iterator[Problem]:
    """Faults of texts, each by name, with whether it must be there."""
    yield from text_faults((f"{at}.{name}", text, limit) for name, text, _ in texts)
    for name, text, needed in texts:
        if needed and not text.strip():
            yield _fault(f"{at}.{name}", "未填写。", "it is missing", rule=rule)


def _unknown(
    field: str, words: Iterable[str], known: Collection[str], *, rule: str = "REG-106"
) -> Iterator[Problem]:
    found = list(words)
    if any(word not in known for word in found) or len(set(found)) < len(found):
        listed = "、".join(sorted(known))
        yield _fault(field, f"应为（不重复）：{listed}。", f"one of, not repeated: {listed}", rule=rule)


def _fault(field: str, zh: str, en: str, *, rule: str = "REG-106", clause: str = _CLAUSE) -> Problem:
    return invalid(field, zh, en, rule=rule, clause=clause)
