"""Places filled in order, without a dead end."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.places import Seeking, fill


def seeking(**barred: str) -> list[Seeking]:
    """People in this order, each with the rooms (one letter each) that are barred."""
    return [Seeking(who, frozenset(rooms)) for who, rooms in barred.items()]


def by_hand(places: str, people: list[Seeking]) -> list[str] | None:
    """The first assignment in the order of the people, found by trying all."""
    for chosen in permutations(people, len(places)):
        if all(room not in who.barred for room, who in zip(places, chosen, strict=True)):
            return [who.id for who in chosen]
    return None


def test_the_first_in_the_order_who_leaves_the_rest_possible() -> None:
    assert fill("xy", seeking(a="", b="y")).places == (("x", "b"), ("y", "a"))
    assert fill("xyz", seeking(a="", b="z", c="yz")).places == (("x", "c"), ("y", "b"), ("z", "a"))
    assert fill("xyz", seeking(a="", b="z", c="z")).places == (("x", "b"), ("y", "c"), ("z", "a"))
    assert fill("xy", seeking(a="", b="", c="")).persons("x") == ["a"]


def test_places_that_nobody_can_take() -> None:
    assert sum(fill("xyy", seeking(a="", b="y")).unfilled.values()) == 1
    assert fill("xx", []).unfilled == {"x": 2}
    assert fill("", seeking(a="")).places == ()


@given(st.text("xyz", max_size=4), st.lists(st.sets(st.sampled_from("xyz")), max_size=6))
def test_it_is_what_trying_all_finds(places: str, barred: list[set[str]]) -> None:
    people = [Seeking(str(number), frozenset(rooms)) for number, rooms in enumerate(barred)]
    found, wanted = fill(places, people), by_hand(places, people)
    if wanted is None:
        assert found.unfilled
    else:
        assert [who for _, who in found.places] == wanted
        assert [room for room, _ in found.places] == list(places)


def test_many_places_take_no_time() -> None:
    people = [Seeking(str(number), frozenset({str(number % 97)})) for number in range(420)]
    places = [str(number // 2) for number in range(400)]
    found = fill(places, people)
    assert len({who for _, who in found.places}) == 400
