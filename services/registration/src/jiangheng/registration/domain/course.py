"""The course that a case takes: which act leads from which state to which, and who may not take it.

Filings, plans, batches, applications and sites are cases: each is one record that persons move on by acts,
and each act is taken on the revision that the person has looked at. What is not in the table of transitions
is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeVar

from jiangheng.chassis.errors import forbidden, wrong_state

S = TypeVar("S", bound=Enum)
A = TypeVar("A", bound=Enum)


@dataclass(frozen=True)
class Apart:
    """Whoever has taken one of `acts` in a case may not take the act that this belongs to."""

    acts: frozenset[Enum]
    rule: str
    clause: str
    zh: str
    en: str


@dataclass(frozen=True)
class Course(Generic[S, A]):
    """The whole life of one kind of case.

    `noun` is its name in facts and in the history; `zh` and `en` name it for people. `scopes` says for each
    act which scope a grant over the case has to carry; `own` are the acts of the institution itself, the
    others are the authority's.
    """

    noun: str
    zh: str
    en: str
    rule: str
    clause: str
    transitions: Mapping[tuple[S, A], S]
    states_zh: Mapping[S, str]
    scopes: Mapping[A, str]
    own: frozenset[A]
    apart: Mapping[A, Apart] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, state: S, revision: int, act: A, looked_at: int) -> S:
        """The state that `act`, decided on revision `looked_at`, leads to from `state` at `revision`.

        Raises Problem WRONG_STATE, naming state and revision as found, when the state does not allow the
        act or something else has been looked at.
        """
        target = self.transitions.get((state, act))
        if target is not None and looked_at == revision:
            return target
        raise wrong_state(
            state.value,
            f"{self.zh}处于“{self.states_zh[state]}”状态、第{revision}版，不能对第{looked_at}版办理该操作。",
            f"the {self.en} is {state.value} at revision {revision}: cannot {act.value} revision {looked_at}",
            rule=self.rule,
            clause=self.clause,
            revision=str(revision),
        )

    def refuse_doer(self, act: A, doers: Collection[str], person: str) -> None:
        """Raise Problem FORBIDDEN if `person` is among the doers of acts that are kept apart from `act`."""
        apart = self.apart.get(act)
        if apart is not None and person in doers:
            raise forbidden(apart.rule, apart.zh, apart.en, clause=apart.clause)
