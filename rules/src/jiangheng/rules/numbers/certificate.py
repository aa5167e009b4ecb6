"""The 22 characters of a certificate: built, taken apart, checked, explained (000 A4 8; 001 D3-code).

A letter and 21 digits: 13 of the institution, two of the year, one of the
level, six of the serial. The two structures differ within the institution's
part only: six digits of serial (000), or city, assessing body and three digits
(001). There is no check character. A slip is found where it makes a part
impossible: the letter, an unknown province or city, a level above 5, a serial
000000, an excluded combination. A slip of a digit of the body, the year or a
serial gives another possible number: only the comparison with the certificate's
data (`explain_disagreements`) and the register can find it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.institution import InstitutionCode
from jiangheng.rules.numbers.reasons import reason
from jiangheng.rules.numbers.structures import explain_parts, structure
from jiangheng.rules.pack import Pack
from jiangheng.rules.tables import table

LAST_SERIAL = 999_999

CertificateStructure = Literal["certificate", "certificate_in_city"]
STRUCTURES: tuple[CertificateStructure, ...] = get_args(CertificateStructure)

# The fields of `cert.code.structure` that hold the lengths of the parts, from left to right.
_LENGTHS = (
    "institution_kind",
    "body",
    "province",
    "city",
    "subject",
    "institution_serial",
    "year",
    "level",
    "serial",
)


@dataclass(frozen=True)
class CertificateCode:
    """The parts of a certificate's number; `year` is the last two digits, `level` 1 the highest."""

    institution: InstitutionCode
    year: int
    level: int
    serial: int

    def __str__(self) -> str:
        return f"{self.institution}{self.year:02d}{self.level}{self.serial:06d}"

    @property
    def scope(self) -> SerialScope:
        """Within what its serial is counted."""
        return SerialScope(str(self.institution), self.year, self.level)


@dataclass(frozen=True)
class SerialScope:
    """Within what a certificate's serial counts from 000001 (001 D3-code 二(八)).

    000 and 004 name no scope. The same is used there: institution, year and
    level stand in the number, so it stays unique with a count of their own.
    """

    institution: str
    year: int
    level: int


@cache
def level_names() -> Mapping[str, str]:
    """The levels by their digit, e.g. "3": "三级/高级工" (001 D3-code, table 3; 000 A4 9(1))."""
    return MappingProxyType(table("numbers/structures")["levels"])


def structure_of(pack: Pack) -> CertificateStructure:
    """The structure whose parts have the lengths of the pack's `cert.code.structure`.

    A pack that leaves it to a paper outside (004: the province's rule) gets the
    structure of the nation-wide code (000 main 26, A4 8), which its sample
    S0000370000XX fits. Raises NotRegulated, and ValueError for lengths that no
    structure has.
    """
    row = pack.record("cert.code.structure")
    lengths = tuple(row[name] for name in _LENGTHS if name in row)
    if not lengths:
        return "certificate"
    for name in STRUCTURES:
        if tuple(part.length for part in structure(name).parts) == lengths:
            return name
    raise ValueError(f"no structure of a certificate code has parts of the lengths {lengths}")


def serial_scope(institution: str, issued: date, level: int) -> SerialScope:
    """The scope of the serials of certificates issued that day by that institution (its 13 characters)."""
    return SerialScope(institution, issued.year % 100, level)


def next_serial(last: int) -> int | Explanation:
    """The serial after the last one assigned in its scope (0 if none was), or why there is none (CRT-007).

    A number once assigned counts as assigned for ever, void certificates
    included: the caller keeps the last one, not the number of certificates.
    """
    return last + 1 if last < LAST_SERIAL else reason("serials_used_up")


def certificate_code(
    institution: str, issued: date, level: int, serial: int, shape: CertificateStructure = "certificate"
) -> str:
    """The number of a certificate, e.g. Y000022000001263000001. Raises ValueError if a part is impossible."""
    code = f"{institution}{issued.year % 100:02d}{level}{serial:06d}"
    wrong = explain_certificate_code(code, shape)
    if wrong:
        raise ValueError(f"no certificate code: {'; '.join(fault.en for fault in wrong)}")
    return code


def parse_certificate_code(code: str, shape: CertificateStructure = "certificate") -> CertificateCode:
    """The parts of a certificate's number. Raises ValueError if it is none."""
    if explain_certificate_code(code, shape):
        raise ValueError("not a certificate code")
    institution = InstitutionCode(code[0], code[1:5], code[5:7], int(code[7:13]))
    return CertificateCode(institution, int(code[13:15]), int(code[15]), int(code[16:]))


def explain_certificate_code(
    code: str, shape: CertificateStructure = "certificate"
) -> tuple[Explanation, ...]:
    """What is wrong with a certificate's number, every position named; empty if its form is right."""
    return explain_parts(shape, code)


def explain_disagreements(
    code: str, *, institution: str, issued: date, level: int, shape: CertificateStructure = "certificate"
) -> tuple[Explanation, ...]:
    """What is wrong with the number of a certificate whose data are known: form, then agreement (CRT-009)."""
    wrong = explain_certificate_code(code, shape)
    return wrong or tuple(_disagreements(parse_certificate_code(code, shape), institution, issued, level))


def _disagreements(
    code: CertificateCode, institution: str, issued: date, level: int
) -> Iterator[Explanation]:
    if str(code.institution) != institution:
        yield reason("certificate_institution")
    if code.year != issued.year % 100:
        yield reason("certificate_year")
    if code.level != level:
        yield reason("certificate_level")
