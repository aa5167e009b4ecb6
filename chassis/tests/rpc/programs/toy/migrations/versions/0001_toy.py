"""The chassis's tables and what the toy has heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jiangheng.chassis import schema

revision, down_revision = "0001", None


def upgrade() -> None:
    schema.v1_upgrade(op)
    op.create_table("heard", sa.Column("subject", sa.Text, primary_key=True))
