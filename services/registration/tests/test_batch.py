"""A batch's course, its sample and the pages of lists, without IO."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import Counter
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.batch import COURSE, Act, BatchPlan, BatchScope, Part, State
from jiangheng.registration.domain.sampling import draw
from jiangheng.registration.operations.pages import after_of, fitting, size_of, token_of

# The table a second time (000 A1 9-12, A3 7-8, 11; 004 S三(一)).
LAWFUL = {
    ("draft", "save"): "draft",
    ("draft", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "confirm"): "confirmed",
    ("returned", "save"): "returned",
    ("returned", "submit"): "submitted",
    ("confirmed", "allow_late"): "confirmed",
    ("confirmed", "upload"): "uploaded",
    ("uploaded", "clear"): "cleared",
    ("cleared", "seat"): "seated",
    ("seated", "seat"): "seated",
    ("seated", "ticket"): "ticketed",
}
SCOPE = {
    Act.SAVE: "registration.plan.prepare",
    Act.SUBMIT: "registration.plan.prepare",
    Act.RETURN: "registration.plan.confirm",
    Act.CONFIRM: "registration.plan.confirm",
    Act.ALLOW_LATE: "registration.plan.confirm",
    Act.UPLOAD: "registration.batch.upload",
    Act.CLEAR: "registration.application.sample",
    Act.SEAT: "registration.seating.arrange",
    Act.TICKET: "registration.seating.arrange",
}
THE_AUTHORITY = {Act.RETURN, Act.CONFIRM, Act.ALLOW_LATE, Act.CLEAR}
# Each of these cannot be reached without the one before.
ROAD = (Act.SUBMIT, Act.CONFIRM, Act.UPLOAD, Act.CLEAR, Act.SEAT, Act.TICKET)


def walked(state: State, act: Act) -> State | Problem:
    try:
        return COURSE.after(state, 3, act, 3)
    except Problem as problem:
        return problem


@pytest.mark.parametrize(("state", "act"), product(State, Act))
def test_every_act_in_every_state_leads_where_the_regulations_say_or_is_refused(
    state: State, act: Act
) -> None:
    lawful, came_to = LAWFUL.get((state.value, act.value)), walked(state, act)
    if lawful is not None:
        assert came_to is State(lawful)
        return
    assert isinstance(came_to, Problem)
    assert (came_to.kind, came_to.details["state"]) == (Kind.WRONG_STATE, state.value)
    assert COURSE.states_zh[state] in came_to.zh


@given(st.lists(st.sampled_from(Act), max_size=40))
@settings(deadline=None)
def test_no_order_of_acts_skips_a_part_of_the_road(acts: list[Act]) -> None:
    state, taken = State.DRAFT, set()
    for act in acts:
        came_to = walked(state, act)
        if isinstance(came_to, State):
            if act in ROAD:
                assert set(ROAD[: ROAD.index(act)]) <= taken
            if state not in (State.DRAFT, State.RETURNED):
                assert act is not Act.SAVE  # nobody rewrites what the authority has
            state = came_to
            taken.add(act)


def test_scopes_and_duties_kept_apart_for_every_act() -> None:
    assert COURSE.scopes == SCOPE
    assert set(Act) - COURSE.own == THE_AUTHORITY
    for act in Act:
        if act in THE_AUTHORITY:
            assert COURSE.apart[act].acts == COURSE.own
        else:
            assert act not in COURSE.apart


def test_a_plan_knows_its_first_start_its_days_and_who_takes_which_part(batch_plan: BatchPlan) -> None:
    assert batch_plan.first_start == batch_plan.sittings[0].starts_at
    assert [str(day) for day in (batch_plan.opens, batch_plan.closes, batch_plan.reviewed_by)] == [
        "2026-03-09",
        "2026-03-15",
        "2026-03-20",
    ]
    assert batch_plan.parts_of("6-31-01-03", 4) == {Part.THEORY, Part.SKILL}
    assert batch_plan.parts_of("6-31-01-03", 3) == frozenset()
    empty = BatchPlan(scopes=(BatchScope("6-31-01-03", 4, (None,)),))
    assert (empty.first_start, empty.opens, empty.parts_of("6-31-01-03", 4)) == (None, None, frozenset())


@given(
    st.lists(st.uuids().map(str), unique=True, max_size=60).flatmap(
        lambda ids: st.tuples(st.just(ids), st.permutations(ids))
    ),
    st.binary(min_size=32, max_size=32),
    st.integers(1, 80),
)
@settings(max_examples=200, deadline=None)
def test_a_sample_depends_on_seed_and_candidates_only(
    ids: tuple[list[str], list[str]], seed: bytes, size: int
) -> None:
    first, shuffled = ids
    drawn = draw(first, seed, size)
    assert draw(shuffled, seed, size) == drawn
    assert draw([*first, *first], seed, size) == drawn
    assert len(drawn) == len(set(drawn)) == min(size, len(first))
    assert set(drawn) <= set(first)
    # A smaller sample is the beginning of a larger: nobody gains by drawing in steps.
    assert draw(first, seed, max(1, size // 2)) == drawn[: max(1, size // 2)]


def test_every_candidate_has_the_same_chance_and_the_seed_decides() -> None:
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(20)]
    rounds = 4000
    drawn = Counter(id for turn in range(rounds) for id in draw(ids, turn.to_bytes(32, "big"), 5))
    # Each is expected 1000 times; 5 standard deviations of a binomial are 137.
    assert set(drawn) == set(ids)
    assert all(abs(count - rounds * 5 / 20) < 137 for count in drawn.values())
    places = Counter(draw(ids, turn.to_bytes(32, "big"), 1)[0] for turn in range(rounds))
    assert all(abs(places[id] - rounds / 20) < 69 for id in ids)


QUESTIONS = st.sampled_from(["", "draft", "confirmed"])


@given(st.uuids().map(str), QUESTIONS, QUESTIONS)
@settings(deadline=None)
def test_a_page_token_is_good_for_its_own_question_only(after: str, asked: str, other: str) -> None:
    token = token_of(after, asked)
    assert after_of(token, asked) == after
    if other != asked:
        with pytest.raises(Problem) as refused:
            after_of(token, other)
        assert (refused.value.kind, refused.value.field) == (Kind.INVALID, "page_token")


@given(
    st.one_of(st.text(max_size=600), st.binary(max_size=600).map(lambda raw: urlsafe_b64encode(raw).decode()))
)
@settings(max_examples=300, deadline=None)
def test_whatever_somebody_makes_up_is_refused_or_harmless(token: str) -> None:
    came_to = read(token)
    if isinstance(came_to, Problem):
        assert (came_to.kind, came_to.field) == (Kind.INVALID, "page_token")
    else:
        assert came_to.isprintable()


def read(token: str) -> str | Problem:
    try:
        return after_of(token, "")
    except Problem as problem:
        return problem


@pytest.mark.parametrize("after", ["\x00", "a\x00b", "\x7f", "\t"])
def test_a_token_with_what_no_id_contains_is_refused(after: str) -> None:
    with pytest.raises(Problem) as refused:
        after_of(token_of(after, ""), "")
    assert refused.value.field == "page_token"


def test_sizes_of_pages() -> None:
    assert [size_of(asked) for asked in (0, 1, 200)] == [50, 1, 200]
    with pytest.raises(Problem) as refused:
        size_of(201)
    assert refused.value.field == "page_size"


@given(st.lists(st.integers(0, 10), max_size=20), st.integers(0, 30))
@settings(deadline=None)
def test_a_page_holds_what_fits_and_always_one(sizes: list[int], most: int) -> None:
    page: list[Any] = list(fitting(sizes, lambda size: size, most))
    assert page == sizes[: len(page)]
    assert len(page) >= min(1, len(sizes))
    assert len(page) <= 1 or sum(page) <= most
    if len(page) < len(sizes):
        assert sum(sizes[: len(page) + 1]) > most
