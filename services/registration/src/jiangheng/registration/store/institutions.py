"""Institutions in the database.

What is personal in a dossier is sealed with the service's field keys before it
is stored. List queries take the caller's reach; by-id queries are behind the
Guard's check of the owner, which every deciding operation repeats on the row
it has locked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Literal

import sqlalchemy as sa
from google.protobuf import json_format

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.chassis.auth import Owner, Reach
from jiangheng.chassis.canonical import canonical_json, message_json
from jiangheng.chassis.db import Tx, insert_if_absent
from jiangheng.chassis.privacy import FieldCipher
from jiangheng.registration.domain.dossier import Dossier, InstitutionKind
from jiangheng.registration.domain.institution import Filing, Institution, State
from jiangheng.registration.store import cases
from jiangheng.registration.tables import institution, institution_serial
from jiangheng.registration.wire import institutions as wire

PERSONAL: tuple[Literal["address", "legal_representative", "contact_name", "contact_phone"], ...] = (
    "address",
    "legal_representative",
    "contact_name",
    "contact_phone",
)


def find(tx: Tx, cipher: FieldCipher, credit_code: str, *, lock: bool = False) -> Institution | None:
    """The institution, or None; with `lock` nobody else changes it until the transaction ends."""
    row = cases.find(tx, institution, credit_code, lock=lock)
    return _institution(row, cipher) if row else None


def owner_of(tx: Tx, credit_code: str) -> Owner | None:
    """To whom the stored institution belongs: itself, in its division; None if there is none."""
    return cases.owner_of(tx, institution, credit_code)


def kind_of(tx: Tx, credit_code: str) -> InstitutionKind | None:
    """The kind of the stored institution; None if its draft names none. What is personal stays sealed."""
    query = sa.select(institution.c.dossier).where(institution.c.credit_code == credit_code)
    message = json_format.Parse(tx.execute(query).scalar_one(), pb.Dossier(), ignore_unknown_fields=True)
    return wire.kind_from_wire(message.kind)


def add(tx: Tx, cipher: FieldCipher, fresh: Institution) -> bool:
    """Insert a first draft; False if another was quicker."""
    return cases.add(tx, institution, {"credit_code": fresh.credit_code, **_values(fresh, cipher)})


def change(tx: Tx, cipher: FieldCipher, found: Institution, changed: Institution) -> None:
    """Put `changed` in the place of exactly what was `found`; raises Problem CONFLICT if it is gone."""
    values = _values(changed, cipher)
    cases.change(tx, institution, found.credit_code, found.state.value, found.revision, values)


def next_serial(tx: Tx, letter: str, province: str) -> int:
    """The next serial of a kind letter in a province, from 1.

    The counter stays locked until the transaction ends and goes back if it
    fails, so the serials in use have no gap.
    """
    insert_if_absent(tx, institution_serial, {"letter": letter, "province": province, "last": 0})
    counter = sa.update(institution_serial).where(
        institution_serial.c.letter == letter, institution_serial.c.province == province
    )
    counted = counter.values(last=institution_serial.c.last + 1).returning(institution_serial.c.last)
    return int(tx.execute(counted).scalar_one())


def page(
    tx: Tx, cipher: FieldCipher, reach: Reach, *, state: State | None, after: str, limit: int
) -> list[Institution]:
    """Institutions within `reach` by credit code, beginning after `after`."""
    query = sa.select(institution).where(institution.c.credit_code > after, cases.within(institution, reach))
    if state is not None:
        query = query.where(institution.c.state == state.value)
    rows = tx.execute(query.order_by(institution.c.credit_code).limit(limit))
    return [_institution(row, cipher) for row in rows]


def accepted_until(tx: Tx, last_day: date) -> Sequence[tuple[str, date]]:
    """(credit code, due date) of accepted filings that fall due on `last_day` or earlier."""
    query = sa.select(institution.c.credit_code, institution.c.filing_due).where(
        institution.c.state == State.ACCEPTED.value, institution.c.filing_due <= last_day
    )
    ordered = query.order_by(institution.c.filing_due, institution.c.credit_code)
    return [(row.credit_code, row.filing_due) for row in tx.execute(ordered)]


def _values(whole: Institution, cipher: FieldCipher) -> dict[str, object]:
    public, personal = _sealed(whole.credit_code, whole.dossier, cipher)
    filing = whole.filing
    return {
        "state": whole.state.value,
        "revision": whole.revision,
        "division": whole.dossier.division,
        "dossier": public,
        "personal": personal,
        "dossier_digest": whole.dossier_digest,
        "return_reason": whole.return_reason,
        "accepted_at": whole.accepted_at,
        "filing_due": whole.filing_due,
        "institution_code": filing.institution_code if filing else None,
        "receipt_number": filing.receipt_number if filing else None,
        "filed_at": filing.filed_at if filing else None,
        "authority": filing.authority if filing else None,
        "key_id": filing.key_id if filing else None,
        "signature": filing.signature if filing else None,
    }


def _sealed(credit_code: str, dossier: Dossier, cipher: FieldCipher) -> tuple[str, bytes]:
    message = wire.dossier_to_wire(dossier)
    personal = {name: getattr(message, name) for name in PERSONAL}
    for name in PERSONAL:
        message.ClearField(name)
    sealed = cipher.seal(canonical_json(personal).decode(), _context(credit_code))
    return message_json(message).decode(), sealed


def _context(credit_code: str) -> bytes:
    # A sealed value copied into another institution's row does not open there.
    return b"registration.institution.personal:" + credit_code.encode()


def _institution(row: cases.Row, cipher: FieldCipher) -> Institution:
    message = json_format.Parse(row.dossier, pb.Dossier(), ignore_unknown_fields=True)
    for name, value in json.loads(cipher.open(row.personal, _context(row.credit_code))).items():
        setattr(message, name, value)
    return Institution(
        credit_code=row.credit_code,
        dossier=wire.dossier_from_wire(message),
        state=State(row.state),
        revision=row.revision,
        dossier_digest=row.dossier_digest,
        return_reason=row.return_reason,
        accepted_at=row.accepted_at,
        filing_due=row.filing_due,
        filing=_filing(row),
    )


def _filing(row: cases.Row) -> Filing | None:
    if row.institution_code is None:
        return None
    return Filing(
        institution_code=row.institution_code,
        receipt_number=row.receipt_number,
        filed_at=row.filed_at,
        authority=row.authority,
        key_id=row.key_id,
        signature=row.signature,
    )
