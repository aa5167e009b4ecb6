"""The centre's random sample of applications (000 A1 12): repeatable from its seed, steered by nobody."""

from __future__ import annotations

import hmac
from collections.abc import Iterable


def draw(ids: Iterable[str], seed: bytes, size: int) -> tuple[str, ...]:
    """`size` of the ids, or all if there are fewer, in the order drawn.

    Every id has the same chance, whatever the order they come in: they are
    sorted by HMAC-SHA256 under the seed.
    """
    return tuple(sorted(set(ids), key=lambda id: hmac.digest(seed, id.encode(), "sha256"))[:size])
