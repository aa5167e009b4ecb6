"""One history for all cases; annual plans, batches, the packs they are bound to, samples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from jiangheng.chassis.db import refuse_changes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


_BATCH_STATES = (
    "draft",
    "submitted",
    "returned",
    "confirmed",
    "uploaded",
    "cleared",
    "seated",
    "ticketed",
)


def upgrade() -> None:
    _step()
    _plans()
    _batches()
    _samples()


def _step() -> None:
    """filing_act becomes the history of all kinds of cases."""
    op.create_table(
        "step",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("noun", "id")),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("act", "person", "ground")),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(
        "INSERT INTO step (noun, id, revision, act, person, ground, digest, at)"
        " SELECT 'institution', credit_code, revision, act, person, ground, dossier_digest, at"
        " FROM filing_act"
    )
    op.drop_table("filing_act")
    refuse_changes(op, "step")


def _plans() -> None:
    op.create_table(
        "plan",
        *_case("plan", ("draft", "submitted", "returned", "confirmed")),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("standing", sa.Text),
        sa.Column("return_reason", sa.Text, nullable=False),
        *_signed("confirmed"),
        sa.UniqueConstraint("credit_code", "year", name="plan_credit_code_year_key"),
    )


def _batches() -> None:
    op.create_table(
        "pinned_pack",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("pack_id", "version", "status", "document")),
    )
    refuse_changes(op, "pinned_pack")
    op.create_table(
        "batch",
        *_case("batch", _BATCH_STATES),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("year", "number")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("return_reason", "late_reason")),
        sa.Column("pack_digest", sa.LargeBinary, sa.ForeignKey("pinned_pack.digest")),
        sa.Column("test", sa.Boolean, nullable=False),
        *_signed("confirmed"),
        *_signed("uploaded"),
        sa.Column("cleared_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "(pack_digest IS NULL) = (state IN ('draft', 'submitted', 'returned'))", name="batch_pinned"
        ),
    )
    op.create_index("batch_of_institution", "batch", ["credit_code", "year", "number"])


def _samples() -> None:
    op.create_table(
        "sample",
        sa.Column("batch_id", sa.Text, sa.ForeignKey("batch.id"), primary_key=True),
        sa.Column("sample_id", sa.Text, primary_key=True),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("application_ids", "person")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    refuse_changes(op, "sample")


def _case(name: str, states: tuple[str, ...]) -> tuple[SchemaItem, ...]:
    known = ", ".join(f"'{state}'" for state in states)
    return (
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("credit_code", sa.Text, sa.ForeignKey("institution.credit_code"), nullable=False),
        *(sa.Column(column, sa.Text, nullable=False) for column in ("division", "state", "content")),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.CheckConstraint(f"state IN ({known})", name=f"{name}_state_known"),
    )


def _signed(act: str) -> tuple[SchemaItem, ...]:
    return (
        sa.Column(f"{act}_at", sa.DateTime(timezone=True)),
        sa.Column(f"{act}_key_id", sa.Text),
        sa.Column(f"{act}_signature", sa.LargeBinary),
    )
