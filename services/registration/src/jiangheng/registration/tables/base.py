"""The service's MetaData, the chassis's tables in it, and the history that all cases share."""

from __future__ import annotations

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
