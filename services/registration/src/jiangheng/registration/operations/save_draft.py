"""SaveDraft: the institution creates its dossier or replaces the one it is preparing (002 8)."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration import store, wire
from jiangheng.registration.domain.dossier import Dossier
from jiangheng.registration.domain.faults import refuse_unstorable
from jiangheng.registration.domain.institution import Act, Institution, State
from jiangheng.registration.operations import case
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import Step


def save_draft(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, dossier: Dossier
) -> Institution:
    """Store the dossier as it is, gaps and all; the same content again changes nothing.

    Raises Problem INVALID for what cannot be stored, WRONG_STATE once it is
    with the authority. A draft is nobody else's concern yet: no fact is stated.
    """
    refuse_unstorable(credit_code, dossier)
    with runtime.db.write() as tx:
        if store.owner_of(tx, credit_code) is None:
            _create(runtime, tx, caller, credit_code, dossier)
        found = case.stored(runtime, tx, credit_code, lock=True)
        return _replace(runtime, tx, caller, found, dossier)


def _create(runtime: RegistrationRuntime, tx: Tx, caller: Caller, credit_code: str, dossier: Dossier) -> None:
    """Store the first draft, unless another was quicker; `_replace` then asks whose it is."""
    fresh = Institution(credit_code, dossier, State.DRAFT, 1, wire.dossier_digest(dossier))
    if store.add(tx, runtime.cipher, fresh):
        step = Step(Act.SAVE, credit_code, 0)
        store.record(tx, step, caller.id, fresh.dossier_digest, runtime.legal_clock.now())


def _replace(
    runtime: RegistrationRuntime, tx: Tx, caller: Caller, found: Institution, dossier: Dossier
) -> Institution:
    case.refuse_stranger(caller, found, Act.SAVE)
    state = found.after(Act.SAVE, found.revision)
    digest = wire.dossier_digest(dossier)
    if digest == found.dossier_digest:
        return found
    changed = replace(found, dossier=dossier, state=state, revision=found.revision + 1, dossier_digest=digest)
    step = Step(Act.SAVE, found.credit_code, found.revision)
    case.write(runtime, tx, caller, step, found, changed)
    return changed
