"""Institutions and their codes."""

from __future__ import annotations

import sqlalchemy as sa

from jiangheng.chassis.db import UtcDateTime
from jiangheng.registration.tables.base import metadata

# What an institution has once it is filed, and not before.
FILED = ("institution_code", "receipt_number", "filed_at", "authority", "key_id", "signature")

institution = sa.Table(
    "institution",
    metadata,
    sa.Column("credit_code", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    # Proto JSON of the dossier without the fields that `personal` seals.
    sa.Column("dossier", sa.Text, nullable=False),
    sa.Column("personal", sa.LargeBinary, nullable=False),
    sa.Column("dossier_digest", sa.LargeBinary, nullable=False),
    sa.Column("return_reason", sa.Text, nullable=False),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("filing_due", sa.Date),
    sa.Column("institution_code", sa.Text),
    sa.Column("receipt_number", sa.Text),
    sa.Column("filed_at", UtcDateTime),
    sa.Column("authority", sa.Text),
    sa.Column("key_id", sa.Text),
    sa.Column("signature", sa.LargeBinary),
    sa.UniqueConstraint("institution_code", name="institution_institution_code_key"),
    sa.UniqueConstraint("receipt_number", name="institution_receipt_number_key"),
    sa.CheckConstraint(
        "state IN ('draft', 'submitted', 'returned', 'accepted', 'filed')", name="institution_state_known"
    ),
    sa.CheckConstraint(
        " AND ".join(f"(state = 'filed') = ({name} IS NOT NULL)" for name in FILED),
        name="institution_filed_whole",
    ),
    sa.Index("institution_state_due", "state", "filing_due"),
)

institution_serial = sa.Table(
    "institution_serial",
    metadata,
    sa.Column("letter", sa.Text, primary_key=True),
    sa.Column("province", sa.Text, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
