"""SaveDraft: the institution creates its dossier or replaces the one it is preparing (002 8)."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.registration.domain.dossier import Dossier
from jiangheng.registration.domain.faults import refuse_unstorable
from jiangheng.registration.domain.institution import Act, Institution, State
from jiangheng.registration.operations.dockets import INSTITUTIONS
from jiangheng.registration.operations.step import save
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.wire import institutions as wire


def save_draft(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, dossier: Dossier
) -> Institution:
    """Store the dossier as it is, gaps and all; the same content again changes nothing.

    Raises Problem INVALID for what cannot be stored, WRONG_STATE once it is
    with the authority.
    """
    refuse_unstorable(credit_code, dossier)
    fresh = Institution(credit_code, dossier, State.DRAFT, 1, wire.dossier_digest(dossier))
    return save(runtime, caller, INSTITUTIONS, fresh, Act.SAVE)
