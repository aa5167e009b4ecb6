"""What can be wrong with a review (000 A1 6-7; REG-095 to REG-097, REG-099)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain import papers
from jiangheng.registration.domain.application import Finding, ReviewItem, State, Verdict
from jiangheng.registration.domain.form import ApplicationForm
from jiangheng.registration.domain.refusal import refuse, text_fault, text_faults, too_many
from jiangheng.rules.pack import Pack

MAX_ITEMS = 100
MAX_NOTE = 2000
_TEXT = 200
# A Problem travels in gRPC's trailers; the whole finding is shown with the application.
_SAID = 400


@dataclass(frozen=True)
class Opinion:
    """What a reviewer hands in."""

    verdict: Verdict
    items: tuple[ReviewItem, ...] = ()
    note: str = ""
    against_finding: str = ""


def refuse_unstorable(opinion: Opinion) -> None:
    """Raise Problem INVALID for sizes, characters, and a refusal or a doubt that gives no reason."""
    refuse(_unstorable(opinion))


def refuse_unfounded(
    opinion: Opinion, state: State, form: ApplicationForm, finding: Finding, pack: Pack
) -> None:
    """Raise Problem INVALID for an approval that leaves something unlooked at or lowers the conditions."""
    if opinion.verdict is Verdict.APPROVE:
        refuse([*_unlooked(opinion, form, pack), *_lowered(opinion, state, finding)])


def _unstorable(opinion: Opinion) -> Iterator[Problem]:
    for field, text in (("note", opinion.note), ("against_finding", opinion.against_finding)):
        fault = text_fault(field, text, MAX_NOTE, lines=True)
        if fault:
            yield fault
    yield from too_many("items", len(opinion.items), MAX_ITEMS)
    twice = Counter(item.kind for item in opinion.items)
    for number, item in enumerate(opinion.items[:MAX_ITEMS]):
        at = f"items[{number}]"
        yield from text_faults(((f"{at}.kind", item.kind, _TEXT), (f"{at}.source", item.source, _TEXT)))
        if item.kind not in papers.known_kinds() or twice[item.kind] > 1:
            yield _fault(f"{at}.kind", "审核事项未知或重复。", "no such matter, or named twice")
        if not item.source.strip():
            yield _fault(f"{at}.source", "未写明查验来源。", "it is not said where it was checked")
    if opinion.verdict is not Verdict.APPROVE and not opinion.note.strip():
        zh, en = "应当写明理由。", "the reason is missing"
        yield invalid("note", zh, en, rule="REG-099", clause="001 D1 8; 004 S三(三)2", code="no-reason")


def _unlooked(opinion: Opinion, form: ApplicationForm, pack: Pack) -> Iterator[Problem]:
    """Every matter that the form needs a paper for was looked at and passed (REG-096)."""
    passed = {item.kind: item.passed for item in opinion.items}
    for kind in papers.needed(form, pack):
        if kind not in passed:
            name = papers.known_kinds()[kind]
            yield _fault("items", f"未审核：{name.zh}。", f"not looked at: {name.en}")
    for number, item in enumerate(opinion.items):
        if not item.passed:
            yield _fault(
                f"items[{number}].passed", "该事项未通过，不得通过审核。", "approved though it failed"
            )


def _lowered(opinion: Opinion, state: State, finding: Finding) -> Iterator[Problem]:
    against = opinion.against_finding.strip()
    if not finding.eligible and not against and state is not State.SECOND_REVIEW:
        missing = "".join(text for one in finding.tried for text in one.zh)
        yield invalid(
            "against_finding",
            f"不符合申报条件，不得降低条件：{missing[:_SAID]}",
            "no condition is met and none may be lowered; if the finding is wrong, say what is wrong in it",
            rule="REG-097",
            clause="000 A1 6-7",
            code="not-eligible",
        )
    if finding.eligible and against and state is not State.SECOND_REVIEW:
        yield invalid(
            "against_finding",
            "规则判定已符合条件。",
            "the rules find a condition met: there is nothing to go against",
            rule="REG-097",
            code="finding-agrees",
        )


def _fault(field: str, zh: str, en: str) -> Problem:
    return invalid(field, zh, en, rule="REG-096", clause="000 A1 7")
