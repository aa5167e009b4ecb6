"""What the ledger's operations are handed: the runtime, the ledger's name and key, the checkpoint file."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jiangheng.chassis.runtime import Runtime
from jiangheng.supervision.kept import CheckpointFile


@dataclass(frozen=True)
class LedgerRuntime(Runtime):
    """`origin` names the log in its checkpoints for good; `key` signs them; `kept` is the file of them."""

    origin: str
    key: Ed25519PrivateKey
    kept: CheckpointFile

    @property
    def public_key(self) -> bytes:
        """What checkpoints are checked with: Ed25519, 32 bytes."""
        return self.key.public_key().public_bytes_raw()
