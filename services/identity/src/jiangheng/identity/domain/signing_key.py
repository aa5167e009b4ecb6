"""A person's own signing key: proposed by him, started by two others, stopped by one (design 6).

PROPOSED → COOLING (second approval) → ACTIVE (cooling-off time over) →
SUPERSEDED (the next key of the person became active); REVOKED from any of the
first three. One open proposal and one active key per person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jiangheng.chassis.errors import forbidden, invalid

APPROVALS_NEEDED = 2


class KeyState(StrEnum):
    """Where a key stands in its life."""

    PROPOSED = "proposed"
    COOLING = "cooling"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


OPEN = frozenset({KeyState.PROPOSED, KeyState.COOLING})
REVOCABLE = OPEN | {KeyState.ACTIVE}


@dataclass(frozen=True)
class SigningKey:
    """One key of one person; `active_from` is set by the second approval."""

    key_id: str
    person_id: str
    public_key: bytes
    state: KeyState
    proposed_at: datetime
    approvers: tuple[str, ...] = ()
    active_from: datetime | None = None


def key_id_of(public_key: bytes) -> str:
    """The key's name is its fingerprint, so that approvers can compare it with what the person shows them."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def proof_text(person_id: str, public_key: bytes) -> bytes:
    """What the holder signs with the proposed key itself, to prove that he has it."""
    return b"jiangheng-key-v1\0" + person_id.encode() + b"\0" + public_key


def check_proof(person_id: str, public_key: bytes, proof: bytes) -> None:
    """Raises INVALID unless the proof is this person's, by this key."""
    if len(public_key) != 32:
        raise invalid(
            "public_key", "公钥应为 32 字节的 Ed25519 公钥。", "An Ed25519 public key has 32 bytes."
        )
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(proof, proof_text(person_id, public_key))
    except (InvalidSignature, ValueError):
        raise invalid(
            "proof",
            "持有证明与公钥不符。",
            "The proof was not made by this key for this person.",
            clause="design 6",
        ) from None


def check_approver(person_id: str, approvers: Set[str], approver: str) -> None:
    """Raises FORBIDDEN if the approver is the person himself or has approved before (IAM-007)."""
    if approver == person_id:
        raise forbidden(
            "IAM-007",
            "本人不得审批自己的密钥。",
            "Nobody approves his own key.",
            clause="design 6",
            code="own-key",
        )
    if approver in approvers:
        raise forbidden(
            "IAM-007",
            "您已审批过，另一次审批须由他人作出。",
            "You have approved; the other approval must come from another person.",
            clause="design 6",
            code="already-approved",
        )
