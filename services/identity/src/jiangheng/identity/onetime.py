"""Secrets that are shown once and stored as a digest: activation codes, the bootstrap code, refresh tokens.

They carry so much chance that a plain SHA-256 protects them; only what people
choose themselves needs Argon2.
"""

from __future__ import annotations

import hashlib
import secrets

# No 0/O, 1/I/L, U: a code is read from paper and typed.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 5, 5


def new_code() -> str:
    """A code of 25 characters (122 bits) in groups of five."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def code_digest(code: str) -> str:
    """What is stored of a code; groups and case do not matter."""
    return _digest("code", "".join(code.split()).replace("-", "").upper())


def new_refresh_token() -> str:
    """An opaque token of 256 bits."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What is stored of a refresh token."""
    return _digest("refresh", token)


def _digest(use: str, text: str) -> str:
    return hashlib.sha256(f"jiangheng-{use}\0{text}".encode()).hexdigest()
