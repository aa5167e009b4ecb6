"""What supervision is told beyond what every service is."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from jiangheng.chassis.config import ServiceConfig


class Source(BaseModel):
    """Another service whose feed the ledger is completed from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # "host:port" of its gRPC server.
    target: str
    # PEM: its public key, with which it signs the heads of its feed.
    key_file: Path


class SupervisionConfig(ServiceConfig):
    """The ledger's name and key, the file beside the database, and whose facts it holds."""

    # Names the log in its checkpoints, e.g. "ledger.jiangheng.example/22"; never to be changed.
    ledger_origin: str = Field(pattern=r"^[^\s+]+$")
    # PEM (PKCS 8), Ed25519, mode 0600: signs the checkpoints. Not the service's own key.
    ledger_key_file: Path
    # Every checkpoint goes here as well; on another disk than the database.
    checkpoint_file: Path
    # By name of the service. Its own facts need no entry.
    sources: dict[str, Source] = Field(default_factory=dict)
    # How long a fact may wait for the sequencer, and a lost event for the feed.
    sequence_seconds: float = Field(default=0.3, gt=0)
    reconcile_seconds: float = Field(default=5.0, gt=0)
