"""The first administrator: made once, with a code that only who runs the server can print (IAM-001)."""

from __future__ import annotations

import uuid

from jiangheng.chassis.auth import WHOLE_COUNTRY
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, unauthenticated, wrong_state
from jiangheng.identity import onetime
from jiangheng.identity.domain import password as rules
from jiangheng.identity.domain.grant import Grant
from jiangheng.identity.domain.targets import Target
from jiangheng.identity.operations import grant_role, people
from jiangheng.identity.operations.people import NewPerson
from jiangheng.identity.runtime import BOOTSTRAP_LIFE, SYSTEM, Identity
from jiangheng.identity.store import credentials, principals

FIRST_ROLE = "identity_administrator"


def make_code(identity: Identity) -> str:
    """A code that counts for an hour; an earlier one counts no more. Raises WRONG_STATE once one was used."""
    code = onetime.new_code()
    with identity.db.write() as tx:
        if not principals.set_bootstrap_code(tx, onetime.code_digest(code), identity.now() + BOOTSTRAP_LIFE):
            raise _done()
    return code


def bootstrap(identity: Identity, code: str, new: NewPerson, password: str) -> str:
    """Make the first administrator; his id.

    Raises WRONG_STATE "bootstrap-done" once there ever was one, UNAUTHENTICATED
    for a code that does not count, INVALID by rule of password.
    """
    digest = onetime.code_digest(code)
    with identity.db.read() as tx:
        _check(principals.bootstrap_state(tx, digest, identity.now()))
    rules.check(password, login=new.login, name=new.name)
    password_hash = identity.passwords.hash(password)
    with identity.db.write() as tx:
        if not principals.use_bootstrap_code(tx, digest, identity.now()):
            _check(principals.bootstrap_state(tx, digest, identity.now()))
        return _make_administrator(identity, tx, new, password_hash)


def _make_administrator(identity: Identity, tx: Tx, new: NewPerson, password_hash: str) -> str:
    person_id, now = people.add(identity, tx, new, actor=SYSTEM), identity.now()
    credentials.add(tx, person_id, password_hash)
    credentials.record_change(tx, person_id, "activated", by=SYSTEM, at=now)
    until = now + identity.limits.default_grant
    target = Target(region=WHOLE_COUNTRY)
    first = Grant(str(uuid.uuid4()), person_id, FIRST_ROLE, target, now, until, SYSTEM)
    grant_role.put(identity, tx, first, actor=SYSTEM)
    return person_id


def _check(state: str) -> None:
    if state == "done":
        raise _done()
    if state != "usable":
        raise unauthenticated(
            "bootstrap-refused",
            "初始化码无效或已过期。",
            "The code is not valid or has expired.",
            rule="IAM-001",
        )


def _done() -> Problem:
    return wrong_state(
        "done",
        "首任管理员已产生，初始化只能进行一次。",
        "There has been a first administrator; this works once.",
        rule="IAM-001",
        clause="design 6",
        code="bootstrap-done",
    )
