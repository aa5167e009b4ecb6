"""Whether a room and a site can be used under a pack, and how many rooms an exam needs (REG-106 to REG-112).

A room is described by what is on record of it, in the words of the parameters
`room.*` and of rooms.toml; what is not on record is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.provenance import follows
from jiangheng.rules.records import is_so, option, options
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table
from jiangheng.rules.values import Record, Text
from jiangheng.rules.wording import worded

Part = Literal["theory", "skill", "comprehensive"]
PARTS: tuple[Part, ...] = get_args(Part)
Delivery = Literal["paper", "computer"]

MAX_CANDIDATES = "room.theory.max_candidates"
SPACING = "room.theory.spacing_cm"
LAYOUT = "room.theory.layout"
KIND = "room.theory.kind"
VIDEO = "room.video.required"
SITE_ROOMS = "room.functional_rooms"
DEVICES = "room.devices"
# The fields of `room.video.required` that a room fulfils or not, beside the cameras themselves.
_VIDEO_QUALITIES = ("no_blind_spot", "sound", "whole_site", "storing")


@dataclass(frozen=True)
class ExamRoom:
    """What is on record of a room; `place` is its name in the plan.

    `seats`: seats of a theory room, work places of a skill room. `spacing_cm`:
    the smallest distance front, back, left or right. `layout`, `devices`:
    options of the parameters. `video`: fields of `room.video.required` that
    hold, "recorder", and "other_trace" if safety or secrecy forbids cameras and
    another full trace stands in writing with its evidence. `facts`: ids of
    rooms.toml. `computers_lack`: why the exam is on paper.
    """

    place: str
    part: Part
    seats: int
    delivery: Delivery = "computer"
    kind: str = ""
    spacing_cm: int = 0
    layout: frozenset[str] = frozenset()
    video: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    computers_lack: bool = False
    needs_projector: bool = False
    has_projector: bool = False


@dataclass(frozen=True)
class Site:
    """What is on record of a site: options of `room.functional_rooms` and `room.devices`.

    `parts`: what is examined there. `near`: the functional rooms that are on the
    floor of the rooms they serve or a near one. `conditions`: "work_pieces",
    "topics_drawn" where they hold.
    """

    parts: frozenset[Part]
    rooms: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()


def check_room(room: ExamRoom, candidates: int, pack: Pack) -> tuple[Explanation, ...]:
    """Why a room cannot be used for so many candidates at once; empty if it can (REG-106, REG-107)."""
    faults = [*_number_faults(room, candidates, pack), *_video_faults(room, pack), *_fact_faults(room, pack)]
    if room.part == "theory":
        faults += [*_kind_faults(room, pack), *_seat_faults(room, pack), *_device_faults(room, pack)]
    if room.needs_projector and not room.has_projector:
        faults.append(worded("rooms", "projector", place=room.place))
    return tuple(faults)


def check_site(site: Site, pack: Pack) -> tuple[Explanation, ...]:
    """Which functional rooms and devices a site lacks (REG-108, REG-110, REG-111)."""
    return tuple(dict.fromkeys([*_site_room_faults(site, pack), *_site_device_faults(site, pack)]))


def theory_rooms_needed(candidates: int, seats: int, pack: Pack) -> int:
    """How many theory rooms with so many seats each are needed. Raises ValueError without seats."""
    if seats < 1 or candidates < 0:
        raise ValueError("a room has seats, and candidates are counted from 0")
    limit = pack.integer(MAX_CANDIDATES) if pack.regulates(MAX_CANDIDATES) else seats
    return -(-candidates // min(seats, limit))


def _number_faults(room: ExamRoom, candidates: int, pack: Pack) -> Iterator[Explanation]:
    if candidates > room.seats:
        yield worded("rooms", "too_few_seats", place=room.place, found=candidates, wanted=room.seats)
    if room.part == "theory" and pack.regulates(MAX_CANDIDATES):
        limit = pack.integer(MAX_CANDIDATES)
        if candidates > limit:
            cite = pack.answer(MAX_CANDIDATES).cite
            yield worded("rooms", "too_many", cite, place=room.place, found=candidates, wanted=limit)


def _video_faults(room: ExamRoom, pack: Pack) -> Iterator[Explanation]:
    if not pack.regulates(VIDEO) or not is_so(pack.record(VIDEO), "cameras"):
        return
    rule, cite = pack.record(VIDEO), pack.answer(VIDEO).cite
    if "cameras" in room.video:
        missing = [name for name in _VIDEO_QUALITIES if is_so(rule, name) and name not in room.video]
        yield from (_video_fault(room, name, cite) for name in missing)
    elif is_so(rule, "other_trace_suffices"):
        if "other_trace" not in room.video:
            yield worded("rooms", "trace_needed", cite, place=room.place)
    elif not (is_so(rule, "recorder_suffices") and "recorder" in room.video):
        yield _video_fault(room, "cameras", cite)


def _video_fault(room: ExamRoom, quality: str, cite: tuple[str, ...]) -> Explanation:
    shape = schema().parameters[VIDEO].shape.fields[quality]
    return worded("rooms", "video", cite, place=room.place, wanted=shape.zh, wanted_en=shape.en)


def _fact_faults(room: ExamRoom, pack: Pack) -> Iterator[Explanation]:
    for fact in table("rooms")["fact"]:
        if room.part in fact["part"] and fact["id"] not in room.facts and _asked(fact, pack):
            said = {"place": room.place, "fact": fact["zh"], "fact_en": fact["en"]}
            yield replace(worded("rooms", "fact", [fact["clause"]], **said), rule=fact["rule"])


def _asked(fact: Mapping[str, Any], pack: Pack) -> bool:
    return any(follows(paper, (SITE_ROOMS, VIDEO, KIND), pack) for paper in fact["papers"])


def _kind_faults(room: ExamRoom, pack: Pack) -> Iterator[Explanation]:
    if not pack.regulates(KIND):
        return
    rule, cite = pack.record(KIND), pack.answer(KIND).cite
    wanted = option(rule, room.delivery)
    # Where it is the rule only, another room needs no leave.
    if wanted and wanted != room.kind and not pack.answer(KIND).as_a_rule:
        named = schema().parameters[KIND].shape.fields[room.delivery].shape.options[wanted]
        yield worded("rooms", "kind", cite, place=room.place, wanted=named.zh, wanted_en=named.en)
    if room.delivery == "paper" and is_so(rule, "paper_only_if_conditions_lack") and not room.computers_lack:
        yield worded("rooms", "paper_without_need", cite, place=room.place)


def _seat_faults(room: ExamRoom, pack: Pack) -> Iterator[Explanation]:
    if _screens_instead(room, pack):
        return
    if pack.regulates(SPACING) and room.spacing_cm < pack.integer(SPACING):
        said = {"place": room.place, "wanted": pack.integer(SPACING), "found": room.spacing_cm}
        yield worded("rooms", "spacing", pack.answer(SPACING).cite, **said)
    for wanted in pack.choices(LAYOUT) if pack.regulates(LAYOUT) else ():
        if wanted not in room.layout:
            named = _named(LAYOUT, wanted)
            cite = pack.answer(LAYOUT).cite
            yield worded("rooms", "layout", cite, place=room.place, wanted=named.zh, wanted_en=named.en)


def _screens_instead(room: ExamRoom, pack: Pack) -> bool:
    """True where computers are screened from each other instead of set apart (000 A3 4(1))."""
    asked = pack.regulates(DEVICES) and table("rooms")["devices"]["instead_of_distance"] in pack.choices(
        DEVICES
    )
    return asked and room.delivery == "computer"


def _device_faults(room: ExamRoom, pack: Pack) -> Iterator[Explanation]:
    if room.delivery != "computer":
        return
    computer = table("rooms")["devices"]["computer"]
    for wanted in _devices_asked(pack):
        if wanted in computer and wanted not in room.devices:
            named = _named(DEVICES, wanted)
            cite = pack.answer(DEVICES).cite
            yield worded("rooms", "device", cite, place=room.place, wanted=named.zh, wanted_en=named.en)


def _site_device_faults(site: Site, pack: Pack) -> Iterator[Explanation]:
    known = table("rooms")["devices"]
    for wanted in _devices_asked(pack):
        # Those for computers and the cameras are judged room by room.
        if wanted not in (*known["computer"], *known["cameras"]) and wanted not in site.devices:
            yield _site_fault("functional_room", _named(DEVICES, wanted), pack.answer(DEVICES).cite)


def _devices_asked(pack: Pack) -> tuple[str, ...]:
    return pack.choices(DEVICES) if pack.regulates(DEVICES) else ()


def _site_room_faults(site: Site, pack: Pack) -> Iterator[Explanation]:
    if not pack.regulates(SITE_ROOMS):
        return
    cite = pack.answer(SITE_ROOMS).cite
    for wanted in _needed_here(site, pack.records(SITE_ROOMS)):
        room = str(wanted["room"])
        named = schema().parameters[SITE_ROOMS].shape.fields["room"].shape.options[room]
        if room not in site.rooms:
            yield _site_fault("functional_room", named, cite)
        elif is_so(wanted, "near_floor") and room not in site.near:
            yield _site_fault("functional_room_far", named, cite)


def _needed_here(site: Site, wanted: Iterable[Record]) -> Iterator[Record]:
    unspecific = table("rooms")["site"]["left_to_the_institution"]
    for each in wanted:
        parts, when = options(each, "parts"), option(each, "when")
        of_part = not parts or any(part in site.parts for part in parts)
        if of_part and (when is None or when in site.conditions) and each["room"] != unspecific:
            yield each


def _site_fault(reason: str, named: Text, cite: tuple[str, ...]) -> Explanation:
    return worded("rooms", reason, cite, wanted=named.zh, wanted_en=named.en)


def _named(key: str, chosen: str) -> Text:
    return schema().parameters[key].shape.options[chosen]
