"""The code of an institution: the first 13 characters of its certificates (000 A4 8; 001 D3-code)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.reasons import reason
from jiangheng.rules.numbers.structures import compose, explain_parts, split
from jiangheng.rules.tables import table

REGIONAL_BODY = "0000"


@dataclass(frozen=True)
class InstitutionCode:
    """The 13 characters of an institution.

    `serial` is the six digits after the province; where the manual's structure
    is used (001 D3-code) they are city, assessing body and serial of three.
    """

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
def institution_kinds() -> Mapping[str, str]:
    """What the first letter of an institution's code stands for."""
    return MappingProxyType(table("numbers/structures")["institution_kinds"])


def institution_code(letter: str, province: str, serial: int, *, body: str = REGIONAL_BODY) -> str:
    """The code of an institution, e.g. Y000022000001 (000 A4 8; 001 D3-code 二). Raises ValueError."""
    code = str(InstitutionCode(letter, body, province, serial))
    if serial < 1 or check_institution_code(code):
        raise ValueError(f"no institution code can be made of {letter!r}, {body!r}, {province!r}, {serial}")
    return code


def institution_code_in_city(
    letter: str, region: str, city: str, subject: int, serial: int, *, body: str = REGIONAL_BODY
) -> str:
    """The code by the manual (001 D3-code): assessing body 9 is a technical school. Raises ValueError."""
    return compose(
        "institution_in_city",
        kind=letter,
        body=body,
        region=region,
        city=city,
        subject=subject,
        serial_in_region=serial,
    )


def parse_institution_code(code: str) -> InstitutionCode:
    """The parts of an institution's code. Raises ValueError if it is none."""
    if check_institution_code(code):
        raise ValueError("not an institution code")
    return InstitutionCode(code[0], code[1:5], code[5:7], int(code[7:]))


def check_institution_code(code: str) -> Explanation | None:
    """Letter, body, province and serial (000 A4 8; 001 D3-code 二)."""
    return reason("institution_code") if explain_parts("institution", code) else None


def parts_in_city(code: str) -> Mapping[str, str]:
    """The parts of a code by the manual: kind, body, region, city, subject, serial_in_region (001 D3-code).

    Raises ValueError if it is none.
    """
    return split("institution_in_city", code)
