"""How many institutions and occupations, how long, when again (000 A7 21-22, A8 8; 001 D4 20, D5 18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.provenance import follows
from jiangheng.rules.qualification.grades import Post
from jiangheng.rules.records import is_so
from jiangheng.rules.tables import table
from jiangheng.rules.terms import last_day
from jiangheng.rules.wording import worded

_REASONS = "qualification/reasons"
INSTITUTIONS = "examiner.max_institutions"
OCCUPATIONS = "examiner.max_occupations"
TERMS = {"examiner": "examiner.term_years", "supervisor": "supervisor.term_years"}
JOINED = "examiner.card.validity_years"
ASSESSMENT = "examiner.annual_assessment"
HIRED = "staff.hired_excluded_from_secret_posts"


@dataclass(frozen=True)
class Engagement:
    """An engagement of an examiner that runs now, at whatever institution."""

    institution: str
    occupations: frozenset[str]


def check_limits(wanted: Engagement, running: Iterable[Engagement], pack: Pack) -> tuple[Explanation, ...]:
    """Why one engagement more is too many, across all institutions; empty if it is not (X10, EXM-044)."""
    everything = (wanted, *running)
    counted = {
        INSTITUTIONS: ("too_many_institutions", {each.institution for each in everything}),
        OCCUPATIONS: ("too_many_occupations", {one for each in everything for one in each.occupations}),
    }
    return tuple(
        worded(_REASONS, reason, pack.answer(key).cite, wanted=pack.integer(key))
        for key, (reason, found) in counted.items()
        if pack.regulates(key) and len(found) > pack.integer(key)
    )


def engagement_until(start: date, post: Post, pack: Pack) -> date:
    """The last day that an engagement from this day may have. Raises NotRegulated."""
    return last_day(start, pack.integer(TERMS[post]), "year", moves=False)


def check_term(start: date, until: date, card_until: date, post: Post, pack: Pack) -> tuple[Explanation, ...]:
    """Why an engagement is too long: by the pack, or by the card that it is joined to (EXM-045, SUP-007)."""
    if not pack.regulates(TERMS[post]):
        return ()
    cite, last = pack.answer(TERMS[post]).cite, engagement_until(start, post, pack)
    reasons = []
    if until > last:
        years = pack.integer(TERMS[post])
        reasons.append(worded(_REASONS, "term_too_long", cite, last=last, wanted=years))
    if until > card_until:
        reasons.append(worded(_REASONS, "term_beyond_card", cite, last=card_until))
    return tuple(reasons)


def check_renewal(done: Iterable[str], post: Post, pack: Pack) -> tuple[Explanation, ...]:
    """What a renewal still needs (EXM-042, SUP-007).

    `done`: of "assessment" (pass or better), "training", "test", "evaluation".
    A pack whose papers say nothing of renewals needs nothing.
    """
    rows = table(_REASONS)["renewal"][post]
    steps, there = table(_REASONS)["renewal_steps"], set(done)
    return tuple(
        worded(_REASONS, "renewal", [row["clause"]], wanted=steps[step]["zh"], wanted_en=steps[step]["en"])
        for paper, row in rows.items()
        if follows(paper, (TERMS[post],), pack)
        for step in row["needs"]
        if step not in there
    )


def check_assessed(
    engaged_by: Iterable[str], assessed_by: Iterable[str], pack: Pack
) -> tuple[Explanation, ...]:
    """Why an examiner's year is not assessed as it must be: by every engaging institution (EXM-047)."""
    if not pack.regulates(ASSESSMENT) or not is_so(pack.record(ASSESSMENT), "by_every_institution"):
        return ()
    missing = set(engaged_by) - set(assessed_by)
    return (
        (worded(_REASONS, "not_assessed", pack.answer(ASSESSMENT).cite, found=len(missing)),)
        if missing
        else ()
    )


def check_secret_post(*, hired: bool, pack: Pack) -> tuple[Explanation, ...]:
    """Why a hired person may not hold a post with secret matter (X11)."""
    if not hired or not pack.regulates(HIRED) or not pack.flag(HIRED):
        return ()
    return (worded(_REASONS, "hired_person", pack.answer(HIRED).cite),)
