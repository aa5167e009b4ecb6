"""The papers of a filing (002 6-8)."""

from __future__ import annotations

import pytest

from jiangheng.rules.filing import AttachedPaper, missing_papers, required_papers
from jiangheng.rules.pack import pack_named

OCCUPATIONS = ["6-31-01-03", "6-18-01-01-02"]
PLANS = [AttachedPaper("assessment_plan", code) for code in OCCUPATIONS]
FOR_ALL = [
    AttachedPaper(kind) for kind in ("application_form", "work_rules", "staff_rules", "certificate_rules")
]
WHOLE = [*FOR_ALL, *PLANS]


def test_the_five_parts_of_002_6() -> None:
    assert [paper.clause for paper in required_papers()] == [f"002 6({n})" for n in range(1, 6)]


def test_they_are_those_that_the_pack_asks_for() -> None:
    asked = pack_named("jilin-filing").choices("org.filing.required_documents")
    assert tuple(paper.kind for paper in required_papers()) == asked


@pytest.mark.requirement("REG-006")
def test_a_whole_dossier_misses_nothing() -> None:
    assert missing_papers(WHOLE, OCCUPATIONS) == ()
    assert missing_papers([*WHOLE, *WHOLE], OCCUPATIONS * 2) == ()


@pytest.mark.requirement("REG-006")
@pytest.mark.parametrize("paper", FOR_ALL, ids=lambda paper: paper.kind)
def test_each_part_that_is_not_there_is_named(paper: AttachedPaper) -> None:
    (missing,) = missing_papers([other for other in WHOLE if other != paper], OCCUPATIONS)
    (required,) = [part for part in required_papers() if part.kind == paper.kind]
    assert (missing.rule, missing.clause) == ("REG-006", required.clause)
    assert required.zh in missing.zh
    assert required.en in missing.en


@pytest.mark.requirement("REG-008")
@pytest.mark.parametrize("code", OCCUPATIONS)
def test_every_occupation_needs_its_own_plan(code: str) -> None:
    attached = [*FOR_ALL, *(plan for plan in PLANS if plan.occupation_code != code)]
    (missing,) = missing_papers(attached, OCCUPATIONS)
    assert (missing.rule, missing.clause) == ("REG-008", "002 6(2)")
    assert code in missing.zh
    assert code in missing.en


@pytest.mark.requirement("REG-008")
def test_a_plan_for_nothing_in_particular_serves_no_occupation() -> None:
    assert len(missing_papers([*FOR_ALL, AttachedPaper("assessment_plan")], OCCUPATIONS)) == 2


def test_an_empty_dossier_is_told_everything_at_once() -> None:
    clauses = [missing.clause for missing in missing_papers([], OCCUPATIONS)]
    assert clauses == ["002 6(1)", "002 6(2)", "002 6(2)", "002 6(3)", "002 6(4)", "002 6(5)"]
