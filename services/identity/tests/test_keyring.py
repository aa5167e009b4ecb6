"""Token keys: published before they sign, kept until the last token they signed has expired."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jiangheng.chassis.auth import TOKEN_LIFE
from jiangheng.chassis.clocks import FixedClock
from jiangheng.identity.keyring import LEAD, Keyring, read_keys, rotate

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def at() -> FixedClock:
    return FixedClock(NOON)


def test_the_first_key_signs_at_once(tmp_path: Path, at: FixedClock) -> None:
    ring = Keyring(tmp_path / "keys", at)
    with pytest.raises(RuntimeError, match="rotate-token-key"):
        ring.signing_key()
    first = rotate(tmp_path / "keys", at.now())
    assert ring.signing_key().key_id == first.key_id
    assert ring.find(first.key_id) is not None
    assert ring.find("unknown") is None


def test_a_rotation_publishes_before_it_signs_and_withdraws_after_the_last_token(
    tmp_path: Path, at: FixedClock
) -> None:
    ring = Keyring(tmp_path, at)
    old = rotate(tmp_path, at.now())
    at.advance(timedelta(days=30))
    new = rotate(tmp_path, at.now())
    assert set(ring.published()) == {old.key_id, new.key_id}
    at.advance(LEAD - timedelta(seconds=1))
    assert ring.signing_key().key_id == old.key_id
    at.advance(timedelta(seconds=1))
    assert ring.signing_key().key_id == new.key_id
    at.advance(TOKEN_LIFE)
    assert set(ring.published()) == {old.key_id, new.key_id}
    at.advance(timedelta(minutes=1))
    assert set(ring.published()) == {new.key_id}


def test_a_later_rotation_removes_what_is_withdrawn(tmp_path: Path, at: FixedClock) -> None:
    made = []
    for _ in range(3):
        made.append(rotate(tmp_path, at.now()).key_id)
        at.advance(timedelta(days=1))
    assert [key.key_id for key in read_keys(tmp_path)] == made[1:]


def test_two_rotations_in_a_row_withdraw_nothing_that_signs(tmp_path: Path, at: FixedClock) -> None:
    first = rotate(tmp_path, at.now())
    rotate(tmp_path, at.now())
    rotate(tmp_path, at.now())
    ring = Keyring(tmp_path, at)
    assert ring.signing_key().key_id == first.key_id
    assert len(ring.published()) == 3


def test_the_key_set_shows_public_halves_only(tmp_path: Path, at: FixedClock) -> None:
    rotate(tmp_path, at.now())
    [entry] = json.loads(Keyring(tmp_path, at).key_set())["keys"]
    assert set(entry) == {"kty", "crv", "use", "alg", "kid", "x"}


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path, at: FixedClock) -> None:
    rotate(tmp_path, at.now())
    [file] = tmp_path.glob("*.jwk")
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(PermissionError):
        read_keys(tmp_path)
