"""ListBatches: the batches within the caller's grants, page by page (IAM-011, IAM-012)."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis.auth import Caller
from jiangheng.registration.domain.batch import Batch, State
from jiangheng.registration.domain.institution import READ
from jiangheng.registration.operations.pages import after_of, fitting, size_of, token_of
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import batches
from jiangheng.registration.wire import batches as wire


@dataclass(frozen=True)
class Page:
    """Some batches, and the token that asks for those after them; empty at the end."""

    batches: tuple[Batch, ...]
    next_token: str


def list_batches(
    runtime: RegistrationRuntime, caller: Caller, *, state: State | None, token: str, size: int
) -> Page:
    """One page of what the caller's grants reach, by id; `state` None means any.

    Raises Problem INVALID for a size over 200 or a token of another query.
    """
    question = state.value if state else ""
    limit, after, reach = size_of(size), after_of(token, question), caller.reach(READ)
    with runtime.db.read() as tx:
        found = batches.page(tx, reach, state=state, after=after, limit=limit + 1)
    shown = tuple(fitting(found[:limit], _bytes_of))
    return Page(shown, token_of(shown[-1].id, question) if len(found) > len(shown) else "")


def _bytes_of(one: Batch) -> int:
    return wire.batch_to_wire(one).ByteSize()
