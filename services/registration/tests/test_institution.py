"""The state machine of a filing: only what the table says, whatever is tried in whatever order."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.dossier import Dossier
from jiangheng.registration.domain.institution import (
    APPLYING,
    COURSE,
    DECIDING,
    TRANSITIONS,
    Act,
    Institution,
    State,
)

CODE = "91220101MA0Y00003N"


def institution(state: State, revision: int = 3) -> Institution:
    return Institution(CODE, Dossier(), state, revision, b"d" * 32)


def after(here: Institution, act: Act, looked_at: int) -> State:
    return COURSE.after(here.state, here.revision, act, looked_at)


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_every_pair_of_state_and_act_is_allowed_or_refused_as_the_regulation_says(
    state: State, act: Act
) -> None:
    # Written out again from 002 8-9, so that a slip in TRANSITIONS is found.
    allowed = {
        "draft": {"save": "draft", "submit": "submitted"},
        "submitted": {"return": "returned", "accept": "accepted"},
        "returned": {"save": "returned", "submit": "submitted"},
        "accepted": {"complete": "filed"},
        "filed": {},
    }
    target = allowed[state.value].get(act.value)
    if target:
        assert after(institution(state), act, 3) is State(target)
        return
    with pytest.raises(Problem) as refused:
        after(institution(state), act, 3)
    assert refused.value.kind is Kind.WRONG_STATE
    assert refused.value.details == {"state": state.value, "revision": "3"}


@pytest.mark.parametrize("looked_at", [0, 2, 4, 2**64 - 1])
def test_a_decision_on_another_revision_is_refused_and_told_the_one_found(looked_at: int) -> None:
    with pytest.raises(Problem) as refused:
        after(institution(State.SUBMITTED), Act.ACCEPT, looked_at)
    assert refused.value.code == "wrong-state"
    assert refused.value.details == {"state": "submitted", "revision": "3"}
    assert after(institution(State.SUBMITTED), Act.ACCEPT, 3) is State.ACCEPTED


@given(st.lists(st.sampled_from(Act), max_size=40))
def test_no_order_of_acts_files_what_was_not_submitted_and_accepted(acts: list[Act]) -> None:
    here, done = institution(State.DRAFT, 1), []
    for act in acts:
        try:
            state = after(here, act, here.revision)
        except Problem:
            assert (here.state, act) not in TRANSITIONS
            continue
        here = replace(here, state=state, revision=here.revision + 1)
        done.append(act)
    if here.state is State.FILED:
        assert [act for act in done if act is not Act.SAVE][-3:] == [Act.SUBMIT, Act.ACCEPT, Act.COMPLETE]
    if here.state is State.RETURNED:
        assert [act for act in done if act is not Act.SAVE][-1] is Act.RETURN
    assert here.revision == 1 + len(done)


@given(st.lists(st.sampled_from(Act), max_size=40))
def test_nothing_leads_out_of_filed(acts: list[Act]) -> None:
    for act in acts:
        with pytest.raises(Problem):
            after(institution(State.FILED), act, 3)


def test_every_act_is_the_applicants_or_the_authoritys() -> None:
    """An act in neither set would escape the rule that who applied does not decide."""
    assert not APPLYING & DECIDING
    assert set(Act) == APPLYING | DECIDING


def test_every_deciding_act_moves_the_state_and_none_of_them_is_an_applicants() -> None:
    deciding = {act for (_, act), _ in TRANSITIONS.items() if act in DECIDING}
    assert deciding == {Act.RETURN, Act.ACCEPT, Act.COMPLETE}


def test_who_prepared_the_dossier_does_not_decide_and_others_do() -> None:
    with pytest.raises(Problem) as refused:
        COURSE.refuse_doer(Act.ACCEPT, {"wu", "sun"}, "wu")
    assert (refused.value.kind, refused.value.rule) == (Kind.FORBIDDEN, "FILING-SELF")
    assert refused.value.clause == "002 8-9"
    COURSE.refuse_doer(Act.ACCEPT, {"wu", "sun"}, "qian")
    COURSE.refuse_doer(Act.SUBMIT, {"wu", "sun"}, "wu")
