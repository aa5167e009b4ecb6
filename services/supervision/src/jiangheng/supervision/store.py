"""supervision's tables and queries: what was taken in, the log, and its signed checkpoints.

Insert-only, on both databases: `ledger_intake`, `ledger_entry`, `ledger_node`,
`ledger_checkpoint`. `ledger_due` is no evidence but the list of work: intake
rows without an entry, kept apart so that the sequencer need not look through
the whole log; it is made again from the others when the sequencer starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import merkle, schema
from jiangheng.chassis.auth import WHOLE_COUNTRY
from jiangheng.chassis.db import Tx, UtcDateTime
from jiangheng.supervision.domain.ledger import Circumstances, Due, Growth, LedgerError

metadata = sa.MetaData()
chassis = schema.tables(metadata)

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

intake = sa.Table(
    "ledger_intake",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("envelope", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("event_id", name="ledger_intake_event_id_key"),
    sa.UniqueConstraint("source", "stream", "position", name="ledger_intake_place_key"),
    sa.Index("ledger_intake_type", "type"),
    sa.Index("ledger_intake_subject", "subject"),
    sa.Index("ledger_intake_actor", "actor"),
)

due = sa.Table(
    "ledger_due",
    metadata,
    sa.Column("intake_id", sa.BigInteger, sa.ForeignKey("ledger_intake.id"), primary_key=True),
)

entry = sa.Table(
    "ledger_entry",
    metadata,
    sa.Column("log_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.Text, sa.ForeignKey("ledger_intake.event_id"), nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("event_id", name="ledger_entry_event_id_key"),
)

node = sa.Table(
    "ledger_node",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("node_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

checkpoint = sa.Table(
    "ledger_checkpoint",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)

INSERT_ONLY = (intake, entry, node, checkpoint)


@dataclass(frozen=True)
class StoredEntry:
    """An entry of the log with the fact it stands for; `envelope` is canonical JSON."""

    index: int
    event_id: str
    region: str
    envelope: str
    salt: bytes
    leaf_hash: bytes
    recorded_at: datetime


@dataclass(frozen=True)
class StoredCheckpoint:
    """A signed statement of the log's size and root; `note` is the signed text."""

    size: int
    root: bytes
    note: str
    made_at: datetime


def take_in(tx: Tx, envelope: Envelope, fact: Due, at: datetime) -> None:
    """Keep a fact for the sequencer. A taken event id or place in a feed is an IntegrityError."""
    columns = ("source", "type", "subject", "actor", "region", "stream", "position")
    row = sa.insert(intake).values(
        **{name: getattr(envelope, name) for name in columns},
        event_id=fact.event_id,
        envelope=fact.envelope.decode(),
        salt=fact.salt,
        leaf_hash=fact.leaf_hash,
        received_at=at,
    )
    intake_id = tx.execute(row.returning(intake.c.id)).scalar_one()
    tx.execute(sa.insert(due).values(intake_id=intake_id))


def event_at(tx: Tx, source: str, stream: str, position: int) -> str | None:
    """The event that was taken in for a place in a feed; None if none was."""
    place = intake.c.source == source, intake.c.stream == stream, intake.c.position == position
    return tx.execute(sa.select(intake.c.event_id).where(*place)).scalar_one_or_none()


def find_forgotten(tx: Tx) -> int:
    """Put every intake row without an entry on the list of work; returns how many were not on it."""
    tx.execute(sa.delete(due).where(due.c.intake_id.in_(_intake_ids(_recorded()))))
    missing = sa.and_(~_recorded(), ~sa.exists().where(due.c.intake_id == intake.c.id))
    again = sa.insert(due).from_select(["intake_id"], _intake_ids(missing))
    return len(tx.execute(again.returning(due.c.intake_id)).all())


def _recorded() -> sa.ColumnElement[bool]:
    return sa.exists().where(entry.c.event_id == intake.c.event_id)


def _intake_ids(condition: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    return sa.select(intake.c.id).where(condition)


def due_facts(tx: Tx, limit: int) -> list[Due]:
    """Facts without an entry, in the order they were taken in."""
    rows = tx.execute(
        sa.select(intake.c.event_id, intake.c.envelope, intake.c.salt, intake.c.leaf_hash)
        .join(due, due.c.intake_id == intake.c.id)
        .where(~_recorded())
        .order_by(intake.c.id)
        .limit(limit)
    )
    return [Due(row.event_id, row.envelope.encode(), row.salt, row.leaf_hash) for row in rows]


def insert_entries(tx: Tx, growth: Growth, at: datetime) -> None:
    """Write the new entries. A taken index or event is an IntegrityError: another sequencer was first."""
    tx.execute(
        sa.insert(entry),
        [
            {"log_index": index, "event_id": fact.event_id, "leaf_hash": fact.leaf_hash, "recorded_at": at}
            for index, fact in growth.entries
        ],
    )


def insert_nodes(tx: Tx, growth: Growth) -> None:
    """Write the new perfect nodes of the tree."""
    tx.execute(
        sa.insert(node),
        [{"level": level, "node_index": index, "hash": value} for level, index, value in growth.nodes],
    )


def insert_checkpoint(tx: Tx, made: StoredCheckpoint) -> None:
    """Write a signed checkpoint; there is one for a size, for good."""
    tx.execute(
        sa.insert(checkpoint).values(size=made.size, root=made.root, note=made.note, made_at=made.made_at)
    )


def settle(tx: Tx, growth: Growth) -> None:
    """Take the facts that now have an entry off the list of work."""
    events = [fact.event_id for _, fact in growth.entries]
    tx.execute(sa.delete(due).where(due.c.intake_id.in_(_intake_ids(intake.c.event_id.in_(events)))))


def latest_checkpoint(tx: Tx) -> StoredCheckpoint | None:
    """The checkpoint of the log as it stands; None while the log is empty."""
    row = tx.execute(sa.select(checkpoint).order_by(checkpoint.c.size.desc()).limit(1)).first()
    return None if row is None else StoredCheckpoint(row.size, row.root, row.note, row.made_at)


def nodes(tx: Tx, size: int) -> merkle.GetNode:
    """Reads perfect nodes of the tree, one query each; those a log of `size` entries grows from, at once.

    What it gives raises LedgerError for a node that is gone.
    """
    peaks = merkle.peaks(size)
    at_once = sa.tuple_(node.c.level, node.c.node_index).in_(peaks)
    known = {(row.level, row.node_index): row.hash for row in tx.execute(sa.select(node).where(at_once))}

    def get(level: int, index: int) -> bytes:
        found = known.get((level, index)) or _node(tx, level, index)
        if found is None:
            raise LedgerError(f"node {level}/{index} of the tree is missing")
        return bytes(found)

    return get


def _node(tx: Tx, level: int, index: int) -> bytes | None:
    where = node.c.level == level, node.c.node_index == index
    return tx.execute(sa.select(node.c.hash).where(*where)).scalar_one_or_none()


def find_entry(tx: Tx, event_id: str) -> StoredEntry | None:
    """The entry of a fact; None if there is none (yet). The caller's reach is the operation's to check."""
    row = tx.execute(_ENTRIES.where(entry.c.event_id == event_id)).first()
    return None if row is None else StoredEntry(**row._mapping)


def list_entries(
    tx: Tx, regions: frozenset[str], where: Circumstances, after: int, limit: int
) -> Sequence[StoredEntry]:
    """Entries beyond index `after` in the caller's regions, in order; `after` -1 starts at the beginning."""
    query = _ENTRIES.where(entry.c.log_index > after, _within(regions))
    for name in ("source", "type", "subject", "actor"):
        if value := getattr(where, name):
            query = query.where(intake.c[name] == value)
    return [StoredEntry(**row._mapping) for row in tx.execute(query.order_by(entry.c.log_index).limit(limit))]


_ENTRIES = sa.select(
    entry.c.log_index.label("index"),
    entry.c.event_id,
    intake.c.region,
    intake.c.envelope,
    intake.c.salt,
    entry.c.leaf_hash,
    entry.c.recorded_at,
).join(intake, intake.c.event_id == entry.c.event_id)


def _within(regions: frozenset[str]) -> sa.ColumnElement[bool]:
    """An entry of region "00" concerns the whole country: only a country-wide reader sees it (IAM-011)."""
    if WHOLE_COUNTRY in regions:
        return sa.true()
    return sa.or_(sa.false(), *(intake.c.region.startswith(region, autoescape=True) for region in regions))
