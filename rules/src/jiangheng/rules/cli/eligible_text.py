"""A decision as a clerk would like to read it: the answer first, then why, then what else was tried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from jiangheng.rules.eligibility.decide import Attempt, Decision, Finding
from jiangheng.rules.eligibility.evidence import (
    Apprenticeship,
    Certificate,
    Education,
    Evidence,
    Title,
    WorkPeriod,
)
from jiangheng.rules.eligibility.gaps import Piece
from jiangheng.rules.eligibility.wording import level_words, need_text, word
from jiangheng.rules.pack import Pack

_NAMES = {
    "born": "出生日期 date of birth",
    "intends": "拟从事 intention",
    "certificates": "证书 certificate",
    "work": "工作 work",
    "education": "学历 education",
    "titles": "职称 title",
    "apprenticeships": "学徒 apprenticeship",
}


def print_decision(decision: Decision, evidence: Evidence, pack: Pack) -> None:
    """The lines below, each folded to the terminal's width under its own beginning."""
    console = Console(highlight=False)
    for line in decision_lines(decision, evidence, pack):
        said = line.lstrip(" ")
        # A space would let the whole of a Chinese sentence go to the next line.
        kept = said.replace("✓ ", "✓\u00a0").replace("✗ ", "✗\u00a0")
        console.print(Padding(Text(kept, overflow="fold"), (0, 0, 0, len(line) - len(said)), expand=False))


def decision_lines(decision: Decision, evidence: Evidence, pack: Pack) -> Iterator[str]:
    """The answer, the conditions that are met, then those that are not with what they lack."""
    level, on = level_words(decision.level), decision.on
    yield f"{decision.standard.occupation} · {level['zh']} {level['en']} · {on} · {pack.id} {pack.version}"
    yield from _answer(decision)
    if decision.standard.example:
        yield "注：所用名单为示例，请与标准核对。"
        yield "Note: the lists used are an example; check them against the standard."
    for attempt in sorted(decision.attempts, key=lambda each: not each.met):
        yield ""
        yield from _attempt_lines(attempt, evidence)
    for each in decision.explanations if not decision.attempts else ():
        yield from (each.zh, each.en)


def _answer(decision: Decision) -> tuple[str, str]:
    day = decision.from_day
    if decision.eligible:
        return f"可以申报（自 {day} 起）。", f"May apply, since {day}."
    if day:
        return f"不可申报；{day} 起可以。", f"May not apply; may from {day} on."
    return f"不可申报。{decision.waiting.zh}", f"May not apply. {decision.waiting.en}"


def _attempt_lines(attempt: Attempt, evidence: Evidence) -> Iterator[str]:
    row = attempt.condition
    yield f"{_mark(attempt.met)} {row.id} [{row.clause}]"
    yield f"    {row.zh}"
    yield f"    {row.en}"
    for finding in attempt.findings:
        yield from _finding_lines(finding, evidence)
    if not attempt.met and attempt.from_day:
        yield f"    → {attempt.from_day} 起满足。 Met from {attempt.from_day} on."


def _finding_lines(finding: Finding, evidence: Evidence) -> Iterator[str]:
    if finding.gap:
        yield f"    {_mark(False)} {finding.gap.zh}"
        yield f"      {finding.gap.en}"
        return
    zh, en = need_text(finding.need)
    yield f"    {_mark(True)} {zh}"
    yield f"      {en}"
    for shown in filter(None, (_piece(piece, evidence) for piece in finding.pieces)):
        yield f"      · {shown}"


def _mark(met: bool) -> str:
    return "✓" if met else "✗"


def _piece(piece: Piece, evidence: Evidence) -> str:
    name = _NAMES[piece.of]
    match getattr(evidence, piece.of):
        case date() as born:
            return f"{name} {born}"
        case tuple() as each:
            return f"{name} {piece.place + 1} ({_what(each[piece.place])})"
        case _:
            return ""


def _what(piece: Certificate | WorkPeriod | Education | Title | Apprenticeship) -> str:
    match piece:
        case Certificate(occupation, level, issued):
            return _list(occupation, level_words(level)["zh"], str(issued))
        case WorkPeriod(occupation, begun, ended):
            return _list(occupation, f"{begun}—{ended or '今 now'}")
        case Education(school=school, major=major, graduated=graduated):
            until = (
                f"{graduated} 毕业"
                if graduated
                else f"应于 {piece.expected_until} 毕业" * bool(piece.expected_until)
            )
            return _list(word("schools", school)["zh"], major, until)
        case Title(grade, specialty, issued):
            return _list(word("grades", grade)["zh"], specialty, str(issued))
        case _:
            return _list(piece.occupation, str(piece.completed))


def _list(*parts: str) -> str:
    return ", ".join(filter(None, parts))
