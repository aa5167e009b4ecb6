"""The 22 characters of a certificate, position by position (000 A4 8; 001 D3-code)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules import numbers
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import NotRegulated, overlaid, pack_named

Structure = Literal["certificate", "certificate_in_city"]

CRT = pytest.mark.requirement
LEVELS = "1、2、3、4、5"
PROVINCES = sorted(numbers.provinces())
ISSUED = date(2026, 11, 20)
JILIN = "Y000022000001263000001"
XINJIANG = "S000065019001264000001"

institutions = st.builds(
    lambda letter, body, province, serial: numbers.institution_code(letter, province, serial, body=body),
    st.sampled_from("YS"),
    st.integers(0, 9999).map("{:04d}".format),
    st.sampled_from(PROVINCES),
    st.integers(1, 999_999),
)
in_cities = st.builds(
    lambda letter, city, subject, serial: numbers.institution_code_in_city(
        letter, "65", f"{city:02d}", subject, serial
    ),
    st.sampled_from("YS"),
    st.integers(0, 14),
    st.integers(0, 8),
    st.integers(1, 999),
)
days = st.dates(date(2020, 1, 1), date(2099, 12, 31))
levels = st.integers(1, 5)
serials = st.integers(1, numbers.LAST_SERIAL)


def round_trip(institution: str, day: date, level: int, serial: int, structure: Structure) -> None:
    code = numbers.certificate_code(institution, day, level, serial, structure)
    assert len(code) == 22
    parsed = numbers.parse_certificate_code(code, structure)
    assert str(parsed) == code
    assert (str(parsed.institution), parsed.year, parsed.level, parsed.serial) == (
        institution,
        day.year % 100,
        level,
        serial,
    )
    assert parsed.scope == numbers.serial_scope(institution, day, level)
    data = {"institution": institution, "issued": day, "level": level}
    assert numbers.explain_disagreements(code, **data, shape=structure) == ()  # type: ignore[arg-type]


@pytest.mark.requirement("CRT-001")
@settings(deadline=None)
@given(institutions, days, levels, serials)
def test_a_code_gives_its_parts_again(institution: str, day: date, level: int, serial: int) -> None:
    round_trip(institution, day, level, serial, "certificate")


@pytest.mark.requirement("CRT-001")
@settings(deadline=None)
@given(in_cities, days, levels, serials)
def test_a_code_of_the_manual_gives_its_parts_again(
    institution: str, day: date, level: int, serial: int
) -> None:
    round_trip(institution, day, level, serial, "certificate_in_city")


def test_the_codes_as_they_are_written() -> None:
    assert numbers.certificate_code("Y000022000001", ISSUED, 3, 1) == JILIN
    assert numbers.certificate_code("S000065019001", ISSUED, 4, 1, "certificate_in_city") == XINJIANG


GENERAL = [  # position spoilt, character put there, what is named (000 A4 8)
    pytest.param(1, "X", "第1位（评价机构类别代码）", "Y、S", marks=CRT("CRT-002")),
    pytest.param(2, "A", "第2—5位（评价机构代码）", "0000至9999"),
    pytest.param(6, "9", "第6—7位（省级代码）", "代码表", marks=CRT("CRT-004")),
    pytest.param(13, "0", "第8—13位（评价机构序列码）", "000001至999999"),
    pytest.param(14, "A", "第14—15位（证书核发年份代码）", "00至99", marks=CRT("CRT-006")),
    pytest.param(16, "6", "第16位（职业技能等级代码）", LEVELS, marks=CRT("CRT-006")),
    pytest.param(16, "0", "第16位（职业技能等级代码）", LEVELS, marks=CRT("CRT-006")),
    pytest.param(22, "0", "第17—22位（证书序列码）", "000001至999999", marks=CRT("CRT-006")),
]
MANUAL = [  # the same by 001 D3-code
    pytest.param(1, "X", "第1位（评价机构类别代码）", "Y、S", marks=CRT("CRT-002")),
    pytest.param(5, "A", "第2—5位（评价机构代码）", "0000至9999"),
    pytest.param(7, "4", "第6—7位（评价机构所在地自治区级代码）", "65", marks=CRT("CRT-004")),
    pytest.param(8, "2", "第8—9位（评价机构所在地地市级代码）", "14", marks=CRT("CRT-004")),
    pytest.param(10, "A", "第10位（评价主体代码）", "0至9", marks=CRT("CRT-005")),
    pytest.param(13, "0", "第11—13位（评价机构序列码）", "001至999", marks=CRT("CRT-005")),
    pytest.param(15, "A", "第14—15位（证书核发年份代码）", "00至99", marks=CRT("CRT-006")),
    pytest.param(16, "6", "第16位（职业技能等级代码）", LEVELS, marks=CRT("CRT-006")),
    pytest.param(22, "0", "第17—22位（证书序列码）", "000001至999999", marks=CRT("CRT-006")),
]


def spoilt(code: str, place: int, character: str) -> str:
    return code[: place - 1] + character + code[place:]


@pytest.mark.parametrize(("place", "character", "where", "wanted"), GENERAL)
def test_each_position_is_named(place: int, character: str, where: str, wanted: str) -> None:
    (fault,) = numbers.explain_certificate_code(spoilt(JILIN, place, character))
    assert fault.zh.startswith(where)
    assert wanted in fault.zh
    assert fault.en.startswith("Character")


@pytest.mark.parametrize(("place", "character", "where", "wanted"), MANUAL)
def test_each_position_of_the_manual_is_named(place: int, character: str, where: str, wanted: str) -> None:
    (fault,) = numbers.explain_certificate_code(spoilt(XINJIANG, place, character), "certificate_in_city")
    assert fault.zh.startswith(where)
    assert wanted in fault.zh


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(numbers.explain_certificate_code("XAAAA99000000AA6000000")) == 7


@pytest.mark.requirement("CRT-005")
def test_an_employer_is_no_technical_school() -> None:
    (fault,) = numbers.explain_certificate_code("Y" + XINJIANG[1:], "certificate_in_city")
    assert (fault.rule, fault.clause) == ("CRT-005", "001 D3-code 二(五)")
    assert numbers.explain_certificate_code(XINJIANG, "certificate_in_city") == ()


@pytest.mark.requirement("CRT-001")
@pytest.mark.parametrize(
    "code", ["", JILIN[:-1], JILIN + "1", JILIN.lower(), JILIN[:-1] + "１", JILIN[:-1] + " "]
)
def test_what_has_not_22_characters_or_not_the_normal_form(code: str) -> None:
    (fault,) = numbers.explain_certificate_code(code)
    assert "22" in fault.zh
    assert "22" in fault.en
    with pytest.raises(ValueError, match="not a certificate code"):
        numbers.parse_certificate_code(code)


@settings(deadline=None)
@given(institutions, days, levels, serials)
def test_a_reason_repeats_nothing_of_the_code(institution: str, day: date, level: int, serial: int) -> None:
    code = spoilt(numbers.certificate_code(institution, day, level, serial), 16, "7")
    (fault,) = numbers.explain_certificate_code(code)
    assert code not in f"{fault}"
    assert institution not in f"{fault}"


def test_a_slip_in_a_serial_is_found_by_no_form() -> None:
    """There is no check character: this is stated, and the reason why the data are compared."""
    assert numbers.explain_certificate_code(spoilt(JILIN, 22, "2")) == ()


@pytest.mark.requirement("CRT-009")
@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"institution": "Y000022000002"}, "第1—13位"),
        ({"issued": date(2027, 1, 1)}, "第14—15位"),
        ({"level": 2}, "第16位"),
    ],
)
def test_a_code_that_disagrees_with_the_data(changed: dict[str, object], where: str) -> None:
    data: dict[str, object] = {"institution": "Y000022000001", "issued": ISSUED, "level": 3}
    assert numbers.explain_disagreements(JILIN, **data) == ()  # type: ignore[arg-type]
    (fault,) = numbers.explain_disagreements(JILIN, **(data | changed))  # type: ignore[arg-type]
    assert fault.zh.startswith(where)
    assert fault.rule == "CRT-009"


def test_a_wrong_form_is_told_before_any_disagreement() -> None:
    (fault,) = numbers.explain_disagreements(spoilt(JILIN, 16, "9"), institution="x", issued=ISSUED, level=1)
    assert "1、2、3、4、5" in fault.zh


@pytest.mark.parametrize(
    ("institution", "level", "serial"),
    [
        ("Y00002200001", 3, 1),
        ("Y000022000001", 0, 1),
        ("Y000022000001", 6, 1),
        ("Y000022000001", 3, 1_000_000),
    ],
)
def test_no_code_is_made_of_wrong_parts(institution: str, level: int, serial: int) -> None:
    with pytest.raises(ValueError, match="no certificate code"):
        numbers.certificate_code(institution, ISSUED, level, serial)


@pytest.mark.requirement("CRT-006")
def test_serials_count_by_institution_year_and_level() -> None:
    scope = numbers.serial_scope("Y000022000001", ISSUED, 3)
    assert scope == numbers.parse_certificate_code(JILIN).scope
    assert scope != numbers.serial_scope("Y000022000001", date(2027, 1, 1), 3)
    assert scope != numbers.serial_scope("Y000022000001", ISSUED, 4)
    assert scope != numbers.serial_scope("Y000022000002", ISSUED, 3)


def test_serials_begin_at_1_and_stop_at_the_end() -> None:
    assert numbers.next_serial(0) == 1
    assert numbers.next_serial(numbers.LAST_SERIAL - 1) == 999_999
    end = numbers.next_serial(numbers.LAST_SERIAL)
    assert isinstance(end, Explanation)
    assert end.rule == "CRT-007"


def test_levels_as_table_3_has_them() -> None:
    assert dict(numbers.level_names()) == {
        "1": "一级/高级技师",
        "2": "二级/技师",
        "3": "三级/高级工",
        "4": "四级/中级工",
        "5": "五级/初级工",
    }


@pytest.mark.requirement("CRT-001")
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("jilin", "certificate"),
        ("xinjiang-inner-mongolia", "certificate_in_city"),
        ("shandong-social", "certificate"),
        ("shandong-enterprise", "certificate"),
        ("shandong-school", "certificate"),
    ],
)
def test_the_structure_that_a_pack_uses(name: str, shape: str) -> None:
    assert numbers.structure_of(pack_named(name)) == shape


def test_lengths_that_no_structure_has_are_an_error() -> None:
    odd = overlaid(pack_named("jilin"), {"cert.code.structure": {"body": 5}})
    with pytest.raises(ValueError, match="lengths"):
        numbers.structure_of(odd)


def test_a_silent_pack_is_no_structure() -> None:
    with pytest.raises(NotRegulated):
        numbers.structure_of(replace(pack_named("jilin"), answers={}))


def test_the_parts_of_a_right_code_and_what_they_stand_for() -> None:
    read = {
        part.name: (text, meaning)
        for part, text, meaning in numbers.parts_of("certificate_in_city", XINJIANG)
    }
    assert read["city"] == ("01", "乌鲁木齐市")
    assert read["region"] == ("65", "新疆维吾尔自治区")
    assert read["level"] == ("4", "四级/中级工")
    assert read["certificate_serial"] == ("000001", "")
    assert set(numbers.structure_names()) > {"certificate", "certificate_in_city"}
