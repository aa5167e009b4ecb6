"""The chassis's tables and the filing of institutions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jiangheng.chassis import schema
from jiangheng.chassis.db import refuse_changes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.v1_upgrade(op)
    _institution()
    op.create_table(
        "filing_act",
        sa.Column("credit_code", sa.Text, sa.ForeignKey("institution.credit_code"), primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("act", "person", "ground")),
        sa.Column("dossier_digest", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    refuse_changes(op, "filing_act")
    op.create_table(
        "institution_serial",
        sa.Column("letter", sa.Text, primary_key=True),
        sa.Column("province", sa.Text, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _institution() -> None:
    filed = ("institution_code", "receipt_number", "filed_at", "authority", "key_id", "signature")
    op.create_table(
        "institution",
        sa.Column("credit_code", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("division", sa.Text, nullable=False),
        sa.Column("dossier", sa.Text, nullable=False),
        sa.Column("personal", sa.LargeBinary, nullable=False),
        sa.Column("dossier_digest", sa.LargeBinary, nullable=False),
        sa.Column("return_reason", sa.Text, nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("filing_due", sa.Date),
        sa.Column("institution_code", sa.Text),
        sa.Column("receipt_number", sa.Text),
        sa.Column("filed_at", sa.DateTime(timezone=True)),
        sa.Column("authority", sa.Text),
        sa.Column("key_id", sa.Text),
        sa.Column("signature", sa.LargeBinary),
        sa.UniqueConstraint("institution_code", name="institution_institution_code_key"),
        sa.UniqueConstraint("receipt_number", name="institution_receipt_number_key"),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'accepted', 'filed')",
            name="institution_state_known",
        ),
        sa.CheckConstraint(
            " AND ".join(f"(state = 'filed') = ({name} IS NOT NULL)" for name in filed),
            name="institution_filed_whole",
        ),
    )
    op.create_index("institution_state_due", "institution", ["state", "filing_due"])
