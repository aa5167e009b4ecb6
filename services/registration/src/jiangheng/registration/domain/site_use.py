"""Whether a batch may use a site: its state, whose it is, and what the batch's policy pack demands.

The rules wheel judges rooms and sites (jiangheng.rules.rooms); this file says in
its words what is on record, and which state of a site the pack asks for (REG-028).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from jiangheng.chassis.auth import region_contains
from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain.batch import Part
from jiangheng.registration.domain.refusal import explained
from jiangheng.registration.domain.site import Room, Site, State
from jiangheng.registration.domain.site_faults import standing
from jiangheng.rules import room_words, rooms
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack

PLACES = "org.site.only_filed_sites"
# Where the places are the institution's own affair, a site need not be approved, only not suspended.
_OWN_AFFAIR = ("set_by_enterprise", "own_premises")
_CITY_DIGITS = 4


@dataclass(frozen=True)
class User:
    """Who wants to use a site: the institution and the division of the authority that filed it."""

    credit_code: str
    authority: str


def site_faults(at: str, site: Site, user: User, parts: Collection[Part], pack: Pack) -> Iterator[Problem]:
    """Why a batch may not examine these parts at a site; `at` is the field that names the site (REG-028)."""
    if site.credit_code != user.credit_code:
        zh, en = "不是本机构的考点。", "a site of another institution"
        yield invalid(at, zh, en, rule="REG-028", clause="002 10; 001 D1 34", code="foreign-site")
        return
    yield from _state_faults(at, site, pack)
    yield from _place_faults(at, site, user, pack)
    described = rooms.Site(
        parts=frozenset(part.value for part in parts),
        rooms=frozenset(each.room for each in site.plan.functional_rooms),
        near=frozenset(each.room for each in site.plan.functional_rooms if each.near),
        devices=frozenset(site.plan.devices),
        conditions=frozenset(site.plan.conditions),
    )
    for why in rooms.check_site(described, pack):
        yield from explained(at, why)
    for part in sorted(parts, key=list(Part).index):
        if not any(room.part is part for room in site.plan.rooms):
            zh, en = (
                f"该考点没有可用于该科目（{part.value}）的考场。",
                f"the site has no room for {part.value}",
            )
            yield invalid(at, zh, en, rule="REG-106", clause="000 A3 4-6")


def room_faults(room: Room, candidates: int, pack: Pack) -> tuple[Explanation, ...]:
    """Why so many candidates at once may not be examined in a room (REG-106, REG-107, REG-109 to REG-112)."""
    return rooms.check_room(_described(room), candidates, pack)


def places(room: Room, pack: Pack) -> int:
    """How many candidates at once a room takes under a pack; 0 if it cannot be used at all."""
    if room_faults(room, min(room.places, 1), pack):
        return 0
    if room.part is Part.THEORY and pack.regulates(rooms.MAX_CANDIDATES):
        return min(room.places, pack.integer(rooms.MAX_CANDIDATES))
    return room.places


def on_paper(room: Room) -> bool:
    """True for a theory room in which the exam is sat on paper."""
    return room_words.deliveries().get(room.kind) == "paper"


def _state_faults(at: str, site: Site, pack: Pack) -> Iterator[Problem]:
    own_affair = pack.regulates(PLACES) and pack.choice(PLACES) in _OWN_AFFAIR
    if site.state is State.APPROVED or (own_affair and site.state is State.PROPOSED):
        return
    yield invalid(
        at,
        "考点未经审验或已停用。",
        f"the site is {site.state.value}",
        rule="REG-028",
        clause=_cite(pack),
        code="site-not-approved",
        state=site.state.value,
    )


def _place_faults(at: str, site: Site, user: User, pack: Pack) -> Iterator[Problem]:
    if not pack.regulates(PLACES):
        return
    rule = pack.choice(PLACES)
    if rule == "within_region" and not region_contains(user.authority, site.division):
        zh, en = "不得跨区域认定。", "no exams outside the region of the authority that filed the institution"
        yield invalid(at, zh, en, rule="REG-028", clause=_cite(pack), code="other-region")
    of_city = len(site.authority) >= _CITY_DIGITS and region_contains(site.authority, site.division)
    if rule == "approved_by_city_of_site" and site.state is State.APPROVED and not of_city:
        zh, en = (
            "考点应经所在市人力资源社会保障部门审验。",
            "the HR department of the site's city has to approve it",
        )
        yield invalid(at, zh, en, rule="REG-028", clause=_cite(pack), code="not-by-city")


def _cite(pack: Pack) -> str:
    return "; ".join(pack.answer(PLACES).cite) if pack.regulates(PLACES) else "000 main 3 [inferred]"


def _described(room: Room) -> rooms.ExamRoom:
    if room.part is None:
        raise ValueError("a room without a part is not stored")
    video = frozenset(room.video) | ({"other_trace"} if room.other_trace else frozenset())
    return rooms.ExamRoom(
        place=room.room_id,
        part=room.part.value,
        seats=room.places,
        delivery=room_words.deliveries().get(room.kind, "computer"),
        kind=room.kind,
        spacing_cm=room.spacing_cm,
        layout=frozenset(room.layout),
        video=video,
        devices=frozenset(room.devices),
        facts=frozenset(kind for kind, passed in standing(room.inspections).items() if passed),
        computers_lack=bool(room.paper_because),
        needs_projector=room.needs_projector,
        has_projector=room.has_projector,
    )
