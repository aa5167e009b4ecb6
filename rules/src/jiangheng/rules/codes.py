"""The forms of the codes and numbers that the work is done with.

A check gives the reason why a code is not of its form, or None. All take the
one normal form only (`normal_form`), so that two spellings of a number are
never two persons or two institutions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from stdnum.cn import ric, uscc

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.tables import table

REGIONAL_BODY = "0000"

_CREDIT_CODE = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_DIVISION = re.compile(r"[0-9]{6}")
_OCCUPATION = re.compile(r"[1-8]-[0-9]{2}-[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?")
_INSTITUTION = re.compile(r"([A-Z])([0-9]{4})([0-9]{2})([0-9]{6})")
_IDENTITY = re.compile(r"[0-9]{17}[0-9X]")
_OLD_IDENTITY = re.compile(r"[0-9]{15}")
# Residence permits for residents of Hong Kong, Macao and Taiwan.
_PERMIT_AREAS = frozenset({"810000", "820000", "830000"})
# A foreigner's permanent residence card since 2023: 9, province, nationality of three digits.
# Those of the form before, a country and twelve digits, hold until they expire.
_FOREIGNER = "9"
_OLD_FOREIGNER = re.compile(r"[A-Z]{3}[0-9]{12}")
_NOBODY_OLDER_THAN = date(1900, 1, 1)


@dataclass(frozen=True)
class InstitutionCode:
    """The 13 characters of an institution, which are also the first of its certificates' numbers."""

    letter: str
    body: str
    province: str
    serial: int

    @property
    def filed_at_ministry(self) -> bool:
        """True for bodies 0001-9999; 0000 is filed by the province or region (001 D3-code 二(二))."""
        return self.body != REGIONAL_BODY

    def __str__(self) -> str:
        return f"{self.letter}{self.body}{self.province}{self.serial:06d}"


@cache
def provinces() -> Mapping[str, str]:
    """The names of provinces by their two digits (GB/T 2260)."""
    return MappingProxyType(table("codes")["provinces"])


@cache
def institution_kinds() -> Mapping[str, str]:
    """What the first letter of an institution's code stands for."""
    return MappingProxyType(table("codes")["institution_kinds"])


def normal_form(number: str) -> str:
    """A code or number as it is compared and stored: half width, capitals, no spaces and no hyphens."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number)).upper()


def institution_code(letter: str, province: str, serial: int, *, body: str = REGIONAL_BODY) -> str:
    """The code of an institution, e.g. Y000022000001 (000 A4 8; 001 D3-code 二). Raises ValueError."""
    code = str(InstitutionCode(letter, body, province, serial))
    if serial < 1 or check_institution_code(code):
        raise ValueError(f"no institution code can be made of {letter!r}, {body!r}, {province!r}, {serial}")
    return code


def parse_institution_code(code: str) -> InstitutionCode:
    """The parts of an institution's code. Raises ValueError if it is none."""
    if check_institution_code(code):
        raise ValueError("not an institution code")
    return InstitutionCode(code[0], code[1:5], code[5:7], int(code[7:]))


def check_institution_code(code: str) -> Explanation | None:
    """Letter, body, province and serial (000 A4 8; 001 D3-code 二)."""
    parts = _INSTITUTION.fullmatch(code)
    right = parts and parts[1] in institution_kinds() and parts[3] in provinces() and int(parts[4]) > 0
    return None if right else _fault("institution_code")


def check_credit_code(code: str) -> Explanation | None:
    """A unified social credit code: form and check character (GB 32100)."""
    right = _CREDIT_CODE.fullmatch(code) and uscc.calc_check_digit(code[:-1]) == code[-1]
    return None if right else _fault("credit_code")


def check_division(code: str) -> Explanation | None:
    """An administrative division of six digits in a known province (GB/T 2260)."""
    right = _DIVISION.fullmatch(code) and code[:2] in provinces()
    return None if right else _fault("division")


def check_occupation_code(code: str) -> Explanation | None:
    """An occupation code of the classification, with or without a trade; not whether it is listed."""
    return None if _OCCUPATION.fullmatch(code) else _fault("occupation_code")


def check_resident_id(number: str, on: date) -> Explanation | None:
    """A resident identity number as of a day: area, date of birth, check character (GB 11643).

    Counties are not looked up: tables of former ones have gaps, and a person is
    not to be turned away for them.
    """
    if _OLD_IDENTITY.fullmatch(number):
        return _fault("old_resident_id")
    right = _identity_number(number, on) and number[:2] in provinces()
    return None if right else _fault("resident_id")


def check_residence_permit(number: str, on: date) -> Explanation | None:
    """A residence permit of Hong Kong, Macao or Taiwan residents, or a foreigner's permanent card."""
    if _OLD_FOREIGNER.fullmatch(number):
        return None
    area = number[:6] in _PERMIT_AREAS or (number[:1] == _FOREIGNER and number[1:3] in provinces())
    return None if area and _identity_number(number, on) else _fault("residence_permit")


def _identity_number(number: str, on: date) -> bool:
    """The part that all these numbers share: 17 digits, check character, a date of birth in the past."""
    if not _IDENTITY.fullmatch(number) or ric.calc_check_digit(number) != number[-1]:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return _NOBODY_OLDER_THAN <= born <= on


def _fault(of: str) -> Explanation:
    row: dict[str, Any] = table("codes")["faults"][of]
    return Explanation(**row)
