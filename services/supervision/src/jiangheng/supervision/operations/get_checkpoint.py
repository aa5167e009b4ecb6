"""Gives the latest signed checkpoint: to anyone, for it is how the public holds the ledger to its word."""

from __future__ import annotations

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import not_found
from jiangheng.chassis.runtime import Runtime
from jiangheng.supervision import store
from jiangheng.supervision.store import StoredCheckpoint


def get_checkpoint(runtime: Runtime) -> StoredCheckpoint:
    """The checkpoint of the log as it stands. Raises NOT_FOUND "empty-log" while nothing is recorded."""
    with runtime.db.read() as tx:
        return latest_checkpoint(tx)


def latest_checkpoint(tx: Tx) -> StoredCheckpoint:
    """As `get_checkpoint`, in a transaction that is open."""
    latest = store.latest_checkpoint(tx)
    if latest is None:
        raise not_found("存证账本尚无记录。", "The ledger holds nothing yet.", code="empty-log")
    return latest
