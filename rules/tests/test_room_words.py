"""Every word that a pack or the table of rooms can ask for can also be said of a room."""

from __future__ import annotations

import pytest

from jiangheng.rules import room_words
from jiangheng.rules.pack import pack_named, pack_names
from jiangheng.rules.records import option
from jiangheng.rules.rooms import PARTS, ExamRoom, Site, check_room, check_site


def test_a_room_described_in_all_the_words_has_no_fault_in_any_pack() -> None:
    for name in pack_names():
        pack = pack_named(name)
        for kind, delivery in room_words.deliveries().items():
            for part in PARTS:
                room = ExamRoom(
                    place="301",
                    part=part,
                    seats=1,
                    delivery=delivery,
                    kind=kind,
                    spacing_cm=1000,
                    layout=room_words.layouts(),
                    video=room_words.video(),
                    devices=room_words.devices(),
                    facts=room_words.facts(part),
                    computers_lack=True,
                )
                assert check_room(room, 1, pack) == (), (name, kind, part)
        functional = room_words.functional_rooms()
        site = Site(frozenset(PARTS), functional, functional, room_words.devices(), room_words.conditions())
        assert check_site(site, pack) == (), name


@pytest.mark.parametrize("name", pack_names())
def test_what_the_packs_ask_of_a_site_can_be_said(name: str) -> None:
    pack = pack_named(name)
    if pack.regulates("room.functional_rooms"):
        asked = {option(each, "room") for each in pack.records("room.functional_rooms")}
        assert asked - room_words.functional_rooms() <= {"by_content_method_and_number"}
    if pack.regulates("room.devices"):
        assert set(pack.choices("room.devices")) <= room_words.devices()
