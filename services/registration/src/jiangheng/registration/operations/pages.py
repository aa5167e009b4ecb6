"""Page tokens of lists: where the last page ended, and for which question."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from jiangheng.chassis.errors import Problem, invalid

T = TypeVar("T")

DEFAULT_SIZE = 50
MAX_SIZE = 200
_FORM = "1"
_MAX_TOKEN = 500
# Of content on one page: an answer holds 4 MiB, one record at most 1.
MAX_BYTES = 3 * 1024 * 1024


def size_of(asked: int, *, default: int = DEFAULT_SIZE, most: int = MAX_SIZE) -> int:
    """How many to give. Raises Problem INVALID for more than the most."""
    if asked > most:
        raise invalid("page_size", f"每页至多{most}条。", f"at most {most} a page")
    return asked or default


def fitting(found: Sequence[T], size: Callable[[T], int], most: int = MAX_BYTES) -> Iterator[T]:
    """As many of them as one answer holds, and always the first; `size` is that of one in bytes."""
    taken = 0
    for at, one in enumerate(found):
        taken += size(one)
        if taken > most and at:
            return
        yield one


def token_of(after: str, question: str) -> str:
    """The token that asks for what follows `after`; it opens nothing: every page looks up the reach anew."""
    text = "\n".join((_FORM, question, after))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after_of(token: str, question: str) -> str:
    """Where the page before ended, "" for the first. Raises Problem INVALID for another question's token."""
    if not token:
        return ""
    form, asked, after = _parts(token)
    if form != _FORM or asked != question or not after.isprintable():
        raise _foreign()
    return after


def _parts(token: str) -> tuple[str, str, str]:
    try:
        text = urlsafe_b64decode(token[:_MAX_TOKEN] + "=" * (-len(token) % 4)).decode("ascii")
        form, question, after = text.split("\n")
    except (ValueError, binascii.Error):
        raise _foreign() from None
    return form, question, after


def _foreign() -> Problem:
    return invalid("page_token", "分页标记无效或属于另一查询。", "the page token is not one of this query")
