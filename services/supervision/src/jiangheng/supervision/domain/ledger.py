"""The evidence ledger's rules: what a leaf commits to, how the log grows, when it must not grow.

A leaf is SHA-256 over 0x00 and the commitment; the commitment is SHA-256 of
"jiangheng-ledger-v1", a NUL, the salt and the canonical JSON of the envelope.
The salt keeps a short fact from being guessed out of its leaf, so that the fact
can be erased one day while the proof stands (design 9).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jiangheng.chassis import merkle

COMMITMENT_TAG = b"jiangheng-ledger-v1\0"
SALT_BYTES = 16


class LedgerError(Exception):
    """The ledger is not what it has said it is; a person has to look (runbook)."""


class LedgerRewound(LedgerError):
    """The store holds less, or something else, than a checkpoint that was already given out."""


def commitment(envelope: bytes, salt: bytes) -> bytes:
    """What a leaf says about a fact without showing it: 32 bytes. `envelope` is canonical JSON."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return hashlib.sha256(COMMITMENT_TAG + salt + envelope).digest()


def leaf(envelope: bytes, salt: bytes) -> bytes:
    """The leaf hash (RFC 9162 2.1.1) of a fact, 32 bytes."""
    return merkle.leaf_hash(commitment(envelope, salt))


@dataclass(frozen=True)
class Circumstances:
    """What entries are looked for by; each empty field is no condition."""

    source: str = ""
    type: str = ""
    subject: str = ""
    actor: str = ""


@dataclass(frozen=True)
class Due:
    """A fact that was taken in and is not on the log yet."""

    event_id: str
    envelope: bytes
    salt: bytes
    leaf_hash: bytes


@dataclass(frozen=True)
class Growth:
    """What putting facts on a log writes: entries, new perfect nodes; and the size and root it then has."""

    entries: tuple[tuple[int, Due], ...]
    nodes: tuple[merkle.Node, ...]
    size: int
    root: bytes


def grow(size: int, due: Sequence[Due], node: merkle.GetNode) -> Growth:
    """Put facts on a log of `size` leaves; `node` reads its perfect nodes by level and index.

    Raises LedgerError if a leaf is not the one that the fact was taken in with.
    """
    for fact in due:
        if leaf(fact.envelope, fact.salt) != fact.leaf_hash:
            raise LedgerError(f"fact {fact.event_id} was changed after it was taken in")
    nodes, root = merkle.nodes_to_add(size, [fact.leaf_hash for fact in due], node)
    entries = tuple((size + offset, fact) for offset, fact in enumerate(due))
    return Growth(entries, tuple(nodes), size + len(due), root)


def assert_continues(kept_size: int, kept_root: bytes, size: int, root_at: Callable[[int], bytes]) -> None:
    """The stored log of `size` leaves continues the checkpoint that was kept outside the database.

    `root_at` gives the stored log's root at an earlier size. Raises LedgerRewound.
    """
    if size < kept_size:
        raise LedgerRewound(f"the store holds {size} entries, a checkpoint was given out for {kept_size}")
    if root_at(kept_size) != kept_root:
        raise LedgerRewound(f"the first {kept_size} entries are not those a checkpoint was given out for")
