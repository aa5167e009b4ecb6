"""The papers that the filing of an institution needs (002 6-8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.tables import table


@dataclass(frozen=True)
class RequiredPaper:
    """One part of the dossier; `per` says whether one suffices or every occupation has its own."""

    kind: str
    zh: str
    en: str
    per: Literal["dossier", "occupation"]
    clause: str


@dataclass(frozen=True)
class AttachedPaper:
    """A paper that is there, and for which occupation if it is for one."""

    kind: str
    occupation_code: str = ""


@cache
def required_papers() -> tuple[RequiredPaper, ...]:
    """The five parts, in the order of 002 6."""
    return tuple(RequiredPaper(**row) for row in table("filing")["paper"])


def missing_papers(attached: Iterable[AttachedPaper], occupations: Iterable[str]) -> tuple[Explanation, ...]:
    """One explanation for each paper that is not there; empty if the dossier is whole (REG-006, REG-008)."""
    there = frozenset(attached)
    kinds = {paper.kind for paper in there}
    wanted = sorted(set(occupations))
    missing: list[Explanation] = []
    for paper in required_papers():
        if paper.per == "dossier" and paper.kind not in kinds:
            missing.append(_missing(paper))
        if paper.per == "occupation":
            missing.extend(
                _missing(paper, code) for code in wanted if AttachedPaper(paper.kind, code) not in there
            )
    return tuple(missing)


def _missing(paper: RequiredPaper, occupation: str = "") -> Explanation:
    if occupation:
        return Explanation(
            zh=f"职业{occupation}缺少材料：{paper.zh}。",
            en=f"For occupation {occupation} a paper is missing: {paper.en}.",
            rule="REG-008",
            clause=paper.clause,
        )
    return Explanation(
        zh=f"缺少材料：{paper.zh}。",
        en=f"A paper is missing: {paper.en}.",
        rule="REG-006",
        clause=paper.clause,
    )
