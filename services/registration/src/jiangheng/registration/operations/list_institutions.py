"""ListInstitutions: the institutions within the caller's grants, page by page (IAM-011, IAM-012)."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis.auth import Caller
from jiangheng.registration.domain.institution import READ, Institution, State
from jiangheng.registration.operations.pages import after_of, fitting, size_of, token_of
from jiangheng.registration.operations.view import as_seen_by
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import institutions
from jiangheng.registration.wire import institutions as wire


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
    question = state.value if state else ""
    limit, after, reach = size_of(size), after_of(token, question), caller.reach(READ)
    with runtime.db.read() as tx:
        found = institutions.page(tx, runtime.cipher, reach, state=state, after=after, limit=limit + 1)
    shown = tuple(as_seen_by(caller, one) for one in fitting(found[:limit], _bytes_of))
    return Page(shown, token_of(shown[-1].credit_code, question) if len(found) > len(shown) else "")


def _bytes_of(one: Institution) -> int:
    return wire.dossier_to_wire(one.dossier).ByteSize()
