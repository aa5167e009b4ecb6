"""Which relations between staff and candidates force withdrawal under a pack (X05 to X07, X32).

The caller gives the relations that were declared or found with the candidates
whom the person would serve: those of the room for a proctor, those assessed for
an examiner or judge, those of the session for a supervisor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.tables import table

RELATIONS = "staff.avoidance_relations"

Kind = Literal["relative", "friend", "teacher_student", "master_apprentice", "trainer", "self"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ExamPost = Literal[
    "chief",
    "exam_staff",
    "proctor",
    "examiner",
    "group_leader",
    "judge",
    "marker",
    "mark_entry",
    "mark_check",
    "numbering_person",
    "internal_supervisor",
    "external_supervisor",
    "district_supervisor",
]
EXAM_POSTS: tuple[ExamPost, ...] = get_args(ExamPost)


@dataclass(frozen=True)
class Tie:
    """A relation of a person to a candidate, both by opaque ids."""

    person: str
    candidate: str
    kind: Kind


@dataclass(frozen=True)
class Withdrawal:
    """A tie for which the person may not serve, and why."""

    tie: Tie
    reason: Explanation


def check_relation(post: ExamPost, kind: Kind, pack: Pack) -> tuple[Explanation, ...]:
    """Why somebody with this relation to a candidate may not hold this post; empty if nothing forbids it."""
    listed = pack.choices(RELATIONS) if pack.regulates(RELATIONS) else ()
    cite = pack.answer(RELATIONS).cite if listed else ()
    return tuple(
        _reason(rule, post, kind, cite)
        for rule in table("relations")["rule"]
        if _of_post(rule, post) and _holds(rule, kind, listed)
    )


def check_ties(post: ExamPost, kinds: Iterable[Kind], pack: Pack) -> tuple[Explanation, ...]:
    """The same for all relations of one person, each reason once."""
    reasons = (reason for kind in kinds for reason in check_relation(post, kind, pack))
    return tuple(dict.fromkeys(reasons))


def withdrawals(ties: Iterable[Tie], posts: Mapping[str, ExamPost], pack: Pack) -> tuple[Withdrawal, ...]:
    """The combinations of staff and candidates that are refused; `posts` by person (EXM-022)."""
    return tuple(
        Withdrawal(tie, reason)
        for tie in ties
        if tie.person in posts
        for reason in check_relation(posts[tie.person], tie.kind, pack)
    )


def _of_post(rule: Mapping[str, Any], post: ExamPost) -> bool:
    return rule["posts"] == "all" or post in rule["posts"]


def _holds(rule: Mapping[str, Any], kind: Kind, listed: tuple[str, ...]) -> bool:
    if "needs" in rule and rule["needs"] not in listed:
        return False
    match rule["relations"]:
        case "any":
            # What the pack lists beside the general rule has a rule of its own.
            return kind != "self" and kind not in listed
        case "listed":
            return table("relations")["covered"].get(kind, kind) in listed
        case one:
            return bool(kind == one)


def _reason(rule: Mapping[str, Any], post: ExamPost, kind: Kind, cite: tuple[str, ...]) -> Explanation:
    words = table("relations")
    said = {
        "post": words["posts"][post]["zh"],
        "post_en": words["posts"][post]["en"],
        "relation": words["kinds"][kind]["zh"],
        "relation_en": words["kinds"][kind]["en"],
    }
    clause = rule.get("clause") or "; ".join(cite)
    return Explanation(rule["zh"].format(**said), rule["en"].format(**said), rule["id"], clause)
