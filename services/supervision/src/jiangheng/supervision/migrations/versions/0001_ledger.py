"""The chassis's tables and the evidence ledger."""

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
    _intake()
    _log()
    for table in ("ledger_intake", "ledger_entry", "ledger_node", "ledger_checkpoint"):
        refuse_changes(op, table)


def _intake() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    texts = ("event_id", "source", "type", "subject", "actor", "region", "envelope")
    op.create_table(
        "ledger_intake",
        sa.Column("id", serial, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("event_id", name="ledger_intake_event_id_key"),
        sa.UniqueConstraint("source", "stream", "position", name="ledger_intake_place_key"),
    )
    for name in ("type", "subject", "actor"):
        op.create_index(f"ledger_intake_{name}", "ledger_intake", [name])
    op.create_table(
        "ledger_due",
        sa.Column("intake_id", sa.BigInteger, sa.ForeignKey("ledger_intake.id"), primary_key=True),
    )


def _log() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("log_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.Text, sa.ForeignKey("ledger_intake.event_id"), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("event_id", name="ledger_entry_event_id_key"),
    )
    op.create_table(
        "ledger_node",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("node_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
