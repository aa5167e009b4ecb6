"""When each need is met by the evidence: spans of time, so that any day is judged and the first one named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jiangheng.rules.eligibility.conditions import (
    GRADES,
    Age,
    Apprenticed,
    Graduated,
    Holds,
    Intent,
    Need,
    Studies,
    Titled,
    Work,
)
from jiangheng.rules.eligibility.evidence import Education, Evidence
from jiangheng.rules.eligibility.standard import Standard, same_occupation
from jiangheng.rules.eligibility.tenure import (
    ALWAYS,
    MONTH,
    NEVER_ENDS,
    Span,
    position,
    reached,
    span,
    united,
)

Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Evidence beside the standard by which it counts, and the work that counts as one run of time."""

    evidence: Evidence
    standard: Standard
    occupations: frozenset[str]
    work: Spans

    def counts(self, occupation: str) -> bool:
        """True for the occupation itself and those that the standard names as related."""
        return same_occupation(occupation) in self.occupations

    def major_counts(self, major: str) -> bool:
        """True for a major that the standard names."""
        return major in (self.standard.majors or ())

    def specialty_counts(self, specialty: str) -> bool:
        """True for the specialty of a title that the standard names."""
        return specialty in (self.standard.specialties or ())


def facts_of(evidence: Evidence, standard: Standard) -> Facts:
    """Evidence as it counts under a standard."""
    occupations = standard.counting
    work = [
        span(each.begun, each.ended)
        for each in evidence.work
        if same_occupation(each.occupation) in occupations
    ]
    return Facts(evidence, standard, occupations, united(work))


def spans_of(need: Need, facts: Facts) -> Spans:
    """All the time in which this need is met."""
    return _SPANS[type(need)](need, facts)


def certificate_fits(need: Holds, level: int) -> bool:
    """True for the level that is asked for; level 1 is the highest."""
    return level == need.level or (need.or_higher and level < need.level)


def title_fits(need: Titled, grade: str, kind: str) -> bool:
    """True for the grade that is asked for, as a title or, where it counts, as a qualification."""
    right_kind = kind == "title" or need.or_qualification
    higher = need.or_higher and GRADES.index(grade) > GRADES.index(need.grade)
    return right_kind and (grade == need.grade or higher)


def course_fits(need: Graduated | Studies, course: Education) -> bool:
    """True for the kinds of school and class that are asked for."""
    return course.school in need.schools and (not need.classes or course.class_kind in need.classes)


def graduated_spans(course: Education, graduating: bool) -> Spans:
    """When a course counts as graduated from, in the graduating year too where that counts."""
    done = () if course.graduated is None else (span(course.graduated, None),)
    if not graduating or course.graduating_from is None or course.expected_until is None:
        return done
    return united((*done, span(course.graduating_from, course.expected_until)))


def student_spans(course: Education) -> Spans:
    """When its student is one: up to the day before the graduation, or to the day expected for it."""
    begun = course.enrolled or course.graduating_from
    if begun is None:
        return ()
    ends = [] if course.expected_until is None else [span(begun, course.expected_until)[1]]
    ends += [] if course.graduated is None else [position(course.graduated)]
    return united([(position(begun), min(ends, default=NEVER_ENDS))])


def _from(place: int | None) -> Spans:
    return () if place is None or place >= NEVER_ENDS else ((place, NEVER_ENDS),)


def _age(need: Age, facts: Facts) -> Spans:
    born = facts.evidence.born
    return () if born is None else _from(position(born) + 12 * need.years * MONTH)


def _intent(_: Intent, facts: Facts) -> Spans:
    return ((ALWAYS, NEVER_ENDS),) if facts.evidence.intends else ()


def _work(need: Work, facts: Facts) -> Spans:
    return _from(reached(facts.work, ALWAYS, need.months * MONTH))


def _after(since: int | None, months: int, facts: Facts) -> int | None:
    """When so much work has been accumulated since then; no work asked for is at once."""
    return reached(facts.work, since, months * MONTH) if since is not None and months else since


def _holds(need: Holds, facts: Facts) -> Spans:
    since = _earliest(
        [
            position(each.issued)
            for each in facts.evidence.certificates
            if certificate_fits(need, each.level) and facts.counts(each.occupation)
        ]
    )
    worked = _after(since, need.work_months_after, facts)
    if since is None or worked is None:
        return ()
    return _from(max(since + need.held_months * MONTH, worked))


def _titled(need: Titled, facts: Facts) -> Spans:
    since = _earliest(
        [
            position(each.issued)
            for each in facts.evidence.titles
            if title_fits(need, each.grade, each.kind) and facts.specialty_counts(each.specialty)
        ]
    )
    return _from(_after(since, need.work_months_after, facts))


def _graduated(need: Graduated, facts: Facts) -> Spans:
    return united(
        each
        for course in facts.evidence.education
        if course_fits(need, course)
        and (need.any_major or facts.major_counts(course.major))
        and (course.approved or not need.approved)
        for each in graduated_spans(course, need.graduating)
    )


def _studies(need: Studies, facts: Facts) -> Spans:
    return united(
        each
        for course in facts.evidence.education
        if course_fits(need, course) and (need.any_major or facts.major_counts(course.major))
        for each in student_spans(course)
    )


def _apprenticed(_: Apprenticed, facts: Facts) -> Spans:
    done = facts.evidence.apprenticeships
    return _from(_earliest([position(each.completed) for each in done if facts.counts(each.occupation)]))


def _earliest(places: list[int]) -> int | None:
    return min(places) if places else None


_SPANS: Mapping[type, Callable[[Any, Facts], Spans]] = {
    Age: _age,
    Intent: _intent,
    Work: _work,
    Holds: _holds,
    Titled: _titled,
    Graduated: _graduated,
    Studies: _studies,
    Apprenticed: _apprenticed,
}
