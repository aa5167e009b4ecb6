"""Batches, the policy packs they are bound to, and the centre's samples in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa
from google.protobuf import json_format

from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.chassis.auth import Owner, Reach
from jiangheng.chassis.canonical import canonical_json, message_json
from jiangheng.chassis.db import Tx, insert_if_absent
from jiangheng.registration.domain.batch import Batch, BatchPlan, PinnedPack, Sample, State
from jiangheng.registration.store import cases
from jiangheng.registration.tables import batch as batches
from jiangheng.registration.tables import pinned_pack, sample
from jiangheng.registration.wire import batches as wire


def find(tx: Tx, id: str, *, lock: bool = False) -> Batch | None:
    """The batch, or None; with `lock` nobody else changes it until the transaction ends."""
    row = cases.find(tx, batches, id, lock=lock)
    return _batch(tx, row) if row else None


def owner_of(tx: Tx, id: str) -> Owner | None:
    """To whom the batch belongs; None if there is none."""
    return cases.owner_of(tx, batches, id)


def add(tx: Tx, fresh: Batch) -> bool:
    """Insert a first draft; False if another was quicker."""
    return cases.add(tx, batches, {"id": fresh.id, **_values(fresh)})


def change(tx: Tx, found: Batch, changed: Batch) -> None:
    """Put `changed` in the place of exactly what was `found`; raises Problem CONFLICT if it is gone."""
    cases.change(tx, batches, found.id, found.state.value, found.revision, _values(changed))


def page(tx: Tx, reach: Reach, *, state: State | None, after: str, limit: int) -> list[Batch]:
    """Batches within `reach` by id, beginning after `after`."""
    query = sa.select(batches).where(batches.c.id > after, cases.within(batches, reach))
    if state is not None:
        query = query.where(batches.c.state == state.value)
    return [_batch(tx, row) for row in tx.execute(query.order_by(batches.c.id).limit(limit)).all()]


def numbered_alike(tx: Tx, whole: Batch) -> bool:
    """True if another batch of the institution that has left the draft bears the same number in the year."""
    query = sa.select(batches.c.id).where(
        batches.c.credit_code == whole.credit_code,
        batches.c.year == whole.plan.year,
        batches.c.number == whole.plan.number,
        batches.c.id != whole.id,
        batches.c.state != State.DRAFT.value,
    )
    return tx.execute(query).first() is not None


def pin(tx: Tx, pack: PinnedPack, document: str) -> None:
    """Keep the content of a pack; the same content is kept once."""
    values = {
        "digest": pack.digest,
        "pack_id": pack.id,
        "version": pack.version,
        "status": pack.status,
        "document": document,
    }
    insert_if_absent(tx, pinned_pack, values)


def pinned_document(tx: Tx, digest: bytes) -> str:
    """The canonical JSON of a pack's content that some batch is bound to."""
    query = sa.select(pinned_pack.c.document).where(pinned_pack.c.digest == digest)
    return str(tx.execute(query).scalar_one())


def add_sample(tx: Tx, batch_id: str, drawn: Sample, person: str) -> bool:
    """Keep a sample; False if one of this name is there."""
    values = {
        "batch_id": batch_id,
        "sample_id": drawn.sample_id,
        "seed": drawn.seed,
        "application_ids": canonical_json(list(drawn.application_ids)).decode(),
        "person": person,
        "at": drawn.at,
    }
    return insert_if_absent(tx, sample, values)


def samples_of(tx: Tx, batch_id: str) -> Sequence[Sample]:
    """All samples of a batch, in the order drawn."""
    query = sa.select(sample).where(sample.c.batch_id == batch_id).order_by(sample.c.at, sample.c.sample_id)
    return [
        Sample(row.sample_id, row.seed, tuple(json.loads(row.application_ids)), row.at)
        for row in tx.execute(query)
    ]


def _values(whole: Batch) -> dict[str, object]:
    return {
        "credit_code": whole.credit_code,
        "division": whole.division,
        "state": whole.state.value,
        "revision": whole.revision,
        "content": message_json(wire.plan_to_wire(whole.plan)).decode(),
        "digest": whole.digest,
        "year": whole.plan.year,
        "number": whole.plan.number,
        "return_reason": whole.return_reason,
        "pack_digest": whole.pack.digest if whole.pack else None,
        "test": whole.test,
        "late_reason": whole.late_reason,
        **cases.signed_values("confirmed", whole.confirmed),
        **cases.signed_values("uploaded", whole.uploaded),
        "cleared_at": whole.cleared_at,
    }


def _batch(tx: Tx, row: cases.Row) -> Batch:
    return Batch(
        id=row.id,
        credit_code=row.credit_code,
        division=row.division,
        plan=_content(row),
        state=State(row.state),
        revision=row.revision,
        digest=row.digest,
        return_reason=row.return_reason,
        pack=_pack(tx, row.pack_digest) if row.pack_digest else None,
        confirmed=cases.signed("confirmed", row),
        test=row.test,
        late_reason=row.late_reason,
        uploaded=cases.signed("uploaded", row),
        cleared_at=row.cleared_at,
    )


def _content(row: cases.Row) -> BatchPlan:
    return wire.plan_from_wire(json_format.Parse(row.content, pb.BatchPlan(), ignore_unknown_fields=True))


def _pack(tx: Tx, digest: bytes) -> PinnedPack:
    columns = (pinned_pack.c.pack_id, pinned_pack.c.version, pinned_pack.c.digest, pinned_pack.c.status)
    row = tx.execute(sa.select(*columns).where(pinned_pack.c.digest == digest)).one()
    return PinnedPack(row.pack_id, row.version, row.digest, row.status)
