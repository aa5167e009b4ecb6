"""Rules of a candidate's registration that need no workflow: papers, identity, promises, photo (REG D, E).

Each answers by the pack; where the pack does not regulate a matter nothing is demanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from jiangheng.rules.eligibility.conditions import Condition, Holds, Need, Titled, Work
from jiangheng.rules.eligibility.standard import same_occupation
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.documents import check_document, document_kinds
from jiangheng.rules.pack import Pack
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table

PAPERS, PROMISES, IDENTITIES = "reg.required_papers", "reg.commitments_required", "reg.id_types"
ONLINE, CATEGORIES, PHOTO = "reg.network_check_replaces_paper", "reg.candidate_categories", "reg.photo"
OCCUPATIONS, POST = "reg.max_occupations_per_application", "reg.occupation_must_match_post"
LOCKED, STUDY = "reg.lock_after_confirmation", "reg.study_phase"
_ANY_PAPER = "other_identity_paper"
_AFTER_TEACHING = "after_teaching_usually_final_year"


@dataclass(frozen=True)
class CandidatePaper:
    """A paper that a candidate owes; `online` if a stored online check can stand for it here."""

    kind: str
    zh: str
    en: str
    clause: str
    online: bool


@dataclass(frozen=True)
class Photo:
    """What is known of a photo; None is not known and is not judged. `size` is an option such as two_inch."""

    format: str | None = None
    bytes: int | None = None
    size: str | None = None
    colour: bool | None = None
    white_ground: bool | None = None
    recent: bool | None = None
    bareheaded: bool | None = None
    electronic: bool | None = None


def required_papers(pack: Pack, claimed: Condition | None) -> tuple[CandidatePaper, ...]:
    """The papers for the condition that a candidate claims (REG-084); all of them if it is not known."""
    return tuple(_paper(pack, kind) for kind in _listed(pack, PAPERS) if _needed(kind, claimed))


def missing_papers(
    pack: Pack, claimed: Condition | None, attached: Iterable[str], checked_online: Iterable[str] = ()
) -> tuple[Explanation, ...]:
    """One for each paper that is neither there nor replaced by a stored online check (REG-083, REG-084)."""
    there, checked = frozenset(attached), frozenset(checked_online)
    return tuple(
        _said("paper", "REG-084", paper.clause, paper.zh, paper.en)
        for paper in required_papers(pack, claimed)
        if paper.kind not in there and not (paper.online and paper.kind in checked)
    )


def missing_promises(pack: Pack, given: Iterable[str]) -> tuple[Explanation, ...]:
    """One for each promise that must exist and does not (REG-066, REG-078; 000 A1 9)."""
    there = frozenset(given)
    wanted = [each for each in _listed(pack, PROMISES) if each not in there]
    return tuple(_named("promise", "REG-066", pack, PROMISES, each) for each in wanted)


def check_identity_paper(pack: Pack, kind: str, number: str, on: date) -> Explanation | None:
    """Why an identity paper is not accepted, or its number not of its form; None if it is (REG-076).

    `kind` is an option of `reg.id_types`. Where a pack says only 身份证件, every kind is.
    """
    accepted = _listed(pack, IDENTITIES)
    if accepted and kind not in accepted and _ANY_PAPER not in accepted:
        return _named("identity", "REG-076", pack, IDENTITIES, *accepted)
    return check_document(kind, number, on) if kind in document_kinds() else None


def check_occupations(pack: Pack, applied: Sequence[str], post: str = "") -> tuple[Explanation, ...]:
    """Whether an application names as many occupations as it may, and that of the post (REG-077).

    `post` is the occupation of the actual post; a trade is its occupation.
    """
    found = []
    if pack.regulates(OCCUPATIONS) and not 1 <= len(set(applied)) <= pack.integer(OCCUPATIONS):
        number = str(pack.integer(OCCUPATIONS))
        found.append(_said("too_many", "REG-077", _clause(pack, OCCUPATIONS), number, number))
    matches = {same_occupation(each) for each in applied} <= {same_occupation(post)}
    if pack.regulates(POST) and pack.flag(POST) and not matches:
        found.append(_said("post", "REG-077", _clause(pack, POST)))
    return tuple(found)


def check_category(pack: Pack, category: str) -> Explanation | None:
    """Why there is no such category of candidate, or None (REG-080)."""
    known = _listed(pack, CATEGORIES)
    return (
        _named("category", "REG-080", pack, CATEGORIES, *known) if known and category not in known else None
    )


def check_photo(pack: Pack, photo: Photo) -> tuple[Explanation, ...]:
    """What is wrong with a photo, as far as it is known (REG-075)."""
    wanted = pack.record(PHOTO) if pack.regulates(PHOTO) else {}
    return tuple(
        _photo_fault(pack, name, value) for name, value in wanted.items() if not _fits(photo, name, value)
    )


def check_change(pack: Pack, field: str, *, confirmed: bool, excepted: bool) -> Explanation | None:
    """Why a datum may not be changed, or None; `excepted` if an exception was approved (REG-100)."""
    name = table("registration")["frozen"].get(field)
    locked = pack.regulates(LOCKED) and pack.flag(LOCKED)
    if name is None or not locked or not confirmed or excepted:
        return None
    return _said("frozen", "REG-100", _clause(pack, LOCKED), name["zh"], name["en"])


def check_study_phase(pack: Pack, *, teaching_done: bool) -> Explanation | None:
    """Why a student may not apply yet, or None (REG-086; 004 T三(一))."""
    after_teaching = pack.regulates(STUDY) and pack.record(STUDY)["rule"] == _AFTER_TEACHING
    return _said("study", "REG-086", _clause(pack, STUDY)) if after_teaching and not teaching_done else None


_When = Literal["always", "work", "certificate", "title", "held"]
_RESTS_ON: dict[_When, Callable[[Need], bool]] = {
    "always": lambda _: True,
    "work": lambda need: isinstance(need, Work) or getattr(need, "work_months_after", 0) > 0,
    "certificate": lambda need: isinstance(need, Holds),
    "title": lambda need: isinstance(need, Titled),
    "held": lambda _: False,
}


def _needed(kind: str, claimed: Condition | None) -> bool:
    when: _When = table("registration")["paper"][kind]["when"]
    if claimed is None:
        return when != "held"
    return any(_RESTS_ON[when](need) for need in claimed.needs)


def _paper(pack: Pack, kind: str) -> CandidatePaper:
    name = schema().parameters[PAPERS].shape.options[kind]
    replaceable = pack.regulates(ONLINE) and pack.flag(ONLINE)
    online = replaceable and table("registration")["paper"][kind]["online"]
    return CandidatePaper(kind, name.zh, name.en, _clause(pack, PAPERS), online)


def _fits(photo: Photo, name: str, wanted: Any) -> bool:
    """Whether the photo has what is wanted; what is not known is taken for granted."""
    if name == "max_size":
        most = wanted * table("registration")["photo"]["bytes_per_kb"]
        return photo.bytes is None or photo.bytes <= most
    known = getattr(photo, name)
    return known is None or known == wanted or wanted is False


def _photo_fault(pack: Pack, name: str, value: Any) -> Explanation:
    said = table("registration")["photo"][name]
    shown = schema().parameters[PHOTO].shape.fields[name].shape.options.get(value)
    zh, en = (shown.zh, shown.en) if shown else (str(value), str(value))
    return Explanation(
        said["zh"].format(wanted=zh), said["en"].format(wanted=en), "REG-075", _clause(pack, PHOTO)
    )


def _listed(pack: Pack, key: str) -> tuple[str, ...]:
    return pack.choices(key) if pack.regulates(key) else ()


def _clause(pack: Pack, key: str) -> str:
    return "; ".join(pack.answer(key).cite)


def _named(kind: str, rule: str, pack: Pack, key: str, *options: str) -> Explanation:
    names = [schema().parameters[key].shape.options[each] for each in options]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    return _said(kind, rule, _clause(pack, key), zh, en)


def _said(kind: str, rule: str, clause: str, zh: str = "", en: str = "") -> Explanation:
    said = table("registration")["said"][kind]
    return Explanation(said["zh"].format(name=zh), said["en"].format(name=en), rule, clause)
