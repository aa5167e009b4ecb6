"""The kinds of cases that registration keeps, each with its course and its place in the store."""

from __future__ import annotations

from jiangheng.registration.domain import application, batch, institution, plan, site
from jiangheng.registration.operations.step import Docket
from jiangheng.registration.store import applications, batches, institutions, plans, sites

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
SITES = Docket(
    site.COURSE,
    find=lambda runtime, tx, id, lock: sites.find(tx, runtime.cipher, id, lock=lock),
    add=lambda runtime, tx, fresh: sites.add(tx, runtime.cipher, fresh),
    change=lambda runtime, tx, found, changed: sites.change(tx, runtime.cipher, found, changed),
)
APPLICATIONS = Docket(
    application.COURSE,
    find=lambda runtime, tx, id, lock: applications.find(tx, runtime.cipher, id, lock=lock),
    add=lambda runtime, tx, fresh: applications.add(tx, runtime.cipher, runtime.index, fresh),
    change=lambda runtime, tx, found, changed: applications.change(
        tx, runtime.cipher, runtime.index, found, changed
    ),
)
