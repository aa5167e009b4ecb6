"""Sites in the database. The names of those who inspected are sealed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import sqlalchemy as sa
from google.protobuf import json_format

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.chassis.auth import Owner
from jiangheng.chassis.canonical import canonical_json, message_json
from jiangheng.chassis.db import Tx
from jiangheng.chassis.privacy import FieldCipher
from jiangheng.registration.domain.site import Site, State
from jiangheng.registration.store import cases
from jiangheng.registration.tables import site
from jiangheng.registration.wire import sites as wire


def find(tx: Tx, cipher: FieldCipher, site_id: str, *, lock: bool = False) -> Site | None:
    """The site, or None; with `lock` nobody else changes it until the transaction ends."""
    row = cases.find(tx, site, site_id, lock=lock)
    return _site(row, cipher) if row else None


def several(tx: Tx, cipher: FieldCipher, site_ids: Collection[str], *, lock: bool = False) -> dict[str, Site]:
    """The sites of these ids that there are; locked in one order, so that nobody waits in a ring."""
    query = sa.select(site).where(site.c.id.in_(sorted(site_ids))).order_by(site.c.id)
    rows = tx.execute(query.with_for_update() if lock else query)
    return {row.id: _site(row, cipher) for row in rows}


def owner_of(tx: Tx, site_id: str) -> Owner | None:
    """Its institution, in the division where the site lies; None if there is none."""
    return cases.owner_of(tx, site, site_id)


def add(tx: Tx, cipher: FieldCipher, fresh: Site) -> bool:
    """Insert a first description; False if another was quicker."""
    values = {"id": fresh.id, "credit_code": fresh.credit_code, **_values(fresh, cipher)}
    return cases.add(tx, site, values)


def change(tx: Tx, cipher: FieldCipher, found: Site, changed: Site) -> None:
    """Put `changed` in the place of exactly what was `found`; Problem CONFLICT if it is no longer so."""
    cases.change(tx, site, found.id, found.state.value, found.revision, _values(changed, cipher))


def _values(whole: Site, cipher: FieldCipher) -> dict[str, object]:
    message = wire.plan_to_wire(whole.plan)
    names = [each.inspector for each in _inspections(message)]
    for each in _inspections(message):
        each.ClearField("inspector")
    return {
        "division": whole.division,
        "state": whole.state.value,
        "revision": whole.revision,
        "content": message_json(message).decode(),
        "personal": cipher.seal(canonical_json(names).decode(), _context(whole.id)),
        "digest": whole.digest,
        "ground": whole.ground,
        "approved_at": whole.approved_at,
        "authority": whole.authority,
    }


def _site(row: sa.Row[tuple[object, ...]], cipher: FieldCipher) -> Site:
    message = json_format.Parse(row.content, pb.SitePlan(), ignore_unknown_fields=True)
    names = json.loads(cipher.open(row.personal, _context(row.id)))
    for each, name in zip(_inspections(message), names, strict=True):
        each.inspector = name
    return Site(
        id=row.id,
        credit_code=row.credit_code,
        plan=wire.plan_from_wire(message),
        state=State(row.state),
        revision=row.revision,
        digest=row.digest,
        ground=row.ground,
        approved_at=row.approved_at,
        authority=row.authority,
    )


def _inspections(message: pb.SitePlan) -> Iterator[pb.Inspection]:
    yield from message.inspections
    for room in message.rooms:
        yield from room.inspections


def _context(site_id: str) -> bytes:
    # A sealed value copied into another site's row does not open there.
    return b"registration.site.personal:" + site_id.encode()
