"""One history for all cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jiangheng.chassis.db import refuse_changes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _step()


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
