"""Numbers of resident identity cards and of what takes their place (GB 11643).

The check character is ISO 7064 MOD 11-2: it catches every single wrong
character and every change-over of two, unless these stand ten places apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.divisions import provinces
from jiangheng.rules.numbers.reasons import reason

_FORM = re.compile(r"[0-9]{17}[0-9X]")
_OLD_FORM = re.compile(r"[0-9]{15}")
# Residence permits of Hong Kong, Macao and Taiwan residents.
_PERMIT_AREAS = frozenset({"810000", "820000", "830000"})
# A foreigner's permanent residence card since 2023: 9, province, nationality of three digits.
# Those of the form before, a country and twelve digits, hold until they expire; the meaning of
# their digits is not published by the issuer, so nothing of it is checked.
_FOREIGNER = "9"
_OLD_FOREIGNER = re.compile(r"[A-Z]{3}[0-9]{12}")
_NOBODY_OLDER_THAN = date(1900, 1, 1)
# In the old form these orders stand for people born in the century before (GB 11643-1989).
_CENTENARIANS = frozenset({"996", "997", "998", "999"})


@dataclass(frozen=True)
class Holder:
    """What a number says of whose it is: the date of birth and the sex."""

    born: date
    male: bool


def holder_of(number: str) -> Holder | None:
    """Date of birth (7-14) and sex (17: odd for men) of a number of 18 characters; None if it tells neither.

    Nothing else of the number is looked at: `check_resident_id` does that.
    """
    if not _FORM.fullmatch(number):
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return Holder(born, int(number[16]) % 2 == 1)


def check_resident_id(number: str, on: date) -> Explanation | None:
    """A resident identity number as of a day: area, date of birth, check character (GB 11643).

    Counties are not looked up: tables of former ones have gaps, and a person is
    not to be turned away for them.
    """
    if _OLD_FORM.fullmatch(number):
        return reason("old_resident_id")
    return reason("resident_id") if explain_resident_id(number, on) else None


def explain_resident_id(number: str, on: date) -> tuple[Explanation, ...]:
    """Every part of a resident identity number that is wrong; empty if it is right."""
    if _OLD_FORM.fullmatch(number):
        return (reason("old_resident_id"),)
    if not _FORM.fullmatch(number):
        return (reason("resident_id_length"),)
    return tuple(_wrong_parts(number, on))


def converted_resident_id(old: str, on: date) -> str | Explanation:
    """The 18 characters that an old number of 15 becomes, or why it cannot be converted.

    Old numbers ended on 1 January 2013 (居民身份证法 23). This finds the person
    of an old certificate in records kept by the new number; it proves nothing:
    a person whose number was changed for being given twice has another one.
    """
    if not _OLD_FORM.fullmatch(old):
        return reason("old_resident_id_form")
    if old[-3:] in _CENTENARIANS:
        return reason("old_resident_id_century")
    body = f"{old[:6]}19{old[6:]}"
    number = body + check_character(body)
    return number if not explain_resident_id(number, on) else reason("old_resident_id_form")


def check_hmt_residence_permit(number: str, on: date) -> Explanation | None:
    """A residence permit of Hong Kong, Macao or Taiwan residents (areas 810000, 820000, 830000)."""
    right = number[:6] in _PERMIT_AREAS and _shared_parts_right(number, on)
    return None if right else reason("hmt_residence_permit")


def check_foreigner_card(number: str, on: date) -> Explanation | None:
    """A foreigner's permanent residence card, of 2023 or of before."""
    if _OLD_FOREIGNER.fullmatch(number):
        return None
    right = number[:1] == _FOREIGNER and number[1:3] in provinces() and _shared_parts_right(number, on)
    return None if right else reason("foreigner_card")


def check_residence_permit(number: str, on: date) -> Explanation | None:
    """A residence permit of Hong Kong, Macao or Taiwan residents, or a foreigner's permanent card."""
    wrong = check_hmt_residence_permit(number, on) and check_foreigner_card(number, on)
    return reason("residence_permit") if wrong else None


def check_character(body: str) -> str:
    """The check character of 17 digits (GB 11643-1999 4.5; ISO 7064 MOD 11-2)."""
    from stdnum.iso7064 import mod_11_2  # here, because it takes longer to import than this whole wheel

    return mod_11_2.calc_check_digit(body)


def _wrong_parts(number: str, on: date) -> Iterator[Explanation]:
    if number[:2] not in provinces() or number[:6] in _PERMIT_AREAS:
        yield reason("resident_id_area")
    if not _born_by(number, on):
        yield reason("resident_id_birth")
    if check_character(number[:-1]) != number[-1]:
        yield reason("resident_id_check")


def _shared_parts_right(number: str, on: date) -> bool:
    """The part that all these numbers share: 17 digits, check character, a date of birth in the past."""
    form = _FORM.fullmatch(number)
    return bool(form) and check_character(number[:-1]) == number[-1] and _born_by(number, on)


def _born_by(number: str, on: date) -> bool:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return _NOBODY_OLDER_THAN <= born <= on
