"""Provinces, and the cities that a coding rule numbers (GB/T 2260; 001 D3-code, table 2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.reasons import reason
from jiangheng.rules.tables import table

_DIVISION = re.compile(r"[0-9]{6}")


@cache
def provinces() -> Mapping[str, str]:
    """The names of provinces by their two digits (GB/T 2260)."""
    return MappingProxyType(table("numbers/divisions")["provinces"])


@cache
def cities(province: str) -> Mapping[str, str]:
    """The cities that the province's coding rule numbers; empty where no source gives a table."""
    rows = table("numbers/divisions")["cities"].get(province, {})
    return MappingProxyType(rows.get("names", {}))


def province_name(code: str) -> str:
    """The name of the province of a division of two or more digits. Raises LookupError."""
    return provinces()[code[:2]]


def city_name(province: str, code: str) -> str:
    """The name of a city by the coding rule of its province. Raises LookupError."""
    return cities(province)[code]


def check_division(code: str) -> Explanation | None:
    """An administrative division of six digits in a known province (GB/T 2260).

    Counties are not looked up: tables of former ones have gaps.
    """
    right = _DIVISION.fullmatch(code) and code[:2] in provinces()
    return None if right else reason("division")
