"""What is wrong with a site: its shape at SaveSite, inspections at ApproveSite, the pack's demands at use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.batch import Part
from jiangheng.registration.domain.site import (
    FunctionalRoom,
    Inspection,
    Room,
    Site,
    SitePlan,
    State,
    Station,
    Trace,
)
from jiangheng.registration.domain.site_faults import refuse_faulty, refuse_uninspected, standing
from jiangheng.registration.domain.site_use import User, on_paper, places, room_faults, site_faults
from jiangheng.rules.pack import Pack, overlaid, pack_named

ID = "5c1f0a52-7d35-4b0f-8c6e-1d2e3f4a5b6c"
TODAY = date(2026, 3, 6)
JILIN = pack_named("jilin")


def fault(plan: SitePlan, site_id: str = ID) -> Problem:
    with pytest.raises(Problem) as raised:
        refuse_faulty(site_id, plan, TODAY)
    assert raised.value.kind is Kind.INVALID
    return raised.value


def with_room(plan: SitePlan, part: Part, **changes: Any) -> SitePlan:
    """The site with its room for this part changed."""
    rooms = tuple(replace(room, **changes) if room.part is part else room for room in plan.rooms)
    return replace(plan, rooms=rooms)


def room_of(plan: SitePlan, part: Part) -> Room:
    return next(room for room in plan.rooms if room.part is part)


def test_a_whole_site_has_no_fault(venue: SitePlan) -> None:
    refuse_faulty(ID, venue, TODAY)
    refuse_uninspected(venue)


SHAPE: list[tuple[str, str, Callable[[SitePlan], SitePlan]]] = [
    ("plan.name", "REG-106", lambda plan: replace(plan, name=" ")),
    ("plan.address", "REG-106", lambda plan: replace(plan, address="")),
    ("plan.division", "GB/T 2260", lambda plan: replace(plan, division="9999")),
    ("plan.rooms", "REG-106", lambda plan: replace(plan, rooms=())),
    ("plan.rooms[0].room_id", "REG-106", lambda plan: replace(plan, rooms=(plan.rooms[0],) * 2)),
    ("plan.functional_rooms", "REG-108", lambda plan: replace(plan, functional_rooms=(FunctionalRoom("x"),))),
    ("plan.devices", "REG-108", lambda plan: replace(plan, devices=("ups", "ups"))),
    ("plan.conditions", "REG-108", lambda plan: replace(plan, conditions=("rain",))),
    ("plan.rooms[0].part", "REG-106", lambda plan: replace(plan, rooms=(replace(plan.rooms[0], part=None),))),
    ("plan.rooms[0].capacity", "REG-106", lambda plan: with_room(plan, Part.THEORY, capacity=0, columns=0)),
    ("plan.rooms[0].capacity", "REG-106", lambda plan: with_room(plan, Part.THEORY, capacity=2001)),
    ("plan.rooms[0].spacing_cm", "REG-106", lambda plan: with_room(plan, Part.THEORY, spacing_cm=0)),
    ("plan.rooms[0].layout", "REG-106", lambda plan: with_room(plan, Part.THEORY, layout=("crowded",))),
    ("plan.rooms[0].kind", "REG-106", lambda plan: with_room(plan, Part.THEORY, kind="cellar")),
    ("plan.rooms[0].columns", "REG-106", lambda plan: with_room(plan, Part.THEORY, columns=99)),
    ("plan.rooms[0].video", "REG-106", lambda plan: with_room(plan, Part.THEORY, video=("other_trace",))),
    ("plan.rooms[0].devices", "REG-108", lambda plan: with_room(plan, Part.THEORY, devices=("abacus",))),
    (
        "plan.rooms[0].stations",
        "REG-106",
        lambda plan: with_room(plan, Part.THEORY, stations=(Station("1"),)),
    ),
    ("plan.rooms[1].stations", "REG-106", lambda plan: with_room(plan, Part.SKILL, stations=())),
    (
        "plan.rooms[1].stations[0].station_id",
        "REG-106",
        lambda plan: with_room(plan, Part.SKILL, stations=(Station("A"), Station("A"))),
    ),
    (
        "plan.rooms[1].other_trace.evidence",
        "REG-112",
        lambda plan: with_room(plan, Part.SKILL, other_trace=Trace("专人全程记录", b"short")),
    ),
    (
        "plan.inspections[0].kind",
        "REG-028a",
        lambda plan: replace(plan, inspections=(Inspection("fire_and_light", "2026-03-01", "李", True),)),
    ),
    (
        "plan.rooms[0].inspections[0].on",
        "REG-109",
        lambda plan: with_room(
            plan, Part.THEORY, inspections=(Inspection("fire_and_light", "2026-03-07", "李", True),)
        ),
    ),
    (
        "plan.rooms[0].inspections[0].inspector",
        "REG-109",
        lambda plan: with_room(
            plan, Part.THEORY, inspections=(Inspection("fire_and_light", "2026-03-01", "", True),)
        ),
    ),
    # A matter that is looked at in skill rooms only says nothing of a theory room.
    (
        "plan.rooms[0].inspections[0].kind",
        "REG-109",
        lambda plan: with_room(
            plan, Part.THEORY, inspections=(Inspection("evacuation", "2026-03-01", "李", True),)
        ),
    ),
]


@pytest.mark.requirement("REG-106")
@pytest.mark.parametrize(("field", "rule", "spoilt"), SHAPE)
def test_a_fault_of_the_shape_is_named(
    venue: SitePlan, field: str, rule: str, spoilt: Callable[[SitePlan], SitePlan]
) -> None:
    problem = fault(spoilt(venue))
    assert (problem.field, problem.rule) == (field, rule)
    assert problem.zh.endswith("。")
    twice = field.endswith(("room_id", "station_id"))
    assert problem.details["faults"] == ("2" if twice else "1")


def test_all_faults_are_told_at_once(venue: SitePlan) -> None:
    bad = with_room(replace(venue, name="", address=""), Part.THEORY, kind="cellar", spacing_cm=0)
    problem = fault(bad)
    assert problem.field == "plan.name"
    assert problem.details["faults"] == "4"
    assert [problem.details[f"fault.{n}"].split(" ")[0] for n in (2, 3, 4)] == [
        "plan.address",
        "plan.rooms[0].spacing_cm",
        "plan.rooms[0].kind",
    ]


def test_sizes_and_the_id_are_looked_at_first(venue: SitePlan) -> None:
    assert fault(venue, "X").field == "site_id"
    assert fault(replace(venue, rooms=venue.rooms * 100)).field == "plan.rooms"
    huge = with_room(venue, Part.SKILL, stations=tuple(Station(str(n)) for n in range(501)))
    assert fault(huge).field == "plan.rooms[1].stations"


@pytest.mark.requirement("REG-028a")
def test_without_a_passed_inspection_a_site_cannot_be_approved(venue: SitePlan) -> None:
    passed = Inspection("inspection", "2026-03-01", "李", True)
    for inspections in (
        (),
        (replace(passed, kind="set_up"),),
        (replace(passed, passed=False),),
        (passed, replace(passed, on="2026-03-02", passed=False)),
        (passed, replace(passed, passed=False)),
    ):
        with pytest.raises(Problem) as raised:
            refuse_uninspected(replace(venue, inspections=inspections))
        assert raised.value.rule == "REG-028a"
    mended = (replace(passed, passed=False), replace(passed, on="2026-03-02"))
    refuse_uninspected(replace(venue, inspections=mended))


@pytest.mark.requirement("REG-109")
def test_a_room_whose_safety_check_failed_keeps_the_site_from_approval(venue: SitePlan) -> None:
    room = room_of(venue, Part.THEORY)
    failed = Inspection("fire_and_light", "2026-03-05", "李", False)
    bad = with_room(venue, Part.THEORY, inspections=(*room.inspections, failed))
    with pytest.raises(Problem) as raised:
        refuse_uninspected(bad)
    assert (raised.value.field, raised.value.rule) == ("plan.rooms[0].inspections", "REG-109")
    assert standing(room_of(bad, Part.THEORY).inspections)["fire_and_light"] is False


def used(
    described: SitePlan, pack: Pack = JILIN, state: State = State.APPROVED, **changes: Any
) -> list[Problem]:
    """The faults of using a site for all its parts."""
    site = replace(Site(ID, "A", described, state, 2, b"d" * 32, authority="2201"), **changes)
    return list(site_faults("plan.sittings[0].site_id", site, User("A", "22"), set(Part), pack))


def test_the_site_can_be_used_under_the_pack_it_was_made_for(venue: SitePlan) -> None:
    assert used(venue) == []
    for room in venue.rooms:
        assert places(room, JILIN) == room.places


@pytest.mark.requirement("REG-028")
def test_only_an_approved_site_of_the_institution_itself_can_be_used(venue: SitePlan) -> None:
    for state in (State.PROPOSED, State.SUSPENDED):
        assert [problem.code for problem in used(venue, state=state)] == ["site-not-approved"]
    assert [problem.code for problem in used(venue, credit_code="B")] == ["foreign-site"]


@pytest.mark.requirement("REG-028")
def test_the_pack_says_where_exams_may_be_held(venue: SitePlan) -> None:
    def ruled(value: str, state: State = State.APPROVED, **changes: Any) -> list[str]:
        pack = overlaid(JILIN, {"org.site.only_filed_sites": value})
        return [problem.code for problem in used(venue, pack, state, **changes)]

    assert ruled("set_by_enterprise", State.PROPOSED) == []
    assert ruled("own_premises", State.PROPOSED) == []
    assert ruled("set_by_enterprise", State.SUSPENDED) == ["site-not-approved"]
    assert ruled("filed_premises_or_with_consent", State.PROPOSED) == ["site-not-approved"]
    assert ruled("within_region") == []
    assert ruled("within_region", plan=replace(venue, division="370102")) == ["other-region"]
    assert ruled("approved_by_city_of_site") == []
    assert ruled("approved_by_city_of_site", authority="22") == ["not-by-city"]
    assert ruled("approved_by_city_of_site", authority="00") == ["not-by-city"]


@pytest.mark.requirement("REG-108")
@pytest.mark.requirement("REG-110")
@pytest.mark.requirement("REG-111")
def test_functional_rooms_and_devices_are_those_the_pack_asks_for(venue: SitePlan) -> None:
    for missing in venue.functional_rooms:
        left = tuple(each for each in venue.functional_rooms if each != missing)
        assert {problem.rule for problem in used(replace(venue, functional_rooms=left))} == {"REG-108"}
    far = tuple(replace(each, near=False) for each in venue.functional_rooms)
    assert used(replace(venue, functional_rooms=far))
    # Xinjiang asks for an emergency room, a strong room and more.
    assert len(used(venue, pack_named("xinjiang-inner-mongolia"))) >= 4


def test_a_part_needs_a_room(venue: SitePlan) -> None:
    left = tuple(room for room in venue.rooms if room.part is not Part.SKILL)
    assert [problem.rule for problem in used(replace(venue, rooms=left))] == ["REG-106"]


@pytest.mark.requirement("REG-106")
def test_a_room_without_what_the_pack_asks_for_takes_nobody(venue: SitePlan) -> None:
    theory = room_of(venue, Part.THEORY)
    for changes in (
        {"spacing_cm": 79},
        {"layout": ("one_person",)},
        {"video": ("cameras",)},
        {"inspections": ()},
        {"kind": "computer_room"},  # needs control computer, power supply and screens
    ):
        assert places(replace(theory, **changes), JILIN) == 0, changes


@pytest.mark.requirement("REG-107")
def test_the_limit_of_the_pack_bounds_a_theory_room(venue: SitePlan) -> None:
    limited = overlaid(JILIN, {"room.theory.max_candidates": 7})
    theory = room_of(venue, Part.THEORY)
    assert theory.capacity > 7
    assert places(theory, limited) == 7
    assert [why.rule for why in room_faults(theory, 8, limited)] == ["REG-107"]


@pytest.mark.requirement("REG-111a")
def test_a_skill_room_counts_the_stations_that_are_ready(venue: SitePlan) -> None:
    skill = room_of(venue, Part.SKILL)
    broken = replace(skill, stations=(replace(skill.stations[0], equipment_ready=False), *skill.stations[1:]))
    assert places(broken, JILIN) == places(skill, JILIN) - 1
    unsafe = tuple(each for each in skill.inspections if each.kind != "safe_production")
    assert places(replace(skill, inspections=unsafe), JILIN) == 0


@pytest.mark.requirement("REG-112")
def test_another_trace_stands_for_cameras_where_the_pack_allows_it(venue: SitePlan) -> None:
    pack = pack_named("shandong-enterprise")
    skill = replace(room_of(venue, Part.SKILL), video=())
    facts = tuple(
        Inspection(kind, "2026-03-01", "李", True)
        for kind in (
            "safe_production",
            "equipment_tested",
            "tools_and_material",
            "clean_and_bright",
            "repair_tools",
        )
    )
    skill = replace(skill, inspections=facts)
    assert [why.rule for why in room_faults(skill, 1, pack)] == ["REG-112"]
    traced = replace(skill, other_trace=Trace("专人全程记录，书面留痕", b"e" * 32))
    assert room_faults(traced, 1, pack) == ()
    assert "REG-106" in {why.rule for why in room_faults(traced, 1, JILIN)}


def test_class_rooms_are_for_paper(venue: SitePlan) -> None:
    theory = room_of(venue, Part.THEORY)
    assert on_paper(theory)
    assert not on_paper(replace(theory, kind="computer_room"))
    assert not on_paper(room_of(venue, Part.SKILL))
