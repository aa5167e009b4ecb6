"""GetBatch and GetPack: a batch as it stands, what to look at in it, and the rules it is bound to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import wrong_state
from jiangheng.registration.domain import plan as plans
from jiangheng.registration.domain.batch import Batch, PinnedPack, Sample
from jiangheng.registration.domain.batch_faults import warnings
from jiangheng.registration.operations.dockets import BATCHES, PLANS
from jiangheng.registration.operations.step import stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications, batches
from jiangheng.rules.explanation import Explanation


@dataclass(frozen=True)
class Seen:
    """A batch with its samples, what is unusual in it, and what an upload would have to sign for."""

    batch: Batch
    samples: Sequence[Sample]
    warnings: tuple[Explanation, ...]
    applications_digest: bytes


def get_batch(runtime: RegistrationRuntime, id: str) -> Seen:
    """The batch; Problem NOT_FOUND if there is none."""
    with runtime.db.read() as tx:
        found = stored(runtime, tx, BATCHES, id)
        return Seen(
            found,
            batches.samples_of(tx, id),
            warnings_of(runtime, tx, found),
            applications.approved_digest(tx, id),
        )


def get_pack(runtime: RegistrationRuntime, id: str) -> tuple[PinnedPack, str]:
    """The rules a batch is bound to, and their content as canonical JSON.

    Raises Problem NOT_FOUND, WRONG_STATE before the confirmation.
    """
    with runtime.db.read() as tx:
        found = stored(runtime, tx, BATCHES, id)
        if found.pack is None:
            zh, en = "批次尚未确认。", "the batch is not confirmed yet"
            raise wrong_state(found.state.value, zh, en, rule="REG-035")
        return found.pack, batches.pinned_document(tx, found.pack.digest)


def warnings_of(runtime: RegistrationRuntime, tx: Tx, found: Batch) -> tuple[Explanation, ...]:
    """What is unusual in the plan of a batch, beside the annual plan as it was last confirmed."""
    annual = PLANS.find(runtime, tx, plans.plan_id(found.credit_code, found.plan.year), False)
    return warnings(found.plan, annual.standing if annual else None)
