"""The history of cases: who took which act, when, on what ground. Insert-only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa

from jiangheng.chassis.db import Tx
from jiangheng.registration.tables import step as steps


@dataclass(frozen=True)
class Step:
    """One act in a case, taken on `revision` of it.

    `ground` is what it rests on: the reason of a return, the digest that was signed for.
    """

    act: Enum
    id: str
    revision: int
    ground: str = ""


def record(tx: Tx, noun: str, step: Step, person: str, digest: bytes, at: datetime) -> None:
    """Write the act into the history of the case, with the digest of its content after the act."""
    tx.execute(
        sa.insert(steps).values(
            noun=noun,
            id=step.id,
            revision=step.revision,
            act=step.act.value,
            person=person,
            ground=step.ground,
            digest=digest,
            at=at,
        )
    )


def taken(tx: Tx, noun: str, step: Step, person: str) -> bool:
    """True if the same person has taken exactly this step before."""
    query = sa.select(steps.c.revision).where(
        steps.c.noun == noun,
        steps.c.id == step.id,
        steps.c.revision == step.revision,
        steps.c.act == step.act.value,
        steps.c.person == person,
        steps.c.ground == step.ground,
    )
    return tx.execute(query).first() is not None


def doers(tx: Tx, noun: str, id: str, acts: Collection[Enum]) -> frozenset[str]:
    """The persons who ever took one of these acts in the case."""
    query = sa.select(steps.c.person).where(
        steps.c.noun == noun, steps.c.id == id, steps.c.act.in_([act.value for act in acts])
    )
    return frozenset(tx.execute(query).scalars())
