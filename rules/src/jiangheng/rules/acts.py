"""Acts that need several persons, and what may be disclosed (roles.md X14-X25, X29, X31, X33).

Who took part is given by opaque ids, each with post and task, so that an act is
judged on persons, not on the number of entries. The table is acts.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.incompatibility import Verdict
from jiangheng.rules.pack import Pack
from jiangheng.rules.posts import post
from jiangheng.rules.tables import table


class UnknownAct(LookupError):
    """There is no act of this kind in acts.toml."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class UnknownTask(LookupError):
    """There is no task of this name in acts.toml."""


class UnknownMatter(LookupError):
    """There is no matter of this name in acts.toml."""


@dataclass(frozen=True)
class Participant:
    """Somebody in an act, by opaque id, with the post in which he takes part and his task (acts.toml)."""

    person: str
    post: str
    task: str


@dataclass(frozen=True)
class Stage:
    """How far the marks have come: whether all are in, and whether the result is public."""

    marked: bool = False
    published: bool = False


def act_kinds() -> tuple[str, ...]:
    """Every kind of act of which a rule speaks."""
    return tuple(dict.fromkeys(row["kind"] for row in table("acts")["act"]))


def check_act(kind: str, participants: Iterable[Participant], pack: Pack) -> Verdict:
    """Whether these persons may do the act together under this pack.

    Refusals where a text of the pack binds; where none does, the same reasons
    are warnings. Raises UnknownAct, UnknownPost, UnknownTask.
    """
    there = tuple(participants)
    _known(kind, there)
    texts = [row for row in table("acts")["act"] if row["kind"] == kind]
    binding = [row for row in texts if _binds(row, pack)]
    if binding:
        return Verdict(refusals=_all_faults(binding, there, pack))
    return Verdict(
        warnings=_all_faults([row for row in texts[:1] if row.get("elsewhere", True)], there, pack)
    )


def check_disclosure(
    name: str, matter: str, stage: Stage, *, authorised: bool = False
) -> tuple[Explanation, ...]:
    """Why a holder of this post may not know or tell this matter yet; empty if nothing forbids it (X24, X31).

    `matter`: one of acts.toml. `authorised`: by the head or by law; it lifts
    no ban that holds always. Raises UnknownPost, UnknownMatter.
    """
    kind = post(name).kind
    if matter not in table("acts")["matters"]:
        raise UnknownMatter(matter)
    rows = [row for row in table("acts")["secret"] if row["matter"] == matter and kind in row["posts"]]
    return tuple(_kept(row) for row in rows if not _open(row, stage, authorised))


def _open(row: Mapping[str, Any], stage: Stage, authorised: bool) -> bool:
    if "until" in row:
        return bool(getattr(stage, row["until"]))
    return authorised and not row.get("never", False)


def _kept(row: Mapping[str, Any]) -> Explanation:
    matter = table("acts")["matters"][row["matter"]]
    return Explanation(
        zh=f"此时不得知悉或泄露：{matter['zh']}。",
        en=f"This is not to be known or disclosed at this stage: {matter['en']}.",
        rule=row["rule"],
        clause=row["clause"],
    )


def _known(kind: str, participants: Sequence[Participant]) -> None:
    if kind not in act_kinds():
        raise UnknownAct(kind)
    for each in participants:
        post(each.post)
        if each.task not in table("acts")["tasks"]:
            raise UnknownTask(each.task)


def _binds(row: Mapping[str, Any], pack: Pack) -> bool:
    return "packs" not in row or bool({pack.id, *pack.head.extends} & set(row["packs"]))


def _all_faults(
    texts: Iterable[Mapping[str, Any]], there: Sequence[Participant], pack: Pack
) -> tuple[Explanation, ...]:
    return tuple(dict.fromkeys(fault for row in texts for fault in _faults(row, there, pack)))


def _faults(row: Mapping[str, Any], there: Sequence[Participant], pack: Pack) -> Iterator[Explanation]:
    # The way of which least is missing, or nothing, is the one that was meant.
    yield from min((tuple(_unmet(row, way, there, pack)) for way in row["ways"]), key=len)
    for one, other in row.get("distinct", ()):
        if _persons(there, one) & _persons(there, other):
            yield _explained(row, _said(one, other, "由不同的人", "different persons must"))
    strangers = {each.post for each in there} - set(row.get("only", {each.post for each in there}))
    for name in sorted(strangers):
        yield _explained(row, (f"{post(name).zh}不得参加", f"the {post(name).en} may not take part"))


def _unmet(
    row: Mapping[str, Any], way: Iterable[Mapping[str, Any]], there: Sequence[Participant], pack: Pack
) -> Iterator[Explanation]:
    for need in way:
        least = _least(need, pack)
        posts = need.get("posts")
        if len(_persons(there, need["task"], posts)) < least:
            yield _explained(row, _missing(need["task"], least, posts))


def _least(need: Mapping[str, Any], pack: Pack) -> int:
    key = need.get("least_key")
    return pack.integer(key) if key and pack.regulates(key) else cast(int, need["least"])


def _persons(there: Iterable[Participant], task: str, posts: Sequence[str] | None = None) -> set[str]:
    return {each.person for each in there if each.task == task and (posts is None or each.post in posts)}


def _missing(task: str, least: int, posts: Sequence[str] | None) -> tuple[str, str]:
    words = table("acts")["tasks"][task]
    who_zh = "或".join(post(name).zh for name in posts or ()) or "人员"
    who_en = " or ".join(post(name).en for name in posts or ()) or "any post"
    return (
        f"须有不少于{least}名{who_zh}{words['zh']}",
        f"{least} or more persons ({who_en}) must {words['en']}",
    )


def _said(one: str, other: str, zh: str, en: str) -> tuple[str, str]:
    tasks = table("acts")["tasks"]
    return (
        f"{tasks[one]['zh']}与{tasks[other]['zh']}须{zh}担任",
        f"{en} {tasks[one]['en']} and {tasks[other]['en']}",
    )


def _explained(row: Mapping[str, Any], said: tuple[str, str]) -> Explanation:
    return Explanation(
        zh=f"{row['zh']}：{said[0]}。",
        en=f"{row['en'].capitalize()}: {said[1]}.",
        rule=row["rule"],
        clause=row["clause"],
    )
