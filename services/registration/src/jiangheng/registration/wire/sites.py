"""The wire's sites and the domain's, each made from the other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.chassis.canonical import digest, message_json
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
from jiangheng.registration.wire.batches import part_from_wire, part_to_wire

STATES: Mapping[State, pb.SiteState.ValueType] = MappingProxyType(
    {
        State.PROPOSED: pb.SITE_STATE_PROPOSED,
        State.APPROVED: pb.SITE_STATE_APPROVED,
        State.SUSPENDED: pb.SITE_STATE_SUSPENDED,
    }
)


def plan_from_wire(message: pb.SitePlan) -> SitePlan:
    """The description as the domain sees it, faults and all."""
    return SitePlan(
        name=message.name,
        address=message.address,
        division=message.division,
        rooms=tuple(_room_from_wire(room) for room in message.rooms),
        functional_rooms=tuple(FunctionalRoom(each.room, each.near) for each in message.functional_rooms),
        inspections=tuple(_inspection_from_wire(each) for each in message.inspections),
        devices=tuple(message.devices),
        conditions=tuple(message.conditions),
    )


def plan_to_wire(plan: SitePlan) -> pb.SitePlan:
    """The same description as a message."""
    functional = (pb.FunctionalRoom(room=each.room, near=each.near) for each in plan.functional_rooms)
    return pb.SitePlan(
        name=plan.name,
        address=plan.address,
        division=plan.division,
        rooms=[_room_to_wire(room) for room in plan.rooms],
        functional_rooms=functional,
        inspections=[_inspection_to_wire(each) for each in plan.inspections],
        devices=plan.devices,
        conditions=plan.conditions,
    )


def site_digest(site_id: str, credit_code: str, plan: SitePlan) -> bytes:
    """SHA-256 over the canonical JSON of {site_id, credit_code, plan}: what an officer approves."""
    whole = pb.SaveSiteRequest(site_id=site_id, credit_code=credit_code, plan=plan_to_wire(plan))
    return digest(message_json(whole))


def site_to_wire(found: Site) -> pb.Site:
    """Everything a reader may see; who may see less is given less before."""
    message = pb.Site(
        site_id=found.id,
        credit_code=found.credit_code,
        plan=plan_to_wire(found.plan),
        state=STATES[found.state],
        revision=found.revision,
        digest=found.digest,
        ground=found.ground,
        authority=found.authority,
    )
    if found.approved_at:
        message.approved_at.FromDatetime(found.approved_at)
    return message


def _room_from_wire(message: pb.Room) -> Room:
    trace = message.other_trace
    return Room(
        room_id=message.room_id,
        name=message.name,
        location=message.location,
        part=part_from_wire(message.part),
        capacity=message.capacity,
        spacing_cm=message.spacing_cm,
        layout=tuple(message.layout),
        kind=message.kind,
        video=tuple(message.video),
        devices=tuple(message.devices),
        stations=tuple(
            Station(each.station_id, frozenset(each.occupation_codes), each.equipment_ready)
            for each in message.stations
        ),
        inspections=tuple(_inspection_from_wire(each) for each in message.inspections),
        paper_because=message.paper_because,
        other_trace=Trace(trace.description, trace.evidence) if message.HasField("other_trace") else None,
        needs_projector=message.needs_projector,
        has_projector=message.has_projector,
        columns=message.columns,
    )


def _room_to_wire(room: Room) -> pb.Room:
    trace = room.other_trace
    return pb.Room(
        room_id=room.room_id,
        name=room.name,
        location=room.location,
        part=part_to_wire(room.part),
        capacity=room.capacity,
        spacing_cm=room.spacing_cm,
        layout=room.layout,
        kind=room.kind,
        video=room.video,
        devices=room.devices,
        stations=[_station_to_wire(each) for each in room.stations],
        inspections=[_inspection_to_wire(each) for each in room.inspections],
        paper_because=room.paper_because,
        other_trace=pb.Trace(description=trace.description, evidence=trace.evidence) if trace else None,
        needs_projector=room.needs_projector,
        has_projector=room.has_projector,
        columns=room.columns,
    )


def _station_to_wire(station: Station) -> pb.Station:
    return pb.Station(
        station_id=station.station_id,
        occupation_codes=sorted(station.occupation_codes),
        equipment_ready=station.equipment_ready,
    )


def _inspection_from_wire(message: pb.Inspection) -> Inspection:
    return Inspection(message.kind, message.on, message.inspector, message.passed)


def _inspection_to_wire(each: Inspection) -> pb.Inspection:
    return pb.Inspection(kind=each.kind, on=each.on, inspector=each.inspector, passed=each.passed)
