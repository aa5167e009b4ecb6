"""Hashing passwords with Argon2id (RFC 9106), the same work whether the login exists or not."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from jiangheng.identity.domain import password as rules

# Each hash takes the full memory: more at once would let strangers fill the machine's.
AT_ONCE = 4


class Passwords:
    """Argon2id with parameters of its configuration; the memory is in KiB."""

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 65536, lanes: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost, memory_kib, lanes, type=Type.ID)
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._decoy = self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """The hash that is stored: algorithm, parameters, salt and digest in one text."""
        with self._turn:
            return self._hasher.hash(rules.normalised(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """True if the password made this hash; with None, the same work for a sure no."""
        with self._turn:
            try:
                self._hasher.verify(stored or self._decoy, rules.normalised(password))
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """True if the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)
