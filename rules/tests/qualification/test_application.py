"""Who may become examiner, senior examiner or supervisor (000 A7 6-9, A8 7; 001 D4 6, D5 6; 002 14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.pack import NotRegulated, overlaid, pack_named
from jiangheng.rules.qualification.application import check_test, check_training, qualifies
from jiangheng.rules.qualification.early import Merit
from jiangheng.rules.qualification.evidence import Applicant, Certificate, Period, Supervisor, Title
from jiangheng.rules.qualification.grades import Grade, SupervisorKind
from jiangheng.rules.qualification.loss import bar_after_loss
from jiangheng.rules.qualification.supervisors import qualifies_to_supervise

JILIN, FILING, MANUAL = "jilin", "jilin-filing", "xinjiang-inner-mongolia"
SHANDONG = ("shandong-social", "shandong-enterprise", "shandong-school")
ON = date(2026, 6, 1)
CERTIFIED = date(2023, 6, 1)
BORN = date(1990, 1, 1)

WORKER = Applicant(
    BORN,
    certificates=(Certificate(3, CERTIFIED),),
    practice=(Period(date(2015, 1, 1)),),
    general_conditions=True,
)
SENIOR = Applicant(
    BORN,
    certificates=(Certificate(1, CERTIFIED),),
    titles=(Title("senior", CERTIFIED),),
    practice=(Period(date(2015, 1, 1)),),
    assessing=(Period(CERTIFIED),),
    holds_card_of_occupation=True,
    general_conditions=True,
)


def missing(pack: str, applicant: Applicant, grade: Grade = "examiner", on: date = ON) -> list[str]:
    """The reasons for a no, in English."""
    return [each.en for each in qualifies(applicant, grade, on, pack_named(pack)).refusals]


def test_an_examiner_of_jilin_has_level_3_and_three_years_since() -> None:
    assert missing(JILIN, WORKER) == []
    assert missing(JILIN, replace(WORKER, certificates=(Certificate(4, CERTIFIED),)))[0].startswith(
        "A certificate"
    )
    assert missing(JILIN, WORKER, on=date(2026, 5, 31)) == [
        "3 years of practice are needed, about 1 months are missing."
    ]
    title = replace(WORKER, certificates=(), titles=(Title("intermediate", CERTIFIED),))
    assert missing(JILIN, title) == []
    assert missing(JILIN, replace(title, titles=(Title("junior", CERTIFIED),)))[0].startswith("A certificate")


def test_practice_in_a_related_occupation_counts_in_jilin() -> None:
    related = replace(WORKER, practice=(Period(date(2015, 1, 1), own=False),))
    assert missing(JILIN, related) == []
    own_only = overlaid(
        pack_named(JILIN),
        {
            "examiner.qualification.examiner": {
                "level": 3,
                "title": "intermediate",
                "needed": "either",
                "practice_years": 3,
                "practice_in": "occupation",
            }
        },
    )
    assert qualifies(WORKER, "examiner", ON, own_only).qualified
    assert not qualifies(related, "examiner", ON, own_only).qualified


def test_what_is_not_there_yet_does_not_count() -> None:
    tomorrow = date(2026, 6, 2)
    applicant = replace(WORKER, certificates=(Certificate(3, tomorrow),), titles=(Title("senior", tomorrow),))
    assert len(missing(JILIN, applicant)) == 2


def test_a_senior_examiner_of_jilin_has_level_1_and_three_years_as_examiner() -> None:
    assert missing(JILIN, SENIOR, "senior") == []
    two_years = replace(SENIOR, assessing=(Period(date(2024, 6, 1)),))
    assert missing(JILIN, two_years, "senior") == [
        "3 years of work as examiner are needed, about 12 months are missing."
    ]
    only_title = replace(SENIOR, certificates=())
    assert missing(JILIN, only_title, "senior") == []
    assert len(missing(JILIN, replace(only_title, titles=()), "senior")) == 1


def test_the_minimum_age_is_jilins() -> None:
    young = replace(WORKER, born=date(1996, 6, 2))
    assert missing(JILIN, young) == ["An examiner must be 30 years old."]
    assert missing(JILIN, replace(young, born=date(1996, 6, 1))) == []
    assert missing(FILING, young) == []


def test_the_manual_asks_for_level_title_and_practice() -> None:
    assert missing(MANUAL, WORKER) == ["A professional title is needed: intermediate or higher."]
    both = replace(WORKER, titles=(Title("intermediate", CERTIFIED),))
    assert missing(MANUAL, both) == []
    assert missing(MANUAL, replace(both, practice=(Period(date(2024, 1, 1)),)))[0].startswith("3 years")
    assert missing(MANUAL, replace(both, certificates=()))[0].startswith(
        "A certificate of the occupation is needed"
    )


def test_a_senior_examiner_of_the_manual() -> None:
    assert missing(MANUAL, SENIOR, "senior") == []
    level_2 = replace(SENIOR, certificates=(Certificate(2, CERTIFIED),))
    assert missing(MANUAL, level_2, "senior")[0].startswith("A certificate of the occupation")
    # 001 D4 6(2): not where the highest level of the occupation is 2
    assert missing(MANUAL, replace(level_2, highest_level=2), "senior") == []
    assert missing(MANUAL, replace(SENIOR, holds_card_of_occupation=False), "senior") == [
        "A senior examiner first holds an examiner's card of the occupation."
    ]
    assert missing(MANUAL, replace(SENIOR, practice=(Period(date(2022, 6, 1)),)), "senior")[0].startswith(
        "5 years"
    )
    assert missing(MANUAL, replace(SENIOR, assessing=(Period(date(2025, 6, 1)),)), "senior")[0].startswith(
        "2 years"
    )


def test_the_other_reading_of_the_manual_asks_for_practice_of_assessing() -> None:
    other = pack_named(MANUAL).answer("examiner.qualification.senior").other[0].value
    pack = overlaid(pack_named(MANUAL), {"examiner.qualification.senior": other})
    assert qualifies(SENIOR, "senior", ON, pack).qualified
    found = [each.en for each in qualifies(replace(SENIOR, assessing=()), "senior", ON, pack).refusals]
    assert found[-1] == "A senior examiner needs practice of assessing."


def test_the_filing_rules_ask_for_level_or_title_alone() -> None:
    assert missing(FILING, Applicant(BORN, certificates=(Certificate(3, CERTIFIED),))) == []
    assert missing(FILING, Applicant(BORN, titles=(Title("senior", CERTIFIED),)), "senior") == []
    assert missing(FILING, Applicant(BORN)) != []


@pytest.mark.parametrize("pack", SHANDONG)
def test_shandong_leaves_it_to_papers_that_are_not_here(pack: str) -> None:
    with pytest.raises(NotRegulated):
        qualifies(WORKER, "examiner", ON, pack_named(pack))


@pytest.mark.requirement("EXM-035")
def test_staff_of_hr_departments_do_not_apply() -> None:
    found = qualifies(replace(WORKER, hr_staff=True), "examiner", ON, pack_named(JILIN))
    assert [each.rule for each in found.refusals] == ["X09"]
    assert missing(FILING, replace(WORKER, hr_staff=True)) == []
    allowed = overlaid(pack_named(JILIN), {"examiner.hr_staff_excluded": False})
    assert qualifies(replace(WORKER, hr_staff=True), "examiner", ON, allowed).qualified


def test_the_general_conditions_are_confirmed() -> None:
    unconfirmed = replace(WORKER, general_conditions=False)
    assert len(missing(JILIN, unconfirmed)) == 1
    assert missing(FILING, unconfirmed) == []


def test_a_bar_keeps_somebody_out_until_it_ends() -> None:
    bar = bar_after_loss("examiner", date(2023, 6, 1), pack_named(JILIN))
    assert bar is not None
    barred = replace(WORKER, bars=(bar,), practice=(Period(date(2015, 1, 1)),))
    assert [each.rule for each in qualifies(barred, "examiner", ON, pack_named(JILIN)).refusals] == ["X12"]
    assert missing(JILIN, barred, on=date(2026, 6, 2)) == []


@pytest.mark.requirement("EXM-036")
@pytest.mark.parametrize(
    ("merit", "earlier"),
    [
        (Merit("contest_expert", date(2023, 6, 1), "city"), 1),
        (Merit("contest_umpire", date(2025, 1, 1), "nation"), 1),
        (Merit("skill_honour", date(2025, 1, 1), "province"), 1),
        (Merit("contest_expert", date(2023, 5, 31), "city"), 0),  # more than 3 years ago
        (Merit("contest_expert", date(2026, 6, 2), "city"), 0),
        (Merit("contest_expert", None, "city"), 0),
        (Merit("contest_expert", date(2025, 1, 1)), 0),
        (Merit("craftsman", date(2025, 1, 1), "nation"), 0),
        (Merit("heritage"), 2),
        (Merit("local_craft"), 2),
        (Merit("new_occupation", date(2024, 1, 1)), 2),
        (Merit("new_occupation", date(2022, 1, 1)), 0),
    ],
)
def test_earlier_entry_as_examiner_in_jilin(merit: Merit, earlier: int) -> None:
    consented = replace(WORKER, merits=(merit,), consented=True)
    for years in (1, 2, 3):
        practice = replace(consented, certificates=(Certificate(3, date(2026 - years, 6, 1)),))
        assert qualifies(practice, "examiner", ON, pack_named(JILIN)).qualified is (years >= 3 - earlier)


@pytest.mark.requirement("EXM-036")
def test_earlier_entry_as_senior_needs_a_provincial_contest() -> None:
    two_years = replace(SENIOR, assessing=(Period(date(2024, 6, 1)),))
    provincial = replace(two_years, merits=(Merit("contest_umpire", date(2025, 1, 1), "province"),))
    city = replace(two_years, merits=(Merit("contest_umpire", date(2025, 1, 1), "city"),))
    assert missing(JILIN, provincial, "senior") == []
    assert len(missing(JILIN, city, "senior")) == 1


@pytest.mark.requirement("EXM-036")
def test_two_years_need_the_centres_consent_and_the_reason_says_so() -> None:
    one_year = replace(WORKER, certificates=(Certificate(3, date(2025, 6, 1)),), merits=(Merit("heritage"),))
    found = qualifies(one_year, "examiner", ON, pack_named(JILIN))
    assert [each.rule for each in found.refusals] == ["EXM-034", "EXM-036"]
    assert "appraisal centre" in found.refusals[1].en
    granted = qualifies(replace(one_year, consented=True), "examiner", ON, pack_named(JILIN))
    assert granted.qualified
    assert [each.en for each in granted.grounds] == [
        "Holds a certificate of the occupation, level 3.",
        "Entry 2 years earlier, for: intangible heritage, local craft.",
    ]


@pytest.mark.requirement("EXM-036")
def test_outstanding_craftsmen_pass_over_the_conditions_of_the_manual() -> None:
    craftsman = Applicant(BORN, merits=(Merit("craftsman"),), general_conditions=True)
    found = qualifies(craftsman, "senior", ON, pack_named(MANUAL))
    assert found.qualified
    assert [each.rule for each in found.grounds] == ["EXM-036"]
    assert not qualifies(replace(craftsman, merits=()), "senior", ON, pack_named(MANUAL)).qualified


def test_who_needs_nothing_earlier_does_not_rest_on_it() -> None:
    found = qualifies(replace(WORKER, merits=(Merit("heritage"),)), "examiner", ON, pack_named(JILIN))
    assert [each.en for each in found.grounds] == ["Holds a certificate of the occupation, level 3."]
    titled = replace(SENIOR, certificates=())
    assert [each.en for each in qualifies(titled, "senior", ON, pack_named(JILIN)).grounds] == [
        "Holds a title: senior."
    ]


@given(st.dates(date(2015, 1, 1), ON), st.dates(date(2015, 1, 1), ON), st.integers(1, 5))
def test_more_evidence_never_takes_a_yes_away(first: date, issued: date, level: int) -> None:
    applicant = replace(WORKER, practice=(Period(first),))
    richer = replace(applicant, certificates=(*WORKER.certificates, Certificate(level, issued)))
    for pack in (JILIN, FILING):
        assert missing(pack, applicant) or not missing(pack, richer)


def test_no_test_before_the_training_is_long_enough() -> None:
    assert check_training(40, 8, pack_named(JILIN)) == ()
    assert [each.rule for each in check_training(40, 7, pack_named(JILIN))] == ["EXM-037"]
    assert check_training(0, 0, pack_named(MANUAL)) == ()


def test_each_part_of_the_entry_test_is_passed() -> None:
    jilin, manual = pack_named(JILIN), pack_named(MANUAL)
    assert check_test({"general_knowledge": 60, "special_skill": 60}, jilin) == ()
    assert len(check_test({"general_knowledge": 59, "special_skill": 60}, jilin)) == 1
    assert len(check_test({"general_knowledge": 100}, jilin)) == 1
    assert check_test({"professional_knowledge": 0, "practical_operation": 0}, manual) == ()
    assert len(check_test({}, manual)) == 2
    assert check_test({}, pack_named(FILING)) == ()


READY = Supervisor(
    general_conditions=True, regular_staff=True, registered=True, backgrounds=frozenset({"manager"})
)


def supervisor_rules(pack: str, applicant: Supervisor, kind: SupervisorKind = "internal") -> list[str]:
    """Which rules keep somebody from supervising."""
    return [each.rule for each in qualifies_to_supervise(applicant, kind, ON, pack_named(pack)).refusals]


def test_internal_supervisors_of_jilin_come_from_regular_staff() -> None:
    outsider = replace(READY, regular_staff=False)
    assert supervisor_rules(JILIN, READY) == []
    assert supervisor_rules(JILIN, outsider) == ["X13"]
    assert supervisor_rules(JILIN, outsider, "external") == []
    assert supervisor_rules(MANUAL, outsider) == []


def test_supervisors_meet_the_general_conditions() -> None:
    unconfirmed = replace(READY, general_conditions=False)
    assert supervisor_rules(JILIN, unconfirmed) == supervisor_rules(MANUAL, unconfirmed) == ["SUP-002"]
    assert supervisor_rules(FILING, unconfirmed) == []


def test_supervisors_of_the_manual_have_a_background() -> None:
    examiner = replace(READY, backgrounds=frozenset({"good_examiner"}), assessing=(Period(CERTIFIED),))
    assert supervisor_rules(MANUAL, READY) == supervisor_rules(MANUAL, examiner) == []
    assert supervisor_rules(MANUAL, replace(READY, backgrounds=frozenset())) == ["SUP-002"]
    newer = replace(examiner, assessing=(Period(date(2024, 1, 1)),))
    assert supervisor_rules(MANUAL, newer) == ["SUP-002"]


def test_supervisors_of_agencies_are_in_the_provincial_system() -> None:
    assert supervisor_rules(FILING, READY) == []
    assert supervisor_rules(FILING, replace(READY, registered=False)) == ["SUP-012"]


def test_a_lost_post_is_lost_for_good_in_jilin() -> None:
    bar = bar_after_loss("supervisor", date(1999, 1, 1), pack_named(JILIN))
    assert bar is not None
    assert supervisor_rules(JILIN, replace(READY, bars=(bar,))) == ["X12"]
