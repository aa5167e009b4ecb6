"""The 18 characters on the cards of examiners and supervisors (001 D4 16, D5 13).

Examiner: institution 13, grade 1 (1 senior examiner, 2 examiner), serial 4.
Supervisor: institution 13, serial 5. There is no check character: a slip is
found only where it makes a part impossible. Which of the two a number is does
not stand in it, so every function asks for one of them.

Jilin refers to a rule of the ministry that was not supplied (000 A7 19, A8 9);
`examiner.card.code` and `supervisor.card.code` of the pack say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import cast

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.institution import check_institution_code
from jiangheng.rules.pack import Pack
from jiangheng.rules.qualification.grades import Grade, Post
from jiangheng.rules.records import number
from jiangheng.rules.tables import table
from jiangheng.rules.wording import worded

_TABLE = "qualification/cards"
CODES: Mapping[Post, str] = MappingProxyType(
    {"examiner": "examiner.card.code", "supervisor": "supervisor.card.code"}
)
_CHARACTERS = re.compile(r"[A-Z0-9]{18}")
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class ExaminerCode:
    """The parts of an examiner's number; `institution` is the 13 characters of its code."""

    institution: str
    grade: Grade
    serial: int

    def __str__(self) -> str:
        return (
            f"{self.institution}{_grade_digits()[self.grade]}{self.serial:0{_lengths()['examiner_serial']}d}"
        )


@dataclass(frozen=True)
class SupervisorCode:
    """The parts of a supervisor's number; `institution` is the code of the institution, or of the centre."""

    institution: str
    serial: int

    def __str__(self) -> str:
        return f"{self.institution}{self.serial:0{_lengths()['supervisor_serial']}d}"


def is_numbered_so(post: Post, pack: Pack) -> bool:
    """True if the pack has cards numbered by this rule; Jilin leaves it to papers that were not supplied."""
    key, lengths = CODES[post], _lengths()
    if not pack.regulates(key):
        return False
    rule = pack.record(key)
    parts = number(rule, "institution"), number(rule, "serial")
    return parts == (lengths["institution"], lengths[f"{post}_serial"])


def examiner_code(institution: str, grade: Grade, serial: int) -> str:
    """The number of an examiner's card. Raises ValueError."""
    return _sound(str(ExaminerCode(institution, grade, serial)), explain_examiner_code)


def supervisor_code(institution: str, serial: int) -> str:
    """The number of a supervisor's card. Raises ValueError."""
    return _sound(str(SupervisorCode(institution, serial)), explain_supervisor_code)


def parse_examiner_code(code: str) -> ExaminerCode:
    """The parts of an examiner's number. Raises ValueError if it is none."""
    _sound(code, explain_examiner_code)
    institution, rest = _divided(code)
    return ExaminerCode(institution, _grades()[rest[0]], int(rest[1:]))


def parse_supervisor_code(code: str) -> SupervisorCode:
    """The parts of a supervisor's number. Raises ValueError if it is none."""
    _sound(code, explain_supervisor_code)
    institution, rest = _divided(code)
    return SupervisorCode(institution, int(rest))


def explain_examiner_code(code: str) -> tuple[Explanation, ...]:
    """What is wrong with an examiner's number, one reason for each part; empty if its form is right."""
    if not _CHARACTERS.fullmatch(code):
        return (worded(_TABLE, "length"),)
    return tuple(_examiner_faults(code))


def explain_supervisor_code(code: str) -> tuple[Explanation, ...]:
    """What is wrong with a supervisor's number, one reason for each part; empty if its form is right."""
    if not _CHARACTERS.fullmatch(code):
        return (worded(_TABLE, "length"),)
    return tuple(_supervisor_faults(code))


def _examiner_faults(code: str) -> Iterator[Explanation]:
    institution, rest = _divided(code)
    yield from _institution_faults(institution)
    if rest[0] not in _grades():
        yield worded(_TABLE, "grade")
    if not _is_serial(rest[1:]):
        yield worded(_TABLE, "examiner_serial")


def _supervisor_faults(code: str) -> Iterator[Explanation]:
    institution, rest = _divided(code)
    yield from _institution_faults(institution)
    if not _is_serial(rest):
        yield worded(_TABLE, "supervisor_serial")


def _institution_faults(institution: str) -> Iterator[Explanation]:
    if check_institution_code(institution):
        yield worded(_TABLE, "institution")


def _sound(code: str, faults: Callable[[str], tuple[Explanation, ...]]) -> str:
    wrong = faults(code)
    if wrong:
        raise ValueError("; ".join(fault.en for fault in wrong))
    return code


def _divided(code: str) -> tuple[str, str]:
    return code[: _lengths()["institution"]], code[_lengths()["institution"] :]


def _is_serial(text: str) -> bool:
    return bool(_DIGITS.fullmatch(text)) and int(text) > 0


def _lengths() -> Mapping[str, int]:
    return cast(Mapping[str, int], table(_TABLE)["lengths"])


def _grade_digits() -> Mapping[Grade, str]:
    return cast(Mapping[Grade, str], table(_TABLE)["grades"])


@cache
def _grades() -> Mapping[str, Grade]:
    return MappingProxyType({digit: grade for grade, digit in _grade_digits().items()})
