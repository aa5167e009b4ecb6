"""Merkle trees against the reference cases, a naive tree, and any changed byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis import merkle

REFERENCE = json.loads(Path(__file__).with_name("merkle_reference.json").read_text("utf-8"))
HASHES = [bytes.fromhex(text) for text in REFERENCE["hashes"]]
# The reference compares these two equal roots of 12 bytes and is content. Ours
# wants every hash to be one; `test_equal_roots_of_one_leaf_agree` holds the rest.
STRICTER_HERE = "additional/sizes-are-equal-one-and-proof-is-empty"


def cases(kind: str) -> list[Any]:
    return [pytest.param(row, id=row[0]) for row in REFERENCE[f"{kind}_cases"]]


def accepts(verify: Callable[..., None], *arguments: object) -> bool:
    try:
        verify(*arguments)
    except merkle.ProofError:
        return False
    return True


def test_the_reference_is_whole() -> None:
    assert len(REFERENCE["inclusion_cases"]) + len(REFERENCE["consistency_cases"]) == 196


@pytest.mark.parametrize("case", cases("inclusion"))
def test_inclusion_as_the_reference(case: list[Any]) -> None:
    _name, index, size, leaf, root, proof, accepted = case
    hashes = [HASHES[place] for place in proof]
    assert accepts(merkle.verify_inclusion, index, size, HASHES[leaf], hashes, HASHES[root]) is accepted


@pytest.mark.parametrize("case", cases("consistency"))
def test_consistency_as_the_reference(case: list[Any]) -> None:
    name, first, second, first_root, second_root, proof, accepted = case
    hashes = [HASHES[place] for place in proof]
    verdict = accepts(
        merkle.verify_consistency, first, second, HASHES[first_root], HASHES[second_root], hashes
    )
    assert verdict is (accepted and name != STRICTER_HERE)


def test_equal_roots_of_one_leaf_agree() -> None:
    root = merkle.leaf_hash(b"leaf")
    merkle.verify_consistency(1, 1, root, root, [])


# --- a naive tree, written as RFC 9162 2.1 words it ---------------------------


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = naive_split(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = naive_split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = naive_split(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], known), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def tree_of(leaves: list[bytes], batch: int = 7) -> merkle.MemoryTree:
    tree = merkle.MemoryTree()
    for start in range(0, len(leaves), batch):
        tree.append([merkle.leaf_hash(leaf) for leaf in leaves[start : start + batch]])
    return tree


LEAVES = [index.to_bytes(2, "big") for index in range(200)]
TREE = tree_of(LEAVES)


@given(leaves=st.lists(st.binary(max_size=4), max_size=70), batch=st.integers(1, 9))
def test_any_batches_give_the_root_of_the_rfc(leaves: list[bytes], batch: int) -> None:
    assert tree_of(leaves, batch).root == naive_root(leaves)


@pytest.mark.parametrize("size", range(35))
def test_every_proof_is_that_of_the_rfc_and_verifies(size: int) -> None:
    leaves = LEAVES[:size]
    root = merkle.root(size, TREE.get)
    assert root == naive_root(leaves)
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, TREE.get)
        assert proof == naive_path(index, leaves)
        merkle.verify_inclusion(index, size, merkle.leaf_hash(leaves[index]), proof, root)
    for first in range(1, size + 1):
        proof = merkle.consistency_proof(first, size, TREE.get)
        assert proof == naive_subproof(first, leaves, True)
        merkle.verify_consistency(first, size, naive_root(leaves[:first]), root, proof)


@given(st.data())
def test_a_changed_byte_breaks_an_inclusion_proof(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    hashes = [
        merkle.leaf_hash(LEAVES[index]),
        merkle.root(size, TREE.get),
        *merkle.inclusion_proof(index, size, TREE.get),
    ]
    leaf, root, *proof = changed(data, hashes)
    with pytest.raises(merkle.WrongRoot):
        merkle.verify_inclusion(index, size, leaf, proof, root)


@given(st.data())
def test_a_changed_byte_breaks_a_consistency_proof(data: st.DataObject) -> None:
    second = data.draw(st.integers(1, len(LEAVES)))
    first = data.draw(st.integers(1, second))
    hashes = [
        merkle.root(first, TREE.get),
        merkle.root(second, TREE.get),
        *merkle.consistency_proof(first, second, TREE.get),
    ]
    first_root, second_root, *proof = changed(data, hashes)
    with pytest.raises(merkle.WrongRoot):
        merkle.verify_consistency(first, second, first_root, second_root, proof)


def changed(data: st.DataObject, hashes: list[bytes]) -> list[bytes]:
    """The hashes with one bit of one of them turned over."""
    place = data.draw(st.integers(0, len(hashes) - 1))
    bit = data.draw(st.integers(0, 255))
    number = int.from_bytes(hashes[place], "big") ^ 1 << bit
    return [*hashes[:place], number.to_bytes(32, "big"), *hashes[place + 1 :]]


@given(st.data())
def test_no_leaf_proves_another_place(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, len(LEAVES)))
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    proof = merkle.inclusion_proof(index, size, TREE.get)
    leaf = merkle.leaf_hash(LEAVES[index])
    assert not accepts(merkle.verify_inclusion, other, size, leaf, proof, merkle.root(size, TREE.get))


@given(st.data())
def test_a_rewritten_log_has_no_consistency_proof(data: st.DataObject) -> None:
    second = data.draw(st.integers(2, len(LEAVES)))
    first = data.draw(st.integers(1, second))
    forged = tree_of([b"forged", *LEAVES[1:second]])
    proof = merkle.consistency_proof(first, second, forged.get)
    roots = merkle.root(first, TREE.get), forged.root
    assert not accepts(merkle.verify_consistency, first, second, *roots, proof)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_only_hashes_of_32_bytes_are_taken(length: int) -> None:
    root, leaf, odd = TREE.root, merkle.leaf_hash(LEAVES[0]), bytes(length)
    with pytest.raises(merkle.BadHash):
        merkle.verify_inclusion(0, 2, leaf, [odd], root)
    with pytest.raises(merkle.BadHash):
        merkle.verify_inclusion(0, 1, odd, [], odd)
    with pytest.raises(merkle.BadHash):
        merkle.verify_consistency(1, 2, leaf, root, [odd])
    with pytest.raises(merkle.BadHash):
        merkle.verify_consistency(1, 1, odd, odd, [])
    with pytest.raises(merkle.BadHash):
        merkle.MemoryTree().append([odd])


@pytest.mark.parametrize("hashes", [1, 3])
def test_a_proof_of_the_wrong_length_is_named_so(hashes: int) -> None:
    proof = merkle.inclusion_proof(0, 4, TREE.get)
    wrong = (proof * 2)[:hashes]
    with pytest.raises(merkle.BadLength):
        merkle.verify_inclusion(0, 4, merkle.leaf_hash(LEAVES[0]), wrong, merkle.root(4, TREE.get))


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_no_consistency_from_nothing_or_backwards(first: int, second: int) -> None:
    with pytest.raises(merkle.BadSize):
        merkle.consistency_proof(first, second, TREE.get)
    with pytest.raises(merkle.BadSize):
        merkle.verify_consistency(first, second, TREE.root, TREE.root, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_inclusion_out_of_range(index: int, size: int) -> None:
    with pytest.raises(merkle.BadSize):
        merkle.inclusion_proof(index, size, TREE.get)
    with pytest.raises(merkle.BadSize):
        merkle.verify_inclusion(index, size, TREE.root, [], TREE.root)


@given(size=st.integers(0, 200), more=st.integers(0, 60))
def test_appending_asks_for_peaks_only_and_hashes_once_a_leaf(size: int, more: int) -> None:
    asked: set[tuple[int, int]] = set()
    tree = tree_of(LEAVES[:size])

    def get(level: int, index: int) -> bytes:
        asked.add((level, index))
        return tree.get(level, index)

    leaves = [merkle.leaf_hash(bytes([index])) for index in range(more)]
    added, _root = merkle.nodes_to_add(size, leaves, get)
    assert asked <= set(merkle.peaks(size))
    inner = sum(level > 0 for level, _index, _hash in added)
    assert inner <= more + size.bit_length()
    assert len({(level, index) for level, index, _hash in added}) == len(added)


def test_peaks_are_the_binary_digits_of_the_size() -> None:
    assert merkle.peaks(0) == []
    assert merkle.peaks(13) == [(3, 0), (2, 2), (0, 12)]
