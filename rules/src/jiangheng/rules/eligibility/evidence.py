"""What a candidate has to show, typed; nothing here names the candidate.

Dates are those on the papers. A piece of evidence counts from its date, so one
of the future counts for nothing yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from jiangheng.rules.eligibility.conditions import Grade


@dataclass(frozen=True)
class Certificate:
    """A certificate of skill level or vocational qualification (职业资格), which count alike."""

    occupation: str
    level: int
    issued: date


@dataclass(frozen=True)
class WorkPeriod:
    """Time in one occupation; without a last day it goes on. Both days count as worked."""

    occupation: str
    begun: date
    ended: date | None = None


@dataclass(frozen=True)
class Education:
    """One course at a school.

    `school` and `class_kind` are words of vocabulary.toml. A student of the
    graduating year (在读应届毕业生) has `graduating_from`, the day from which the
    school certifies it, and `expected_until`, the day by which he is to graduate:
    after that day only `graduated` counts. `enrolled` to `expected_until` (or
    `graduated`) he is a student. `approved` says that the school was evaluated and
    approved (经评估论证).
    """

    school: str
    major: str
    class_kind: str = ""
    enrolled: date | None = None
    graduating_from: date | None = None
    expected_until: date | None = None
    graduated: date | None = None
    approved: bool = False


@dataclass(frozen=True)
class Title:
    """A professional title (职称), or a professional qualification (专业技术人员职业资格) of that grade."""

    grade: Grade
    specialty: str
    issued: date
    kind: Literal["title", "qualification"] = "title"


@dataclass(frozen=True)
class Apprenticeship:
    """An apprenticeship that ended on a day (学徒期满)."""

    occupation: str
    completed: date


@dataclass(frozen=True)
class Evidence:
    """All of it; `intends` is his word that he means to work in the occupation or a related one."""

    born: date | None = None
    intends: bool = False
    certificates: tuple[Certificate, ...] = ()
    work: tuple[WorkPeriod, ...] = ()
    education: tuple[Education, ...] = ()
    titles: tuple[Title, ...] = ()
    apprenticeships: tuple[Apprenticeship, ...] = ()
