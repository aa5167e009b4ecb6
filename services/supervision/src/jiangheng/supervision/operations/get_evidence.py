"""Gives one entry with all that is needed to check it without the service."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis import merkle
from jiangheng.chassis.auth import Reach, region_contains
from jiangheng.chassis.errors import forbidden, not_found
from jiangheng.chassis.runtime import Runtime
from jiangheng.supervision import store
from jiangheng.supervision.operations.get_checkpoint import latest_checkpoint
from jiangheng.supervision.store import StoredCheckpoint, StoredEntry


@dataclass(frozen=True)
class Evidence:
    """An entry, the latest checkpoint, and the proof that the one stands in the other."""

    entry: StoredEntry
    checkpoint: StoredCheckpoint
    inclusion_proof: tuple[bytes, ...]


def get_evidence(runtime: Runtime, reach: Reach, event_id: str) -> Evidence:
    """The evidence of one fact.

    Raises NOT_FOUND if the fact is not on the log (yet), FORBIDDEN (IAM-011, put on record by the
    Guard) if it lies outside the reader's regions.
    """
    with runtime.db.read() as tx:
        entry = store.find_entry(tx, event_id)
        if entry is None:
            raise not_found("账本中没有该事件。", "That fact is not on the ledger (yet).", field="event_id")
        if not any(region_contains(region, entry.region) for region in reach.regions):
            raise forbidden("IAM-011", "该记录不在您的管辖区域内。", "That entry lies outside your regions.")
        latest = latest_checkpoint(tx)
        proof = merkle.inclusion_proof(entry.index, latest.size, store.nodes(tx, latest.size))
    return Evidence(entry, latest, tuple(proof))
