"""For any conditions and evidence: nothing lowers eligibility but what the text says, days are exact."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.eligibility.compare import compare, follows, unexplained
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
from jiangheng.rules.eligibility.decide import decide
from jiangheng.rules.eligibility.evidence import (
    Apprenticeship,
    Certificate,
    Education,
    Evidence,
    Title,
    WorkPeriod,
)
from jiangheng.rules.eligibility.reading import conditions_from
from jiangheng.rules.eligibility.source import pack_conditions
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import pack_named

OWN, RELATED, OTHER = "6-31-01-03", "6-31-01-08", "4-02-01-01"
STANDARD = Standard(
    OWN,
    related_occupations=frozenset({RELATED}),
    majors=frozenset({"电气技术应用"}),
    specialties=frozenset({"电气工程"}),
)
DAY = timedelta(days=1)


def written(need: Need) -> dict[str, Any]:  # noqa: C901 - one case for each need
    """A need as the language writes it."""
    match need:
        case Age(years):
            return {"age_years": years}
        case Intent():
            return {"intends": True}
        case Work(0):
            return {"works": True}
        case Work(months):
            return {"work_years": months // 12, "work_months": months % 12}
        case Holds(level, higher, held, after):
            return {
                "certificate": level,
                "or_higher": higher,
                "held_months": held,
                "work_months_after": after,
            }
        case Titled(grade, higher, qualification, after):
            return {
                "title": grade,
                "or_higher": higher,
                "or_qualification": qualification,
                "work_months_after": after,
            }
        case Graduated(schools, classes, major, graduating, approved):
            course = {
                "diploma": sorted(schools),
                "any_major": major,
                "graduating": graduating,
                "approved": approved,
            }
            return course | ({"classes": sorted(classes)} if classes else {})
        case Studies(schools, classes, major):
            return {"student": sorted(schools), "any_major": major} | (
                {"classes": sorted(classes)} if classes else {}
            )
        case _:
            return {"apprenticeship": True}


MONTHS = st.one_of(st.just(0), st.integers(0, 120))
SETS = st.frozensets(
    st.sampled_from(["technical_school", "technician_college", "junior_college"]), min_size=1
)
CLASSES = st.frozensets(st.sampled_from(["senior_worker", "technician"]))
ANY_NEED = st.one_of(
    st.builds(Age, st.integers(0, 60)),
    st.builds(Intent),
    st.builds(Work, MONTHS),
    st.builds(Holds, st.integers(1, 5), st.booleans(), MONTHS, MONTHS),
    st.builds(
        Titled, st.sampled_from(["junior", "intermediate", "senior"]), st.booleans(), st.booleans(), MONTHS
    ),
    st.builds(Graduated, SETS, CLASSES, st.booleans(), st.booleans(), st.booleans()),
    st.builds(Studies, SETS, CLASSES, st.booleans()),
    st.builds(Apprenticed),
)


@given(ANY_NEED)
def test_whatever_can_be_meant_can_be_written_and_read_again(need: Need) -> None:
    head = {"zh": "自", "en": "own", "source": "enterprise_conditions", "cite": ["own"]}
    row = {"level": 4, "number": 1, "zh": "条", "en": "row", "clause": "own", "needs": [written(need)]}
    raw = {"conditions": head, "condition": [row]}
    found = conditions_from(raw)
    assert found
    assert found.levels[4][0].needs == (need,)


DAYS = st.dates(date(2005, 1, 1), date(2030, 12, 31))
PERHAPS = st.one_of(st.none(), DAYS)
OCCUPATIONS = st.sampled_from([OWN, RELATED, OTHER])
SCHOOLS = st.sampled_from(["technical_school", "technician_college", "junior_college", "undergraduate"])
PERIODS = st.tuples(OCCUPATIONS, DAYS, PERHAPS).map(
    lambda row: WorkPeriod(row[0], row[1] if row[2] is None else min(row[1:]), row[2] and max(row[1:]))  # type: ignore[type-var]
)
COURSES = st.builds(
    Education,
    SCHOOLS,
    st.sampled_from(["电气技术应用", "烹饪"]),
    st.sampled_from(["", "senior_worker", "technician"]),
    PERHAPS,
    PERHAPS,
    PERHAPS,
    PERHAPS,
    st.booleans(),
)
EVIDENCE = st.builds(
    Evidence,
    born=st.one_of(st.none(), st.dates(date(1960, 1, 1), date(2015, 1, 1))),
    intends=st.booleans(),
    certificates=st.lists(st.builds(Certificate, OCCUPATIONS, st.integers(1, 5), DAYS), max_size=3).map(
        tuple
    ),
    work=st.lists(PERIODS, max_size=3).map(tuple),
    education=st.lists(COURSES, max_size=2).map(tuple),
    titles=st.lists(
        st.builds(
            Title,
            st.sampled_from(["junior", "intermediate", "senior"]),
            st.sampled_from(["电气工程", "会计"]),
            DAYS,
            st.sampled_from(["title", "qualification"]),
        ),
        max_size=2,
    ).map(tuple),
    apprenticeships=st.lists(st.builds(Apprenticeship, OCCUPATIONS, DAYS), max_size=1).map(tuple),
)
ROWS = st.lists(st.lists(ANY_NEED, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3)
CONDITIONS = ROWS.map(lambda rows: made(*rows))
LISTS = ("certificates", "work", "education", "titles", "apprenticeships")
HORIZON = 400


def made(*rows: tuple[Need, ...]) -> Conditions:
    each = tuple(
        Condition(4, n, "条件", "row", "REG-093", f"own {n}", needs) for n, needs in enumerate(rows, 1)
    )
    return Conditions("自主条件", "own", "enterprise_conditions", ("own",), {4: each})


def jilin() -> Conditions:
    found = pack_conditions(pack_named("jilin"))
    assert found
    return found


def may(conditions: Conditions, evidence: Evidence, on: date, level: int = 4) -> bool:
    return decide(conditions, evidence, level, STANDARD, on).eligible


@given(CONDITIONS, EVIDENCE, EVIDENCE, DAYS)
def test_more_evidence_never_lowers_eligibility(
    conditions: Conditions, evidence: Evidence, further: Evidence, on: date
) -> None:
    added = {name: getattr(evidence, name) + getattr(further, name) for name in LISTS}
    more = replace(
        evidence, born=evidence.born or further.born, intends=evidence.intends or further.intends, **added
    )
    assert may(conditions, more, on) >= may(conditions, evidence, on)


@given(EVIDENCE, DAYS, st.integers(1, 5))
def test_more_evidence_never_lowers_eligibility_under_the_annex(
    evidence: Evidence, on: date, level: int
) -> None:
    for name in LISTS:
        less = replace(evidence, **{name: getattr(evidence, name)[1:]})
        assert may(jilin(), evidence, on, level) >= may(jilin(), less, on, level)


@given(CONDITIONS, EVIDENCE, DAYS, st.integers(0, 9000))
def test_time_never_lowers_eligibility_but_of_students(
    conditions: Conditions, evidence: Evidence, on: date, days: int
) -> None:
    done = tuple(course for course in evidence.education if course.graduated)
    graduates = tuple(replace(course, enrolled=None, graduating_from=None) for course in done)
    settled = replace(evidence, education=graduates)
    assert may(conditions, settled, on + days * DAY) >= may(conditions, settled, on)


@given(CONDITIONS, EVIDENCE, DAYS)
def test_the_day_named_is_the_first(conditions: Conditions, evidence: Evidence, on: date) -> None:
    decision = decide(conditions, evidence, 4, STANDARD, on)
    day = decision.from_day
    if day is None:
        assert not decision.eligible
        assert not any(may(conditions, evidence, on + n * DAY) for n in range(0, 9000, 97))
        return
    assert may(conditions, evidence, day)
    assert day == date.min or not may(conditions, evidence, day - DAY)
    assert decision.eligible == (day <= on)
    between = range(0, min(HORIZON, (day - on).days), 7)
    assert not any(may(conditions, evidence, on + n * DAY) for n in between)


@given(CONDITIONS, EVIDENCE, DAYS)
def test_every_answer_explains_itself(conditions: Conditions, evidence: Evidence, on: date) -> None:
    decision = decide(conditions, evidence, 4, STANDARD, on)
    assert decision.eligible == bool(decision.met) == (not decision.explanations)
    for attempt in decision.attempts:
        whole = all(finding.met for finding in attempt.findings)
        assert attempt.met == whole == (not attempt.explanations)
        for finding in attempt.findings:
            assert finding.met == bool(finding.pieces) == (finding.gap is None)
            assert finding.gap is None or (
                finding.gap.zh and finding.gap.en[0].isupper() | finding.gap.en[0].isdigit()
            )
            if finding.gap and finding.gap.missing:
                assert (finding.gap.missing.months, finding.gap.missing.days) > (0, 0)


@given(CONDITIONS, CONDITIONS, EVIDENCE, DAYS)
def test_conditions_that_are_not_below_let_nobody_in_who_is_not_let_in_by_the_standard(
    own: Conditions, standard: Conditions, evidence: Evidence, on: date
) -> None:
    if not compare(own, standard):
        assert may(standard, evidence, on) >= may(own, evidence, on)


@given(ANY_NEED, ANY_NEED, EVIDENCE, DAYS)
def test_a_need_that_follows_is_met_with_the_other(
    wanted: Need, other: Need, evidence: Evidence, on: date
) -> None:
    if follows(wanted, (other,)):
        assert may(made((wanted,)), evidence, on) >= may(made((other,)), evidence, on)


@given(CONDITIONS)
def test_conditions_are_not_below_themselves(conditions: Conditions) -> None:
    assert compare(conditions, conditions) == ()


def own_of(needs: str, level: int = 4) -> Conditions:
    found = conditions_from(
        tomllib.loads(
            f"""
            [conditions]
            zh = "自主条件"
            en = "own"
            source = "enterprise_conditions"
            cite = ["own"]
            [[condition]]
            level = {level}
            number = 1
            clause = "own"
            zh = "条件"
            en = "condition"
            needs = [{needs}]
            """
        )
    )
    assert found
    return found


# Own condition, its level, the nearest of the annex and how much of it is lacking; None if it is not below.
OWN_CONDITIONS: list[tuple[str, int, str | None]] = [
    ("{ work_years = 5 }", 4, None),
    ("{ work_years = 7 }", 4, None),
    ("{ work_years = 4 }", 4, "4.1"),
    ("{ certificate = 5, work_years_after = 4 }", 4, None),
    ("{ certificate = 5, work_years_after = 2 }", 4, "4.2"),
    ("{ certificate = 5 }, { work_years = 3 }", 4, "4.1"),
    ("{ apprenticeship = true }", 4, "4.1"),
    ("{ age_years = 18 }, { intends = true }", 5, None),
    ("{ age_years = 15 }, { works = true }", 5, "5.2"),
    ("{ age_years = 16 }, { certificate = 5 }", 5, "5.1"),
    ("{ age_years = 16 }, { certificate = 5, work_months_after = 1 }", 5, None),
    ('{ title = "junior", work_years_after = 1 }', 3, None),
    ('{ title = "junior", or_higher = true, work_years_after = 1 }', 3, "3.3"),
    ('{ title = "senior", or_qualification = true, work_years_after = 1 }', 1, None),
    ('{ diploma = ["technical_school"] }', 4, None),
    ('{ diploma = ["technical_school"], any_major = true }', 4, "4.3"),
    ('{ diploma = ["junior_college"], graduating = true }', 3, "3.4"),
    ('{ diploma = ["junior_college"], approved = true }', 3, None),
    (
        '{ certificate = 3, held_years = 2 }, { student = ["technician_college"], classes = ["technician"] }',
        2,
        None,
    ),
    (
        '{ certificate = 3, held_years = 1 }, { student = ["technician_college"], classes = ["technician"] }',
        2,
        "2.5",
    ),
    ('{ diploma = ["technical_school", "junior_college"], approved = true }', 3, "3.4"),
    (
        "{ certificate = 3 }, { work_years = 2 },"
        ' { diploma = ["technician_college"], any_major = true, graduating = true }',
        2,
        "2.4",
    ),
    ('{ diploma = ["technical_school", "junior_college"], graduating = true }', 4, None),
    ('{ certificate = 3, held_years = 2 }, { student = ["technician_college"] }', 2, "2.5"),
]


@pytest.mark.requirement("REG-093")
@pytest.mark.parametrize(
    ("needs", "level", "nearest"), OWN_CONDITIONS, ids=[row[0] for row in OWN_CONDITIONS]
)
def test_an_own_condition_beside_the_annex(needs: str, level: int, nearest: str | None) -> None:
    below = compare(own_of(needs, level), jilin())
    assert [each.nearest and each.nearest.id for each in below] == ([nearest] if nearest else [])
    assert all(each.lacking for each in below)


@pytest.mark.requirement("REG-093")
def test_below_the_standard_wants_a_reason() -> None:
    below = compare(own_of("{ certificate = 5, work_years_after = 2 }"), jilin())
    assert unexplained(below, {"4.1": "岗位急需"}) == ()
    for reasons in ({}, {"4.1": " "}, {"4.2": "岗位急需"}):
        assert unexplained(below, reasons) == (
            Explanation(
                zh="自主条件4.1低于标准：与最接近的标准条件4.2相比，未要求："
                "取得本职业或相关职业五级/初级工证书，此后累计从事本职业或相关职业工作满3年。",
                en="Own condition 4.1 is below the standard: beside the nearest, 4.2, it does not ask for:"
                " a certificate of level 5 in the occupation or a related one, and after it at least 3 years"
                " of work in the occupation or related ones.",
                rule="REG-093",
                clause="000 A1 附 二2",
            ),
        )


def test_a_level_that_the_standard_lacks_cannot_be_compared() -> None:
    (below,) = compare(own_of("{ work_years = 30 }", 1), made((Age(16),)))
    assert below.nearest is None
    assert below.explanation.zh == "自主条件1.1无从比较：标准没有该等级的申报条件。"
