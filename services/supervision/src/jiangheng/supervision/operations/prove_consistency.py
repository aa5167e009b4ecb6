"""Proves that the log at one size is a prefix of the log at a later one (RFC 9162 2.1.4)."""

from __future__ import annotations

from jiangheng.chassis import merkle
from jiangheng.chassis.errors import invalid
from jiangheng.chassis.runtime import Runtime
from jiangheng.supervision import store
from jiangheng.supervision.operations.get_checkpoint import latest_checkpoint


def prove_consistency(runtime: Runtime, first: int, second: int) -> list[bytes]:
    """The proof's hashes. Raises INVALID unless 1 <= first <= second <= the log's size."""
    with runtime.db.read() as tx:
        size = latest_checkpoint(tx).size
        if not 1 <= first <= second:
            raise invalid(
                "first_size",
                "起始规模须在 1 与终止规模之间。",
                "The first size must be from 1 to the second.",
            )
        if second > size:
            raise invalid("second_size", "终止规模超出账本。", "The ledger is not that long.", size=str(size))
        return list(merkle.consistency_proof(first, second, store.nodes(tx, second)))
