"""The keys that access tokens are signed with: a folder of key files, one key each.

A file is a private JWK (RFC 8037) with the moment from which its key signs.
Everything else follows from these moments: the youngest key whose moment has
come signs; a key is published from the day its file is there until every token
it signed has expired. So a rotation needs no restart and no second record.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jiangheng.chassis.auth import TOKEN_LIFE
from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.keyset import base64url, jwks, unbase64url

SUFFIX = ".jwk"
# A verifier keeps a key set for a minute (keyset.JwksFetcher): a new key signs when all have seen it.
LEAD = timedelta(minutes=3)
# Added to the life of the last token before a key is withdrawn.
GRACE = timedelta(minutes=1)


@dataclass(frozen=True)
class TokenKey:
    """One signing key and the moment from which it signs."""

    key_id: str
    private_key: Ed25519PrivateKey
    signs_from: datetime


class Keyring:
    """The folder as a running service sees it; changes of the folder are noticed at the next use."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp: tuple[str, ...] | None = None
        self._keys: tuple[TokenKey, ...] = ()

    def signing_key(self) -> TokenKey:
        """The youngest key whose moment has come. Raises RuntimeError if there is none."""
        now = self._clock.now()
        due = [key for key in self._current() if key.signs_from <= now]
        if not due:
            raise RuntimeError("no token key: run `python -m jiangheng.identity rotate-token-key`")
        return due[-1]

    def published(self) -> Mapping[str, Ed25519PublicKey]:
        """The public keys of every key that signs, will sign, or signed a token that still lives."""
        now, keys = self._clock.now(), self._current()
        return {key.key_id: key.private_key.public_key() for key in keys if not _withdrawn(key, keys, now)}

    def key_set(self) -> str:
        """The published keys as JSON (RFC 7517)."""
        return jwks(self.published())

    def find(self, key_id: str) -> Ed25519PublicKey | None:
        """The published key of that id (the KeySource of identity's own verifier)."""
        return self.published().get(key_id)

    def _current(self) -> tuple[TokenKey, ...]:
        stamp = tuple(sorted(path.name for path in self._folder.glob(f"*{SUFFIX}")))
        with self._lock:
            if stamp != self._stamp:
                self._keys, self._stamp = read_keys(self._folder), stamp
            return self._keys


def read_keys(folder: Path) -> tuple[TokenKey, ...]:
    """The keys of a folder by the moment they sign from. Raises PermissionError if others may read one."""
    keys = (_read(path) for path in folder.glob(f"*{SUFFIX}"))
    return tuple(sorted(keys, key=lambda key: (key.signs_from, key.key_id)))


def rotate(folder: Path, now: datetime) -> TokenKey:
    """Add a key that signs after LEAD (at once if it is the first) and remove the withdrawn ones."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = read_keys(folder)
    fresh = TokenKey(uuid.uuid4().hex, Ed25519PrivateKey.generate(), now + LEAD if keys else now)
    _write(folder, fresh)
    for key in keys:
        if _withdrawn(key, keys, now):
            (folder / f"{key.key_id}{SUFFIX}").unlink(missing_ok=True)
    return fresh


def _withdrawn(key: TokenKey, keys: tuple[TokenKey, ...], now: datetime) -> bool:
    """True if a younger key has signed for so long that no token of this one lives."""
    younger = [other.signs_from for other in keys[keys.index(key) + 1 :]]
    return bool(younger) and min(younger) + TOKEN_LIFE + GRACE <= now


def _read(path: Path) -> TokenKey:
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path.name}: a private key must be readable by its owner only (mode 0600)")
    entry = json.loads(path.read_text(encoding="ascii"))
    return TokenKey(
        entry["kid"],
        Ed25519PrivateKey.from_private_bytes(unbase64url(entry["d"])),
        datetime.fromtimestamp(entry["signs_from"], UTC),
    )


def _write(folder: Path, key: TokenKey) -> None:
    entry = {
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": key.key_id,
        "x": base64url(key.private_key.public_key().public_bytes_raw()),
        "d": base64url(key.private_key.private_bytes_raw()),
        "signs_from": key.signs_from.timestamp(),
    }
    partial = folder / f".{key.key_id}.part"
    with os.fdopen(
        os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
    ) as file:
        json.dump(entry, file)
        file.flush()
        os.fsync(file.fileno())
    # Under its own name only when it is whole: a running service reads the folder at any moment.
    partial.rename(folder / f"{key.key_id}{SUFFIX}")
