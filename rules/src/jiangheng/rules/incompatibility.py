"""Which posts one person may not hold together, under a pack (roles.md X01-X13, X23, X24, X30, X32, X33).

A duty is a post at a place: the batch, session, trade, room, bank or single act
that it concerns. A place that is left empty means the whole of it (a duty
without a room is held in every room of the session), or that nobody knows:
both are judged as if the places met. So a conflict is never missed for want of
data, and never depends on which duty came first.

Grants of roles are judged by duties.py; acts of several persons by acts.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product
from types import MappingProxyType
from typing import Any, Literal, cast

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.posts import Post, post
from jiangheng.rules.relations import EXAM_POSTS, ExamPost, Kind, check_relation, check_ties
from jiangheng.rules.tables import table

FORBIDDEN = "staff.cross_holding_forbidden"
VOCABULARY = "staff.cross_holding_vocabulary"

Scope = Literal["person", "batch", "session", "session_and_trade", "room", "bank", "act"]
# Which parts of two duties must meet for a rule of this scope to speak.
_PLACES: Mapping[Scope, tuple[str, ...]] = MappingProxyType(
    {
        "person": (),
        "batch": ("batch",),
        "session": ("batch", "session"),
        "session_and_trade": ("batch", "session", "trade"),
        "room": ("batch", "session", "room"),
        "bank": ("bank",),
        "act": ("batch", "session", "act"),
    }
)


@dataclass(frozen=True)
class Duty:
    """A post at a place, by opaque ids; empty is the whole, or unknown.

    `act`: a single matter, as one mark sheet or one objection. `part`: theory,
    skill or review. `bank`: the item bank worked on, or from which the session's
    papers are drawn.
    """

    post: str
    batch: str = ""
    session: str = ""
    trade: str = ""
    room: str = ""
    bank: str = ""
    act: str = ""
    part: Literal["", "theory", "skill", "review"] = ""


@dataclass(frozen=True)
class Context:
    """What is known of the person for the duty that is wanted.

    `relations`: to candidates whom that duty concerns. `employment` by the
    institution. `exposed_banks`: whose leaked items the person has seen.
    """

    relations: frozenset[Kind] = frozenset()
    employment: Literal["unknown", "regular", "hired"] = "unknown"
    exposed_banks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """Refused if there is a refusal; warnings are for a human to weigh and to put on record."""

    refusals: tuple[Explanation, ...] = ()
    warnings: tuple[Explanation, ...] = ()

    @property
    def allowed(self) -> bool:
        """True if nothing forbids it."""
        return not self.refusals


@dataclass(frozen=True)
class Incompatibility:
    """Two kinds of post that a pack keeps apart within a scope; a warning where the text does not say so."""

    kinds: frozenset[str]
    scope: Scope
    refused: bool
    rule: str
    clause: str
    not_in_part: str = ""

    def meets(self, one: Duty, other: Duty) -> bool:
        """True if the two duties come together in this scope."""
        if self.not_in_part and one.part == other.part == self.not_in_part:
            return False
        return _meet(self.scope, one, other)


def check(held: Iterable[Duty], wanted: Duty, context: Context, pack: Pack) -> Verdict:
    """Whether somebody with these duties may take another one under this pack. Raises UnknownPost."""
    findings = [
        *(finding for duty in held for finding in _between(duty, wanted, pack)),
        *_of_relations(wanted, context, pack),
        *_of_person(wanted, context, pack),
    ]
    return _verdict(findings)


def check_together(duties: Iterable[Duty], pack: Pack) -> Verdict:
    """Whether one person may hold all these duties: what is asked again before a session starts (IAM-006)."""
    pairs = combinations(tuple(duties), 2)
    return _verdict([finding for one, other in pairs for finding in _between(one, other, pack)])


def incompatibilities(pack: Pack) -> tuple[Incompatibility, ...]:
    """Every pair that this pack keeps apart, with scope and rule; relations are judged apart from these."""
    return _compiled(_holdings(pack), _binding(pack))


_Finding = tuple[Explanation, bool]
_Holding = tuple[str, tuple[str, ...], Scope, tuple[str, ...]]


def _verdict(findings: Iterable[_Finding]) -> Verdict:
    """Each reason once, in an order that does not depend on the order of the duties."""
    reasons = sorted(set(findings), key=lambda each: (each[0].rule, each[0].zh))
    return Verdict(
        tuple(reason for reason, refused in reasons if refused),
        tuple(reason for reason, refused in reasons if not refused),
    )


def _between(one: Duty, other: Duty, pack: Pack) -> Iterator[_Finding]:
    kinds = frozenset({post(one.post).kind, post(other.post).kind})
    said = set()
    for rule in _by_kinds(_holdings(pack), _binding(pack)).get(kinds, ()):
        if rule.meets(one, other):
            said.add(rule.rule)
            yield _explained(rule, one, other), rule.refused
    for reason in _of_trainer(one, other, pack):
        if reason.rule not in said:
            yield reason, True


def _of_trainer(one: Duty, other: Duty, pack: Pack) -> Iterator[Explanation]:
    """A trainer of candidates stands in a relation to those whom he would watch or assess (X05, X06)."""
    served = table("incompatibilities")["relation"]["posts"]
    for trainer, server in ((one, other), (other, one)):
        kind = post(server.post).kind
        if post(trainer.post).kind == "trainer" and kind in served and _meet("room", one, other):
            yield from check_relation(cast(ExamPost, kind), "trainer", pack)


def _of_relations(wanted: Duty, context: Context, pack: Pack) -> Iterator[_Finding]:
    kind = post(wanted.post).kind
    if kind in EXAM_POSTS:
        for reason in check_ties(kind, sorted(context.relations), pack):
            yield reason, True


def _of_person(wanted: Duty, context: Context, pack: Pack) -> Iterator[_Finding]:
    name = post(wanted.post)
    for row in _rows("personal"):
        binds = _binds(row, pack)
        if _concerns(row["posts"], name) and (binds or row["elsewhere"]):
            wanting, certain = _lacks(row["needs"], wanted, context)
            if wanting:
                said = (row["zh"].format(post=name.zh), row["en"].format(post=name.en))
                yield Explanation(*said, row["rule"], row["clause"]), certain and binds


def _concerns(listed: str | list[str], name: Post) -> bool:
    if listed == "secret":
        return name.secret
    return listed == "all" or name.kind in listed


def _lacks(need: str, wanted: Duty, context: Context) -> tuple[bool, bool]:
    """Whether the person may lack what is needed, and whether that is certain."""
    if need == "regular":
        return context.employment != "regular", context.employment == "hired"
    return any(not wanted.bank or bank == wanted.bank for bank in context.exposed_banks), True


def _meet(scope: Scope, one: Duty, other: Duty) -> bool:
    return all(
        not getattr(one, place) or not getattr(other, place) or getattr(one, place) == getattr(other, place)
        for place in _PLACES[scope]
    )


def _explained(rule: Incompatibility, one: Duty, other: Duty) -> Explanation:
    first, second = sorted((post(one.post), post(other.post)), key=lambda each: each.id)
    scope = table("incompatibilities")["scopes"][rule.scope]
    not_zh, not_en = ("不得", "may not") if rule.refused else ("不宜", "should not")
    return Explanation(
        zh=f"{scope['zh']}，{first.zh}与{second.zh}{not_zh}由同一人担任。",
        en=f"One person {not_en} be {first.en} and {second.en} {scope['en']}.",
        rule=rule.rule,
        clause=rule.clause,
    )


def _holdings(pack: Pack) -> tuple[_Holding, ...]:
    """What the pack forbids to be held together: post, excluded posts, scope, citations."""
    if not pack.regulates(FORBIDDEN):
        return ()
    words = pack.records(VOCABULARY) if pack.regulates(VOCABULARY) else ()
    scopes = {str(each["post"]): str(each["scope"]) for each in words}
    cite = pack.answer(FORBIDDEN).cite
    return tuple(
        (
            str(each["post"]),
            cast(tuple[str, ...], each["excludes"]),
            _scope(scopes.get(str(each["post"]), scopes.get("all", "session"))),
            cite,
        )
        for each in pack.records(FORBIDDEN)
    )


def _scope(word: str) -> Scope:
    return cast(Scope, table("incompatibilities")["vocabulary"][word])


@cache
def _compiled(holdings: tuple[_Holding, ...], binding: tuple[bool, ...]) -> tuple[Incompatibility, ...]:
    named = [rule for holding in holdings for rule in _named(*holding)]
    covered = {rule.kinds for rule in named}
    elsewhere = [
        replace(rule, refused=False)
        for row in _rows("holding")
        if row.get("elsewhere")
        for rule in _read(row, row["post"], row["excludes"], "session", row["clause"])
        if rule.kinds not in covered and rule.refused
    ]
    paired = [rule for row, binds in zip(_rows("pair"), binding, strict=True) for rule in _paired(row, binds)]
    return tuple(dict.fromkeys([*named, *elsewhere, *paired]))


@cache
def _by_kinds(
    holdings: tuple[_Holding, ...], binding: tuple[bool, ...]
) -> Mapping[frozenset[str], tuple[Incompatibility, ...]]:
    rules = _compiled(holdings, binding)
    kinds = {rule.kinds for rule in rules}
    return {each: tuple(rule for rule in rules if rule.kinds == each) for each in kinds}


def _named(
    name: str, excludes: tuple[str, ...], scope: Scope, cite: tuple[str, ...]
) -> Iterator[Incompatibility]:
    """What a record of the pack keeps apart, read as the text that it cites, or else as the first."""
    texts = [row for row in _rows("holding") if name in row["post"].split(", ")]
    row = next((row for row in texts if row["clause"] in cite), texts[0])
    clause = row["clause"] if row["clause"] in cite else "; ".join(cite)
    return _read(row, name, excludes, scope, clause)


def _read(
    row: Mapping[str, Any], name: str, excludes: Iterable[str], scope: Scope, clause: str
) -> Iterator[Incompatibility]:
    words = {**table("incompatibilities")["words"], **row.get("reading", {})}
    exception = row.get("not_in_part", {}).get("part", "")
    for word in excludes:
        for kinds in map(frozenset, product(words[name], words[word])):
            if len(kinds) > 1:
                yield Incompatibility(kinds, scope, True, row["rule"], clause)
        for kinds in map(frozenset, product(words[name], row.get("inferred", {}).get(word, ()))):
            yield Incompatibility(kinds, scope, False, row["rule"], f"{clause} [inferred]", exception)


def _paired(row: Mapping[str, Any], binds: bool) -> Iterator[Incompatibility]:
    refused = binds and row["answer"] == "refused"
    for kinds in map(frozenset, product(row["a"], row["b"])):
        yield Incompatibility(kinds, row["scope"], refused, row["rule"], row["clause"])


def _binding(pack: Pack) -> tuple[bool, ...]:
    return tuple(_binds(row, pack) for row in _rows("pair"))


def _binds(row: Mapping[str, Any], pack: Pack) -> bool:
    if "key" in row:
        return pack.regulates(row["key"]) and bool(pack.answer(row["key"]).value)
    return "packs" not in row or bool({pack.id, *pack.head.extends} & set(row["packs"]))


def _rows(kind: str) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], table("incompatibilities")[kind])
