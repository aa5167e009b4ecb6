"""The site of the story: as many rooms and work places as its candidates need, inspected and in order."""

from __future__ import annotations

import math
from datetime import date

from jiangheng.api.registration.v1 import batch_pb2
from jiangheng.api.registration.v1 import seating_pb2 as pb

_SEEN = ("cameras", "no_blind_spot")
_SEATS_AT_MOST = 30
_TURNS = 6  # at least so many fit into the day of the skill exam
_LOOKED_AT_THEORY = ("fire_and_light", "proctor_reaches_seats")
_LOOKED_AT_SKILL = (
    "clean_and_bright",
    "closed_off",
    "equipment_tested",
    "evacuation",
    "fire_and_light",
    "one_person_per_place",
    "repair_staff",
    "repair_tools",
    "safe_production",
    "tools_and_material",
)


def site_plan(candidates: int, inspected: date) -> pb.SitePlan:
    """Two theory rooms or more, none of which takes everybody, and a workshop."""
    rooms = max(2, math.ceil(candidates / _SEATS_AT_MOST))
    seats = math.ceil(candidates / rooms)
    return pb.SitePlan(
        name="长春匠衡实训基地（演示）",
        address="吉林省长春市南关区演示路3号",
        division="220102",
        rooms=[
            *(_theory(300 + n, seats, inspected) for n in range(1, rooms + 1)),
            _skill(candidates, inspected),
        ],
        functional_rooms=[
            pb.FunctionalRoom(room="exam_office", near=True),
            pb.FunctionalRoom(room="preparation_room"),
            pb.FunctionalRoom(room="drawing_point"),
        ],
        inspections=[_inspection("inspection", inspected)],
    )


def _theory(number: int, seats: int, inspected: date) -> pb.Room:
    return pb.Room(
        room_id=str(number),
        name=f"第{number - 300}机考室",
        location="主楼三层",
        part=batch_pb2.PART_THEORY,
        kind="computer_room",
        capacity=seats,
        spacing_cm=80,
        columns=5,
        video=_SEEN,
        devices=["control_computer", "ups", "anti_peep"],
        inspections=[_inspection(kind, inspected) for kind in _LOOKED_AT_THEORY],
    )


def _skill(candidates: int, inspected: date) -> pb.Room:
    return pb.Room(
        room_id="W1",
        name="电工实训室",
        location="实训楼一层",
        part=batch_pb2.PART_SKILL,
        video=_SEEN,
        stations=[
            pb.Station(station_id=f"W1-{n}", occupation_codes=["6-31-01-03"], equipment_ready=True)
            for n in range(1, max(2, math.ceil(candidates / _TURNS)) + 1)
        ],
        inspections=[_inspection(kind, inspected) for kind in _LOOKED_AT_SKILL],
    )


def _inspection(kind: str, on: date) -> pb.Inspection:
    return pb.Inspection(kind=kind, on=on.isoformat(), inspector="李检", passed=True)
