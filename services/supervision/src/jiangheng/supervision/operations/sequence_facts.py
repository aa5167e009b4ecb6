"""Puts the facts that were taken in on the log, and signs what the log then is.

1. The store must continue the last checkpoint in the checkpoint file.
2. One transaction writes entries, nodes and the signed checkpoint. Two
   sequencers cannot fork the log: an index, a node, a size is written once.
3. After the commit the checkpoint goes into the checkpoint file. A crash before
   that leaves the file behind the store; the next run makes it good.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy.exc import IntegrityError

from jiangheng.chassis import checkpoint, merkle
from jiangheng.chassis.db import Tx
from jiangheng.chassis.telemetry import get_logger
from jiangheng.supervision import store
from jiangheng.supervision.domain.ledger import assert_continues, grow
from jiangheng.supervision.ledger_runtime import LedgerRuntime
from jiangheng.supervision.store import StoredCheckpoint

BATCH = 500
_log = get_logger(__name__)


def sequence_facts(runtime: LedgerRuntime, batch: int = BATCH) -> int:
    """Put up to `batch` facts on the log; returns how many.

    Raises LedgerError, and adds nothing, if the store is not what the ledger has said of itself.
    """
    with runtime.db.read() as tx:
        latest = assert_unbroken(runtime, tx)
        waiting = bool(store.due_facts(tx, 1))
    keep(runtime, latest)
    if not waiting:
        return 0
    try:
        with runtime.db.write() as tx:
            recorded, made = _extend(runtime, tx, batch)
    except IntegrityError:
        if not _grew(runtime, latest):
            raise
        _log.warning("another sequencer was first")
        return 0
    keep(runtime, made)
    return recorded


def assert_unbroken(runtime: LedgerRuntime, tx: Tx) -> StoredCheckpoint | None:
    """The store's latest checkpoint, if it continues the one kept in the file; otherwise LedgerRewound."""
    latest = store.latest_checkpoint(tx)
    note = runtime.kept.last()
    if note is not None:
        kept = checkpoint.parse_and_verify(note, runtime.key.public_key(), runtime.origin)
        assert_continues(kept.size, kept.root, latest.size if latest else 0, partial(_root_at, tx))
    return latest


def _root_at(tx: Tx, size: int) -> bytes:
    return merkle.root(size, store.nodes(tx, size))


def _grew(runtime: LedgerRuntime, before: StoredCheckpoint | None) -> bool:
    with runtime.db.read() as tx:
        return store.latest_checkpoint(tx) != before


def keep(runtime: LedgerRuntime, latest: StoredCheckpoint | None) -> None:
    """Write the store's latest checkpoint into the file unless it stands there."""
    if latest is not None and runtime.kept.last() != latest.note:
        runtime.kept.append(latest.note)


def _extend(runtime: LedgerRuntime, tx: Tx, batch: int) -> tuple[int, StoredCheckpoint | None]:
    latest = assert_unbroken(runtime, tx)
    due = store.due_facts(tx, batch)
    if not due:
        return 0, latest
    now = runtime.machine_clock.now()
    size = latest.size if latest else 0
    growth = grow(size, due, store.nodes(tx, size))
    note = checkpoint.sign(runtime.origin, growth.size, growth.root, now, runtime.key)
    made = StoredCheckpoint(growth.size, growth.root, note, now)
    store.insert_entries(tx, growth, now)
    store.insert_nodes(tx, growth)
    store.insert_checkpoint(tx, made)
    store.settle(tx, growth)
    return len(due), made
