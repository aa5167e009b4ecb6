"""One number, one person: nobody stands in a batch under two names, or for more than the pack allows.

Both are asked when a draft is saved and again when it is submitted, of drafts as well: of two that are saved
at the same moment neither sees the other, and then neither is submitted.
"""

from __future__ import annotations

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import exists
from jiangheng.registration.domain.application import Application
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications
from jiangheng.rules.pack import Pack

_MOST = "reg.max_occupations_per_application"


def refuse_other_name(runtime: RegistrationRuntime, tx: Tx, one: Application) -> None:
    """Raise Problem EXISTS if the number stands in the batch under another name (REG-076).

    Between batches names may differ: people change them.
    """
    name = one.form.candidate.name.strip()
    if not name or not one.form.candidate.number:
        return
    others = applications.of_same_person(tx, runtime.cipher, runtime.index, one)
    if any(other.form.candidate.name.strip() not in ("", name) for other in others):
        raise exists(
            "该证件号码在本批次中已以其他姓名报名。",
            "the number of this identity paper stands in the batch under another name",
            field="form.candidate.name",
            rule="REG-076",
            clause="000 A1 7, 11",
            code="other-name",
        )


def refuse_more_occupations(runtime: RegistrationRuntime, tx: Tx, one: Application, pack: Pack) -> None:
    """Raise Problem EXISTS if the person applies for more occupations than the pack allows at a time."""
    if not one.form.candidate.number or not pack.regulates(_MOST):
        return
    others = applications.of_same_person(tx, runtime.cipher, runtime.index, one)
    named = {each.form.occupation_code for each in (*others, one)} - {""}
    most = pack.integer(_MOST)
    if len(named) > most:
        raise exists(
            f"每次限申报{most}个职业（工种）。",
            f"only {most} occupation may be applied for at a time",
            field="form.occupation_code",
            rule="REG-077",
            clause="; ".join(pack.answer(_MOST).cite),
            code="too-many-occupations",
        )
