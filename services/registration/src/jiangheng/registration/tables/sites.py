"""Sites with their rooms, and the seats in them."""

from __future__ import annotations

import sqlalchemy as sa

from jiangheng.chassis.db import UtcDateTime
from jiangheng.registration.domain.site import State
from jiangheng.registration.tables.base import case, metadata

site = case(
    "site",
    State,
    # The names of those who inspected, in the order in which `content` leaves them out.
    sa.Column("personal", sa.LargeBinary, nullable=False),
    sa.Column("ground", sa.Text, nullable=False),
    sa.Column("approved_at", UtcDateTime),
    sa.Column("authority", sa.Text, nullable=False),
    sa.CheckConstraint("(state = 'approved') <= (approved_at IS NOT NULL)", name="site_approved_whole"),
)

# Insert-only, with the seats and rooms below: every arrangement of a batch is kept, the last one holds.
arrangement = sa.Table(
    "arrangement",
    metadata,
    sa.Column("batch_id", sa.Text, sa.ForeignKey("batch.id"), primary_key=True),
    # The revision of the batch on which it was made.
    sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seed", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.CheckConstraint("length(seed) = 32", name="arrangement_seed_whole"),
)

seat = sa.Table(
    "seat",
    metadata,
    sa.Column("batch_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
    # In the order of the arrangement, from 1.
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("application_id", sa.Text, sa.ForeignKey("application.id"), nullable=False),
    sa.Column("sitting_id", sa.Text, nullable=False),
    sa.Column("room_id", sa.Text, nullable=False),
    # One of them is 0: seats count in theory, turns elsewhere.
    sa.Column("seat", sa.Integer, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(
        ["batch_id", "revision"], ["arrangement.batch_id", "arrangement.revision"], name="seat_arranged"
    ),
    sa.UniqueConstraint("batch_id", "revision", "application_id", "sitting_id", name="seat_once"),
    sa.CheckConstraint("(seat = 0) <> (turn = 0)", name="seat_or_turn"),
)

# Which rooms an arrangement uses when, and the description of the site it was made by.
room_use = sa.Table(
    "room_use",
    metadata,
    sa.Column("batch_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sitting_id", sa.Text, primary_key=True),
    sa.Column("room_id", sa.Text, primary_key=True),
    sa.Column("site_id", sa.Text, sa.ForeignKey("site.id"), nullable=False),
    sa.Column("site_digest", sa.LargeBinary, nullable=False),
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.ForeignKeyConstraint(
        ["batch_id", "revision"], ["arrangement.batch_id", "arrangement.revision"], name="room_use_arranged"
    ),
    sa.Index("room_use_of_site", "site_id", "starts_at"),
)
