"""Merkle append: leaves a second into a tree that keeps what proofs need, beside bare SHA-256."""

from __future__ import annotations

import hashlib
import os
import time

from bench.report import Result
from jiangheng.chassis import merkle

LEAVES = 200_000
BATCH = 500


def run() -> list[Result]:
    hashes = [os.urandom(32) for _ in range(LEAVES)]
    started = time.perf_counter()
    tree = merkle.MemoryTree()
    for first in range(0, LEAVES, BATCH):
        tree.append(hashes[first : first + BATCH])
    appended = time.perf_counter() - started
    # What an append cannot do without: one inner node per leaf over the life of the tree.
    block = b"\x01" + bytes(64)
    started = time.perf_counter()
    for _ in range(LEAVES):
        hashlib.sha256(block).digest()
    hashed = time.perf_counter() - started
    return [Result("Merkle append, leaves", LEAVES / appended, "bare SHA-256 of 65 bytes", LEAVES / hashed)]
