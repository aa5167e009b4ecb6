"""One number, one person: in a batch nobody stands under two names (REG-076; 000 A1 7, 11)."""

from __future__ import annotations

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import exists
from jiangheng.registration.domain.application import Application
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications


def refuse_other_name(runtime: RegistrationRuntime, tx: Tx, one: Application) -> None:
    """Raise Problem EXISTS if the number stands in the batch under another name, be it in a draft.

    Asked when a draft is saved and again when it is submitted: of two that are saved at the same moment
    neither sees the other, and then neither is submitted. Between batches names may differ: people change
    them.
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
