"""Codes and numbers: the right form passes, every slip is caught."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules import codes

TODAY = date(2026, 11, 20)
PROVINCES = sorted(codes.provinces())
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(area: str, born: date, order: int) -> str:
    """An identity number as GB 11643 4.4 computes it, independent of the code under test."""
    body = f"{area}{born:%Y%m%d}{order:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]


areas = st.builds("{}{:04d}".format, st.sampled_from(PROVINCES), st.integers(0, 9999))
births = st.dates(date(1900, 1, 1), TODAY)
numbers = st.builds(identity_number, areas, births, st.integers(0, 999))


@given(numbers)
def test_a_right_identity_number_passes(number: str) -> None:
    assert codes.check_resident_id(number, TODAY) is None


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_caught(number: str, place: int, character: str) -> None:
    wrong = number[:place] + character + number[place + 1 :]
    if wrong != number:
        assert codes.check_resident_id(wrong, TODAY)


@given(numbers, st.integers(0, 16))
def test_two_characters_changed_over_are_always_caught(number: str, place: int) -> None:
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if wrong != number:
        assert codes.check_resident_id(wrong, TODAY)


@pytest.mark.parametrize("area", ["330113", "330114", "110105"])
def test_an_area_that_is_in_no_table_of_counties_turns_nobody_away(area: str) -> None:
    assert codes.check_resident_id(identity_number(area, date(1990, 3, 7), 1), TODAY) is None


def test_nobody_is_born_tomorrow_or_before_1900() -> None:
    tomorrow = identity_number("220102", TODAY + timedelta(days=1), 1)
    assert codes.check_resident_id(tomorrow, TODAY)
    assert codes.check_resident_id(tomorrow, TODAY + timedelta(days=1)) is None
    assert codes.check_resident_id(identity_number("220102", date(1899, 12, 31), 1), TODAY)


def test_a_date_that_is_none_is_caught() -> None:
    body = "22010219900230001"
    check = "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]
    assert codes.check_resident_id(body + check, TODAY)


def test_the_old_form_is_recognised() -> None:
    fault = codes.check_resident_id("220102900307001", TODAY)
    assert fault is not None
    assert "15" in fault.en
    assert fault != codes.check_resident_id("22010290030700", TODAY)


@pytest.mark.parametrize(
    "spelling", ["11010519491231002x", " 11010519491231002X", "１１010519491231002X", ""]
)
def test_only_the_normal_form_is_taken(spelling: str) -> None:
    assert codes.check_resident_id(spelling, TODAY)


@pytest.mark.parametrize(
    "spelling", ["110105 19491231 002x", "１１０１０５-19491231-002Ｘ", "11010519491231002X\n"]
)
def test_the_normal_form_of_other_spellings(spelling: str) -> None:
    assert codes.normal_form(spelling) == "11010519491231002X"
    assert codes.check_resident_id(codes.normal_form(spelling), TODAY) is None


def test_an_unknown_province_is_caught() -> None:
    assert codes.check_resident_id(identity_number("990102", date(1990, 3, 7), 1), TODAY)


@pytest.mark.parametrize("area", ["810000", "820000", "830000", "922156"])
def test_residence_permits(area: str) -> None:
    number = identity_number(area, date(1990, 3, 7), 1)
    assert codes.check_residence_permit(number, TODAY) is None
    assert codes.check_residence_permit(number[:-1] + ("0" if number[-1] != "0" else "1"), TODAY)


def test_the_card_of_foreigners_of_before_2023() -> None:
    assert codes.check_residence_permit("USA220102900307", TODAY) is None


@pytest.mark.parametrize("area", ["220102", "990000", "810001"])
def test_no_other_area_is_a_residence_permit(area: str) -> None:
    assert codes.check_residence_permit(identity_number(area, date(1990, 3, 7), 1), TODAY)


def test_a_residence_permit_is_no_resident_id() -> None:
    assert codes.check_resident_id(identity_number("830000", date(1990, 3, 7), 1), TODAY)


def test_a_fault_tells_nothing_of_the_number() -> None:
    number = identity_number("220102", date(1990, 3, 7), 1)
    fault = codes.check_resident_id(number[:-1] + "?", TODAY)
    assert fault is not None
    assert number[:6] not in f"{fault}"
    assert (fault.rule, fault.clause) == ("GB 11643", "GB 11643-1999 4")


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43"])
def test_right_credit_codes(code: str) -> None:
    assert codes.check_credit_code(code) is None


@pytest.mark.parametrize(
    "code",
    [
        "",
        "91110000600037341M",
        "91110000600037341l",
        "9111 0000600037341L",
        "000000000000000000",
        "9111000060003734IL",
        "91110000600037341",
    ],
)
def test_wrong_credit_codes(code: str) -> None:
    assert codes.check_credit_code(code)


@pytest.mark.parametrize("code", ["220102", "110000", "650100"])
def test_right_divisions(code: str) -> None:
    assert codes.check_division(code) is None


@pytest.mark.parametrize("code", ["", "22", "000000", "990000", "2201020", "22010a", "２２0102"])
def test_wrong_divisions(code: str) -> None:
    assert codes.check_division(code)


@pytest.mark.parametrize("code", ["6-31-01-03", "6-18-01-01-02"])
def test_right_occupations(code: str) -> None:
    assert codes.check_occupation_code(code) is None


@pytest.mark.parametrize(
    "code", ["", "6-31-01", "6-31-01-3", "9-31-01-03", "6-18-01-01-02-01", "6-18-01-01-", "6310103"]
)
def test_wrong_occupations(code: str) -> None:
    assert codes.check_occupation_code(code)


letters = st.sampled_from("YS")
bodies = st.integers(0, 9999).map("{:04d}".format)


@given(letters, bodies, st.sampled_from(PROVINCES), st.integers(1, 999_999))
def test_an_institution_code_gives_its_parts_again(
    letter: str, body: str, province: str, serial: int
) -> None:
    code = codes.institution_code(letter, province, serial, body=body)
    assert len(code) == 13
    assert codes.parse_institution_code(code) == codes.InstitutionCode(letter, body, province, serial)


def test_an_institution_code_as_the_manual_has_it() -> None:
    assert codes.institution_code("Y", "22", 1) == "Y000022000001"
    assert codes.parse_institution_code("S000065010901").province == "65"


def test_the_body_says_who_filed_it() -> None:
    assert not codes.parse_institution_code("Y000022000001").filed_at_ministry
    assert codes.parse_institution_code("Y000122000001").filed_at_ministry


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
    assert codes.check_institution_code(code)
    with pytest.raises(ValueError, match="not an institution code"):
        codes.parse_institution_code(code)


@pytest.mark.parametrize(
    "parts", [("Q", "22", 1), ("Y", "99", 1), ("Y", "22", 0), ("Y", "22", 1_000_000), ("Y", "22", -1)]
)
def test_no_institution_code_is_made_of_wrong_parts(parts: tuple[str, str, int]) -> None:
    with pytest.raises(ValueError, match="no institution code"):
        codes.institution_code(*parts)
