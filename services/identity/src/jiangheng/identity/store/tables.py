"""The tables of identity.

Names and document numbers are sealed (SEC-001). What is evidence — grants and
their ends, approvals, changes of credentials — is insert-only, in the database
as well (see the first migration).
"""

from __future__ import annotations

import sqlalchemy as sa

from jiangheng.chassis import schema
from jiangheng.chassis.db import UtcDateTime
from jiangheng.identity.domain.signing_key import OPEN, KeyState

metadata = sa.MetaData()
chassis = schema.tables(metadata)

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _person_id() -> sa.Column[str]:
    return sa.Column("person_id", sa.Text, sa.ForeignKey("person.person_id"), nullable=False, index=True)


person = sa.Table(
    "person",
    metadata,
    _key("person_id"),
    _text("login"),
    _text("document_type"),
    _text("document_index"),
    sa.Column("document_sealed", sa.LargeBinary, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    _moment("registered_at"),
    # The first person is registered by nobody: "system".
    _text("registered_by"),
    sa.UniqueConstraint("login", name="person_login_key"),
    sa.UniqueConstraint("document_index", name="person_document_index_key"),
)

# One row per person; no hash before activation and after a reset.
credential = sa.Table(
    "credential",
    metadata,
    sa.Column("person_id", sa.Text, sa.ForeignKey("person.person_id"), primary_key=True),
    sa.Column("password_hash", sa.Text),
    sa.Column("failed", sa.Integer, nullable=False),
    _moment("locked_until", nullable=True),
)

# "activated", "changed" or "reset": passwords' changes are on record (IAM-016).
credential_change = sa.Table(
    "credential_change",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _person_id(),
    _text("what"),
    _text("changed_by"),
    _moment("changed_at"),
)

activation_code = sa.Table(
    "activation_code",
    metadata,
    _key("digest"),
    _person_id(),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
)

login_session = sa.Table(
    "login_session",
    metadata,
    _key("session_id"),
    _person_id(),
    _moment("started_at"),
    _moment("expires_at"),
    _moment("ended_at", nullable=True),
    sa.Column("end_reason", sa.Text),
)

refresh_token = sa.Table(
    "refresh_token",
    metadata,
    _key("digest"),
    sa.Column("session_id", sa.Text, sa.ForeignKey("login_session.session_id"), nullable=False, index=True),
    _moment("used_at", nullable=True),
)

role_grant = sa.Table(
    "role_grant",
    metadata,
    _key("grant_id"),
    _person_id(),
    _text("role"),
    _text("institution"),
    _text("region"),
    _moment("valid_from"),
    _moment("valid_until"),
    _text("granted_by"),
    _moment("granted_at"),
)

grant_end = sa.Table(
    "grant_end",
    metadata,
    sa.Column("grant_id", sa.Text, sa.ForeignKey("role_grant.grant_id"), primary_key=True),
    _text("reason"),
    _text("ended_by"),
    _moment("ended_at"),
)

signing_key = sa.Table(
    "signing_key",
    metadata,
    _key("key_id"),
    _person_id(),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    _text("state"),
    _moment("proposed_at"),
    _moment("active_from", nullable=True),
)
_OPEN = signing_key.c.state.in_([state.value for state in sorted(OPEN)])
_ACTIVE = signing_key.c.state == KeyState.ACTIVE.value
for _name, _condition in (("signing_key_one_open", _OPEN), ("signing_key_one_active", _ACTIVE)):
    sa.Index(
        _name, signing_key.c.person_id, unique=True, sqlite_where=_condition, postgresql_where=_condition
    )

key_approval = sa.Table(
    "key_approval",
    metadata,
    sa.Column("key_id", sa.Text, sa.ForeignKey("signing_key.key_id"), primary_key=True),
    _key("approver_id"),
    _moment("approved_at"),
)

principal = sa.Table(
    "principal",
    metadata,
    _key("name"),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    # Sorted, separated by blanks.
    _text("scopes"),
    _text("registered_by"),
    _moment("registered_at"),
)

# RFC 7523: a jti is used once within the life of its assertion.
used_assertion = sa.Table("used_assertion", metadata, _key("principal"), _key("jti"), _moment("expires_at"))

# One row, or none before the first code was made.
bootstrap = sa.Table(
    "bootstrap",
    metadata,
    _key("what"),
    _text("digest"),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
)
