"""Applications in the database.

Only occupation, level, parts and the condition claimed lie open; whatever else a candidate hands in is sealed
with the service's field keys, and his number is found again by a blind index. Whoever locks an application
holds its batch first, so that a batch is never uploaded or cleared while one of its applications moves.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Literal

import sqlalchemy as sa
from google.protobuf import json_format

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.chassis.auth import Owner
from jiangheng.chassis.canonical import canonical_json, digest, message_json
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, exists
from jiangheng.chassis.privacy import BlindIndex, FieldCipher
from jiangheng.registration.domain.application import COURSE, Act, Application, State
from jiangheng.registration.domain.form import ApplicationForm
from jiangheng.registration.store import cases
from jiangheng.registration.tables import application as applications
from jiangheng.registration.tables import batch, step
from jiangheng.registration.wire.forms import form_from_wire, form_to_wire
from jiangheng.rules import numbers

_REASONS = ("return_reason", "withdrawal_reason")
_OPEN: tuple[Literal["occupation_code", "level", "parts", "condition"], ...] = (
    "occupation_code",
    "level",
    "parts",
    "condition",
)


def find(tx: Tx, cipher: FieldCipher, id: str, *, lock: bool = False) -> Application | None:
    """The application, or None; with `lock` neither it nor its batch is changed by others meanwhile."""
    if lock:
        its_batch = sa.select(applications.c.batch_id).where(applications.c.id == id).scalar_subquery()
        tx.execute(sa.select(batch.c.id).where(batch.c.id == its_batch).with_for_update(read=True))
    row = cases.find(tx, applications, id, lock=lock)
    return _application(row, cipher) if row else None


def owner_of(tx: Tx, id: str) -> Owner | None:
    """To whom the application belongs: the institution that registers him; None if there is none."""
    return cases.owner_of(tx, applications, id)


def add(tx: Tx, cipher: FieldCipher, index: BlindIndex, fresh: Application) -> bool:
    """Insert a first draft; False if another was quicker. Problem EXISTS if the person is registered."""
    tx.execute(sa.select(batch.c.id).where(batch.c.id == fresh.batch_id).with_for_update(read=True))
    if cases.add(tx, applications, {"id": fresh.id, **_values(fresh, cipher, index)}):
        return True
    if cases.owner_of(tx, applications, fresh.id) is None:
        raise _registered_twice()
    return False


def change(tx: Tx, cipher: FieldCipher, index: BlindIndex, found: Application, changed: Application) -> None:
    """Put `changed` in the place of exactly what was `found`.

    Raises Problem CONFLICT if it is gone, EXISTS if the person is registered for the same already.
    """
    values = _values(changed, cipher, index)
    try:
        cases.change(tx, applications, found.id, found.state.value, found.revision, values)
    except sa.exc.IntegrityError:
        # Only the person can be there twice: nothing else that changes is unique.
        raise _registered_twice() from None


def page(
    tx: Tx, cipher: FieldCipher, batch_id: str, *, state: State | None, after: str, limit: int
) -> list[Application]:
    """Applications of a batch by occupation, level and id, beginning after that of id `after`."""
    order = (applications.c.occupation_code, applications.c.level, applications.c.id)
    query = sa.select(applications).where(applications.c.batch_id == batch_id)
    if state is not None:
        query = query.where(applications.c.state == state.value)
    last = tx.execute(sa.select(*order).where(applications.c.id == after)).one_or_none()
    if last is not None:
        query = query.where(sa.tuple_(*order) > sa.tuple_(*last))
    return [_application(row, cipher) for row in tx.execute(query.order_by(*order).limit(limit))]


def of_same_person(tx: Tx, cipher: FieldCipher, index: BlindIndex, one: Application) -> list[Application]:
    """The other applications under the same number in the batch, but for those withdrawn."""
    query = sa.select(applications).where(
        applications.c.batch_id == one.batch_id,
        applications.c.number_index == number_index(index, one.form),
        applications.c.state != State.WITHDRAWN.value,
        applications.c.id != one.id,
    )
    return [_application(row, cipher) for row in tx.execute(query.order_by(applications.c.id))]


def counts(tx: Tx, batch_id: str) -> Mapping[State, int]:
    """How many applications of a batch are in each state; states without any are left out."""
    counted = sa.select(applications.c.state, sa.func.count()).where(applications.c.batch_id == batch_id)
    return {State(state): count for state, count in tx.execute(counted.group_by(applications.c.state))}


def approved(tx: Tx, batch_id: str) -> tuple[tuple[str, int], ...]:
    """(id, revision) of the approved applications of a batch, by id."""
    query = sa.select(applications.c.id, applications.c.revision).where(
        applications.c.batch_id == batch_id, applications.c.state == State.APPROVED.value
    )
    return tuple((row.id, row.revision) for row in tx.execute(query.order_by(applications.c.id)))


def approved_digest(tx: Tx, batch_id: str) -> bytes:
    """SHA-256 over the canonical JSON of [[id, revision], …] of the approved: what an upload signs for."""
    return digest(canonical_json([list(pair) for pair in approved(tx, batch_id)]))


def approved_applications(tx: Tx, cipher: FieldCipher, batch_id: str) -> list[Application]:
    """The approved applications of a batch by id, opened: who is to be seated and gets a ticket."""
    query = sa.select(applications).where(
        applications.c.batch_id == batch_id, applications.c.state == State.APPROVED.value
    )
    return [_application(row, cipher) for row in tx.execute(query.order_by(applications.c.id))]


def in_states(tx: Tx, batch_id: str, states: Collection[State]) -> tuple[str, ...]:
    """The ids of a batch's applications in these states, in order."""
    query = sa.select(applications.c.id).where(
        applications.c.batch_id == batch_id, applications.c.state.in_([state.value for state in states])
    )
    return tuple(tx.execute(query.order_by(applications.c.id)).scalars())


def handled_by(tx: Tx, batch_id: str, person: str, acts: Collection[Act]) -> bool:
    """True if the person has ever taken one of these acts on an application of the batch."""
    query = sa.select(step.c.id).where(
        step.c.noun == COURSE.noun,
        step.c.person == person,
        step.c.act.in_([act.value for act in acts]),
        step.c.id.in_(sa.select(applications.c.id).where(applications.c.batch_id == batch_id)),
    )
    return tx.execute(query.limit(1)).first() is not None


def salt(index: BlindIndex, id: str) -> bytes:
    """The 32 bytes that make this application's digest its own; they follow from the index key alone."""
    return bytes.fromhex(index.of("application.salt", id))


def number_index(index: BlindIndex, form: ApplicationForm) -> str | None:
    """The blind index of the number of the identity paper; None if it is not given yet."""
    number = numbers.normal_form(form.candidate.number)
    return index.of("application.number", number) if number else None


def _values(whole: Application, cipher: FieldCipher, index: BlindIndex) -> dict[str, object]:
    content, personal = _sealed(whole, cipher)
    return {
        "credit_code": whole.credit_code,
        "division": whole.division,
        "state": whole.state.value,
        "revision": whole.revision,
        "content": content,
        "digest": whole.digest,
        "batch_id": whole.batch_id,
        "occupation_code": whole.form.occupation_code,
        "level": whole.form.level,
        "personal": personal,
        "number_index": number_index(index, whole.form),
    }


def _sealed(whole: Application, cipher: FieldCipher) -> tuple[str, bytes]:
    personal = form_to_wire(whole.form)
    content = pb.ApplicationForm(**{name: getattr(personal, name) for name in _OPEN})
    for name in _OPEN:
        personal.ClearField(name)
    secret = {"form": message_json(personal).decode(), **{name: getattr(whole, name) for name in _REASONS}}
    sealed = cipher.seal(canonical_json(secret).decode(), _context(whole.id))
    return message_json(content).decode(), sealed


def _application(row: cases.Row, cipher: FieldCipher) -> Application:
    secret = json.loads(cipher.open(row.personal, _context(row.id)))
    message = json_format.Parse(row.content, pb.ApplicationForm(), ignore_unknown_fields=True)
    message.MergeFrom(json_format.Parse(secret["form"], pb.ApplicationForm(), ignore_unknown_fields=True))
    return Application(
        id=row.id,
        batch_id=row.batch_id,
        credit_code=row.credit_code,
        division=row.division,
        form=form_from_wire(message),
        state=State(row.state),
        revision=row.revision,
        digest=row.digest,
        **{name: secret[name] for name in _REASONS},
    )


def _context(id: str) -> bytes:
    # A sealed value copied into another application's row does not open there.
    return b"registration.application.personal:" + id.encode()


def _registered_twice() -> Problem:
    return exists(
        "该考生已在本批次报考同一职业、等级。",
        "the person is registered in this batch for the same occupation and level already",
        field="form.candidate.number",
        rule="REG-077",
        clause="004 E四(二)1 [inferred]",
        code="registered-twice",
    )
