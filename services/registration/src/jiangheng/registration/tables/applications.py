"""Candidates' applications and their reviews."""

from __future__ import annotations

import sqlalchemy as sa

from jiangheng.chassis.db import UtcDateTime
from jiangheng.registration.domain.application import State
from jiangheng.registration.tables.base import case, metadata

# Once withdrawn, a person may apply again.
STANDS = sa.text("state <> 'withdrawn'")

application = case(
    "application",
    State,
    sa.Column("batch_id", sa.Text, sa.ForeignKey("batch.id"), nullable=False),
    sa.Column("occupation_code", sa.Text, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    # Sealed: whatever of the form is not in `content`, and why the centre gave it back.
    sa.Column("personal", sa.LargeBinary, nullable=False),
    # Blind index of the number of the identity paper; NULL while a draft has none.
    sa.Column("number_index", sa.Text),
    sa.Index(
        "application_person_once",
        "batch_id",
        "occupation_code",
        "level",
        "number_index",
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    ),
    sa.Index("application_of_batch", "batch_id", "state", "id"),
    sa.Index("application_of_person", "batch_id", "number_index"),
)

# Insert-only: what each reviewer decided on which revision, and what the rules said to it then.
review = sa.Table(
    "review",
    metadata,
    sa.Column("application_id", sa.Text, sa.ForeignKey("application.id"), primary_key=True),
    sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    # Proto JSON; without personal data.
    sa.Column("finding", sa.Text, nullable=False),
    # Sealed: items, note and what is wrong in the finding.
    sa.Column("remarks", sa.LargeBinary, nullable=False),
)
