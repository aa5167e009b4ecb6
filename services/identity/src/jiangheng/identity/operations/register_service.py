"""Registering a program that calls other services in its own name (IAM-001)."""

from __future__ import annotations

from jiangheng.api.identity.v1.events_pb2 import PrincipalRegistered
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import exists
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain import services as rules
from jiangheng.identity.runtime import SYSTEM, Identity
from jiangheng.identity.store import principals
from jiangheng.identity.store.principals import Principal


def checked(name: str, public_key: bytes, scopes: list[str]) -> Principal:
    """The principal in normal form; raises INVALID, naming the field."""
    rules.check_name(name)
    rules.check_public_key(public_key)
    return Principal(name, public_key, rules.checked_scopes(scopes))


def register_service(identity: Identity, caller: Caller, wanted: Principal) -> None:
    """Register the service; asked again with the same particulars, nothing happens.

    Raises EXISTS if the name has another key or other scopes: an administrator
    does not exchange the key of a running service, its operator does (`provision`).
    """
    with identity.db.write() as tx:
        known = principals.get(tx, wanted.name)
        if known == wanted:
            return
        if known or not principals.add(tx, wanted, by=caller.actor, at=identity.now()):
            raise exists(
                "该服务名已登记。",
                "A service of this name is registered.",
                field="name",
                code="service-exists",
            )
        _state(identity, tx, wanted, caller.actor)


def provision(identity: Identity, wanted: Principal) -> bool:
    """By the operator, at the database: register the service, or give it another key or other scopes.

    False if it was registered like that already.
    """
    with identity.db.write() as tx:
        if principals.get(tx, wanted.name) == wanted:
            return False
        if not principals.add(tx, wanted, by=SYSTEM, at=identity.now()):
            principals.replace(tx, wanted, by=SYSTEM, at=identity.now())
        _state(identity, tx, wanted, SYSTEM)
    return True


def _state(identity: Identity, tx: Tx, principal: Principal, actor: str) -> None:
    fact = PrincipalRegistered(name=principal.name, public_key=principal.public_key, scopes=principal.scopes)
    identity.state(tx, Fact("principal.registered.v1", principal.name, fact), actor)
