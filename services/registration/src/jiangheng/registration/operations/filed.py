"""The institution behind a plan or a batch, which must be filed."""

from __future__ import annotations

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import wrong_state
from jiangheng.registration.domain.institution import STATE_ZH, Institution, State
from jiangheng.registration.operations.dockets import INSTITUTIONS
from jiangheng.registration.operations.step import stored
from jiangheng.registration.runtime import RegistrationRuntime


def filed_institution(runtime: RegistrationRuntime, tx: Tx, credit_code: str) -> Institution:
    """The filed institution, locked. Raises Problem NOT_FOUND, WRONG_STATE unless it is filed (REG-017)."""
    found = stored(runtime, tx, INSTITUTIONS, credit_code, lock=True)
    if found.state is not State.FILED:
        raise wrong_state(
            found.state.value,
            f"机构尚未备案（{STATE_ZH[found.state]}），不得开展认定。",
            "the institution is not filed: it may not assess anybody",
            code="not-filed",
            rule="REG-017",
            clause="000 main 7(5), 16",
        )
    return found


def scopes_of(found: Institution) -> frozenset[tuple[str, int]]:
    """The occupations and levels that an institution is filed for."""
    return frozenset((scope.occupation_code, scope.level) for scope in found.dossier.scopes)
