"""The chassis's own tables, which every service keeps in its schema beside its own.

`tables` is what the code and alembic's comparison use. `v1_upgrade` is what a service's first migration
calls: it is frozen; a change of the tables is a `v2_upgrade` for a later migration.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import sqlalchemy as sa

from jiangheng.chassis.db import UtcDateTime, refuse_changes

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts only an INTEGER key itself
_UNSTAMPED = sa.text("position IS NULL")
_UNPUBLISHED = sa.text("published_at IS NULL")


@dataclass(frozen=True)
class ChassisTables:
    """The chassis tables of one MetaData.

    - outbox: every fact the service has stated, kept for good: it is the feed. `position` counts within a
      stream and is stamped after the commit; `published_at` is when the broker confirmed it.
    - feed_head: the highest stamped position of each stream.
    - subject_version: how many facts about each (noun, subject) were stated.
    - inbox: which events each consumer has received; inbox_subject: the last version it applied of each
      subject; parked: events that wait for their predecessor.
    - lease: who does what only one process may do.
    - feed_cursor: how far a consumer has read another service's feed, and the time of the last head it saw.
    """

    outbox: sa.Table
    feed_head: sa.Table
    subject_version: sa.Table
    inbox: sa.Table
    inbox_subject: sa.Table
    parked: sa.Table
    lease: sa.Table
    feed_cursor: sa.Table


def tables(metadata: sa.MetaData) -> ChassisTables:
    """Declare the chassis tables on a service's MetaData."""
    return ChassisTables(
        outbox=_outbox(metadata),
        feed_head=sa.Table(
            "feed_head", metadata, _key("stream"), sa.Column("position", sa.BigInteger, nullable=False)
        ),
        subject_version=sa.Table(
            "subject_version",
            metadata,
            _key("noun"),
            _key("subject"),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
        inbox=sa.Table("inbox", metadata, _key("consumer"), _key("event_id"), _moment("received_at")),
        inbox_subject=sa.Table(
            "inbox_subject",
            metadata,
            *map(_key, ("consumer", "source", "noun", "subject")),
            sa.Column("version", sa.BigInteger, nullable=False),
        ),
        parked=_parked(metadata),
        lease=sa.Table(
            "lease",
            metadata,
            _key("name"),
            _text("holder"),
            sa.Column("epoch", sa.BigInteger, nullable=False),
            _moment("expires_at"),
        ),
        feed_cursor=sa.Table(
            "feed_cursor",
            metadata,
            *map(_key, ("consumer", "source", "stream")),
            sa.Column("position", sa.BigInteger, nullable=False),
            sa.Column("head_at", UtcDateTime),
        ),
    )


def _outbox(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "outbox",
        metadata,
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        *map(_text, ("event_id", "noun", "type", "subject")),
        sa.Column("version", sa.BigInteger, nullable=False),
        *map(_text, ("region", "stream")),
        _moment("occurred_at"),
        *map(_text, ("actor", "data")),
        sa.Column("position", sa.BigInteger),
        sa.Column("published_at", UtcDateTime),
        sa.UniqueConstraint("event_id", name="outbox_event_id_key"),
        sa.UniqueConstraint("stream", "position", name="outbox_stream_position_key"),
        sa.UniqueConstraint("noun", "subject", "version", name="outbox_noun_subject_version_key"),
        sa.Index("outbox_unstamped", "stream", "id", postgresql_where=_UNSTAMPED, sqlite_where=_UNSTAMPED),
        sa.Index(
            "outbox_unpublished",
            "stream",
            "position",
            postgresql_where=_UNPUBLISHED,
            sqlite_where=_UNPUBLISHED,
        ),
    )


def _parked(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "parked",
        metadata,
        _key("consumer"),
        _key("event_id"),
        *map(_text, ("source", "noun", "subject")),
        sa.Column("version", sa.BigInteger, nullable=False),
        _text("envelope"),
        _moment("parked_at"),
        sa.Index("parked_subject", "consumer", "source", "noun", "subject", "version"),
    )


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime, nullable=False)


CHASSIS = tables(sa.MetaData())


def v1_upgrade(op: ModuleType) -> None:
    """Create the first version of the chassis tables."""
    _v1_outbox(op)
    _v1_inbox(op)
    op.create_table(
        "lease",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "feed_cursor",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("head_at", sa.DateTime(timezone=True)),
    )


def _v1_outbox(op: ModuleType) -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("event_id", name="outbox_event_id_key"),
        sa.UniqueConstraint("stream", "position", name="outbox_stream_position_key"),
        sa.UniqueConstraint("noun", "subject", "version", name="outbox_noun_subject_version_key"),
    )
    for name, columns, condition in (
        ("outbox_unstamped", ["stream", "id"], sa.text("position IS NULL")),
        ("outbox_unpublished", ["stream", "position"], sa.text("published_at IS NULL")),
    ):
        op.create_index(name, "outbox", columns, postgresql_where=condition, sqlite_where=condition)
    refuse_changes(op, "outbox", but=("position", "published_at"))
    op.create_table(
        "feed_head",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "subject_version",
        sa.Column("noun", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
    )


def _v1_inbox(op: ModuleType) -> None:
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "inbox_subject",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("noun", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "parked",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("parked_subject", "parked", ["consumer", "source", "noun", "subject", "version"])
