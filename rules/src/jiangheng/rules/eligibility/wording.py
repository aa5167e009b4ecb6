"""Needs in words, Chinese and English; what is said of times and of words of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

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
from jiangheng.rules.tables import table

Words = dict[str, str]
"""The same in two languages: zh, en."""


def time_words(months: int, days: int = 0) -> Words:
    """A length of time, e.g. 1年3个月."""
    words = table("eligibility/gaps")["amount"]
    parts = {"years": months // 12, "months": months % 12, "days": days}
    zh = "".join(words[name]["zh"].format(n=n) for name, n in parts.items() if n)
    en = [words["one"][name] if n == 1 else words[name]["en"].format(n=n) for name, n in parts.items() if n]
    return {"zh": zh or "0", "en": " ".join(en) or "0"}


def level_words(level: int) -> Words:
    """The name of a level."""
    return word("levels", str(level))


def word(of: str, name: str) -> Words:
    """One word of a list of vocabulary.toml."""
    found: Words = table("eligibility/vocabulary")[of][name]
    return found


def several(of: str, names: Collection[str]) -> Words:
    """Some of them, in the order of the vocabulary."""
    known = [each for name, each in table("eligibility/vocabulary")[of].items() if name in names]
    return {"zh": "、".join(each["zh"] for each in known), "en": ", ".join(each["en"] for each in known)}


def filled(said: Words, **words: Words) -> tuple[str, str]:
    """A sentence with its blanks filled, Chinese and English."""
    zh, en = (
        said[language].format(**{name: each[language] for name, each in words.items()})
        for language in ("zh", "en")
    )
    return zh, en


def need_text(need: Need) -> tuple[str, str]:
    """What a need asks for, Chinese and English."""
    parts = [filled(table("eligibility/needs")[name], **words) for name, words in _TEXTS[type(need)](need)]
    return "，".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)


Parts = list[tuple[str, dict[str, Words]]]


def _after(months: int) -> Parts:
    return [("work_after", {"length": time_words(months)})] if months else []


def _age(need: Age) -> Parts:
    return [("age", {"years": {"zh": str(need.years), "en": str(need.years)}})]


def _work(need: Work) -> Parts:
    return [("work", {"length": time_words(need.months)})] if need.months else [("works", {})]


def _holds(need: Holds) -> Parts:
    held = [("held", {"length": time_words(need.held_months)})] if need.held_months else []
    kind = "certificate_or_higher" if need.or_higher else "certificate"
    return [(kind, {"level": level_words(need.level)}), *held, *_after(need.work_months_after)]


def _titled(need: Titled) -> Parts:
    kind = "title_or_higher" if need.or_higher else "title"
    or_qualification: Parts = [("or_qualification", {})] if need.or_qualification else []
    return [(kind, {"grade": word("grades", need.grade)}), *or_qualification, *_after(need.work_months_after)]


def _course(need: Graduated | Studies, kind: str) -> Parts:
    classes: Parts = [("classes", {"classes": several("classes", need.classes)})] if need.classes else []
    major: Parts = [] if need.any_major else [("major", {})]
    return [(kind, {"schools": several("schools", need.schools)}), *classes, *major]


def _graduated(need: Graduated) -> Parts:
    approved: Parts = [("approved", {})] if need.approved else []
    graduating: Parts = [("graduating", {})] if need.graduating else []
    return [*_course(need, "diploma"), *approved, *graduating]


_TEXTS: Mapping[type, Callable[[Any], Parts]] = {
    Age: _age,
    Intent: lambda _: [("intent", {})],
    Work: _work,
    Holds: _holds,
    Titled: _titled,
    Graduated: _graduated,
    Studies: lambda need: _course(need, "student"),
    Apprenticed: lambda _: [("apprenticeship", {})],
}
