"""ListInstitutions: the institutions within the caller's grants, page by page (IAM-011, IAM-012)."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain.institution import READ, Institution, State
from jiangheng.registration.operations.view import as_seen_by
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import institutions
from jiangheng.registration.wire import institutions as wire

DEFAULT_SIZE = 50
MAX_SIZE = 200
# Of dossiers on one page: an answer holds 4 MiB, a dossier at most 1.
MAX_PAGE_BYTES = 3 * 1024 * 1024
_FORM = "1"


@dataclass(frozen=True)
class Page:
    """Some institutions, and the token that asks for those after them; empty at the end."""

    institutions: tuple[Institution, ...]
    next_token: str


def list_institutions(
    runtime: RegistrationRuntime, caller: Caller, *, state: State | None, token: str, size: int
) -> Page:
    """One page of what the caller's grants reach, by credit code; `state` None means any.

    The reach is looked up anew for every page, so a token opens nothing.
    Raises Problem INVALID for a size over 200 or a token of another query.
    """
    if size > MAX_SIZE:
        raise invalid("page_size", f"每页至多{MAX_SIZE}条。", f"at most {MAX_SIZE} a page")
    limit, after = size or DEFAULT_SIZE, _after(token, state)
    with runtime.db.read() as tx:
        found = institutions.page(
            tx, runtime.cipher, caller.reach(READ), state=state, after=after, limit=limit + 1
        )
    shown = tuple(as_seen_by(caller, one) for one in _fitting(found[:limit]))
    return Page(shown, _token(shown[-1].credit_code, state) if len(found) > len(shown) else "")


def _fitting(found: Sequence[Institution]) -> Iterator[Institution]:
    """As many of them as one answer holds, and always the first."""
    size = 0
    for one in found:
        size += wire.dossier_to_wire(one.dossier).ByteSize()
        if size > MAX_PAGE_BYTES and one is not found[0]:
            return
        yield one


def _token(after: str, state: State | None) -> str:
    text = ".".join((_FORM, state.value if state else "", after))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _after(token: str, state: State | None) -> str:
    if not token:
        return ""
    version, asked, after = _parts(token)
    if version != _FORM or asked != (state.value if state else "") or not after.isalnum():
        raise _foreign()
    return after


def _parts(token: str) -> tuple[str, str, str]:
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
        version, state, after = text.split(".")
    except (ValueError, binascii.Error):
        raise _foreign() from None
    return version, state, after


def _foreign() -> Problem:
    return invalid("page_token", "分页标记无效或属于另一查询。", "the page token is not one of this query")
