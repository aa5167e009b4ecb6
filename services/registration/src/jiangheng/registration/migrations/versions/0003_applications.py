"""Candidates' applications and their reviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jiangheng.chassis.db import refuse_changes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATES = (
    "draft",
    "submitted",
    "further_check",
    "second_review",
    "approved",
    "refused",
    "withdrawn",
    "returned",
    "excluded",
)


def upgrade() -> None:
    _applications()
    _reviews()


def _applications() -> None:
    known = ", ".join(f"'{state}'" for state in _STATES)
    op.create_table(
        "application",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("credit_code", sa.Text, sa.ForeignKey("institution.credit_code"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("division", "state", "content")),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("batch_id", sa.Text, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("occupation_code", sa.Text, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("personal", sa.LargeBinary, nullable=False),
        sa.Column("number_index", sa.Text),
        sa.CheckConstraint(f"state IN ({known})", name="application_state_known"),
    )
    stands = sa.text("state <> 'withdrawn'")
    op.create_index(
        "application_person_once",
        "application",
        ["batch_id", "occupation_code", "level", "number_index"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )
    op.create_index("application_of_batch", "application", ["batch_id", "state", "id"])
    op.create_index("application_of_person", "application", ["batch_id", "number_index"])


def _reviews() -> None:
    op.create_table(
        "review",
        sa.Column("application_id", sa.Text, sa.ForeignKey("application.id"), primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("verdict", "reviewer", "finding")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remarks", sa.LargeBinary, nullable=False),
    )
    refuse_changes(op, "review")
