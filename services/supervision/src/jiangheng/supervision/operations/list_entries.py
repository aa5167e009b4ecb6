"""Lists the ledger's entries, page by page, as far as the reader's regions go."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from jiangheng.chassis.auth import Reach
from jiangheng.chassis.errors import invalid
from jiangheng.chassis.runtime import Runtime
from jiangheng.supervision import store
from jiangheng.supervision.domain.ledger import Circumstances
from jiangheng.supervision.store import StoredEntry

DEFAULT_PAGE, LARGEST_PAGE = 100, 500
PAGE_BYTES = 1024 * 1024


def list_entries(
    runtime: Runtime, reach: Reach, where: Circumstances, page_token: str, page_size: int
) -> tuple[Sequence[StoredEntry], str]:
    """A page and the token of the next one, "" at the end. Evidence is read by region: IAM-011."""
    if page_size > LARGEST_PAGE:
        raise invalid(
            "page_size", f"每页最多 {LARGEST_PAGE} 条。", f"A page holds at most {LARGEST_PAGE} entries."
        )
    with runtime.db.read() as tx:
        found = store.list_entries(
            tx, reach.regions, where, _after(page_token), (page_size or DEFAULT_PAGE) + 1
        )
    page = _page(found[: page_size or DEFAULT_PAGE])
    return page, str(page[-1].index) if len(page) < len(found) else ""


def _page(found: Sequence[StoredEntry]) -> Sequence[StoredEntry]:
    """As many of the first as one message may hold, but never none."""
    sizes = accumulate(len(entry.envelope.encode()) for entry in found)
    return found[: max(1, sum(size <= PAGE_BYTES for size in sizes))]


def _after(page_token: str) -> int:
    if not page_token:
        return -1
    if not (page_token.isascii() and page_token.isdigit() and len(page_token) < 19):
        raise invalid("page_token", "页标记无效。", "That is no page token of this list.")
    return int(page_token)
