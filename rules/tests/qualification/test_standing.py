"""What cards are worth, and how many engagements somebody has (000 A7 3, 19-23, A8; 001 D4, D5; 002 14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.pack import NotRegulated, overlaid, pack_named
from jiangheng.rules.qualification.engagement import (
    Engagement,
    check_assessed,
    check_limits,
    check_renewal,
    check_secret_post,
    check_term,
    engagement_until,
)
from jiangheng.rules.qualification.grades import APPRENTICE, Grade
from jiangheng.rules.qualification.standing import (
    TERM,
    VALIDITY,
    ExaminerCard,
    SupervisorCard,
    card_state,
    card_valid_until,
    may_examine,
    may_supervise,
)

JILIN, FILING, MANUAL = "jilin", "jilin-filing", "xinjiang-inner-mongolia"
SHANDONG = ("shandong-social", "shandong-enterprise", "shandong-school")
FIRST, LAST, ON = date(2024, 3, 1), date(2027, 3, 1), date(2026, 6, 1)
FITTER, WELDER = "6-20-01-01", "6-18-02-04"
CARD = ExaminerCard("examiner", frozenset({FITTER}), FIRST, LAST)
SUPERVISOR = SupervisorCard("internal", "S000022000001", FIRST, LAST, regular_staff=True)


def rules_of(card: ExaminerCard, pack: str, level: int = 3, occupation: str = FITTER) -> list[str]:
    """Which rules keep an examiner from examining."""
    return [each.rule for each in may_examine(card, occupation, level, ON, pack_named(pack))]


@pytest.mark.requirement("EXM-018")
@pytest.mark.parametrize("pack", [JILIN, FILING, MANUAL])
@pytest.mark.parametrize(("grade", "highest"), [("examiner", 3), ("senior", 1)])
def test_levels_by_grade(pack: str, grade: Grade, highest: int) -> None:
    card = replace(CARD, grade=grade)
    assert [level for level in range(1, 6) if not rules_of(card, pack, level)] == list(range(highest, 6))
    # 000 A7 3 has apprentices, 001 D4 5 and 002 14 do not
    assert rules_of(card, pack, APPRENTICE) == ([] if pack == JILIN else ["EXM-018"])


@pytest.mark.requirement("EXM-018")
def test_only_the_occupations_of_the_card() -> None:
    assert rules_of(CARD, JILIN, occupation=WELDER) == ["EXM-018"]
    found = may_examine(CARD, WELDER, 1, ON, pack_named(JILIN))
    assert [each.clause for each in found] == ["000 A7 3", "000 A7 3"]


def test_there_is_no_level_0() -> None:
    with pytest.raises(ValueError, match="level 0"):
        rules_of(CARD, JILIN, 0)


@pytest.mark.parametrize("pack", SHANDONG)
def test_shandongs_grades_stand_elsewhere(pack: str) -> None:
    found = may_examine(CARD, FITTER, 3, ON, pack_named(pack))
    assert [each.rule for each in found] == ["EXM-018"]
    assert "cannot be judged" in found[0].en


def test_a_pack_that_says_nothing_of_grades_gives_no_answer() -> None:
    with pytest.raises(NotRegulated):
        may_examine(CARD, FITTER, 3, ON, overlaid(pack_named(JILIN), {"examiner.grades": None}))


def test_a_card_is_worth_something_between_its_days() -> None:
    jilin = pack_named(JILIN)
    states = {
        FIRST - timedelta(1): "not_yet_valid",
        FIRST: "valid",
        LAST: "valid",
        LAST + timedelta(1): "expired",
    }
    assert {day: card_state(CARD, day, jilin).state for day in states} == states
    assert [bool(may_examine(CARD, FITTER, 3, day, jilin)) for day in states] == [True, False, False, True]
    assert card_state(CARD, LAST - timedelta(30), jilin).days_left(LAST - timedelta(30)) == 30


def test_no_card_is_longer_than_the_pack_lets_it_be() -> None:
    forever = replace(CARD, valid_until=date(2099, 1, 1))
    assert card_state(forever, ON, pack_named(JILIN)).last_day == LAST
    unlimited = overlaid(pack_named(JILIN), {VALIDITY: None})
    assert card_state(forever, ON, unlimited).last_day == date(2099, 1, 1)
    assert card_state(forever, date(2099, 1, 2), unlimited).state == "expired"


def test_a_cancelled_card_is_void_from_that_day() -> None:
    cancelled = replace(CARD, cancelled=ON)
    assert card_state(cancelled, ON, pack_named(JILIN)).state == "cancelled"
    assert card_state(cancelled, ON - timedelta(1), pack_named(JILIN)).state == "valid"
    assert rules_of(cancelled, JILIN) == ["X12"]


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_card_of_three_years_ends_on_the_day_of_the_same_number(issued: date) -> None:
    last = card_valid_until(issued, VALIDITY, pack_named(JILIN))
    assert (last.year, last.month) == (issued.year + 3, issued.month)
    assert last.day == issued.day or (issued.month, issued.day, last.day) == (2, 29, 28)
    assert card_valid_until(issued, TERM, pack_named(MANUAL)) == last


@pytest.mark.requirement("EXM-043")
def test_no_examining_before_new_training_is_done() -> None:
    due = replace(CARD, occupations=frozenset({FITTER, WELDER}), retraining_due=frozenset({FITTER}))
    assert rules_of(due, JILIN) == rules_of(due, MANUAL) == ["EXM-043"]
    assert rules_of(due, JILIN, occupation=WELDER) == []
    assert rules_of(due, FILING) == []


@pytest.mark.requirement("EXM-018a")
@pytest.mark.requirement("EXM-018b")
def test_only_examiners_of_the_register() -> None:
    unknown = replace(CARD, registered=False)
    jilin = may_examine(unknown, FITTER, 3, ON, pack_named(JILIN))
    agency = may_examine(unknown, FITTER, 3, ON, pack_named(FILING))
    assert [each.clause for each in jilin] == ["000 A3 9(3)"]
    assert [each.clause for each in agency] == ["002 14(3)"]
    assert rules_of(unknown, MANUAL) == []
    supervisor = replace(SUPERVISOR, registered=False)
    found = may_supervise(supervisor, SUPERVISOR.institution, ON, pack_named(JILIN))
    assert [each.clause for each in found] == ["000 A3 9(5)"]
    assert supervising(supervisor, MANUAL) == []
    assert supervising(replace(supervisor, kind="external"), JILIN) == []


def supervising(card: SupervisorCard, pack: str, institution: str = "S000022000001") -> list[str]:
    """Which rules keep a supervisor from supervising."""
    return [each.rule for each in may_supervise(card, institution, ON, pack_named(pack))]


def test_internal_supervisors_stay_in_their_institution() -> None:
    assert supervising(SUPERVISOR, JILIN) == []
    assert supervising(SUPERVISOR, JILIN, "S000022000002") == ["SUP-013a"]
    external = replace(SUPERVISOR, kind="external", institution="centre")
    assert supervising(external, JILIN) == []


def test_internal_supervisors_are_regular_staff_in_jilin() -> None:
    hired = replace(SUPERVISOR, regular_staff=False)
    assert supervising(hired, JILIN) == ["X13"]
    assert supervising(hired, MANUAL) == supervising(hired, "shandong-social") == []


def test_kinds_of_supervisors_by_pack() -> None:
    district = replace(SUPERVISOR, kind="district")
    assert supervising(district, JILIN) == ["SUP-001"]
    assert supervising(district, "shandong-social") == []


@pytest.mark.requirement("SUP-012")
def test_agencies_are_supervised_by_registered_supervisors() -> None:
    sent = replace(SUPERVISOR, kind="external")
    assert supervising(sent, FILING) == []
    assert supervising(replace(sent, registered=False), FILING) == ["SUP-012"]


def test_a_supervisors_term_ends_by_itself() -> None:
    assert supervising(replace(SUPERVISOR, valid_from=date(2020, 1, 1)), JILIN) == ["X12"]
    assert supervising(replace(SUPERVISOR, valid_until=date(2026, 5, 31)), FILING) == ["X12"]


def engaged(institution: str, *occupations: str) -> Engagement:
    """An engagement."""
    return Engagement(institution, frozenset(occupations))


@pytest.mark.requirement("EXM-044")
def test_three_institutions_and_three_occupations_at_most() -> None:
    running = [engaged("A", "1"), engaged("B", "2")]
    jilin, manual = pack_named(JILIN), pack_named(MANUAL)
    assert check_limits(engaged("C", "3"), running, jilin) == ()
    assert check_limits(engaged("A", "3"), [*running, engaged("C", "1")], jilin) == ()
    institutions = check_limits(engaged("D", "1"), [*running, engaged("C", "1")], jilin)
    occupations = check_limits(engaged("A", "3", "4"), running, jilin)
    assert ["institutions" in each.en for each in institutions] == [True]
    assert ["occupations" in each.en for each in occupations] == [True]
    assert check_limits(engaged("D", "1", "2", "3", "4"), [*running, engaged("C")], manual) == ()


def test_an_engagement_has_its_longest_term() -> None:
    jilin = pack_named(JILIN)
    assert engagement_until(FIRST, "examiner", jilin) == LAST
    assert check_term(FIRST, LAST, LAST, "examiner", jilin) == ()
    day_more = check_term(FIRST, LAST + timedelta(1), LAST, "examiner", jilin)
    assert [each.rule for each in day_more] == ["EXM-045", "EXM-045"]
    assert len(check_term(FIRST, ON, ON - timedelta(1), "supervisor", jilin)) == 1
    silent = overlaid(jilin, {"examiner.term_years": None})
    assert check_term(FIRST, date(2099, 1, 1), LAST, "examiner", silent) == ()


@pytest.mark.requirement("EXM-042")
def test_what_a_renewal_needs() -> None:
    jilin, manual = pack_named(JILIN), pack_named(MANUAL)
    assert len(check_renewal([], "examiner", jilin)) == 3
    assert [each.en for each in check_renewal(["training", "test"], "examiner", jilin)] == [
        "Renewal needs: a yearly assessment of pass or better."
    ]
    assert check_renewal(["assessment", "training", "test"], "examiner", jilin) == ()
    assert check_renewal([], "examiner", manual) == ()
    assert [each.clause for each in check_renewal([], "supervisor", manual)] == ["001 D5 18"]
    for pack in SHANDONG:
        assert check_renewal([], "examiner", pack_named(pack)) == ()


def test_every_engaging_institution_assesses() -> None:
    assert check_assessed({"A", "B"}, {"A", "B"}, pack_named(JILIN)) == ()
    assert [each.rule for each in check_assessed({"A", "B"}, {"A"}, pack_named(JILIN))] == ["EXM-047"]
    assert check_assessed({"A", "B"}, {"A"}, pack_named(MANUAL)) == ()
    assert check_assessed({"A"}, (), pack_named(FILING)) == ()


def test_hired_persons_hold_no_secret_post() -> None:
    assert [each.rule for each in check_secret_post(hired=True, pack=pack_named(JILIN))] == ["X11"]
    assert check_secret_post(hired=False, pack=pack_named(JILIN)) == ()
    assert check_secret_post(hired=True, pack=pack_named(MANUAL)) == ()
    other = pack_named(JILIN).answer("staff.hired_excluded_from_secret_posts").other[0].value
    lax = overlaid(pack_named(JILIN), {"staff.hired_excluded_from_secret_posts": other})
    assert check_secret_post(hired=True, pack=lax) == ()
