"""Merkle trees of RFC 9162 section 2.1: append, prove, verify.

Only the hashes of perfect subtrees are kept: the node (level, index) covers the
2**level leaves from index * 2**level on. It never changes once it is there, so
a table of nodes is insert-only. The functions reach them through `get`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

GetNode = Callable[[int, int], bytes]
Node = tuple[int, int, bytes]


class ProofError(ValueError):
    """A proof that proves nothing."""


class BadSize(ProofError):
    """An index or a size is out of range; from an empty tree nothing follows, so it counts as such."""


class BadHash(ProofError):
    """Something given as a hash has not 32 bytes."""


class BadLength(ProofError):
    """The proof has more or fewer hashes than a proof for these sizes."""


class WrongRoot(ProofError):
    """The hashes do not lead to the root."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf (RFC 9162 2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 9162 2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


def peaks(size: int) -> list[tuple[int, int]]:
    """The (level, index) of the perfect subtrees that a tree of this size is made of, left to right.

    `nodes_to_add` and `root` ask for no other nodes: a store can read them all at once.
    """
    return [(level, (size >> level) - 1) for level in reversed(range(size.bit_length())) if size >> level & 1]


def nodes_to_add(size: int, leaf_hashes: Iterable[bytes], get: GetNode) -> tuple[list[Node], bytes]:
    """What a tree of `size` leaves gains by these further leaves: the new nodes, and its new root.

    About one hash per leaf, however large the tree is.
    """
    level, first, row = 0, size, list(leaf_hashes)
    _check_hashes(*row)
    new_size = size + len(row)
    rows: list[tuple[int, list[bytes]]] = []
    added: list[Node] = []
    while row:
        added.extend((level, index, value) for index, value in enumerate(row, first))
        rows.append((first, row))
        if first % 2:
            first, row = first - 1, [get(level, first - 1), *row]
        row = [node_hash(left, right) for left, right in zip(row[0::2], row[1::2], strict=False)]
        level, first = level + 1, first // 2

    def get_new(level: int, index: int) -> bytes:
        first, row = rows[level] if level < len(rows) else (index + 1, [])
        return row[index - first] if index >= first else get(level, index)

    return added, root(new_size, get_new)


def root(size: int, get: GetNode) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _range_hash(0, size, get) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, get: GetNode) -> list[bytes]:
    """That the leaf at `index` is in the tree of `size` leaves (RFC 9162 2.1.3.1). Raises BadSize."""
    if not 0 <= index < size:
        raise BadSize(f"no leaf {index} in a tree of {size}")
    proof = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            proof.append(_range_hash(middle, end, get))
            end = middle
        else:
            proof.append(_range_hash(start, middle, get))
            start = middle
    return proof[::-1]


def consistency_proof(first: int, second: int, get: GetNode) -> list[bytes]:
    """That the tree of `first` leaves is a prefix of that of `second` (RFC 9162 2.1.4.1). Raises BadSize."""
    if not 0 < first <= second:
        raise BadSize(f"no proof leads from {first} leaves to {second}")
    proof = []
    start, end = 0, second
    while first != end:
        middle = _middle(start, end)
        if first <= middle:
            proof.append(_range_hash(middle, end, get))
            end = middle
        else:
            proof.append(_range_hash(start, middle, get))
            start = middle
    if start:  # a verifier knows the whole first tree by its root, but no part of it
        proof.append(_range_hash(start, end, get))
    return proof[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Returns if the leaf hash stands at `index` in the tree with this root (RFC 9162 2.1.3.2).

    Raises BadSize, BadHash, BadLength or WrongRoot. The caller still owes the
    trust in the root: a verified checkpoint.
    """
    if not 0 <= index < size:
        raise BadSize(f"no leaf {index} in a tree of {size}")
    _check_hashes(leaf, root, *proof)
    node, last, value = index, size - 1, leaf
    for sibling in proof:
        _check_length(last > 0)
        if node % 2 or node == last:
            value = node_hash(sibling, value)
            node, last = _climb(node, last)
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    _check_length(last == 0)
    _check_root(value, root)


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Returns if the tree with the first root is a prefix of that with the second (RFC 9162 2.1.4.2).

    Raises BadSize, BadHash, BadLength or WrongRoot. A proof from size 0 is
    refused: it would hold for any two logs.
    """
    if not 0 < first <= second:
        raise BadSize(f"no proof leads from {first} leaves to {second}")
    _check_hashes(first_root, second_root, *proof)
    if first == second:
        _check_length(not proof)
        _check_root(first_root, second_root)
        return
    # A first tree that is perfect is a node of the second; its root is left out of the proof.
    power_of_two = first & (first - 1) == 0
    path = [first_root, *proof] if power_of_two else list(proof)
    _check_length(bool(path))
    old, new = _roots_from_path(first - 1, second - 1, path)
    _check_root(old, first_root)
    _check_root(new, second_root)


def _roots_from_path(node: int, last: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Both roots, as the path of a consistency proof gives them."""
    while node % 2:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        _check_length(last > 0)
        if node % 2 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            node, last = _climb(node, last)
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    _check_length(last == 0)
    return old, new


class MemoryTree:
    """A tree that is kept in memory: for tests, benchmarks and small logs."""

    def __init__(self) -> None:
        self.size = 0
        self.root = EMPTY_ROOT
        self._rows: list[list[bytes]] = []

    def get(self, level: int, index: int) -> bytes:
        """The node at this place."""
        return self._rows[level][index]

    def append(self, leaf_hashes: Sequence[bytes]) -> None:
        """Adds leaves at the right."""
        added, self.root = nodes_to_add(self.size, leaf_hashes, self.get)
        self.size += len(leaf_hashes)
        for level, _index, value in added:
            if level == len(self._rows):
                self._rows.append([])
            self._rows[level].append(value)


def _range_hash(start: int, end: int, get: GetNode) -> bytes:
    """The hash over leaves [start, end), which RFC 9162 2.1.1 splits at the largest power of two."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return get(level, start >> level)
    middle = _middle(start, end)
    return node_hash(_range_hash(start, middle, get), _range_hash(middle, end, get))


def _middle(start: int, end: int) -> int:
    return start + (1 << (end - start - 1).bit_length() - 1)


def _climb(node: int, last: int) -> tuple[int, int]:
    """Skips the levels at which the node is a left child without sibling."""
    while node and not node % 2:
        node, last = node >> 1, last >> 1
    return node, last


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_SIZE for value in hashes):
        raise BadHash(f"a hash has {HASH_SIZE} bytes")


def _check_length(right: bool) -> None:
    if not right:
        raise BadLength("the proof is too long or too short for these sizes")


def _check_root(found: bytes, expected: bytes) -> None:
    if found != expected:
        raise WrongRoot("the hashes do not lead to the root")
