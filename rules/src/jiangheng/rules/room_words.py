"""The words in which rooms and sites are described: those of the parameters `room.*` and of rooms.toml.

A room described in other words would be one of which nothing is on record, so
whoever takes descriptions in asks here first.
"""

from __future__ import annotations

from functools import cache

from jiangheng.rules.rooms import DEVICES, KIND, LAYOUT, SITE_ROOMS, VIDEO, Delivery, Part
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table
from jiangheng.rules.values import Shape

# What a room has instead of fixed cameras (`recorder_suffices`).
RECORDER = "recorder"
# What the rules ask of a pack, and what no room can have.
_NOT_OF_ROOMS = {"recorder_suffices", "other_trace_suffices"}


@cache
def deliveries() -> dict[str, Delivery]:
    """How a theory exam is sat in each kind of room: {"class_room": "paper", …}."""
    fields = _shape(KIND).fields
    ways: tuple[Delivery, ...] = ("paper", "computer")
    return {kind: way for way in ways for kind in fields[way].shape.options}


@cache
def layouts() -> frozenset[str]:
    """How the seats of a theory room can stand."""
    return frozenset(_shape(LAYOUT).options)


@cache
def video() -> frozenset[str]:
    """What the cameras of a room can fulfil."""
    return frozenset(_shape(VIDEO).fields) - _NOT_OF_ROOMS | {RECORDER}


@cache
def devices() -> frozenset[str]:
    """Information devices of a room or site."""
    return frozenset(_shape(DEVICES).options)


@cache
def functional_rooms() -> frozenset[str]:
    """Rooms that a site has beside those of the exam."""
    options = _shape(SITE_ROOMS).fields["room"].shape.options
    return frozenset(options) - {table("rooms")["site"]["left_to_the_institution"]}


@cache
def conditions() -> frozenset[str]:
    """On what some functional rooms depend."""
    return frozenset(_shape(SITE_ROOMS).fields["when"].shape.options)


@cache
def facts(part: Part) -> frozenset[str]:
    """Matters that are inspected and recorded of a room for this part."""
    return frozenset(fact["id"] for fact in table("rooms")["fact"] if part in fact["part"])


def _shape(key: str) -> Shape:
    return schema().parameters[key].shape
