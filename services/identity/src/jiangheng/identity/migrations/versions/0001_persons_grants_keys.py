"""Persons, credentials, log-ins, grants, keys and service principals, beside the chassis's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jiangheng.chassis import schema
from jiangheng.chassis.db import refuse_changes

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    schema.v1_upgrade(op)
    _persons()
    _log_ins()
    _grants()
    _keys()
    _services()
    # What is evidence is written once (design 5).
    for table in ("credential_change", "role_grant", "grant_end", "key_approval"):
        refuse_changes(op, table)


def _persons() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("document_type", sa.Text, nullable=False),
        sa.Column("document_index", sa.Text, nullable=False),
        sa.Column("document_sealed", sa.LargeBinary, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.Column("registered_at", _MOMENT, nullable=False),
        sa.Column("registered_by", sa.Text, nullable=False),
        sa.UniqueConstraint("login", name="person_login_key"),
        sa.UniqueConstraint("document_index", name="person_document_index_key"),
    )
    op.create_table(
        "credential",
        sa.Column("person_id", sa.Text, sa.ForeignKey("person.person_id"), primary_key=True),
        sa.Column("password_hash", sa.Text),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("locked_until", _MOMENT),
    )
    op.create_table(
        "credential_change",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        _person_id(),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "activation_code",
        sa.Column("digest", sa.Text, primary_key=True),
        _person_id(),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
    )
    op.create_table(
        "bootstrap",
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
    )
    for table in ("credential_change", "activation_code"):
        op.create_index(f"ix_{table}_person_id", table, ["person_id"])


def _log_ins() -> None:
    op.create_table(
        "login_session",
        sa.Column("session_id", sa.Text, primary_key=True),
        _person_id(),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("end_reason", sa.Text),
    )
    op.create_index("ix_login_session_person_id", "login_session", ["person_id"])
    op.create_table(
        "refresh_token",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("session_id", sa.Text, sa.ForeignKey("login_session.session_id"), nullable=False),
        sa.Column("used_at", _MOMENT),
    )
    op.create_index("ix_refresh_token_session_id", "refresh_token", ["session_id"])


def _grants() -> None:
    op.create_table(
        "role_grant",
        sa.Column("grant_id", sa.Text, primary_key=True),
        _person_id(),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("institution", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_until", _MOMENT, nullable=False),
        sa.Column("granted_by", sa.Text, nullable=False),
        sa.Column("granted_at", _MOMENT, nullable=False),
    )
    op.create_index("ix_role_grant_person_id", "role_grant", ["person_id"])
    op.create_table(
        "grant_end",
        sa.Column("grant_id", sa.Text, sa.ForeignKey("role_grant.grant_id"), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("ended_by", sa.Text, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=False),
    )


def _keys() -> None:
    op.create_table(
        "signing_key",
        sa.Column("key_id", sa.Text, primary_key=True),
        _person_id(),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("active_from", _MOMENT),
    )
    op.create_index("ix_signing_key_person_id", "signing_key", ["person_id"])
    for name, condition in (
        ("signing_key_one_open", sa.text("state IN ('cooling', 'proposed')")),
        ("signing_key_one_active", sa.text("state = 'active'")),
    ):
        op.create_index(
            name,
            "signing_key",
            ["person_id"],
            unique=True,
            sqlite_where=condition,
            postgresql_where=condition,
        )
    op.create_table(
        "key_approval",
        sa.Column("key_id", sa.Text, sa.ForeignKey("signing_key.key_id"), primary_key=True),
        sa.Column("approver_id", sa.Text, primary_key=True),
        sa.Column("approved_at", _MOMENT, nullable=False),
    )


def _services() -> None:
    op.create_table(
        "principal",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("registered_by", sa.Text, nullable=False),
        sa.Column("registered_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "used_assertion",
        sa.Column("principal", sa.Text, primary_key=True),
        sa.Column("jti", sa.Text, primary_key=True),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )


def _person_id() -> sa.Column[str]:
    return sa.Column("person_id", sa.Text, sa.ForeignKey("person.person_id"), nullable=False)
