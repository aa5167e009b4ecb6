"""Sites with their rooms; seats and admission tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sites()


def _sites() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("credit_code", sa.Text, sa.ForeignKey("institution.credit_code"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("division", "state", "content")),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("personal", sa.LargeBinary, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("authority", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'suspended')", name="site_state_known"),
        sa.CheckConstraint("(state = 'approved') <= (approved_at IS NOT NULL)", name="site_approved_whole"),
    )
