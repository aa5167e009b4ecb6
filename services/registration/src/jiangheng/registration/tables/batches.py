"""Annual plans, batches, the policy packs they are bound to, and the centre's samples."""

from __future__ import annotations

import sqlalchemy as sa

from jiangheng.chassis.db import UtcDateTime
from jiangheng.registration.domain import batch as batches
from jiangheng.registration.domain import plan as plans
from jiangheng.registration.tables.base import case, metadata


def _signed(act: str) -> tuple[sa.Column[object], ...]:
    return (
        sa.Column(f"{act}_at", UtcDateTime),
        sa.Column(f"{act}_key_id", sa.Text),
        sa.Column(f"{act}_signature", sa.LargeBinary),
    )


plan = case(
    "plan",
    plans.State,
    sa.Column("year", sa.Integer, nullable=False),
    # The content as last confirmed, also while a change of it is on its way.
    sa.Column("standing", sa.Text),
    sa.Column("return_reason", sa.Text, nullable=False),
    *_signed("confirmed"),
    sa.UniqueConstraint("credit_code", "year", name="plan_credit_code_year_key"),
)

# Insert-only: every later decision of a batch is made by exactly this content.
pinned_pack = sa.Table(
    "pinned_pack",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("pack_id", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    # Canonical JSON; its SHA-256 is the key.
    sa.Column("document", sa.Text, nullable=False),
)

batch = case(
    "batch",
    batches.State,
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("return_reason", sa.Text, nullable=False),
    sa.Column("pack_digest", sa.LargeBinary, sa.ForeignKey("pinned_pack.digest")),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("late_reason", sa.Text, nullable=False),
    *_signed("confirmed"),
    *_signed("uploaded"),
    sa.Column("cleared_at", UtcDateTime),
    sa.CheckConstraint(
        "(pack_digest IS NULL) = (state IN ('draft', 'submitted', 'returned'))", name="batch_pinned"
    ),
    sa.Index("batch_of_institution", "credit_code", "year", "number"),
)

# Insert-only: whoever draws again under the same name gets the same sample.
sample = sa.Table(
    "sample",
    metadata,
    sa.Column("batch_id", sa.Text, sa.ForeignKey("batch.id"), primary_key=True),
    sa.Column("sample_id", sa.Text, primary_key=True),
    sa.Column("seed", sa.LargeBinary, nullable=False),
    # JSON list of application ids, in the order drawn.
    sa.Column("application_ids", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
