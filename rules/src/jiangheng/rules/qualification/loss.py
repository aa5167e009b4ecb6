"""How examiners and supervisors lose their post, and for how long (000 A7 25-27, A8 13, 24; 001 D4, D5).

The grounds are grounds.toml; a pack has those of the papers that it follows.
The answer says what follows from a ground that was found; that it was found,
and how grave it is, somebody decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.provenance import follows
from jiangheng.rules.qualification.grades import Post, SupervisorKind
from jiangheng.rules.records import is_so, number, option, options
from jiangheng.rules.tables import table
from jiangheng.rules.terms import last_day
from jiangheng.rules.wording import worded

_GROUNDS = "qualification/grounds"
_REASONS = "qualification/reasons"
READMISSION: Mapping[Post, str] = {
    "examiner": "examiner.readmission_years",
    "supervisor": "supervisor.readmission",
}
REFUSALS: Mapping[Post, str] = {
    "examiner": "examiner.refusal_limit",
    "supervisor": "supervisor.refusal_limit",
}
ASSESSMENT = "examiner.annual_assessment"
EDUCATION: Mapping[Post, str] = {
    "examiner": "examiner.continuing_education",
    "supervisor": "supervisor.continuing_education",
}
_RULES: Mapping[Post, str] = {"examiner": "EXM-050", "supervisor": "SUP-010"}
# Effects that mean that the post is lost and a bar begins.
_LOSSES = frozenset({"qualification_ends", "card_cancelled", "card_withdrawn", "not_renewed"})

Response = Literal["took_part", "refused", "refused_with_reason", "absent"]
RESPONSES: tuple[Response, ...] = get_args(Response)


class UnknownGround(LookupError):
    """The papers that the pack follows have no such ground for this post."""

    def __init__(self, ground: str) -> None:
        super().__init__(ground)
        self.ground = ground


@dataclass(frozen=True)
class Ground:
    """A ground of a paper; `by_gravity`: what follows depends on how grave it is."""

    id: str
    zh: str
    en: str
    clause: str
    by_gravity: bool
    crime: bool


@dataclass(frozen=True)
class Bar:
    """A time in which somebody may not apply again; no last day: until somebody lifts it, or for ever."""

    since: date
    until: date | None
    reason: Explanation

    def holds(self, on: date) -> bool:
        """True if it bars an application on that day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True)
class Consequence:
    """What follows: all of `effects`, one of `one_of` as somebody decides, the bar if the post is lost."""

    effects: tuple[str, ...]
    one_of: tuple[str, ...]
    bar: Bar | None
    reason: Explanation


@dataclass(frozen=True)
class Refusals:
    """How often in a row somebody refused; `limit` None: the pack has none; `ground` once it is reached."""

    in_a_row: int
    limit: int | None
    ground: Explanation | None


def grounds(post: Post, pack: Pack) -> tuple[Ground, ...]:
    """Every ground on which a post is lost under the pack, in the order of the papers (EXM-050, SUP-010)."""
    return tuple(
        Ground(
            row["id"], row["zh"], row["en"], row["clause"], row["by"] == "gravity", row.get("crime", False)
        )
        for row in _rows(post, pack)
    )


def consequence(ground: str, post: Post, on: date, pack: Pack, *, grave: bool = True) -> Consequence:
    """What follows from a ground that was found (EXM-049, SUP-010, SUP-011). Raises UnknownGround.

    `grave` matters only for grounds that go by gravity.
    """
    row = _row(ground, post, pack)
    paper = table(_GROUNDS)["paper"][row["paper"]]
    crime = ("judicial_authorities",) if row.get("crime") else ()
    one_of, loss = (), tuple(paper["loss"])
    if row["by"] == "gravity":
        kind = "grave" if grave else "light"
        one_of = tuple(row.get(kind, paper.get(kind)))
        loss = loss if grave else ()
    elif "qualification_ends" in paper.get("grave", ()):
        loss = ("qualification_ends", *loss)
    lost = bool(_LOSSES & {*loss, *one_of})
    bar = bar_after_loss(post, on, pack) if lost else None
    reason = Explanation(f"{row['zh']}。", f"{row['en']}.", f"{_RULES[post]}:{row['id']}", row["clause"])
    return Consequence((*loss, *crime), one_of, bar, reason)


def bar_after_loss(post: Post, lost: date, pack: Pack) -> Bar | None:
    """How long nobody may apply again after a loss that day; None if the pack knows no bar (X12)."""
    key = READMISSION[post]
    if not pack.regulates(key):
        return None
    cite = pack.answer(key).cite
    if post == "supervisor":
        forever = pack.choice(key) == "never_in_province"
        return Bar(lost, None, worded(_REASONS, "barred_for_good" if forever else "blacklisted", cite))
    years = number(pack.record(key), "years")
    if years is None:
        return Bar(lost, None, worded(_REASONS, "blacklisted", cite))
    until = last_day(lost, years, "year", moves=False)
    return Bar(lost, until, worded(_REASONS, "barred", cite, until=until))


def refusals(post: Post, responses: Iterable[Response], pack: Pack) -> Refusals:
    """How many dispatches were refused in a row, oldest first in the list (X34, EXM-026, SUP-009).

    Which responses count, the paper says (with or without good reason, absence);
    any other ends the row. The papers do not say whether institutions are
    counted together: the caller gives the list that it judges.
    """
    row = next((row for row in _rows(post, pack) if "counts" in row), None)
    counted = set(row["counts"]) if row else {"refused"}
    in_a_row = 0
    for response in responses:
        in_a_row = in_a_row + 1 if response in counted else 0
    limit = _refusal_limit(post, pack)
    reached = limit is not None and in_a_row >= limit
    ground = worded(_REASONS, "refusals", pack.answer(REFUSALS[post]).cite, wanted=limit) if reached else None
    return Refusals(in_a_row, limit, ground)


def failed_assessment(post: Post, on: date, pack: Pack) -> Consequence | None:
    """What follows from a failed yearly assessment; None if the pack says nothing (EXM-047, SUP-008)."""
    if post == "examiner" and pack.regulates(ASSESSMENT):
        cite = pack.answer(ASSESSMENT).cite
        return _ending(option(pack.record(ASSESSMENT), "failure"), "assessment_failed", post, on, pack, cite)
    return consequence("assessment_failed", post, on, pack) if _has("assessment_failed", post, pack) else None


def failed_education(
    post: Post, on: date, pack: Pack, *, kind: SupervisorKind | None = None
) -> Consequence | None:
    """What follows from yearly training that was failed or missed; None if nothing (EXM-048, SUP-009).

    `kind` of a supervisor: only the kinds that the pack names are trained each year.
    """
    if not pack.regulates(EDUCATION[post]):
        return None
    rule, cite = pack.record(EDUCATION[post]), pack.answer(EDUCATION[post]).cite
    if post == "supervisor" and kind not in options(rule, "yearly_for"):
        return None
    return _ending(option(rule, "absence_or_failure"), "education_failed_or_missed", post, on, pack, cite)


def check_retraining(change: str, pack: Pack) -> tuple[Explanation, ...]:
    """Why a change needs new training before examining again (EXM-043).

    `change`: an option of `examiner.continuing_education` (core_technique, standard, policy).
    """
    key = EDUCATION["examiner"]
    if not pack.regulates(key) or change not in options(pack.record(key), "retraining_on"):
        return ()
    return (worded(_REASONS, "retraining_due", pack.answer(key).cite),)


def _ending(
    effect: str | None, ground: str, post: Post, on: date, pack: Pack, cite: tuple[str, ...]
) -> Consequence | None:
    """The consequence that a parameter names, with all that the paper joins to it."""
    if effect is None:
        return None
    if effect == "qualification_ends" and _has(ground, post, pack):
        return consequence(ground, post, on, pack)
    named = table(_GROUNDS)["effects"][effect]
    said = {"effect": named["zh"], "effect_en": named["en"]}
    return Consequence((effect,), (), None, worded(_REASONS, "failed", cite, **said))


def _refusal_limit(post: Post, pack: Pack) -> int | None:
    key = REFUSALS[post]
    if not pack.regulates(key):
        return None
    if post == "examiner":
        return pack.integer(key)
    rule = pack.record(key)
    return 1 if is_so(rule, "each_without_reason") else number(rule, "times")


def _has(ground: str, post: Post, pack: Pack) -> bool:
    return any(row["id"] == ground for row in _rows(post, pack))


def _row(ground: str, post: Post, pack: Pack) -> Mapping[str, Any]:
    for row in _rows(post, pack):
        if row["id"] == ground:
            return row
    raise UnknownGround(ground)


def _rows(post: Post, pack: Pack) -> list[Mapping[str, Any]]:
    followed = _papers(post, pack)
    return [row for row in table(_GROUNDS)["ground"] if row["paper"] in followed]


def _papers(post: Post, pack: Pack) -> Mapping[str, Mapping[str, Any]]:
    papers = table(_GROUNDS)["paper"]
    return {
        name: row for name, row in papers.items() if row["post"] == post and follows(name, row["keys"], pack)
    }
