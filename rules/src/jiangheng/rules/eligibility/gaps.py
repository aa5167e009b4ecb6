"""What a need that is not met lacks, and which pieces of evidence meet one that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from jiangheng.rules.eligibility.conditions import (
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
from jiangheng.rules.eligibility.evidence import Education
from jiangheng.rules.eligibility.facts import (
    Facts,
    certificate_fits,
    course_fits,
    graduated_spans,
    student_spans,
    title_fits,
)
from jiangheng.rules.eligibility.tenure import ALWAYS, MONTH, accumulated, position
from jiangheng.rules.eligibility.wording import Words, filled, level_words, several, time_words, word
from jiangheng.rules.tables import table


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence: which tuple of Evidence it is in, and its place there, from 0."""

    of: Literal["born", "intends", "certificates", "work", "education", "titles", "apprenticeships"]
    place: int = 0


@dataclass(frozen=True, slots=True)
class Amount:
    """A length of time that is missing; days are thirtieths of a month, rounded up."""

    months: int
    days: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a need is not met; `kind` is a name of gaps.toml, `missing` the time if only time is missing."""

    kind: str
    zh: str
    en: str
    missing: Amount | None = None


def gap_of(need: Need, facts: Facts, on: date) -> Gap:
    """What this need, which is not met on the day, lacks."""
    return _GAPS[type(need)](need, facts, position(on))


def pieces_of(need: Need, facts: Facts, on: date) -> tuple[Piece, ...]:
    """The evidence that bears on a need that is met on the day."""
    return tuple(_PIECES[type(need)](need, facts, position(on)))


def _gap(of: str, kind: str, missing: int = 0, **said: Words) -> Gap:
    amount = _amount(missing) if missing else None
    if amount:
        said["amount"] = time_words(amount.months, amount.days)
    zh, en = filled(table("eligibility/gaps")[of][kind], **said)
    return Gap(f"{of}.{kind}", zh, en[0].upper() + en[1:], amount)


def _amount(missing: int) -> Amount:
    months, rest = divmod(missing, MONTH)
    return Amount(months, -(-rest * 30 // MONTH))


def _unrelated(known: object) -> str:
    """Not in a list is one thing, no list another."""
    return "list_not_supplied" if known is None else "unrelated"


def _age_gap(need: Age, facts: Facts, place: int) -> Gap:
    born = facts.evidence.born
    if born is None:
        return _gap("age", "unknown")
    missing = position(born) + 12 * need.years * MONTH - place
    return _gap("age", "short", missing, years={"zh": str(need.years), "en": str(need.years)})


def _work_gap(need: Work, facts: Facts, place: int) -> Gap:
    if not facts.work:
        kind = _unrelated(facts.standard.related_occupations) if facts.evidence.work else "absent"
        return _gap("work", kind)
    missing = need.months * MONTH - accumulated(facts.work, ALWAYS, place)
    if not need.months:
        return _gap("work", "later")
    return _gap("work", "short", missing, length=time_words(need.months))


def _certificate_gap(need: Holds, facts: Facts, place: int) -> Gap:
    fitting = [each for each in facts.evidence.certificates if certificate_fits(need, each.level)]
    related = [position(each.issued) for each in fitting if facts.counts(each.occupation)]
    level = level_words(need.level)
    if not related:
        kind = _unrelated(facts.standard.related_occupations) if fitting else "absent"
        return _gap("certificate", kind, level=level)
    since = min(related)
    if since > place:
        return _gap("certificate", "later", level=level)
    held = since + need.held_months * MONTH - place
    if held > 0:
        return _gap("certificate", "held", held, level=level, length=time_words(need.held_months))
    worked = accumulated(facts.work, since, place)
    missing = need.work_months_after * MONTH - worked
    return _gap("certificate", "short", missing, level=level, length=time_words(need.work_months_after))


def _title_gap(need: Titled, facts: Facts, place: int) -> Gap:
    fitting = [each for each in facts.evidence.titles if title_fits(need, each.grade, each.kind)]
    related = [position(each.issued) for each in fitting if facts.specialty_counts(each.specialty)]
    grade = word("grades", need.grade)
    if not related:
        kind = _unrelated(facts.standard.specialties) if fitting else "absent"
        return _gap("title", kind, grade=grade)
    since = min(related)
    if since > place:
        return _gap("title", "later", grade=grade)
    missing = need.work_months_after * MONTH - accumulated(facts.work, since, place)
    return _gap("title", "short", missing, grade=grade, length=time_words(need.work_months_after))


def _course_gap(of: str, need: Graduated | Studies, facts: Facts, last: str) -> Gap:
    """The first thing that no course has, in the order in which the condition names them."""
    courses = [each for each in facts.evidence.education if each.school in need.schools]
    if not courses:
        return _gap(of, "absent", schools=several("schools", need.schools))
    courses = [each for each in courses if course_fits(need, each)]
    if not courses:
        return _gap(of, "class", classes=several("classes", need.classes))
    if not (need.any_major or any(facts.major_counts(each.major) for each in courses)):
        return _gap(of, _unrelated(facts.standard.majors))
    return _gap(of, last)


def _diploma_gap(need: Graduated, facts: Facts, _: int) -> Gap:
    approved = not need.approved or any(_right_course(need, facts, each) for each in facts.evidence.education)
    last = "not_graduating" if need.graduating else "not_graduated"
    return _course_gap("diploma", need, facts, last if approved else "not_approved")


def _right_course(need: Graduated | Studies, facts: Facts, course: Education) -> bool:
    major = need.any_major or facts.major_counts(course.major)
    approved = isinstance(need, Studies) or course.approved or not need.approved
    return course_fits(need, course) and major and approved


def _student_gap(need: Studies, facts: Facts, _: int) -> Gap:
    return _course_gap("student", need, facts, "not_enrolled")


def _apprenticeship_gap(_: Apprenticed, facts: Facts, __: int) -> Gap:
    done = facts.evidence.apprenticeships
    if any(facts.counts(each.occupation) for each in done):
        return _gap("apprenticeship", "later")
    return _gap("apprenticeship", _unrelated(facts.standard.related_occupations) if done else "absent")


def _earliest(of: Any, dates: Mapping[int, date]) -> Iterable[Piece]:
    """The piece of evidence from which the time counts."""
    return [Piece(of, min(dates, key=lambda place: dates[place]))]


def _work_pieces(facts: Facts, since: int, place: int) -> Iterable[Piece]:
    for at, each in enumerate(facts.evidence.work):
        ended = each.ended is not None and position(each.ended) < since
        if facts.counts(each.occupation) and position(each.begun) <= place and not ended:
            yield Piece("work", at)


def _certificate_pieces(need: Holds, facts: Facts, place: int) -> Iterable[Piece]:
    issued = {
        at: each.issued
        for at, each in enumerate(facts.evidence.certificates)
        if certificate_fits(need, each.level) and facts.counts(each.occupation)
    }
    yield from _earliest("certificates", issued)
    if need.work_months_after:
        yield from _work_pieces(facts, position(min(issued.values())), place)


def _title_pieces(need: Titled, facts: Facts, place: int) -> Iterable[Piece]:
    issued = {
        at: each.issued
        for at, each in enumerate(facts.evidence.titles)
        if title_fits(need, each.grade, each.kind) and facts.specialty_counts(each.specialty)
    }
    yield from _earliest("titles", issued)
    if need.work_months_after:
        yield from _work_pieces(facts, position(min(issued.values())), place)


def _course_pieces(need: Graduated | Studies, facts: Facts, place: int) -> Iterable[Piece]:
    for at, each in enumerate(facts.evidence.education):
        spans = student_spans(each) if isinstance(need, Studies) else graduated_spans(each, need.graduating)
        if _right_course(need, facts, each) and any(begin <= place < end for begin, end in spans):
            yield Piece("education", at)


def _apprenticeship_pieces(_: Apprenticed, facts: Facts, __: int) -> Iterable[Piece]:
    done = enumerate(facts.evidence.apprenticeships)
    fitting = {at: each.completed for at, each in done if facts.counts(each.occupation)}
    return _earliest("apprenticeships", fitting)


_GAPS: Mapping[type, Callable[[Any, Facts, int], Gap]] = {
    Age: _age_gap,
    Intent: lambda *_: _gap("intent", "absent"),
    Work: _work_gap,
    Holds: _certificate_gap,
    Titled: _title_gap,
    Graduated: _diploma_gap,
    Studies: _student_gap,
    Apprenticed: _apprenticeship_gap,
}
_PIECES: Mapping[type, Callable[[Any, Facts, int], Iterable[Piece]]] = {
    Age: lambda *_: [Piece("born")],
    Intent: lambda *_: [Piece("intends")],
    Work: lambda _, facts, place: _work_pieces(facts, ALWAYS, place),
    Holds: _certificate_pieces,
    Titled: _title_pieces,
    Graduated: _course_pieces,
    Studies: _course_pieces,
    Apprenticed: _apprenticeship_pieces,
}
