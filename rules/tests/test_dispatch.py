"""Draws: at random, repeatable, lawful (X27, X28; EXM-020, EXM-021, SUP-013)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.dispatch import (
    Contender,
    Draw,
    Excluded,
    GroupWanted,
    NotEnough,
    RoomDraw,
    RoomWanted,
    check_drawn,
    check_rotation,
    commitment,
    draw_group,
    draw_order,
    draw_rooms,
    newcomers_needed,
    verify_group,
    verify_rooms,
)
from jiangheng.rules.pack import overlaid, pack_named
from jiangheng.rules.relations import check_relation

JILIN, FILING, MANUAL = "jilin", "jilin-filing", "xinjiang-inner-mongolia"
SOCIAL, ENTERPRISE, SCHOOL = "shandong-social", "shandong-enterprise", "shandong-school"
SEED = bytes(range(32))
FRIEND = check_relation("examiner", "friend", pack_named(JILIN))
TRAINER = check_relation("proctor", "trainer", pack_named(SOCIAL))


def people(names: str, **facts: bool) -> list[Contender]:
    """Contenders of one letter each."""
    return [Contender(name, **facts) for name in names]


def seeds(count: int) -> list[bytes]:
    """Seeds that are not random, so that the test is the same each time."""
    return [number.to_bytes(16, "big") for number in range(count)]


def group(found: Draw | NotEnough) -> Draw:
    """The draw that there is."""
    assert isinstance(found, Draw)
    return found


def rooms_of(found: RoomDraw | NotEnough) -> dict[str, tuple[str, ...]]:
    """Who was drawn for each room."""
    assert isinstance(found, RoomDraw)
    return dict(found.drawn)


def test_the_same_seed_and_list_give_the_same_draw() -> None:
    wanted = GroupWanted("session 1", 3)
    first = draw_group(people("abcdefg"), wanted, pack_named(JILIN), SEED)
    again = draw_group(reversed(people("abcdefg")), wanted, pack_named(JILIN), SEED)
    assert first == again
    assert verify_group(group(first), people("gfedcba"), wanted, pack_named(JILIN), SEED) is None


@pytest.mark.parametrize("change", ["seed", "list", "size", "purpose", "reason", "record"])
def test_whatever_is_changed_is_found(change: str) -> None:
    jilin, wanted, everybody = pack_named(JILIN), GroupWanted("session 1", 3), people("abcdefg")
    everybody.append(Contender("z", FRIEND))
    record, seed = group(draw_group(everybody, wanted, jilin, SEED)), SEED
    match change:
        case "seed":
            seed = SEED[::-1]
        case "list":
            everybody.append(Contender("y", FRIEND))
        case "size":
            wanted = replace(wanted, size=2)
        case "purpose":
            wanted = replace(wanted, purpose="session 2")
        case "reason":
            everybody[-1] = Contender("z", TRAINER)
        case _:
            record = replace(record, drawn=tuple(reversed(record.drawn)))
    found = verify_group(record, everybody, wanted, jilin, seed)
    assert found is not None
    assert found.rule == "SUP-013"


def test_nobody_is_drawn_who_may_not_be_sent() -> None:
    everybody = [*people("abc"), Contender("z", FRIEND)]
    for seed in seeds(50):
        found = group(draw_group(everybody, GroupWanted("s", 3), pack_named(JILIN), seed))
        assert set(found.drawn) == set("abc")
        assert found.excluded == (Excluded("z", FRIEND),)


def test_every_lawful_group_has_the_same_chance() -> None:
    # 4 of the last group and 3 new ones; a third of 3 must be new.
    wanted, last = GroupWanted("s", 3, last=frozenset("abcd")), set("abcd")
    drawn = Counter(
        frozenset(group(draw_group(people("abcdefg"), wanted, pack_named(JILIN), seed)).drawn)
        for seed in seeds(6200)
    )
    lawful = {frozenset(each) for each in combinations("abcdefg", 3) if set(each) - last}
    assert len(lawful) == 31
    assert drawn.keys() == lawful
    # Chi square with 30 degrees of freedom: above 59.7 in one of a thousand fair draws.
    assert sum((count - 200) ** 2 / 200 for count in drawn.values()) < 59.7


def test_leaders_are_drawn_among_those_who_may_lead() -> None:
    everybody = [*people("ab", may_lead=True), *people("cdef")]
    leaders = Counter(
        group(draw_group(everybody, GroupWanted("s", 3, led=True), pack_named(MANUAL), seed)).drawn[0]
        for seed in seeds(400)
    )
    assert leaders.keys() == {"a", "b"}
    assert abs(leaders["a"] - 200) < 50


def test_who_refuses_is_replaced_and_the_others_stay() -> None:
    wanted, everybody = GroupWanted("s", 3), people("abcdefgh")
    for seed in seeds(30):
        first = group(draw_group(everybody, wanted, pack_named(JILIN), seed)).drawn
        without = [replace(each, refusals=FRIEND) if each.id == first[1] else each for each in everybody]
        second = group(draw_group(without, wanted, pack_named(JILIN), seed)).drawn
        assert set(second) - set(first) != set()
        assert second[:2] == (first[0], first[2])


@pytest.mark.parametrize(
    ("pack", "size", "new"),
    [
        (JILIN, 3, 1),
        (JILIN, 4, 2),
        (JILIN, 5, 2),
        (JILIN, 6, 2),
        (JILIN, 7, 3),
        (MANUAL, 3, 0),
        (SOCIAL, 3, 0),
        (SCHOOL, 3, 0),
    ],
)
def test_a_third_is_new(pack: str, size: int, new: int) -> None:
    assert newcomers_needed(size, pack_named(pack)) == new


def test_a_group_that_somebody_named_rotates_too() -> None:
    jilin = pack_named(JILIN)
    assert check_rotation("abd", "abc", jilin) == check_rotation("abc", None, jilin) == ()
    found = check_rotation("abc", "abc", jilin)
    assert [(each.rule, each.clause) for each in found] == [("X27", "000 A7 23")]
    assert check_rotation("abc", "abc", pack_named(MANUAL)) == ()


@given(
    st.integers(1, 6),
    st.sets(st.sampled_from("abcdefghij")),
    st.sets(st.sampled_from("abcdefghij")),
    st.sets(st.sampled_from("abcdefghij")),
    st.booleans(),
)
def test_a_draw_is_lawful_or_there_is_none(
    size: int, there: set[str], last: set[str], leaders: set[str], led: bool
) -> None:
    everybody = [Contender(each, may_lead=each in leaders) for each in sorted(there)]
    wanted = GroupWanted("s", size, led, frozenset(last))
    found = draw_group(everybody, wanted, pack_named(JILIN), SEED)
    new = newcomers_needed(size, pack_named(JILIN))
    lawful = [
        each
        for each in combinations(sorted(there), size)
        if len(set(each) - last) >= new and (not led or set(each) & leaders)
    ]
    assert isinstance(found, Draw) is bool(lawful)
    if isinstance(found, Draw):
        assert tuple(sorted(found.drawn)) in lawful
        assert not led or found.drawn[0] in leaders


def test_why_there_are_not_enough() -> None:
    jilin = pack_named(JILIN)
    few = draw_group([*people("ab"), Contender("z", FRIEND)], GroupWanted("s", 3), jilin, SEED)
    assert isinstance(few, NotEnough)
    assert [each.en for each in few.reasons] == ["2 persons may be dispatched, 3 are needed."]
    assert few.excluded == (Excluded("z", FRIEND),)
    old = draw_group(people("abc"), GroupWanted("s", 3, last=frozenset("abc")), jilin, SEED)
    assert isinstance(old, NotEnough)
    assert [each.rule for each in old.reasons] == ["X27"]
    unled = draw_group(people("abc"), GroupWanted("s", 3, led=True), jilin, SEED)
    assert isinstance(unled, NotEnough)
    assert [each.rule for each in unled.reasons] == ["EXM-019"]


def test_a_single_examiner_who_leads_must_be_new() -> None:
    everybody = [*people("a", may_lead=True), *people("b")]
    found = draw_group(everybody, GroupWanted("s", 1, led=True, last=frozenset("a")), pack_named(JILIN), SEED)
    assert isinstance(found, NotEnough)


def test_nobody_stands_in_the_list_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        draw_group(people("aab"), GroupWanted("s", 1), pack_named(JILIN), SEED)
    with pytest.raises(ValueError, match="twice"):
        draw_rooms(people("ab"), [RoomWanted("1", 1), RoomWanted("1", 1)], "s", SEED)


def test_a_seed_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        commitment(bytes(15))
    with pytest.raises(ValueError, match="16"):
        draw_order("abc", bytes(15), "places")


def test_what_is_published_of_a_seed() -> None:
    assert commitment(bytes(16)) == "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb"
    assert group(
        draw_group(people("a"), GroupWanted("s", 1), pack_named(JILIN), SEED)
    ).commitment == commitment(SEED)


def test_orders_by_lot_differ_by_purpose_and_hold_everybody() -> None:
    orders = {draw_order("abcdefgh", SEED, f"batch {number}") for number in range(20)}
    assert len(orders) == 20
    assert {tuple(sorted(each)) for each in orders} == {tuple("abcdefgh")}
    assert Counter(draw_order("abc", seed, "places") for seed in seeds(600)).keys() == {
        tuple(each) for each in ["abc", "acb", "bac", "bca", "cab", "cba"]
    }


def test_every_room_gets_its_proctors_and_nobody_two() -> None:
    rooms = [RoomWanted("1", 2), RoomWanted("2", 3)]
    found = rooms_of(draw_rooms(people("abcdefg"), rooms, "s", SEED))
    assert [len(each) for each in found.values()] == [2, 3]
    assert len(set(found["1"]) | set(found["2"])) == 5


def test_trainers_go_to_other_rooms() -> None:
    everybody = [
        Contender("a", barred={"1": TRAINER}),
        Contender("b", barred={"1": TRAINER, "2": ()}),
        *people("cd"),
    ]
    rooms = [RoomWanted("1", 2), RoomWanted("2", 2)]
    for seed in seeds(30):
        record = draw_rooms(everybody, rooms, "s", seed)
        found = rooms_of(record)
        assert (set(found["1"]), set(found["2"])) == (set("cd"), set("ab"))
        assert isinstance(record, RoomDraw)
        assert record.excluded == (Excluded("a", TRAINER, "1"), Excluded("b", TRAINER, "1"))
        assert verify_rooms(record, everybody, rooms, "s", seed) is None
        assert (
            verify_rooms(replace(record, drawn=record.drawn[::-1]), everybody, rooms, "s", seed) is not None
        )


def test_each_has_the_same_chance_of_each_room() -> None:
    rooms = [RoomWanted("1", 1), RoomWanted("2", 1)]
    drawn = Counter(tuple(draw_rooms(people("abc"), rooms, "s", seed).drawn) for seed in seeds(1200))  # type: ignore[union-attr]
    assert len(drawn) == 6
    assert sum((count - 200) ** 2 / 200 for count in drawn.values()) < 20.5  # 5 degrees of freedom, 0.1 %


def test_rooms_that_cannot_be_filled() -> None:
    everybody = [Contender("a", barred={"1": TRAINER}), Contender("z", FRIEND), *people("b")]
    found = draw_rooms(everybody, [RoomWanted("1", 2), RoomWanted("2", 1)], "s", SEED)
    assert isinstance(found, NotEnough)
    assert [each.en for each in found.reasons] == [
        "Room 2 cannot be filled after withdrawals: 1 missing."
    ] or [each.en for each in found.reasons] == ["Room 1 cannot be filled after withdrawals: 1 missing."]
    assert Excluded("z", FRIEND) in found.excluded


@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.sets(st.sampled_from("12")), min_size=1),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 9),
)
def test_rooms_are_filled_if_they_can_be(
    barred: dict[str, set[str]], one: int, two: int, number: int
) -> None:
    everybody = [Contender(each, barred=dict.fromkeys(rooms, TRAINER)) for each, rooms in barred.items()]
    found = draw_rooms(everybody, [RoomWanted("1", one), RoomWanted("2", two)], "s", seeds(10)[number])
    free = {room: {each for each, rooms in barred.items() if room not in rooms} for room in "12"}
    possible = len(free["1"]) >= one and len(free["2"]) >= two and len(free["1"] | free["2"]) >= one + two
    # Hall's condition also where a room wants nobody.
    possible = possible or (one == 0 and len(free["2"]) >= two) or (two == 0 and len(free["1"]) >= one)
    assert isinstance(found, RoomDraw) is possible
    if isinstance(found, RoomDraw):
        drawn = dict(found.drawn)
        assert set(drawn["1"]) <= free["1"]
        assert set(drawn["2"]) <= free["2"]
        assert len({*drawn["1"], *drawn["2"]}) == one + two


@pytest.mark.parametrize(
    ("pack", "who"),
    [
        (JILIN, {"internal_supervisor", "external_supervisor"}),  # 000 A8 10
        (FILING, set()),
        (MANUAL, {"external_supervisor"}),  # 001 D5 12
        (SOCIAL, {"examiner", "proctor"}),  # 004 S四(三)2, S四(四)1(2)
        (ENTERPRISE, set()),
        (SCHOOL, {"proctor"}),  # 004 T七(一)2
    ],
)
def test_who_must_be_drawn(pack: str, who: set[str]) -> None:
    everybody = ["examiner", "proctor", "internal_supervisor", "external_supervisor"]
    assert {each for each in everybody if check_drawn(each, pack_named(pack), drawn=False)} == who
    assert not any(check_drawn(each, pack_named(pack), drawn=True) for each in everybody)


def test_a_draw_that_is_asked_for_on_some_occasions_only() -> None:
    manual = pack_named(MANUAL)
    assert len(check_drawn("external_supervisor", manual, drawn=False, occasion="on_site_supervision")) == 1
    assert check_drawn("external_supervisor", manual, drawn=False, occasion="special_supervision") == ()
    (reason,) = check_drawn("proctor", pack_named(SOCIAL), drawn=False)
    assert reason.zh == "监考人员应以“抽签”的方式确定，不得指定。"


def test_a_fraction_that_is_half_given_is_none() -> None:
    half = overlaid(pack_named(JILIN), {"staff.rotation_min_fraction": {"rule": "fraction", "numerator": 1}})
    assert newcomers_needed(3, half) == 0
