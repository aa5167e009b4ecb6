"""Personal data at rest: sealed fields, and indexes that find without reading.

A sealed field is one byte string:

    version (1) | algorithm (1) | length of key id (1) | key id | nonce (12) | ciphertext and tag

Version and algorithm are in front so that SM4 or another key length can stand
beside AES-256-GCM without touching what is already stored.
"""

from __future__ import annotations

import hmac
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE = 32

_VERSION = 1
_AES_256_GCM = 1
_NONCE_SIZE = 12
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class PrivacyError(Exception):
    """A sealed field or a key file that cannot be used. Says why, never what is inside."""


class UnknownKey(PrivacyError):
    """Sealed with a key that is not at hand."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"no key {key_id!r}")
        self.key_id = key_id


class FieldCipher:
    """Seals with the current key, opens with any of the keys: so keys can be rotated."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        for key_id, key in keys.items():
            _check_key(key_id, key)
        if current not in keys:
            raise UnknownKey(current)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = current

    def seal(self, plaintext: str, context: bytes) -> bytes:
        """The text, sealed to its place: `context` names table, field and row, and is needed to open it.

        Two sealings of one text differ; equality is BlindIndex's business.
        """
        nonce = os.urandom(_NONCE_SIZE)
        header = _header(self._current)
        ciphertext = self._ciphers[self._current].encrypt(nonce, plaintext.encode(), header + context)
        return header + nonce + ciphertext

    def open(self, sealed: bytes, context: bytes) -> str:
        """The text again. Raises UnknownKey, or PrivacyError if a byte or the context is not as sealed."""
        key_id, header, rest = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKey(key_id)
        try:
            plaintext = cipher.decrypt(rest[:_NONCE_SIZE], rest[_NONCE_SIZE:], header + context)
        except (InvalidTag, ValueError):
            raise PrivacyError("the sealed field was changed, or is not of this place") from None
        return plaintext.decode()

    def is_current(self, sealed: bytes) -> bool:
        """False if it should be sealed anew because the key has been rotated."""
        return key_id_of(sealed) == self._current


class BlindIndex:
    """Finds equal values without storing them: a keyed hash, useless without the key."""

    def __init__(self, key: bytes) -> None:
        _check_key("index", key)
        self._key = key

    def of(self, kind: str, value: str) -> str:
        """The index of a value in its normal form; values of different kinds never meet. 64 hex digits."""
        return hmac.new(self._key, kind.encode() + b"\x00" + value.encode(), sha256).hexdigest()


@dataclass(frozen=True)
class FieldKeys:
    """What a key file holds: the field keys by id, which is current, and the index key."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)

    def cipher(self) -> FieldCipher:
        """A cipher with these keys."""
        return FieldCipher(self.keys, self.current)

    def blind_index(self) -> BlindIndex:
        """An index with this key; it has no rotation, because every row would have to be read again."""
        return BlindIndex(self.index)


def load_keys(path: Path) -> FieldKeys:
    """Reads a key file: TOML with `current`, `index` and a table `keys`, each key as 64 hex digits.

    Raises PrivacyError if others than the owner may read it, or if it is not of this form.
    """
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PrivacyError(f"{path} must be readable by its owner only (mode 0600)")
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        keys = {key_id: bytes.fromhex(key) for key_id, key in content["keys"].items()}
        loaded = FieldKeys(content["current"], keys, bytes.fromhex(content["index"]))
        loaded.cipher()
        loaded.blind_index()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PrivacyError(f"{path} is not a key file") from None
    return loaded


def write_new_keys(path: Path, key_id: str) -> None:
    """Makes a key file with fresh keys, mode 0600. Raises FileExistsError rather than lose old keys."""
    _check_key(key_id, bytes(KEY_SIZE))
    lines = [
        f'current = "{key_id}"',
        f'index = "{os.urandom(KEY_SIZE).hex()}"',
        "[keys]",
        f'"{key_id}" = "{os.urandom(KEY_SIZE).hex()}"',
    ]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")


def key_id_of(sealed: bytes) -> str:
    """Which key a field is sealed with."""
    return _split(sealed)[0]


def _header(key_id: str) -> bytes:
    name = key_id.encode()
    return bytes([_VERSION, _AES_256_GCM, len(name)]) + name


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    """Key id, header, nonce with ciphertext."""
    if len(sealed) < 3 or sealed[:2] != bytes([_VERSION, _AES_256_GCM]):
        raise PrivacyError("sealed in a form that is not known here")
    end = 3 + sealed[2]
    try:
        return sealed[3:end].decode(), sealed[:end], sealed[end:]
    except UnicodeDecodeError:
        raise PrivacyError("sealed in a form that is not known here") from None


def _check_key(key_id: str, key: bytes) -> None:
    if not _KEY_ID.fullmatch(key_id) or len(key) != KEY_SIZE:
        raise PrivacyError(f"a key has a short plain id and {KEY_SIZE} bytes")
