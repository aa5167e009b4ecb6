"""ListSeats: the seats of a batch, page by page; that they were read is on record (REG-122)."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import Problem, wrong_state
from jiangheng.chassis.outbox import Fact
from jiangheng.registration.domain.batch import STATE_ZH, Act, Batch
from jiangheng.registration.domain.seating import Arrangement, Seat
from jiangheng.registration.operations import pages
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.step import refuse_person, stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import seats

DEFAULT_SIZE, MAX_SIZE = 200, 500


@dataclass(frozen=True)
class SeatPage:
    """Some seats of the arrangement that holds, and the token for those after them; empty at the end."""

    arrangement: Arrangement
    seats: tuple[Seat, ...]
    next_token: str


def list_seats(runtime: RegistrationRuntime, caller: Caller, id: str, *, token: str, size: int) -> SeatPage:
    """One page of seats in the order of sitting, room and seat; the reading is stated as a fact.

    Raises Problem WRONG_STATE before the batch is seated, INVALID for the token
    of an arrangement that no longer holds.
    """
    limit = pages.size_of(size, default=DEFAULT_SIZE, most=MAX_SIZE)
    with runtime.db.write() as tx:
        found = stored(runtime, tx, BATCHES, id)
        refuse_person(tx, caller, BATCHES.course, found, Act.SEAT)
        made = seats.latest(tx, id)
        if made is None:
            raise not_seated(found)
        question = f"{id}:{made.revision}"
        after = _number(pages.after_of(token, question))
        shown = seats.page(tx, made, after=after, limit=limit)
        runtime.state(tx, _fact(found, made, len(shown)), caller.actor)
    end = after + len(shown)
    return SeatPage(made, tuple(shown), pages.token_of(str(end), question) if end < made.seats else "")


def not_seated(found: Batch) -> Problem:
    """The refusal of what needs seats."""
    return wrong_state(
        found.state.value,
        f"批次处于“{STATE_ZH[found.state]}”状态，尚未编排考场。",
        f"the batch is {found.state.value}: it is not seated yet",
        rule="REG-113",
        clause="000 A3 7",
        code="not-seated",
    )


def _number(after: str) -> int:
    return int(after) if after.isascii() and after.isdigit() else 0


def _fact(found: Batch, made: Arrangement, read: int) -> Fact:
    message = events.SeatingRead(batch_id=found.id, arrangement_digest=made.digest, seats=read)
    return Fact("seating.read.v1", found.id, message, region=found.division)
