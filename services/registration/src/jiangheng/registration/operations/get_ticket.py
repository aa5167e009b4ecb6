"""GetTicket: the printed admission ticket; every handing out is on record (000 A3 8; REG-118a).

The form is made from the frozen content, with the time of issue in it: the same
maker (Typst, template, font) makes the same bytes. Nobody keeps the files; their
digests are kept with each handing out, so that any file can be told to be ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import Message

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.canonical import digest
from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import conflict, not_found
from jiangheng.chassis.masking import mask_text
from jiangheng.chassis.outbox import Fact
from jiangheng.registration.domain.batch import Act
from jiangheng.registration.forms import printing
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.step import checked_ground, refuse_person, stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import tickets
from jiangheng.registration.store.tickets import Handout, Issued

FORM = "ticket"


@dataclass(frozen=True)
class PrintedTicket:
    """A ticket's number and its printed form."""

    number: str
    pdf: bytes


def get_ticket(
    runtime: RegistrationRuntime, caller: Caller, application_id: str, reason: str
) -> PrintedTicket:
    """Hand the ticket out: the first time without a reason, again with one; the number stays.

    Asked again by the same person on the same day with the same reason, it is the
    same handing out. Raises Problem NOT_FOUND before tickets are issued, INVALID
    without a reason from the second time on.
    """
    with runtime.db.read() as tx:
        found = _found(runtime, tx, caller, application_id)
    pdf = printing.printed(FORM, found.content, found.issued_at)
    with runtime.db.write() as tx:
        _hand_out(runtime, tx, caller, found, digest(pdf), reason.strip())
    return PrintedTicket(found.number, pdf)


def _found(runtime: RegistrationRuntime, tx: Tx, caller: Caller, application_id: str) -> Issued:
    found = tickets.find(tx, runtime.cipher, application_id)
    if found is None:
        zh, en = "尚未核发准考证。", "no ticket has been issued"
        raise not_found(zh, en, code="no-ticket", rule="REG-117", clause="000 A3 8")
    batch = stored(runtime, tx, BATCHES, found.batch_id)
    refuse_person(tx, caller, BATCHES.course, batch, Act.TICKET)
    return found


def _hand_out(
    runtime: RegistrationRuntime, tx: Tx, caller: Caller, found: Issued, pdf: bytes, reason: str
) -> None:
    now = runtime.legal_clock.now()
    last = tickets.last_handout(tx, runtime.cipher, found.application_id)
    if last and _same(last, caller, reason, pdf) and legal_date(last.at) == legal_date(now):
        return
    if last:
        reason = checked_ground(reason, "reissue_reason", rule="REG-118a", clause="001 D6")
    number = last.number + 1 if last else 1
    maker = printing.maker(FORM)
    made = Handout(found.application_id, number, caller.id, reason, pdf, maker, now)
    if not tickets.hand_out(tx, runtime.cipher, made):
        raise conflict("刚刚已发放，请重新办理。", "it was handed out just now: ask again")
    batch = stored(runtime, tx, BATCHES, found.batch_id)
    runtime.state(tx, Fact(*_fact(found, made), region=batch.division), caller.actor)


def _same(last: Handout, caller: Caller, reason: str, pdf: bytes) -> bool:
    return (last.person, last.reason, last.pdf_digest) == (caller.id, reason, pdf)


def _fact(found: Issued, made: Handout) -> tuple[str, str, Message]:
    of = {"application_id": found.application_id, "batch_id": found.batch_id}
    if made.number == 1:
        first = events.TicketIssued(**of, pdf_digest=made.pdf_digest)
        return "ticket.issued.v1", found.application_id, first
    # The reason is free text: numbers of persons that slipped into it do not travel.
    again = events.TicketReissued(**of, pdf_digest=made.pdf_digest, reason=mask_text(made.reason))
    return "ticket.reissued.v1", found.application_id, again
