"""The rules of the ledger, without IO."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.chassis import merkle
from jiangheng.supervision.domain.ledger import (
    Due,
    LedgerError,
    LedgerRewound,
    assert_continues,
    commitment,
    grow,
    leaf,
)

salts = st.binary(min_size=16, max_size=16)
facts = st.builds(
    lambda name, text, salt: Due(name, text, salt, leaf(text, salt)), st.text(), st.binary(), salts
)


def test_the_leaf_is_what_the_contract_says() -> None:
    envelope, salt = b'{"id":"1"}', bytes(range(16))
    inner = hashlib.sha256(b"jiangheng-ledger-v1\x00" + salt + envelope).digest()
    assert commitment(envelope, salt) == inner
    assert leaf(envelope, salt) == hashlib.sha256(b"\x00" + inner).digest()


@settings(deadline=None)
@given(st.binary(max_size=40).filter(lambda salt: len(salt) != 16))
def test_a_salt_has_sixteen_bytes(salt: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        leaf(b"{}", salt)


@settings(deadline=None)
@given(st.binary(), st.binary(), salts, salts)
def test_another_envelope_or_salt_is_another_leaf(one: bytes, two: bytes, salt: bytes, other: bytes) -> None:
    assert (leaf(one, salt) == leaf(two, salt)) == (one == two)
    assert (leaf(one, salt) == leaf(one, other)) == (salt == other)


@settings(deadline=None)
@given(st.lists(st.lists(facts, max_size=5), max_size=6))
def test_a_log_that_grows_in_steps_is_the_log_grown_at_once(batches: list[list[Due]]) -> None:
    nodes: dict[tuple[int, int], bytes] = {}
    size, root, indexes = 0, merkle.EMPTY_ROOT, []
    for batch in batches:
        growth = grow(size, batch, lambda level, index: nodes[level, index])
        for level, index, value in growth.nodes:
            assert nodes.setdefault((level, index), value) == value
        size, root = growth.size, growth.root
        indexes += [index for index, _ in growth.entries]
    whole = merkle.MemoryTree()
    whole.append([fact.leaf_hash for batch in batches for fact in batch])
    assert (size, root) == (whole.size, whole.root)
    assert indexes == list(range(size))


def test_a_fact_that_was_changed_after_it_was_taken_in_is_not_put_on_the_log() -> None:
    salt = bytes(16)
    changed = Due("e-1", b'{"id":"2"}', salt, leaf(b'{"id":"1"}', salt))
    with pytest.raises(LedgerError, match="e-1"):
        grow(0, [changed], lambda level, index: b"")


def test_a_store_that_holds_less_than_was_stated_is_rewound() -> None:
    with pytest.raises(LedgerRewound, match="holds 4 entries"):
        assert_continues(5, b"r", 4, lambda size: b"r")


def test_a_store_that_holds_something_else_than_was_stated_is_rewound() -> None:
    with pytest.raises(LedgerRewound, match="first 5 entries"):
        assert_continues(5, b"r", 9, lambda size: b"other")


def test_a_store_that_holds_what_was_stated_and_more_continues_it() -> None:
    roots = {5: b"r"}
    assert_continues(5, b"r", 9, roots.__getitem__)
    assert_continues(5, b"r", 5, roots.__getitem__)
