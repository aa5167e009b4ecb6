"""Annual plans in the database."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf import json_format

from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.chassis.canonical import message_json
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.plan import Plan, PlanLine, State
from jiangheng.registration.store import cases
from jiangheng.registration.tables import plan as plans
from jiangheng.registration.wire import plans as wire


def find(tx: Tx, id: str, *, lock: bool = False) -> Plan | None:
    """The plan, or None; with `lock` nobody else changes it until the transaction ends."""
    row = cases.find(tx, plans, id, lock=lock)
    return _plan(row) if row else None


def add(tx: Tx, fresh: Plan) -> bool:
    """Insert a first draft; False if another was quicker."""
    return cases.add(tx, plans, {"id": fresh.id, **_values(fresh)})


def change(tx: Tx, found: Plan, changed: Plan) -> None:
    """Put `changed` in the place of exactly what was `found`; raises Problem CONFLICT if it is gone."""
    cases.change(tx, plans, found.id, found.state.value, found.revision, _values(changed))


def _values(whole: Plan) -> dict[str, object]:
    return {
        "credit_code": whole.credit_code,
        "division": whole.division,
        "state": whole.state.value,
        "revision": whole.revision,
        "content": _written(whole, whole.lines),
        "digest": whole.digest,
        "year": whole.year,
        "standing": None if whole.standing is None else _written(whole, whole.standing),
        "return_reason": whole.return_reason,
        **cases.signed_values("confirmed", whole.confirmed),
    }


def _plan(row: cases.Row) -> Plan:
    return Plan(
        credit_code=row.credit_code,
        year=row.year,
        division=row.division,
        lines=_read(row.content),
        state=State(row.state),
        revision=row.revision,
        digest=row.digest,
        return_reason=row.return_reason,
        confirmed=cases.signed("confirmed", row),
        standing=None if row.standing is None else _read(row.standing),
    )


def _written(whole: Plan, lines: Iterable[PlanLine]) -> str:
    return message_json(wire.content_to_wire(whole.credit_code, whole.year, lines)).decode()


def _read(content: str) -> tuple[PlanLine, ...]:
    message = json_format.Parse(content, pb.Plan(), ignore_unknown_fields=True)
    return wire.lines_from_wire(message.lines)
