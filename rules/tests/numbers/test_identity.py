"""Identity numbers: the right form passes, every slip is caught."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules import numbers
from jiangheng.rules.explanation import Explanation

TODAY = date(2026, 11, 20)
PROVINCES = sorted(numbers.provinces())
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(area: str, born: date, order: int) -> str:
    """An identity number as GB 11643 4.4 computes it, independent of the code under test."""
    body = f"{area}{born:%Y%m%d}{order:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]


areas = st.builds("{}{:04d}".format, st.sampled_from(PROVINCES), st.integers(100, 9999))
births = st.dates(date(1900, 1, 1), TODAY)
identity_numbers = st.builds(identity_number, areas, births, st.integers(0, 999))


@settings(deadline=None)
@given(identity_numbers)
def test_a_right_identity_number_passes(number: str) -> None:
    assert numbers.check_resident_id(number, TODAY) is None


@settings(deadline=None)
@given(identity_numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_caught(number: str, place: int, character: str) -> None:
    wrong = number[:place] + character + number[place + 1 :]
    if wrong != number:
        assert numbers.check_resident_id(wrong, TODAY)


@settings(deadline=None)
@given(identity_numbers, st.integers(0, 16))
def test_two_characters_changed_over_are_always_caught(number: str, place: int) -> None:
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if wrong != number:
        assert numbers.check_resident_id(wrong, TODAY)


@pytest.mark.parametrize("area", ["330113", "330114", "110105"])
def test_an_area_that_is_in_no_table_of_counties_turns_nobody_away(area: str) -> None:
    assert numbers.check_resident_id(identity_number(area, date(1990, 3, 7), 1), TODAY) is None


def test_nobody_is_born_tomorrow_or_before_1900() -> None:
    tomorrow = identity_number("220102", TODAY + timedelta(days=1), 1)
    assert numbers.check_resident_id(tomorrow, TODAY)
    assert numbers.check_resident_id(tomorrow, TODAY + timedelta(days=1)) is None
    assert numbers.check_resident_id(identity_number("220102", date(1899, 12, 31), 1), TODAY)


def test_a_date_that_is_none_is_caught() -> None:
    body = "22010219900230001"
    check = "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]
    assert numbers.check_resident_id(body + check, TODAY)


def test_the_old_form_is_recognised() -> None:
    fault = numbers.check_resident_id("220102900307001", TODAY)
    assert fault is not None
    assert "15" in fault.en
    assert fault != numbers.check_resident_id("22010290030700", TODAY)


@pytest.mark.parametrize(
    "spelling", ["11010519491231002x", " 11010519491231002X", "１１010519491231002X", ""]
)
def test_only_the_normal_form_is_taken(spelling: str) -> None:
    assert numbers.check_resident_id(spelling, TODAY)


@pytest.mark.parametrize(
    "spelling", ["110105 19491231 002x", "１１０１０５-19491231-002Ｘ", "11010519491231002X\n"]
)
def test_the_normal_form_of_other_spellings(spelling: str) -> None:
    assert numbers.normal_form(spelling) == "11010519491231002X"
    assert numbers.check_resident_id(numbers.normal_form(spelling), TODAY) is None


def test_an_unknown_province_is_caught() -> None:
    assert numbers.check_resident_id(identity_number("990102", date(1990, 3, 7), 1), TODAY)


@pytest.mark.parametrize("area", ["810000", "820000", "830000", "922156"])
def test_residence_permits(area: str) -> None:
    number = identity_number(area, date(1990, 3, 7), 1)
    assert numbers.check_residence_permit(number, TODAY) is None
    assert numbers.check_residence_permit(number[:-1] + ("0" if number[-1] != "0" else "1"), TODAY)


def test_the_card_of_foreigners_of_before_2023() -> None:
    assert numbers.check_residence_permit("USA220102900307", TODAY) is None


@pytest.mark.parametrize("area", ["220102", "990000", "810001"])
def test_no_other_area_is_a_residence_permit(area: str) -> None:
    assert numbers.check_residence_permit(identity_number(area, date(1990, 3, 7), 1), TODAY)


def test_a_residence_permit_is_no_resident_id() -> None:
    assert numbers.check_resident_id(identity_number("830000", date(1990, 3, 7), 1), TODAY)


def test_a_fault_tells_nothing_of_the_number() -> None:
    number = identity_number("220102", date(1990, 3, 7), 1)
    fault = numbers.check_resident_id(number[:-1] + "?", TODAY)
    assert fault is not None
    assert number[:6] not in f"{fault}"
    assert (fault.rule, fault.clause) == ("GB 11643", "GB 11643-1999 4")


def test_each_wrong_part_is_named() -> None:
    wrong = numbers.explain_resident_id("99010219901307001X", TODAY)
    assert [fault.zh.split("（")[0] for fault in wrong] == ["第1—6位", "第7—14位", "第18位"]
    assert [fault.en.split(" (")[0] for fault in wrong] == [
        "Characters 1-6",
        "Characters 7-14",
        "Character 18",
    ]


def test_a_wrong_length_is_one_reason() -> None:
    (fault,) = numbers.explain_resident_id("2201021990030700", TODAY)
    assert "18" in fault.en


def test_the_old_form_is_explained_too() -> None:
    (fault,) = numbers.explain_resident_id("220102900307001", TODAY)
    assert fault.clause == "居民身份证法 23"


@settings(deadline=None)
@given(identity_numbers, st.integers(0, 17), st.integers(0, 17))
def test_any_two_characters_changed_over_are_caught_unless_ten_places_apart(
    number: str, a: int, b: int
) -> None:
    characters = list(number)
    characters[a], characters[b] = characters[b], characters[a]
    wrong = "".join(characters)
    if wrong != number and abs(a - b) != 10:
        assert numbers.check_resident_id(wrong, TODAY)


def test_ten_places_apart_two_characters_can_be_changed_over_unseen() -> None:
    number = identity_number("220102", date(1990, 1, 7), 1)  # characters 2 and 12: 2 and 1
    swapped = number[0] + number[11] + number[2:11] + number[1] + number[12:]
    assert swapped != number
    assert numbers.check_resident_id(swapped, TODAY) is None


orders = st.integers(0, 995)
old_births = st.dates(date(1900, 1, 1), date(1999, 12, 31))


@settings(deadline=None)
@given(areas, old_births, orders)
def test_an_old_number_becomes_the_one_of_18(area: str, born: date, order: int) -> None:
    old = f"{area}{born:%y%m%d}{order:03d}"
    assert numbers.converted_resident_id(old, TODAY) == identity_number(area, born, order)


@pytest.mark.parametrize(
    ("old", "says"),
    [
        ("22010290030799", "15"),  # a digit is missing
        ("220102901307001", "15"),  # no thirteenth month
        ("220102900307998", "996"),  # born in the century before
        ("990102900307001", "15"),  # no such province
    ],
)
def test_what_cannot_be_converted_says_why(old: str, says: str) -> None:
    answer = numbers.converted_resident_id(old, TODAY)
    assert isinstance(answer, Explanation)
    assert says in answer.en


@pytest.mark.parametrize("area", ["810000", "820000"])
def test_the_area_of_a_permit_is_no_area_of_a_resident(area: str) -> None:
    (fault,) = numbers.explain_resident_id(identity_number(area, date(1990, 3, 7), 1), TODAY)
    assert "1-6" in fault.en


def test_the_two_kinds_of_permit_are_told_apart() -> None:
    of_taiwan = identity_number("830000", date(1990, 3, 7), 1)
    of_a_foreigner = identity_number("922156", date(1990, 3, 7), 1)
    assert numbers.check_hmt_residence_permit(of_taiwan, TODAY) is None
    assert numbers.check_hmt_residence_permit(of_a_foreigner, TODAY)
    assert numbers.check_foreigner_card(of_a_foreigner, TODAY) is None
    assert numbers.check_foreigner_card(of_taiwan, TODAY)


def test_a_number_tells_date_of_birth_and_sex() -> None:
    holder = numbers.holder_of("11010119900307003X")
    assert holder == numbers.Holder(date(1990, 3, 7), male=True)
    woman = numbers.holder_of("110101199003070021")
    assert woman is not None
    assert not woman.male


@pytest.mark.parametrize(
    "number", ["", "E12345678", "110101900307003", "11010119901307003X", "1101011990030700３X"]
)
def test_a_number_of_another_form_tells_nothing(number: str) -> None:
    assert numbers.holder_of(number) is None
