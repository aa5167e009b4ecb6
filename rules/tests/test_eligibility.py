"""Who may apply for a level: every row of the annex of 000 A1, on both sides of its boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from jiangheng.rules.eligibility.conditions import (
    Age,
    Apprenticed,
    Condition,
    Conditions,
    Graduated,
    Holds,
    Intent,
    Need,
    Studies,
    Titled,
    Work,
)
from jiangheng.rules.eligibility.decide import Attempt, Decision, decide
from jiangheng.rules.eligibility.evidence import (
    Apprenticeship,
    Certificate,
    Education,
    Evidence,
    Title,
    WorkPeriod,
)
from jiangheng.rules.eligibility.gaps import Amount, Piece
from jiangheng.rules.eligibility.source import pack_conditions
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.pack import pack_named

OWN, RELATED, OTHER = "6-31-01-03", "6-31-01-08", "4-02-01-01"
STANDARD = Standard(
    OWN,
    related_occupations=frozenset({RELATED}),
    majors=frozenset({"电气技术应用"}),
    specialties=frozenset({"电气工程"}),
)
ON = date(2026, 6, 1)
DAY = timedelta(days=1)
NOTHING = Evidence()


def jilin() -> Conditions:
    found = pack_conditions(pack_named("jilin"))
    assert found
    return found


def decided(evidence: Evidence, level: int, on: date = ON, standard: Standard = STANDARD) -> Decision:
    return decide(jilin(), evidence, level, standard, on)


def tried(evidence: Evidence, id: str, on: date = ON, standard: Standard = STANDARD) -> Attempt:
    attempts = decided(evidence, int(id[0]), on, standard).attempts
    return next(attempt for attempt in attempts if attempt.condition.id == id)


def years_before(years: int) -> date:
    return date(ON.year - years, ON.month, ON.day)


def work(years: int, of: str = OWN) -> tuple[WorkPeriod, ...]:
    return (WorkPeriod(of, years_before(years)),)


def certificate(level: int, years: int = 0, of: str = OWN) -> tuple[Certificate, ...]:
    return (Certificate(of, level, years_before(years)),)


def title(grade: Any, years: int, kind: Any = "title") -> tuple[Title, ...]:
    return (Title(grade, "电气工程", years_before(years), kind),)


def graduate(school: str, **more: Any) -> tuple[Education, ...]:
    return (Education(school, more.pop("major", "电气技术应用"), graduated=ON, **more),)


def student(school: str, **more: Any) -> tuple[Education, ...]:
    whole = {"enrolled": date(2023, 9, 1), "graduating_from": ON, "expected_until": date(2026, 7, 15), **more}
    return (Education(school, "电气技术应用", **whole),)


# Condition, clause, evidence that meets it on ON and not a day before.
ROWS = [
    ("5.1", "一1", Evidence(born=years_before(16), intends=True)),
    ("5.2", "一2", Evidence(born=years_before(16), work=work(1))),
    ("4.1", "二1", Evidence(work=work(5))),
    ("4.2", "二2", Evidence(certificates=certificate(5, 3), work=work(4))),
    ("4.3", "二3", Evidence(education=graduate("technical_school"))),
    ("3.1", "三1", Evidence(work=work(10))),
    ("3.2", "三2", Evidence(certificates=certificate(4, 4), work=work(6))),
    ("3.3", "三3", Evidence(titles=title("junior", 1), work=work(3))),
    ("3.4", "三4", Evidence(education=graduate("technical_school", class_kind="senior_worker"))),
    ("3.5", "三5", Evidence(certificates=certificate(4), education=graduate("higher_vocational"))),
    ("3.6", "三6", Evidence(education=graduate("junior_college", approved=True))),
    ("2.1", "四1", Evidence(certificates=certificate(3, 5), work=work(9))),
    (
        "2.2",
        "四2",
        Evidence(certificates=certificate(3, 1), titles=title("junior", 5), work=work(9)),
    ),
    ("2.3", "四3", Evidence(titles=title("intermediate", 1), work=work(9))),
    (
        "2.4",
        "四4",
        Evidence(
            certificates=certificate(3),
            work=work(2),
            education=graduate("senior_technical_school", major="烹饪"),
        ),
    ),
    (
        "2.5",
        "四5",
        Evidence(
            certificates=certificate(3, 2),
            education=student("technician_college", class_kind="technician"),
        ),
    ),
    ("1.1", "五1", Evidence(certificates=certificate(2, 5), work=work(9))),
    (
        "1.2",
        "五2",
        Evidence(certificates=certificate(2, 1), titles=title("intermediate", 5), work=work(9)),
    ),
    ("1.3", "五3", Evidence(titles=title("senior", 1), work=work(3))),
]
RULES = {5: "REG-087", 4: "REG-088", 3: "REG-089", 2: "REG-090", 1: "REG-091"}


def test_the_table_is_whole() -> None:
    told = [(row.id, row.clause, row.rule) for level in jilin().levels.values() for row in level]
    assert told == [(id, f"000 A1 附 {clause}", RULES[int(id[0])]) for id, clause, _ in ROWS]


@pytest.mark.requirement("REG-087")
@pytest.mark.requirement("REG-088")
@pytest.mark.requirement("REG-089")
@pytest.mark.requirement("REG-090")
@pytest.mark.requirement("REG-091")
@pytest.mark.parametrize(("id", "clause", "evidence"), ROWS, ids=[row[0] for row in ROWS])
def test_each_condition_is_met_on_its_day_and_not_the_day_before(
    id: str, clause: str, evidence: Evidence
) -> None:
    attempt = tried(evidence, id)
    assert attempt.met
    assert attempt.from_day == ON
    assert attempt.explanations == ()
    assert all(finding.met and finding.pieces and finding.gap is None for finding in attempt.findings)
    before = tried(evidence, id, ON - DAY)
    assert not before.met
    assert before.from_day == ON
    assert {(each.rule, each.clause) for each in before.explanations} == {
        (RULES[int(id[0])], f"000 A1 附 {clause}")
    }


@pytest.mark.parametrize(("id", "clause", "evidence"), ROWS, ids=[row[0] for row in ROWS])
def test_every_piece_of_it_is_needed(id: str, clause: str, evidence: Evidence) -> None:
    given = [name for name in Evidence.__dataclass_fields__ if getattr(evidence, name)]
    for name in given:
        less = replace(evidence, **{name: getattr(NOTHING, name)})
        attempt = tried(less, id, ON + 50 * 365 * DAY)
        assert not attempt.met, name
        assert attempt.from_day is None, name


# What looks like it and is not; the kind of what is missing.
NEAR = [
    ("5.1", Evidence(born=years_before(16)), "intent.absent"),
    ("5.1", Evidence(intends=True), "age.unknown"),
    ("5.2", Evidence(born=years_before(16), work=(WorkPeriod(OWN, ON + DAY),)), "work.later"),
    ("5.2", Evidence(born=years_before(16), work=work(1, OTHER)), "work.unrelated"),
    ("4.2", Evidence(certificates=certificate(5, 3, OTHER), work=work(9)), "certificate.unrelated"),
    ("4.2", Evidence(certificates=certificate(4, 3), work=work(9)), "certificate.absent"),
    ("4.2", Evidence(certificates=certificate(5, -1), work=work(9)), "certificate.later"),
    ("4.3", Evidence(education=graduate("technical_school", major="烹饪")), "diploma.unrelated"),
    (
        "4.3",
        Evidence(education=(Education("technical_school", "电气技术应用", enrolled=years_before(1)),)),
        "diploma.not_graduating",
    ),
    ("3.3", Evidence(titles=title("intermediate", 9), work=work(9)), "title.absent"),
    ("3.3", Evidence(titles=(Title("junior", "会计", years_before(9)),), work=work(9)), "title.unrelated"),
    ("3.3", Evidence(titles=title("junior", -1), work=work(9)), "title.later"),
    ("3.4", Evidence(education=graduate("technical_school")), "diploma.class"),
    ("3.4", Evidence(education=graduate("junior_college")), "diploma.absent"),
    ("3.5", Evidence(certificates=certificate(4), education=graduate("technical_school")), "diploma.absent"),
    ("3.6", Evidence(education=graduate("junior_college")), "diploma.not_approved"),
    (
        "2.4",
        Evidence(certificates=certificate(3), work=work(9), education=student("technician_college")),
        "diploma.not_graduated",
    ),
    (
        "2.5",
        Evidence(
            certificates=certificate(3, 2),
            education=student("technician_college", class_kind="senior_worker"),
        ),
        "student.class",
    ),
    (
        "2.5",
        Evidence(certificates=certificate(3, 2), education=student("technical_school")),
        "student.absent",
    ),
    (
        "2.5",
        Evidence(
            certificates=certificate(3, 2),
            education=graduate("technician_college", class_kind="technician"),
        ),
        "student.not_enrolled",
    ),
    (
        "1.2",
        Evidence(
            certificates=certificate(2, 1),
            titles=title("intermediate", 5, "qualification"),
            work=work(9),
        ),
        "title.absent",
    ),
]


@pytest.mark.requirement("REG-092")
@pytest.mark.parametrize(("id", "evidence", "kind"), NEAR, ids=[f"{row[0]}-{row[2]}" for row in NEAR])
def test_what_only_looks_like_it(id: str, evidence: Evidence, kind: str) -> None:
    attempt = tried(evidence, id)
    assert not attempt.met
    assert [finding.gap.kind for finding in attempt.findings if finding.gap] == [kind]


@pytest.mark.requirement("REG-092")
def test_years_in_all_and_years_after_a_certificate_are_apart() -> None:
    """4.2 counts from the certificate, 2.4 does not."""
    long_ago = Evidence(certificates=certificate(5, 1), work=work(4))
    attempt = tried(long_ago, "4.2")
    (finding,) = attempt.findings
    assert finding.gap
    assert finding.gap.missing == Amount(24, 0)
    assert attempt.from_day == date(2028, 6, 1)
    untied = Evidence(
        certificates=certificate(3), work=work(2), education=graduate("technician_college", major="任何")
    )
    assert tried(untied, "2.4").met


@pytest.mark.requirement("REG-092")
@pytest.mark.parametrize(
    ("id", "evidence"),
    [
        ("4.3", Evidence(education=student("technical_school"))),
        ("3.4", Evidence(education=student("technical_school", class_kind="technician"))),
        ("3.5", Evidence(certificates=certificate(4), education=student("junior_college"))),
        ("3.6", Evidence(education=student("undergraduate", approved=True))),
    ],
)
def test_a_graduating_student_counts_until_he_should_have_graduated(id: str, evidence: Evidence) -> None:
    assert not tried(evidence, id, ON - DAY).met
    assert tried(evidence, id).met
    assert tried(evidence, id, date(2026, 7, 15)).met
    late = tried(evidence, id, date(2026, 7, 16))
    assert not late.met
    assert late.from_day is None
    (course,) = evidence.education
    done = replace(evidence, education=(replace(course, graduated=date(2026, 7, 10)),))
    assert tried(done, id, date(2036, 7, 16)).met


@pytest.mark.requirement("REG-092")
def test_related_occupations_and_trades_count() -> None:
    for occupation in (RELATED, f"{OWN}-01", f"{RELATED}-02"):
        assert tried(Evidence(work=work(5, occupation)), "4.1").met, occupation


@pytest.mark.requirement("REG-092")
@pytest.mark.parametrize(
    ("id", "evidence", "kind"),
    [
        ("4.1", Evidence(work=work(9, RELATED)), "work.list_not_supplied"),
        ("4.2", Evidence(certificates=certificate(5, 9, RELATED)), "certificate.list_not_supplied"),
        ("4.3", Evidence(education=graduate("technical_school")), "diploma.list_not_supplied"),
        ("3.3", Evidence(titles=title("junior", 3)), "title.list_not_supplied"),
    ],
)
def test_a_list_that_was_not_supplied_is_not_guessed(id: str, evidence: Evidence, kind: str) -> None:
    (finding,) = tried(evidence, id, standard=Standard(OWN)).findings
    assert finding.gap
    assert finding.gap.kind == kind


def test_a_student_stays_one_until_he_graduates_or_should_have() -> None:
    whole = Evidence(
        certificates=certificate(3, 2), education=student("technician_college", class_kind="technician")
    )
    assert tried(whole, "2.5", date(2026, 7, 15)).met
    assert not tried(whole, "2.5", date(2026, 7, 16)).met
    (course,) = whole.education
    early = replace(whole, education=(replace(course, graduated=date(2026, 7, 1)),))
    assert tried(early, "2.5", date(2026, 6, 30)).met
    assert not tried(early, "2.5", date(2026, 7, 1)).met
    open_end = replace(course, expected_until=None)
    assert tried(replace(whole, education=(open_end,)), "2.5", date(2029, 1, 1)).met
    no_dates = replace(course, enrolled=None, graduating_from=None)
    assert not tried(replace(whole, education=(no_dates,)), "2.5").met
    from_graduating_year = replace(course, enrolled=None)
    assert tried(replace(whole, education=(from_graduating_year,)), "2.5").met


def test_periods_are_added_up_and_the_gap_between_them_is_not() -> None:
    periods = (
        WorkPeriod(OWN, date(2010, 1, 1), date(2012, 6, 30)),
        WorkPeriod(RELATED, date(2012, 1, 1), date(2012, 12, 31)),
        WorkPeriod(OWN, date(2024, 7, 1)),
    )
    decision = decided(Evidence(work=periods), 4)
    assert not decision.eligible
    assert decision.from_day == date(2026, 7, 1)
    (finding,) = decision.attempts[0].findings
    assert finding.gap
    assert finding.gap.missing == Amount(1, 0)
    assert finding.gap.zh == "累计从事本职业或相关职业工作须满5年，尚差1个月。"
    assert finding.gap.en == "5 years of work in the occupation or related ones are needed: 1 month to go."


def test_work_that_has_ended_does_not_grow() -> None:
    ended = Evidence(work=(WorkPeriod(OWN, date(2020, 1, 1), date(2024, 11, 15)),))
    decision = decided(ended, 4)
    assert not decision.eligible
    assert decision.from_day is None
    assert decision.waiting.en.startswith("Waiting alone does not help")
    (finding,) = decision.attempts[0].findings
    assert finding.gap
    assert finding.gap.missing == Amount(1, 15)
    assert "尚差1个月15天" in finding.gap.zh


def test_the_answer_names_the_evidence_by_its_place() -> None:
    evidence = Evidence(
        certificates=(*certificate(5, 2), *certificate(5, 4), *certificate(4, 1)),
        work=(WorkPeriod(OWN, date(2000, 1, 1), date(2000, 6, 1)), *work(4), *work(3, OTHER)),
    )
    decision = decided(evidence, 4)
    (attempt,) = decision.met
    (finding,) = attempt.findings
    assert finding.pieces == (Piece("certificates", 1), Piece("work", 1))
    assert finding.from_day == date(2025, 6, 1) == decision.from_day
    assert decision.explanations == ()
    assert decision.waiting.zh == "已符合申报条件。"


def test_a_refusal_names_every_condition_and_no_value_of_the_candidate() -> None:
    decision = decided(Evidence(born=date(1999, 9, 9), work=work(1)), 2)
    assert [each.clause for each in decision.explanations] == [f"000 A1 附 四{n}" for n in range(1, 6)]
    assert all("1999" not in each.zh + each.en for each in decision.explanations)
    assert decision.explanations[1].zh == (
        "不符合条件2.2：没有初级职称；没有三级/高级工职业资格（职业技能等级）证书。"
    )
    assert decision.explanations[1].en == (
        "Condition 2.2 is not met: there is no junior title; there is no certificate of level 3."
    )


def test_too_young_says_how_long() -> None:
    young = Evidence(born=date(2010, 7, 2), intends=True)
    decision = decided(young, 5)
    assert decision.from_day == date(2026, 7, 2)
    assert decision.waiting.en == "No condition is met yet; one will be with time alone."
    assert "尚差1个月1天" in decision.explanations[0].zh
    assert "not yet 16 years old: 1 month 1 day to go" in decision.explanations[0].en


def test_a_level_without_conditions_cannot_be_applied_for() -> None:
    none = replace(jilin(), levels={})
    decision = decide(none, Evidence(work=work(30)), 4, STANDARD, ON)
    (said,) = decision.explanations
    assert not decision.eligible
    assert decision.from_day is None
    assert said.zh == "申请参加职业技能等级认定的条件没有四级/中级工的申报条件。"
    assert (said.clause, decision.waiting.clause) == ("000 A1 附", "000 A1 附")


def only(*needs: Need) -> Conditions:
    row = Condition(4, 1, "条件", "condition", "REG-093", "own 1", needs)
    return Conditions("自主条件", "own", "enterprise_conditions", ("own",), {4: (row,)})


OWN_NEEDS: list[tuple[Need, Evidence, Evidence, str]] = [
    (
        Apprenticed(),
        Evidence(apprenticeships=(Apprenticeship(OWN, ON),)),
        Evidence(apprenticeships=(Apprenticeship(OTHER, ON),)),
        "apprenticeship.unrelated",
    ),
    (
        Apprenticed(),
        Evidence(apprenticeships=(Apprenticeship(RELATED, ON),)),
        Evidence(apprenticeships=(Apprenticeship(OWN, ON + DAY),)),
        "apprenticeship.later",
    ),
    (Apprenticed(), Evidence(apprenticeships=(Apprenticeship(OWN, ON),)), NOTHING, "apprenticeship.absent"),
    (
        Holds(4, or_higher=True),
        Evidence(certificates=certificate(2)),
        Evidence(certificates=certificate(5, 9)),
        "certificate.absent",
    ),
    (
        Holds(4, held_months=24),
        Evidence(certificates=certificate(4, 2)),
        Evidence(certificates=certificate(4, 1)),
        "certificate.held",
    ),
    (
        Titled("intermediate", or_higher=True),
        Evidence(titles=title("senior", 0)),
        Evidence(titles=title("junior", 9)),
        "title.absent",
    ),
    (
        Studies(frozenset({"technical_school"})),
        Evidence(education=student("technical_school")),
        Evidence(education=(replace(student("technical_school")[0], major="烹饪"),)),
        "student.unrelated",
    ),
    (Age(18), Evidence(born=years_before(18)), Evidence(born=years_before(17)), "age.short"),
    (Intent(), Evidence(intends=True), NOTHING, "intent.absent"),
    (Work(6), Evidence(work=work(1)), NOTHING, "work.absent"),
    (
        Graduated(frozenset({"postgraduate"}), any_major=True),
        Evidence(education=graduate("postgraduate", major="任何")),
        NOTHING,
        "diploma.absent",
    ),
]


@pytest.mark.parametrize(
    ("need", "meets", "lacks", "kind"),
    OWN_NEEDS,
    ids=[row[3] for row in OWN_NEEDS],
)
def test_needs_that_the_annex_does_not_have(need: Need, meets: Evidence, lacks: Evidence, kind: str) -> None:
    (yes,) = decide(only(need), meets, 4, STANDARD, ON).attempts
    assert yes.met
    assert yes.findings[0].pieces
    (no,) = decide(only(need), lacks, 4, STANDARD, ON).attempts
    assert not no.met
    assert no.findings[0].gap
    assert no.findings[0].gap.kind == kind


def test_needs_that_are_never_met_together() -> None:
    """Each is met at some time, the one when the other has ended."""
    leaves = Evidence(
        education=student("technical_school", enrolled=years_before(6), expected_until=years_before(4)),
        born=years_before(16),
    )
    both = only(Studies(frozenset({"technical_school"}), any_major=True), Age(16), Intent())
    decision = decide(both, replace(leaves, intends=True), 4, STANDARD, ON)
    assert not decision.eligible
    assert decision.from_day is None


def test_an_end_that_the_calendar_does_not_reach_is_none() -> None:
    old = Evidence(born=date(9990, 1, 1))
    assert decide(only(Age(60)), old, 4, STANDARD, ON).from_day is None


def test_two_needs_that_meet_between_two_days_are_met_on_none() -> None:
    """Held for a year since 29 February, and a student until 28 February of a year without the 29th."""
    both = only(Studies(frozenset({"technical_school"})), Holds(4, held_months=12))
    student_until = student("technical_school", enrolled=date(2019, 9, 1), expected_until=date(2021, 2, 28))
    evidence = Evidence(education=student_until, certificates=(Certificate(OWN, 4, date(2020, 2, 29)),))
    for on in (date(2020, 6, 1), date(2021, 2, 28), date(2021, 3, 1)):
        decision = decide(both, evidence, 4, STANDARD, on)
        assert not decision.eligible
        assert decision.from_day is None


def test_the_time_of_one_condition_may_go_on_under_another() -> None:
    rows = [
        Condition(4, number, "条件", "row", "REG-093", f"own {number}", (need,))
        for number, need in enumerate((Studies(frozenset({"technical_school"})), Work(0)), 1)
    ]
    either = replace(only(Work(0)), levels={4: tuple(rows)})
    evidence = Evidence(
        education=student("technical_school", enrolled=date(2023, 9, 1), expected_until=date(2026, 7, 15)),
        work=(WorkPeriod(OWN, date(2026, 7, 16)),),
    )
    decision = decide(either, evidence, 4, STANDARD, date(2026, 8, 1))
    assert decision.from_day == date(2023, 9, 1)
    assert [attempt.from_day for attempt in decision.met] == [date(2026, 7, 16)]
    pause = replace(evidence, work=(WorkPeriod(OWN, date(2026, 7, 17)),))
    assert decide(either, pause, 4, STANDARD, date(2026, 8, 1)).from_day == date(2026, 7, 17)
