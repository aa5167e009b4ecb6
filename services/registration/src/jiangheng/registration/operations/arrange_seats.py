"""ArrangeSeats: every candidate of a cleared batch gets a seat or turn for each part (000 A3 7).

The seed is drawn here and kept: the arrangement can be made again from it. As
long as no ticket is out, seats can be arranged anew; every arrangement is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.canonical import digest
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.arranging import arrange
from jiangheng.registration.domain.batch import Act, Batch
from jiangheng.registration.domain.seating import SEED_BYTES, Arrangement, Seat, Session
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.step import take
from jiangheng.registration.operations.venues import Venues, venues_of
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import seats
from jiangheng.registration.store.seats import RoomUse
from jiangheng.registration.store.steps import Step
from jiangheng.registration.wire.seats import seats_digest


def arrange_seats(runtime: RegistrationRuntime, caller: Caller, id: str, revision: int) -> Arrangement:
    """Seat the batch of `revision`; asked again for the same revision, the same arrangement.

    Raises Problem INVALID for sites that the batch may not use, WRONG_STATE
    "places-short" or "sittings-overlap" with numbers, or once tickets are out.
    """

    def seated(tx: Tx, found: Batch) -> tuple[Batch, events.BatchSeated]:
        venues = venues_of(runtime, tx, found)
        seed = secrets.token_bytes(SEED_BYTES)
        sessions = venues.sessions()
        made = arrange(seats.candidates(tx, id), sessions, seed)
        now = runtime.legal_clock.now()
        kept = Arrangement(id, found.revision, seed, seats_digest(made), len(made), now)
        seats.keep(tx, kept, made, _uses(venues, sessions, made))
        return found, _fact(found, kept)

    step = Step(Act.SEAT, id, revision)
    take(runtime, caller, BATCHES, step, seated, states="batch.seated.v1")
    with runtime.db.read() as tx:
        made = seats.latest(tx, id)
    if made is None:
        raise AssertionError("a batch that was seated has an arrangement")
    return made


def _uses(venues: Venues, sessions: Sequence[Session], made: Sequence[Seat]) -> list[RoomUse]:
    site_of = {sitting.sitting_id: sitting.site_id for sitting in venues.batch.plan.sittings}
    used = {(each.sitting_id, each.room_id) for each in made}
    return [
        RoomUse(
            session.sitting_id,
            space.room_id,
            site_of[session.sitting_id],
            venues.sites[site_of[session.sitting_id]].digest,
            session.starts_at,
            session.ends_at,
        )
        for session in sessions
        for space in session.spaces
        if (session.sitting_id, space.room_id) in used
    ]


def _fact(found: Batch, kept: Arrangement) -> events.BatchSeated:
    return events.BatchSeated(
        batch_id=found.id,
        credit_code=found.credit_code,
        seed_digest=digest(kept.seed),
        arrangement_digest=kept.digest,
        seats=kept.seats,
    )
