"""The numbers a filed institution gets: its code (机构代码) and its receipt's (备案回执号), 002 9.

A code is 13 characters: letter of the kind, 0000, province, serial of six
digits (000 A4 8). Serials count per letter and province.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.dossier import Dossier, InstitutionKind
from jiangheng.rules import numbers

MAX_SERIAL = 999_999

# Y: evaluates its own staff; S: schools and social organisations (001 D3-code).
LETTERS: Mapping[InstitutionKind, str] = MappingProxyType(
    {
        InstitutionKind.EMPLOYER: "Y",
        InstitutionKind.VOCATIONAL_SCHOOL: "S",
        InstitutionKind.SOCIAL_ORGANISATION: "S",
    }
)


def letter(dossier: Dossier) -> str:
    """The letter of the institution's kind. Raises ValueError for a draft without one."""
    if dossier.kind is None:
        raise ValueError("no kind of institution, no letter")
    return LETTERS[dossier.kind]


def province(dossier: Dossier) -> str:
    """The two digits of the province it lies in."""
    return dossier.division[:2]


def institution_code(letter: str, province: str, serial: int) -> str:
    """The institution code; Problem EXHAUSTED when the province's serials are used up."""
    if serial > MAX_SERIAL:
        raise Problem(
            Kind.EXHAUSTED,
            "serials-exhausted",
            "该省该类机构代码已用完。",
            "the province has no institution codes of this kind left",
            rule="REG-012",
            clause="002 9",
        )
    return numbers.institution_code(letter, province, serial)


def receipt_number(letter: str, province: str, serial: int, filed_at: datetime) -> str:
    """The number on the receipt, e.g. "22-2026-Y000001": province, legal year, letter and serial."""
    return f"{province}-{legal_date(filed_at).year}-{letter}{serial:06d}"
