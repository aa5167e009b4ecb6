"""Giving a role: the first wall (IAM-006). Roles that conflict at any moment are refused."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from jiangheng.api.identity.v1.events_pb2 import GrantGiven
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import not_found
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain import grant as rules
from jiangheng.identity.domain.grant import Grant
from jiangheng.identity.domain.targets import Target, checked_target
from jiangheng.identity.moments import timestamp
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import grants, persons


@dataclass(frozen=True)
class Wanted:
    """The grant asked for; without a start it starts now, without an end it lasts as configured."""

    person_id: str
    role: str
    institution: str = ""
    region: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def grant_role(identity: Identity, caller: Caller, wanted: Wanted) -> Grant:
    """Give the role; asked again after a lost answer, the same grant is given back.

    Raises FORBIDDEN, naming the rule, for a grant to oneself and for conflicting
    duties; INVALID for a role, target or period that cannot be; NOT_FOUND.
    """
    rules.check_granter(caller.id, wanted.person_id)
    new = _grant(identity, caller, wanted)
    rules.check_period(new.valid_from, new.valid_until, identity.now())
    with identity.db.write() as tx:
        if persons.lock(tx, new.person_id) is None:
            raise not_found("未找到该人员。", "No such person.", field="person_id")
        held = grants.of_person(tx, new.person_id)
        given = next((grant for grant in held if _is_asked(wanted, new, grant)), None)
        if given:
            return given
        rules.check_held_with(new, held)
        put(identity, tx, new, actor=caller.actor)
    return new


def put(identity: Identity, tx: Tx, new: Grant, *, actor: str) -> None:
    """Store the grant and state the fact."""
    grants.add(tx, new, identity.now())
    fact = GrantGiven(
        grant_id=new.grant_id,
        person_id=new.person_id,
        role=new.role,
        institution=new.target.institution,
        region=new.target.region,
        valid_from=timestamp(new.valid_from),
        valid_until=timestamp(new.valid_until),
    )
    identity.state(tx, Fact("grant.given.v1", new.grant_id, fact), actor)


def _grant(identity: Identity, caller: Caller, wanted: Wanted) -> Grant:
    target: Target = checked_target(wanted.role, wanted.institution, wanted.region)
    start = wanted.valid_from or identity.now()
    end = wanted.valid_until or start + identity.limits.default_grant
    return Grant(str(uuid.uuid4()), wanted.person_id, wanted.role, target, start, end, caller.id)


def _is_asked(wanted: Wanted, new: Grant, held: Grant) -> bool:
    """True if `held` is what is asked for: same role, target and granter, and period if one is named."""
    same = (held.role, held.target, held.granted_by) == (new.role, new.target, new.granted_by)
    start = held.valid_from == wanted.valid_from if wanted.valid_from else held.in_force(new.valid_from)
    end = held.valid_until == wanted.valid_until if wanted.valid_until else held.in_force(new.valid_from)
    return same and start and end
