"""Institution codes, receipt numbers and the clock of a filing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain import numbers
from jiangheng.registration.domain.deadline import filing_due, warned_until
from jiangheng.registration.domain.dossier import Dossier, InstitutionKind
from jiangheng.rules.numbers import parse_institution_code

NEW_YEAR_IN_SHANGHAI = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)


@pytest.mark.requirement("REG-012")
@pytest.mark.parametrize(
    ("kind", "letter"),
    [
        (InstitutionKind.EMPLOYER, "Y"),
        (InstitutionKind.VOCATIONAL_SCHOOL, "S"),
        (InstitutionKind.SOCIAL_ORGANISATION, "S"),
    ],
)
def test_the_letter_says_the_kind(dossier: Dossier, kind: InstitutionKind, letter: str) -> None:
    assert numbers.letter(replace(dossier, kind=kind)) == letter


@given(st.sampled_from("YS"), st.sampled_from(["11", "22", "65"]), st.integers(1, numbers.MAX_SERIAL))
def test_a_code_can_be_taken_apart_again(letter: str, province: str, serial: int) -> None:
    code = numbers.institution_code(letter, province, serial)
    parts = parse_institution_code(code)
    assert len(code) == 13
    assert (parts.letter, parts.body, parts.province, parts.serial) == (letter, "0000", province, serial)


def test_the_millionth_institution_of_a_province_is_refused_not_misnumbered() -> None:
    assert numbers.institution_code("Y", "22", 999_999) == "Y000022999999"
    with pytest.raises(Problem) as refused:
        numbers.institution_code("Y", "22", 1_000_000)
    assert refused.value.kind is Kind.EXHAUSTED


def test_a_receipt_carries_the_year_of_law() -> None:
    assert numbers.receipt_number("S", "22", 7, NEW_YEAR_IN_SHANGHAI) == "22-2027-S000007"


@pytest.mark.requirement("REG-011")
@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        # A Friday evening: Monday is the first day.
        (datetime(2026, 3, 6, 10, tzinfo=UTC), date(2026, 3, 13)),
        # 16:30 UTC is the next day in Shanghai.
        (datetime(2026, 3, 6, 16, 30, tzinfo=UTC), date(2026, 3, 13)),
        (datetime(2026, 3, 8, 16, 30, tzinfo=UTC), date(2026, 3, 16)),
        # Over the National Day holiday of 2026 (1 to 7 October; 10 October is made up).
        (datetime(2026, 9, 29, 2, tzinfo=UTC), date(2026, 10, 12)),
    ],
)
def test_five_working_days_from_the_day_after_acceptance(accepted: datetime, due: date) -> None:
    assert filing_due(accepted) == due


@pytest.mark.requirement("REG-011")
def test_a_year_whose_holidays_are_unknown_gives_an_error_not_a_guess() -> None:
    with pytest.raises(Problem) as refused:
        filing_due(datetime(2026, 12, 29, 2, tzinfo=UTC))
    problem = refused.value
    assert (problem.kind, problem.code, problem.details["year"]) == (
        Kind.WRONG_STATE,
        "calendar-uncovered",
        "2027",
    )
    assert filing_due(datetime(2026, 12, 24, 2, tzinfo=UTC)) == date(2026, 12, 31)


def test_urgent_is_what_falls_due_by_the_next_working_day() -> None:
    assert warned_until(date(2026, 3, 6)) == date(2026, 3, 9)
    assert warned_until(date(2026, 12, 31)) == date(2026, 12, 31)
