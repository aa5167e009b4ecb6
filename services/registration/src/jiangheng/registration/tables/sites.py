"""Sites with their rooms; seats and admission tickets."""

from __future__ import annotations

import sqlalchemy as sa

from jiangheng.chassis.db import UtcDateTime
from jiangheng.registration.domain.site import State
from jiangheng.registration.tables.base import case

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
