"""Sites with their rooms; seats and admission tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jiangheng.chassis.db import refuse_changes

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sites()
    _seats()
    _rooms()
    _tickets()


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


def _seats() -> None:
    op.create_table(
        "arrangement",
        sa.Column("batch_id", sa.Text, sa.ForeignKey("batch.id"), primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("seats", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(seed) = 32", name="arrangement_seed_whole"),
    )
    refuse_changes(op, "arrangement")
    op.create_table(
        "seat",
        sa.Column("batch_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("application_id", sa.Text, sa.ForeignKey("application.id"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("sitting_id", "room_id")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("seat", "turn")),
        _arranged("seat_arranged"),
        sa.UniqueConstraint("batch_id", "revision", "application_id", "sitting_id", name="seat_once"),
        sa.CheckConstraint("(seat = 0) <> (turn = 0)", name="seat_or_turn"),
    )
    refuse_changes(op, "seat")


def _rooms() -> None:
    op.create_table(
        "room_use",
        sa.Column("batch_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("sitting_id", "room_id")),
        sa.Column("site_id", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("site_digest", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("starts_at", "ends_at")),
        _arranged("room_use_arranged"),
    )
    op.create_index("room_use_of_site", "room_use", ["site_id", "starts_at"])
    refuse_changes(op, "room_use")


def _tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("application_id", sa.Text, sa.ForeignKey("application.id"), primary_key=True),
        sa.Column("batch_id", sa.Text, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("number", name="ticket_number_key"),
    )
    op.create_index("ticket_of_batch", "ticket", ["batch_id", "number"])
    refuse_changes(op, "ticket")
    op.create_table(
        "ticket_handout",
        sa.Column("application_id", sa.Text, sa.ForeignKey("ticket.application_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person", sa.Text, nullable=False),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("reason", "pdf_digest")),
        sa.Column("maker", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    refuse_changes(op, "ticket_handout")
    op.create_table(
        "ticket_serial",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("province", sa.Text, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _arranged(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["batch_id", "revision"], ["arrangement.batch_id", "arrangement.revision"], name=name
    )
