"""Admission tickets and their numbers."""

from __future__ import annotations

import sqlalchemy as sa

from jiangheng.chassis.db import UtcDateTime
from jiangheng.registration.tables.base import metadata

# Insert-only: what a ticket says is frozen when it is issued.
ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("application_id", sa.Text, sa.ForeignKey("application.id"), primary_key=True),
    sa.Column("batch_id", sa.Text, sa.ForeignKey("batch.id"), nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    # The whole content as JSON, sealed.
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("number", name="ticket_number_key"),
    sa.Index("ticket_of_batch", "batch_id", "number"),
)

# Insert-only: who handed a ticket out, when, which file; from the second time on, why.
ticket_handout = sa.Table(
    "ticket_handout",
    metadata,
    sa.Column("application_id", sa.Text, sa.ForeignKey("ticket.application_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("person", sa.Text, nullable=False),
    # Free text, which may name persons: sealed.
    sa.Column("reason", sa.LargeBinary, nullable=False),
    sa.Column("pdf_digest", sa.LargeBinary, nullable=False),
    # What set the form: Typst, template and font. The same maker makes the same bytes.
    sa.Column("maker", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

# The batches of a province in a year are counted for the numbers of their tickets.
ticket_serial = sa.Table(
    "ticket_serial",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("province", sa.Text, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
