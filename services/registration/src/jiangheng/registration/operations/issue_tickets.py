"""IssueTickets: every candidate of a seated batch gets a numbered ticket, its content frozen (000 A3 8).

One transaction, whatever the size of the batch: there is no moment at which some
have a ticket and others have none. The printed form is made when it is asked for
(get_ticket.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.canonical import canonical_json, digest
from jiangheng.chassis.clocks import legal_date, rfc3339
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Kind, Problem, wrong_state
from jiangheng.registration.domain import deadline
from jiangheng.registration.domain.application import Application
from jiangheng.registration.domain.batch import Act, Batch, Part, Sitting
from jiangheng.registration.domain.candidate_notices import notices
from jiangheng.registration.domain.institution import Institution
from jiangheng.registration.domain.seating import Arrangement, Seat, draw
from jiangheng.registration.domain.ticket import (
    Rooms,
    Ticket,
    level_name,
    lines,
    missing_seats,
    printed_fields,
    rooms_of,
)
from jiangheng.registration.operations.dockets import BATCHES, INSTITUTIONS
from jiangheng.registration.operations.list_seats import not_seated
from jiangheng.registration.operations.pins import pack_of
from jiangheng.registration.operations.step import stored, take
from jiangheng.registration.operations.venues import Venues, venues_of
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import applications, seats, tickets
from jiangheng.registration.store.steps import Step
from jiangheng.registration.store.tickets import Issued
from jiangheng.rules import numbers
from jiangheng.rules.deadlines import Clock
from jiangheng.rules.explanation import Explanation

# Positions of a candidate in a ticket's number (rules, numbers/structures.toml).
MAX_CANDIDATES = 99_999


@dataclass(frozen=True)
class TicketsOut:
    """How many tickets a batch has, and what is to be warned of."""

    tickets: int
    warnings: tuple[Explanation, ...]


def issue_tickets(runtime: RegistrationRuntime, caller: Caller, id: str, revision: int) -> TicketsOut:
    """Issue the tickets of the batch of `revision`; asked again, say how many there are.

    Raises Problem WRONG_STATE "arrange-again" if a site or the candidates changed
    since the batch was seated (REG-117).
    """

    def ticketed(tx: Tx, found: Batch) -> tuple[Batch, events.BatchTicketed]:
        now = runtime.legal_clock.now()
        issued = tuple(_issued(runtime, tx, found, now))
        tickets.keep(tx, runtime.cipher, issued)
        return found, _fact(found, issued, _clock(runtime, tx, found), now)

    take(runtime, caller, BATCHES, Step(Act.TICKET, id, revision), ticketed, states="batch.ticketed.v1")
    with runtime.db.read() as tx:
        clock = _clock(runtime, tx, stored(runtime, tx, BATCHES, id))
        number, at = tickets.issued(tx, id)
    return TicketsOut(number, _warnings(clock, at) if at else ())


def _issued(runtime: RegistrationRuntime, tx: Tx, found: Batch, now: datetime) -> Iterator[Issued]:
    made = seats.latest(tx, found.id)
    if made is None:
        raise not_seated(found)
    venues = venues_of(runtime, tx, found)
    _refuse_changed_sites(tx, found, made, venues)
    seated = seats.by_application(tx, made)
    approved = {each.id: each for each in applications.approved_applications(tx, runtime.cipher, found.id)}
    if set(seated) != set(approved):
        raise _arrange_again(found)
    owner = stored(runtime, tx, INSTITUTIONS, found.credit_code)
    desk = _Desk(found, owner, venues, now)
    for number, id in zip(
        _numbers(tx, found, made, len(approved)), draw(made.seed, "tickets", approved), strict=True
    ):
        ticket = desk.ticket(number, approved[id], seated[id])
        # The salt keeps anyone from guessing an identity number from the digest that is published.
        content = canonical_json({**ticket.document(), "salt": secrets.token_hex(32)})
        yield Issued(id, found.id, number, content, now)


@dataclass(frozen=True)
class _Desk:
    """What is the same on all tickets of a batch."""

    batch: Batch
    owner: Institution
    venues: Venues
    now: datetime
    # The same for all who sit the same parts.
    rules: dict[frozenset[Part], tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _sittings(self) -> Mapping[str, Sitting]:
        return {each.sitting_id: each for each in self.batch.plan.sittings}

    @cached_property
    def _rooms(self) -> Rooms:
        return rooms_of(self.venues.sites.values())

    def ticket(self, number: str, of: Application, seated: Sequence[Seat]) -> Ticket:
        form, plan = of.form, self.batch.plan
        parts = frozenset(part for part in form.parts if part)
        if missing_seats(parts, seated, self._sittings):
            raise _arrange_again(self.batch)
        day = legal_date(self.now)
        return Ticket(
            number=number,
            batch=plan.name,
            institution=self.owner.dossier.name,
            test=self.batch.test,
            issued_on=f"{day.year}年{day.month}月{day.day}日",
            name=form.candidate.name,
            id_number=form.candidate.number,
            employer=form.candidate.employer,
            occupation=self._occupation(form.occupation_code),
            level=level_name(form.level),
            sittings=lines(seated, self._sittings, self.venues.sites, self._rooms),
            rules=self._notices(parts),
            printed=printed_fields(self.venues.pack),
        )

    def _notices(self, parts: frozenset[Part]) -> tuple[str, ...]:
        if parts not in self.rules:
            self.rules[parts] = notices(parts, self.venues.pack)
        return self.rules[parts]

    def _occupation(self, code: str) -> str:
        scopes = self.owner.dossier.scopes
        name = next((each.occupation_name for each in scopes if each.occupation_code == code), "")
        return f"{name}（{code}）" if name else code


def _numbers(tx: Tx, found: Batch, made: Arrangement, candidates: int) -> Iterator[str]:
    """Numbers in an order drawn from the seed: they say nothing of seats, which are secret (000 A5 4)."""
    if candidates > MAX_CANDIDATES:
        raise Problem(
            Kind.EXHAUSTED,
            "numbers-exhausted",
            f"一个批次至多{MAX_CANDIDATES}名考生。",
            f"a batch has {MAX_CANDIDATES} candidates at most",
            rule="REG-117",
            clause="000 A3 8",
        )
    year, province = found.plan.year, found.division[:2]
    serial = tickets.next_batch(tx, year, province)
    for candidate in range(1, candidates + 1):
        yield numbers.ticket_number(year, province, serial, candidate)


def _refuse_changed_sites(tx: Tx, found: Batch, made: Arrangement, venues: Venues) -> None:
    if any(use.site_digest != venues.sites[use.site_id].digest for use in seats.uses(tx, made)):
        raise _arrange_again(found)


def _arrange_again(found: Batch) -> Problem:
    return wrong_state(
        found.state.value,
        "编排之后考点或考生有变化，请重新编排考场。",
        "a site or the candidates changed after the batch was seated: arrange the seats again",
        rule="REG-117",
        clause="000 A3 8",
        code="arrange-again",
    )


def _clock(runtime: RegistrationRuntime, tx: Tx, found: Batch) -> Clock | None:
    """Until when the pack wants the tickets out (REG-118); None where it does not say."""
    first = found.plan.first_start
    if first is None:
        return None
    return deadline.of("ticket-available", pack_of(tx, found), first, runtime.calendar)


def _warnings(clock: Clock | None, issued: datetime) -> tuple[Explanation, ...]:
    if clock is None or clock.due is None or issued <= clock.due:
        return ()
    return (clock.standing(issued, done=issued).reason,)


def _fact(
    found: Batch, issued: tuple[Issued, ...], clock: Clock | None, now: datetime
) -> events.BatchTicketed:
    told = [[each.number, digest(each.content).hex()] for each in issued]
    due = clock.due if clock else None
    return events.BatchTicketed(
        batch_id=found.id,
        credit_code=found.credit_code,
        tickets=len(issued),
        tickets_digest=digest(canonical_json(told)),
        due=rfc3339(due) if due else "",
        late=due is not None and now > due,
    )
