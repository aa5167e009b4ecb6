"""Seats and batches (000 A3 7; 001 D13.4; 004 S四(一)4, E-A4, T三(四))."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.pack import overlaid, pack_named
from jiangheng.rules.seating import (
    MIX,
    REVIEW_ORDER,
    SKILL_PLACES,
    Sitter,
    batches,
    check_batch,
    check_line,
    fewest_neighbours_of_one_kind,
    mixed,
    must_be_drawn,
    must_mix,
    neighbours_of_one_kind,
)

JILIN, FILING, MANUAL = "jilin", "jilin-filing", "xinjiang-inner-mongolia"
PACKS = (JILIN, FILING, MANUAL, "shandong-social", "shandong-enterprise", "shandong-school")
SEED = bytes(range(16))


def sitters(kinds: str) -> list[Sitter]:
    """Candidates whose occupations are these letters."""
    return [Sitter(str(number), occupation, 3) for number, occupation in enumerate(kinds)]


def test_only_paper_in_jilin_is_mixed() -> None:
    assert [pack for pack in PACKS if must_mix("paper", pack_named(pack))] == [JILIN]
    assert not any(must_mix("computer", pack_named(pack)) for pack in PACKS)


def test_what_is_drawn_before_entry() -> None:
    assert [pack for pack in PACKS if must_be_drawn(SKILL_PLACES, pack_named(pack))] == [JILIN, MANUAL]
    assert [pack for pack in PACKS if must_be_drawn(REVIEW_ORDER, pack_named(pack))] == [JILIN]


@given(st.text("abcd", max_size=6))
def test_no_line_has_fewer_neighbours_of_one_kind(kinds: str) -> None:
    people = sitters(kinds)
    best = min(neighbours_of_one_kind(line) for line in permutations(people))
    assert fewest_neighbours_of_one_kind(people) == best


@given(st.text("abcd", max_size=60), st.binary(min_size=16, max_size=16))
def test_a_line_is_mixed_as_far_as_it_can_be_and_holds_everybody(kinds: str, seed: bytes) -> None:
    people = sitters(kinds)
    line = mixed(people, seed, "room 1")
    assert sorted(line, key=lambda each: int(each.id)) == people
    assert neighbours_of_one_kind(line) == fewest_neighbours_of_one_kind(people)
    assert check_line("1", line, "paper", pack_named(JILIN)) == ()


def test_the_same_seed_gives_the_same_line_and_another_purpose_another() -> None:
    people = sitters("abcabcabc")
    assert mixed(people, SEED, "room 1") == mixed(people[::-1], SEED, "room 1")
    assert mixed(people, SEED, "room 1") != mixed(people, SEED, "room 2")


def test_levels_are_mixed_too() -> None:
    people = [Sitter(str(number), "a", 3 + number % 2) for number in range(6)]
    assert neighbours_of_one_kind(mixed(people, SEED, "room 1")) == 0


def test_a_line_in_blocks_is_not_mixed() -> None:
    blocks = sitters("aabb")
    found = check_line("1", blocks, "paper", pack_named(JILIN))
    assert [(each.rule, each.clause) for each in found] == [("REG-113", "000 A3 7(1)")]
    assert check_line("1", blocks, "computer", pack_named(JILIN)) == ()
    assert check_line("1", blocks, "paper", overlaid(pack_named(JILIN), {MIX: None})) == ()


def test_nobody_sits_twice() -> None:
    (one,) = sitters("a")
    assert [each.rule for each in check_line("1", [one, one], "computer", pack_named(JILIN))] == ["REG-113"]
    with pytest.raises(ValueError, match="twice"):
        mixed([one, one], SEED, "room 1")


@pytest.mark.requirement("REG-114")
@given(st.lists(st.integers(), max_size=50), st.integers(1, 12))
def test_batches_hold_everybody_once_and_are_even(numbers: list[int], places: int) -> None:
    ids = [str(number) for number in numbers]
    found = batches(ids, places)
    sizes = [len(each) for each in found]
    assert [one for batch in found for one in batch] == ids
    assert len(found) == -(-len(ids) // places)
    assert max(sizes, default=0) <= places
    assert max(sizes, default=0) - min(sizes, default=0) <= 1


def test_a_batch_without_a_place() -> None:
    with pytest.raises(ValueError, match="place"):
        batches(["a"], 0)


@pytest.mark.requirement("REG-114")
def test_batches_as_the_pack_wants_them() -> None:
    jilin, filing = pack_named(JILIN), pack_named(FILING)
    assert check_batch("1", 5, 5, jilin, fixed_before=False) == ()
    assert [each.clause for each in check_batch("1", 6, 5, jilin, fixed_before=True)] == ["000 A3 7(2)"] * 2
    late = check_batch("1", 1, 1, jilin, fixed_before=True, key=REVIEW_ORDER)
    assert [each.clause for each in late] == ["000 A3 7(3)"]
    assert len(check_batch("1", 6, 5, filing, fixed_before=True)) == 1
