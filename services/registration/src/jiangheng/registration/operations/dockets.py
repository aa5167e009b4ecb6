"""The kinds of cases that registration keeps, each with its course and its place in the store."""

from __future__ import annotations

from jiangheng.registration.domain import institution
from jiangheng.registration.operations.step import Docket
from jiangheng.registration.store import institutions

INSTITUTIONS = Docket(
    institution.COURSE,
    find=lambda runtime, tx, id, lock: institutions.find(tx, runtime.cipher, id, lock=lock),
    add=lambda runtime, tx, fresh: institutions.add(tx, runtime.cipher, fresh),
    change=lambda runtime, tx, found, changed: institutions.change(tx, runtime.cipher, found, changed),
)
