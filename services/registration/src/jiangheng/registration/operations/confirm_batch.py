"""ConfirmBatch: the authority confirms the plan of a batch, which binds it to its rules (REG-035, REG-052).

The content of the policy pack is kept with the batch; a later version of the pack does not touch it. A draft
pack is usable in test batches only (REG-036).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.batch import Act, Batch
from jiangheng.registration.domain.batch_faults import refuse_incomplete
from jiangheng.registration.operations import pins
from jiangheng.registration.operations.decision import Signature, refuse_other
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.filed import filed_institution
from jiangheng.registration.operations.step import take
from jiangheng.registration.operations.submit_batch import setting_of
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import batches
from jiangheng.registration.store.steps import Step

DRAFT = "draft"


@dataclass(frozen=True)
class SignedBatch:
    """What the officer saw and signed for: the plan, the rules, each by its digest."""

    digest: bytes
    pack_digest: bytes
    signature: Signature


def confirm_batch(
    runtime: RegistrationRuntime, caller: Caller, id: str, revision: int, signed: SignedBatch
) -> Batch:
    """Confirm the plan of `revision` and bind the batch to the pack it names.

    The plan is judged again: time has passed, the filed scope or the pack may have changed. Raises Problem
    INVALID if the officer signed for another plan or other rules, FORBIDDEN for whoever prepared the plan.
    """

    def confirmed(tx: Tx, found: Batch) -> tuple[Batch, events.BatchConfirmed]:
        setting = setting_of(runtime, found, filed_institution(runtime, tx, found.credit_code))
        pack, document = pins.pinned(pins.proposed(found.plan.pack_id))
        refuse_other("digest", signed.digest, found.digest, rule="REG-052", clause="004 S三(一)")
        refuse_other("pack_digest", signed.pack_digest, pack.digest, rule="REG-035", clause="000 main 3")
        refuse_incomplete(found.plan, replace(setting, handed_in=True))
        batches.pin(tx, pack, document)
        bound = replace(
            found,
            pack=pack,
            test=pack.status == DRAFT or runtime.demo,
            confirmed=signed.signature.at(runtime.legal_clock.now()),
        )
        return bound, _fact(bound, signed)

    step = Step(Act.CONFIRM, id, revision, signed.digest.hex() + signed.pack_digest.hex())
    return take(runtime, caller, BATCHES, step, confirmed, states="batch.confirmed.v1")


def _fact(bound: Batch, signed: SignedBatch) -> events.BatchConfirmed:
    return events.BatchConfirmed(
        batch_id=bound.id,
        # As in the request that was signed, so that anyone can make it again and verify it.
        revision=bound.revision,
        digest=signed.digest,
        pack_digest=signed.pack_digest,
        signature=signed.signature.on_wire(),
        credit_code=bound.credit_code,
        pack_id=bound.plan.pack_id,
        test=bound.test,
    )
