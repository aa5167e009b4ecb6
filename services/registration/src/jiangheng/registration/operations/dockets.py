"""The kinds of cases that registration keeps, each with its course and its place in the store."""

from __future__ import annotations

from jiangheng.registration.domain import batch, institution, plan
from jiangheng.registration.operations.step import Docket
from jiangheng.registration.store import batches, institutions, plans

INSTITUTIONS = Docket(
    institution.COURSE,
    find=lambda runtime, tx, id, lock: institutions.find(tx, runtime.cipher, id, lock=lock),
    add=lambda runtime, tx, fresh: institutions.add(tx, runtime.cipher, fresh),
    change=lambda runtime, tx, found, changed: institutions.change(tx, runtime.cipher, found, changed),
)
PLANS = Docket(
    plan.COURSE,
    find=lambda runtime, tx, id, lock: plans.find(tx, id, lock=lock),
    add=lambda runtime, tx, fresh: plans.add(tx, fresh),
    change=lambda runtime, tx, found, changed: plans.change(tx, found, changed),
)
BATCHES = Docket(
    batch.COURSE,
    find=lambda runtime, tx, id, lock: batches.find(tx, id, lock=lock),
    add=lambda runtime, tx, fresh: batches.add(tx, fresh),
    change=lambda runtime, tx, found, changed: batches.change(tx, found, changed),
)
