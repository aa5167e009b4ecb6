"""ListApplications: the applications of a batch, page by page (REG-094)."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis.auth import Caller
from jiangheng.registration.domain.application import Application, State
from jiangheng.registration.operations.application_view import Seen, seen
from jiangheng.registration.operations.judging import bench_of
from jiangheng.registration.operations.pages import after_of, fitting, size_of, token_of
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications
from jiangheng.registration.wire.forms import form_to_wire

# Of forms on one page: an answer holds 4 MiB, and findings and reviews stand beside them.
MAX_PAGE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Page:
    """Some applications, and the token that asks for those after them; empty at the end."""

    applications: tuple[Seen, ...]
    next_token: str


def list_applications(
    runtime: RegistrationRuntime, caller: Caller, batch_id: str, *, state: State | None, token: str, size: int
) -> Page:
    """One page of a batch's applications by occupation and level, as this caller may see them.

    `state` None means any. Raises Problem NOT_FOUND for a batch that is none, INVALID for a size over 200 or
    another query's token.
    """
    limit, question = size_of(size), f"applications {batch_id} {state.value if state else ''}"
    after = after_of(token, question)
    with runtime.db.read() as tx:
        bench = bench_of(runtime, tx, batch_id)
        found = applications.page(tx, runtime.cipher, batch_id, state=state, after=after, limit=limit + 1)
        shown = seen(runtime, tx, caller, bench, tuple(fitting(found[:limit], _bytes_of, MAX_PAGE_BYTES)))
    last = shown[-1].application.id if shown else ""
    return Page(shown, token_of(last, question) if len(found) > len(shown) else "")


def _bytes_of(one: Application) -> int:
    return form_to_wire(one.form).ByteSize()
