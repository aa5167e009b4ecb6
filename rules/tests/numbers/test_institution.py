"""Institution codes in both structures (000 A4 8; 001 D3-code)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules import numbers

PROVINCES = sorted(numbers.provinces())

letters = st.sampled_from("YS")
bodies = st.integers(0, 9999).map("{:04d}".format)


@settings(deadline=None)
@given(letters, bodies, st.sampled_from(PROVINCES), st.integers(1, 999_999))
def test_an_institution_code_gives_its_parts_again(
    letter: str, body: str, province: str, serial: int
) -> None:
    code = numbers.institution_code(letter, province, serial, body=body)
    assert len(code) == 13
    assert numbers.parse_institution_code(code) == numbers.InstitutionCode(letter, body, province, serial)


def test_an_institution_code_as_the_manual_has_it() -> None:
    assert numbers.institution_code("Y", "22", 1) == "Y000022000001"
    assert numbers.parse_institution_code("S000065010901").province == "65"


@pytest.mark.requirement("CRT-003")
def test_the_body_says_who_filed_it() -> None:
    assert not numbers.parse_institution_code("Y000022000001").filed_at_ministry
    assert numbers.parse_institution_code("Y000122000001").filed_at_ministry


@pytest.mark.parametrize(
    "code",
    [
        "",
        "X000022000001",
        "y000022000001",
        "Y000099000001",
        "Y000022000000",
        "Y00002200001",
        "Y0000220000011",
        "S0000370000XX",  # the sample of 004 S-A1 leaves its last digits open
    ],
)
def test_wrong_institution_codes(code: str) -> None:
    assert numbers.check_institution_code(code)
    with pytest.raises(ValueError, match="not an institution code"):
        numbers.parse_institution_code(code)


@pytest.mark.parametrize(
    "parts", [("Q", "22", 1), ("Y", "99", 1), ("Y", "22", 0), ("Y", "22", 1_000_000), ("Y", "22", -1)]
)
def test_no_institution_code_is_made_of_wrong_parts(parts: tuple[str, str, int]) -> None:
    with pytest.raises(ValueError, match="no institution code"):
        numbers.institution_code(*parts)


@settings(deadline=None)
@given(letters, bodies, st.integers(0, 14), st.integers(0, 8), st.integers(1, 999))
def test_a_code_of_the_manual_gives_its_parts_again(
    letter: str, body: str, city: int, subject: int, serial: int
) -> None:
    code = numbers.institution_code_in_city(letter, "65", f"{city:02d}", subject, serial, body=body)
    assert len(code) == 13
    assert dict(numbers.parts_in_city(code)) == {
        "kind": letter,
        "body": body,
        "region": "65",
        "city": f"{city:02d}",
        "subject": str(subject),
        "serial_in_region": f"{serial:03d}",
    }
    assert numbers.check_institution_code(code) is None  # the manual's codes are of the general form too


def test_a_technical_school_is_subject_9_of_letter_s() -> None:
    assert numbers.institution_code_in_city("S", "65", "01", 9, 1) == "S000065019001"
    with pytest.raises(ValueError, match="technical school"):
        numbers.institution_code_in_city("Y", "65", "01", 9, 1)


@pytest.mark.parametrize(
    "parts",
    [("S", "22", "01", 0, 1), ("S", "65", "15", 0, 1), ("S", "65", "01", 0, 0), ("S", "65", "01", 0, 1000)],
)
def test_no_code_of_the_manual_is_made_of_wrong_parts(parts: tuple[str, str, str, int, int]) -> None:
    with pytest.raises(ValueError, match="no code of the structure"):
        numbers.institution_code_in_city(*parts)
    with pytest.raises(ValueError, match="not a code"):
        numbers.parts_in_city("S000065150001")


@pytest.mark.requirement("CRT-002")
def test_the_letters_stand_for_what_the_manual_says() -> None:
    assert dict(numbers.institution_kinds()) == {"Y": "用人单位", "S": "社会培训评价组织、技工院校"}
