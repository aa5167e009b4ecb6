"""The service's MetaData, the chassis's tables in it, and what all kinds of cases have in common."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

import sqlalchemy as sa

from jiangheng.chassis import schema
from jiangheng.chassis.db import UtcDateTime

metadata = sa.MetaData()
chassis = schema.tables(metadata)

# Insert-only: one act for each revision of a case, so two acts can never be taken on the same one.
step = sa.Table(
    "step",
    metadata,
    sa.Column("noun", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    # The revision the act was taken on; 0 for what began the case.
    sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    # What the act rests on: the reason of a return, the digest that was signed for.
    sa.Column("ground", sa.Text, nullable=False),
    # The case's content as it stood after the act.
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)


def case(name: str, states: Iterable[Enum], *more: sa.Column[Any] | sa.Constraint | sa.Index) -> sa.Table:
    """The table of a kind of case: whose it is and where, how far it has come, its content as proto JSON."""
    known = ", ".join(f"'{state.value}'" for state in states)
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("credit_code", sa.Text, sa.ForeignKey("institution.credit_code"), nullable=False),
        sa.Column("division", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        *more,
        sa.CheckConstraint(f"state IN ({known})", name=f"{name}_state_known"),
    )
