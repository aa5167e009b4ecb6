"""Provinces, cities and occupation codes."""

from __future__ import annotations

import pytest

from jiangheng.rules import numbers


@pytest.mark.parametrize("code", ["220102", "110000", "650100"])
def test_right_divisions(code: str) -> None:
    assert numbers.check_division(code) is None


@pytest.mark.parametrize("code", ["", "22", "000000", "990000", "2201020", "22010a", "２２0102"])
def test_wrong_divisions(code: str) -> None:
    assert numbers.check_division(code)


@pytest.mark.parametrize("code", ["6-31-01-03", "6-18-01-01-02"])
def test_right_occupations(code: str) -> None:
    assert numbers.check_occupation_code(code) is None


@pytest.mark.parametrize(
    "code", ["", "6-31-01", "6-31-01-3", "9-31-01-03", "6-18-01-01-02-01", "6-18-01-01-", "6310103"]
)
def test_wrong_occupations(code: str) -> None:
    assert numbers.check_occupation_code(code)


CITIES = [  # 001 D3-code, table 2, written out a second time
    "自治区直属 乌鲁木齐市 克拉玛依市 吐鲁番市 哈密市",
    "伊犁州 昌吉州 博州 巴州 阿勒泰地区",
    "塔城地区 喀什地区 和田地区 阿克苏地区 克州",
]


def test_the_cities_of_the_manual() -> None:
    names = " ".join(CITIES).split()
    assert dict(numbers.cities("65")) == {f"{code:02d}": name for code, name in enumerate(names)}
    assert numbers.city_name("65", "11") == "喀什地区"


def test_no_other_source_numbers_cities() -> None:
    assert not numbers.cities("22")
    with pytest.raises(LookupError):
        numbers.city_name("22", "01")


def test_provinces() -> None:
    assert len(numbers.provinces()) == 34
    assert numbers.province_name("220102") == "吉林省"
    with pytest.raises(LookupError):
        numbers.province_name("99")
