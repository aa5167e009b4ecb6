"""The conditions of a level: alternatives, each of which is a list of needs that must all be met.

The language of conditions.toml, need by need (`needs = [{ … }, { … }]`):

    age_years = 16 | "reg.min_age.years"                  age in whole years, or the parameter
    intends = true                                  intends to work in the occupation or a related one
    works = true                                    has taken up such work
    work_years = 5                                  has accumulated so many years of it
    certificate = 4                                 has a certificate of the level in such an occupation
        work_years_after = 3                            and years of such work accumulated after it
        held_years = 2                                  and has held it for so long
    title = "junior"                                has a title of this grade in a corresponding specialty
        or_qualification = true                         or a professional qualification that corresponds to it
        work_years_after = 5
    diploma = ["technician_college"]                has graduated from a school of these kinds
        classes = ["technician"]                        from a class of these kinds
        any_major = true                                in any major (otherwise in this or a related one)
        graduating = true                               a student of the graduating year counts too
        approved = true                                 only from a school evaluated and approved
    student = ["technician_college"]                is a student at a school of these kinds
        classes = ["technician"]
        any_major = true
    apprenticeship = true                           has completed one in such an occupation

`certificate` and `title` mean exactly this level or grade; `or_higher = true` lets a higher one count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Grade = Literal["junior", "intermediate", "senior"]
GRADES: tuple[Grade, ...] = ("junior", "intermediate", "senior")
LEVELS = (5, 4, 3, 2, 1)


@dataclass(frozen=True)
class Age:
    """So many whole years old."""

    years: int


@dataclass(frozen=True)
class Intent:
    """Intends to work in the occupation or a related one (拟从事)."""


@dataclass(frozen=True)
class Work:
    """So many months accumulated in the occupation or related ones; 0 is to have begun (从事)."""

    months: int


@dataclass(frozen=True)
class Holds:
    """A certificate of a level in the occupation or a related one; skill level and qualification alike."""

    level: int
    or_higher: bool = False
    held_months: int = 0
    work_months_after: int = 0


@dataclass(frozen=True)
class Titled:
    """A title in a corresponding specialty, or a professional qualification where that counts as well."""

    grade: Grade
    or_higher: bool = False
    or_qualification: bool = False
    work_months_after: int = 0


@dataclass(frozen=True)
class Graduated:
    """A graduation certificate from a school of these kinds and, unless that is empty, such a class."""

    schools: frozenset[str]
    classes: frozenset[str] = frozenset()
    any_major: bool = False
    graduating: bool = False
    approved: bool = False


@dataclass(frozen=True)
class Studies:
    """A student now."""

    schools: frozenset[str]
    classes: frozenset[str] = frozenset()
    any_major: bool = False


@dataclass(frozen=True)
class Apprenticed:
    """A completed apprenticeship in the occupation or a related one (学徒期满)."""


Need = Age | Intent | Work | Holds | Titled | Graduated | Studies | Apprenticed


@dataclass(frozen=True)
class Condition:
    """One alternative of a level: its number there, its text, where it stands, and what it needs."""

    level: int
    number: int
    zh: str
    en: str
    rule: str
    clause: str
    needs: tuple[Need, ...]

    @property
    def id(self) -> str:
        """Level and number, e.g. 4.2."""
        return f"{self.level}.{self.number}"


@dataclass(frozen=True)
class Conditions:
    """All conditions of one source, by level; a level without any cannot be applied for under it.

    `source` is an option of `reg.conditions_source`.
    """

    zh: str
    en: str
    source: str
    cite: tuple[str, ...]
    levels: Mapping[int, tuple[Condition, ...]]
