"""The authority's own signature over a decision, as it is kept and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Signed:
    """When somebody signed, with which key, what came of it."""

    at: datetime
    key_id: str
    signature: bytes
