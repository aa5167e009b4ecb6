"""SubmitBatch: the plan of a batch goes to the authority (000 A3 11; 004 S三(一))."""

from __future__ import annotations

from dataclasses import replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import exists
from jiangheng.registration.domain.batch import Act, Batch
from jiangheng.registration.domain.batch_faults import refuse_incomplete
from jiangheng.registration.domain.institution import Institution
from jiangheng.registration.domain.kinds import heard_by
from jiangheng.registration.domain.sitting_faults import Setting
from jiangheng.registration.operations import pins
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.filed import filed_institution, scopes_of
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import batches
from jiangheng.registration.store.steps import Step


def submit_batch(runtime: RegistrationRuntime, caller: Caller, id: str, revision: int) -> Batch:
    """Submit the plan of `revision`.

    Raises Problem INVALID naming everything that is not whole or not lawful under the pack it names,
    WRONG_STATE if the institution is not filed, EXISTS if another batch bears its number.
    """

    def submitted(tx: Tx, found: Batch) -> tuple[Batch, events.BatchSubmitted]:
        institution = filed_institution(runtime, tx, found.credit_code)
        refuse_incomplete(found.plan, setting_of(runtime, found, institution))
        _refuse_number(tx, found)
        fact = events.BatchSubmitted(
            batch_id=id, credit_code=found.credit_code, digest=found.digest, pack_id=found.plan.pack_id
        )
        return replace(found, return_reason=""), fact

    return take(
        runtime, caller, BATCHES, Step(Act.SUBMIT, id, revision), submitted, states="batch.submitted.v1"
    )


def setting_of(runtime: RegistrationRuntime, found: Batch, institution: Institution) -> Setting:
    """What the plan is judged against now, under the pack as it stands now for this kind of institution."""
    return Setting(
        pack=heard_by(institution.dossier.kind, pins.proposed(found.plan.pack_id)),
        institution=institution.dossier.name,
        kind=institution.dossier.kind,
        division=found.division,
        filed=scopes_of(institution),
        calendar=runtime.calendar,
        now=runtime.legal_clock.now(),
    )


def _refuse_number(tx: Tx, found: Batch) -> None:
    # The institution's row is locked, so that of two that are submitted at once one is found.
    if batches.numbered_alike(tx, found):
        raise exists(
            "该年度已有同一期次的批次。",
            "another batch of the year bears this number",
            field="plan.number",
            rule="REG-055",
            clause="004 S-A3 2",
        )
