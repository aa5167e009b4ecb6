"""The tables of registration; the chassis's own stand beside them."""

from jiangheng.registration.tables.applications import application, review
from jiangheng.registration.tables.base import chassis, metadata, step
from jiangheng.registration.tables.batches import batch, pinned_pack, plan, sample
from jiangheng.registration.tables.institutions import institution, institution_serial
from jiangheng.registration.tables.sites import arrangement, room_use, seat, site
from jiangheng.registration.tables.tickets import ticket, ticket_handout, ticket_serial

__all__ = [
    "application",
    "arrangement",
    "batch",
    "chassis",
    "institution",
    "institution_serial",
    "metadata",
    "pinned_pack",
    "plan",
    "review",
    "room_use",
    "sample",
    "seat",
    "site",
    "step",
    "ticket",
    "ticket_handout",
    "ticket_serial",
]
