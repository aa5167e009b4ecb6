"""The public keys that tokens are verified with: the key set (RFC 7517) and its sources."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.errors import unavailable
from jiangheng.chassis.telemetry import get_logger

ALGORITHM = "EdDSA"

_log = get_logger(__name__)


class KeySource(Protocol):
    """Where the public keys come from that tokens are verified with."""

    def find(self, key_id: str) -> Ed25519PublicKey | None:
        """The key of that id, or None if it is not (or no longer) one of identity's."""


def jwks(keys: Mapping[str, Ed25519PublicKey]) -> str:
    """The key set as JSON (RFC 7517, RFC 8037)."""
    entries = [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": ALGORITHM,
            "kid": kid,
            "x": base64url(key.public_bytes_raw()),
        }
        for kid, key in sorted(keys.items())
    ]
    return json.dumps({"keys": entries}, separators=(",", ":"))


def read_jwks(text: str) -> dict[str, Ed25519PublicKey]:
    """Key id → key; entries of other kinds are passed over, as RFC 7517 5 asks."""
    entries = json.loads(text)["keys"]
    return {
        entry["kid"]: Ed25519PublicKey.from_public_bytes(unbase64url(entry["x"]))
        for entry in entries
        if entry.get("kty") == "OKP" and entry.get("crv") == "Ed25519" and entry.get("kid")
    }


class JwksFetcher:
    """A key set fetched when needed and kept for a while.

    An unknown key id asks again, but at most once in `pause`: a stranger with
    made-up key ids cannot make this service hammer identity. After `max_age`
    the set is fetched anew, so that a withdrawn key stops counting; while the
    source is away the last set stands.
    """

    def __init__(
        self,
        fetch: Callable[[], str],
        clock: Clock,
        *,
        pause: timedelta = timedelta(seconds=3),
        max_age: timedelta = timedelta(seconds=60),
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._pause = pause
        self._max_age = max_age
        self._lock = threading.Lock()
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._tried: datetime | None = None
        self._fetched: datetime | None = None
        self._away = False

    def find(self, key_id: str) -> Ed25519PublicKey | None:
        """The key, or None. Raises Problem UNAVAILABLE if it is unknown and the source is away."""
        if key_id not in self._keys or self._is_old():
            self._refresh(wait=key_id not in self._keys)
        key = self._keys.get(key_id)
        if key is None and self._away:
            zh, en = "暂时无法验证访问令牌，请稍后再试。", "Tokens cannot be verified now; try again later."
            raise unavailable(zh, en, code="key-set-away")
        return key

    def _is_old(self) -> bool:
        return self._fetched is None or self._clock.now() - self._fetched > self._max_age

    def _refresh(self, *, wait: bool) -> None:
        # Who has a key to go on with does not wait for another's fetch.
        if not self._lock.acquire(blocking=wait):
            return
        try:
            now = self._clock.now()
            if self._tried is None or now - self._tried >= self._pause:
                self._tried = now
                self._keys, self._fetched, self._away = read_jwks(self._fetch()), now, False
        except Exception as error:  # whatever failed, the last set stands
            self._away = True
            _log.warning("key set not fetched", error=type(error).__name__)
        finally:
            self._lock.release()


class JwksFile(JwksFetcher):
    """A key set kept in a file (a test-centre node without a link)."""

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(lambda: path.read_text(encoding="utf-8"), clock)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
