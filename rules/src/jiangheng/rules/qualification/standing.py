"""What a card is worth on a day, and whom it lets examine or supervise (000 A7 3, 19, A8 3; 001 D4 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.provenance import follows
from jiangheng.rules.qualification.grades import LEVEL_OPTIONS, Grade, SupervisorKind
from jiangheng.rules.records import is_so, options
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table
from jiangheng.rules.terms import last_day
from jiangheng.rules.values import Text
from jiangheng.rules.wording import worded

_REASONS = "qualification/reasons"
LEVELS = "examiner.grades"
VALIDITY = "examiner.card.validity_years"
TERM = "supervisor.term_years"
FURTHER_TRAINING = "examiner.continuing_education"
KINDS = "supervisor.kinds"
QUALIFICATION = "supervisor.qualification"

State = Literal["valid", "not_yet_valid", "expired", "cancelled"]


@dataclass(frozen=True)
class ExaminerCard:
    """What is on record of an examiner.

    `retraining_due`: occupations whose technique, standard or rules changed
    since the training. `registered`: stands in the register that the
    institution must use (its own; for agencies the provincial centre's).
    """

    grade: Grade
    occupations: frozenset[str]
    valid_from: date
    valid_until: date
    cancelled: date | None = None
    retraining_due: frozenset[str] = frozenset()
    registered: bool = True


@dataclass(frozen=True)
class SupervisorCard:
    """What is on record of a supervisor; `institution`: the own one, of external ones the sending body."""

    kind: SupervisorKind
    institution: str
    valid_from: date
    valid_until: date
    cancelled: date | None = None
    regular_staff: bool = False
    registered: bool = True


@dataclass(frozen=True)
class CardState:
    """What a card is worth: its last day, and why it is worth nothing (None if it is valid)."""

    state: State
    last_day: date
    reason: Explanation | None = None

    def days_left(self, on: date) -> int:
        """Days until the last one; negative afterwards."""
        return (self.last_day - on).days


def card_state(card: ExaminerCard | SupervisorCard, on: date, pack: Pack) -> CardState:
    """Whether a card is valid on a day; it is never longer than the pack lets it be (EXM-041, X12)."""
    key = VALIDITY if isinstance(card, ExaminerCard) else TERM
    last = _last_day(card, key, pack)
    cite = pack.answer(key).cite if pack.regulates(key) else ("000 A7 19",)
    if card.cancelled is not None and card.cancelled <= on:
        return CardState("cancelled", last, worded(_REASONS, "cancelled", cite))
    if on < card.valid_from:
        return CardState(
            "not_yet_valid", last, worded(_REASONS, "not_yet_valid", cite, first=card.valid_from)
        )
    if on > last:
        return CardState("expired", last, worded(_REASONS, "expired", cite, last=last))
    return CardState("valid", last)


def card_valid_until(issued: date, post_key: str, pack: Pack) -> date:
    """The last day of a card issued that day; `post_key` is VALIDITY or TERM. Raises NotRegulated."""
    return last_day(issued, pack.integer(post_key), "year", moves=False)


def may_examine(
    card: ExaminerCard, occupation: str, level: int, on: date, pack: Pack
) -> tuple[Explanation, ...]:
    """Why this examiner may not examine the occupation and level that day; empty if he may (EXM-018).

    `level` is 5 to 1, or APPRENTICE. Raises NotRegulated where the pack says
    nothing of grades, ValueError for a level that there is not.
    """
    if level not in LEVEL_OPTIONS:
        raise ValueError(f"there is no level {level}")
    return tuple(_examining_faults(card, occupation, level, on, pack))


def may_supervise(card: SupervisorCard, institution: str, on: date, pack: Pack) -> tuple[Explanation, ...]:
    """Why this supervisor may not supervise the institution that day; empty if he may (SUP-003, SUP-012)."""
    return tuple(_supervising_faults(card, institution, on, pack))


def _last_day(card: ExaminerCard | SupervisorCard, key: str, pack: Pack) -> date:
    if not pack.regulates(key):
        return card.valid_until
    return min(card.valid_until, card_valid_until(card.valid_from, key, pack))


def _examining_faults(
    card: ExaminerCard, occupation: str, level: int, on: date, pack: Pack
) -> Iterator[Explanation]:
    state = card_state(card, on, pack)
    if state.reason:
        yield state.reason
    cite = pack.answer(LEVELS).cite
    if occupation not in card.occupations:
        yield worded(_REASONS, "other_occupation", cite)
    yield from _level_faults(card.grade, level, pack)
    if occupation in card.retraining_due and _retrains(pack):
        yield worded(_REASONS, "retraining_due", pack.answer(FURTHER_TRAINING).cite)
    if not card.registered:
        yield from _register_faults("examiner", LEVELS, pack)


def _level_faults(grade: Grade, level: int, pack: Pack) -> Iterator[Explanation]:
    rule, cite = pack.record(LEVELS), pack.answer(LEVELS).cite
    paper = rule.get("elsewhere")
    if grade not in rule and isinstance(paper, Text):
        yield worded(_REASONS, "grades_elsewhere", cite, paper=paper.zh, paper_en=paper.en)
    elif LEVEL_OPTIONS[level] not in options(rule, grade):
        named = schema().parameters[LEVELS].shape.fields[grade]
        asked = named.shape.options[LEVEL_OPTIONS[level]]
        said = {"grade": named.zh, "grade_en": named.en, "level": asked.zh, "level_en": asked.en}
        yield worded(_REASONS, "level_too_high", cite, **said)


def _retrains(pack: Pack) -> bool:
    return pack.regulates(FURTHER_TRAINING) and bool(options(pack.record(FURTHER_TRAINING), "retraining_on"))


def _register_faults(whose: str, key: str, pack: Pack) -> Iterator[Explanation]:
    for paper, clause in table(_REASONS)["registers"][whose].items():
        if follows(paper, (key,), pack):
            yield worded(_REASONS, "not_registered", [clause])


def _supervising_faults(
    card: SupervisorCard, institution: str, on: date, pack: Pack
) -> Iterator[Explanation]:
    state = card_state(card, on, pack)
    if state.reason:
        yield state.reason
    if card.kind not in pack.choices(KINDS):
        named = schema().parameters[KINDS].shape.options[card.kind]
        yield worded(_REASONS, "unknown_kind", pack.answer(KINDS).cite, kind=named.zh, kind_en=named.en)
    rule = pack.record(QUALIFICATION) if pack.regulates(QUALIFICATION) else {}
    cite = pack.answer(QUALIFICATION).cite if rule else ()
    if card.kind == "internal":
        yield from _internal_faults(card, institution, is_so(rule, "internal_from_regular_staff"), pack)
    if is_so(rule, "in_provincial_system") and not card.registered:
        yield worded(_REASONS, "supervisor_not_registered", cite)


def _internal_faults(
    card: SupervisorCard, institution: str, regular_staff_only: bool, pack: Pack
) -> Iterator[Explanation]:
    if card.institution != institution:
        yield worded(_REASONS, "other_institution")
    if regular_staff_only and not card.regular_staff:
        yield worded(_REASONS, "not_regular_staff", pack.answer(QUALIFICATION).cite)
    if not card.registered:
        yield from _register_faults("internal", QUALIFICATION, pack)
