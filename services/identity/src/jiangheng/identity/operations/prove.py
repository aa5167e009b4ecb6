"""Proving a password, with lock-out and the same work for logins that do not exist (000 A5 8)."""

from __future__ import annotations

from jiangheng.api.identity.v1.events_pb2 import PersonLocked
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, unauthenticated
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain.lockout import FREE_TRIES, Tries, lock_time, reserve
from jiangheng.identity.moments import timestamp
from jiangheng.identity.runtime import SYSTEM, Identity
from jiangheng.identity.store import credentials
from jiangheng.identity.store.credentials import Credential


def prove(identity: Identity, person_id: str | None, password: str) -> Credential:
    """The credential the password matched; the caller settles it with `accept` in his own transaction.

    Raises UNAUTHENTICATED, with one answer for an unknown login (None), a wrong
    password, a lock-out and a credential that is not activated.
    """
    tried = _reserve(identity, person_id) if person_id else None
    if identity.passwords.matches(tried.password_hash if tried else None, password) and tried:
        return tried
    if tried:
        _settle_wrong(identity, tried)
    raise refused()


def accept(identity: Identity, tx: Tx, proved: Credential) -> None:
    """Count the tries as settled. Raises UNAUTHENTICATED if the credential was reset or changed meanwhile."""
    now = credentials.hold(tx, proved.person_id)
    if now is None or now.password_hash != proved.password_hash:
        raise refused()
    credentials.save_tries(tx, proved.person_id, Tries())


def refused() -> Problem:
    """The one answer; it does not say which of the reasons it was."""
    return unauthenticated(
        "login-refused",
        "登录名或密码错误，或账号暂时锁定。",
        "The login or the password is wrong, or the account is locked for some time.",
        rule="IAM-001",
        clause="000 A5 8; 001 D2 26",
    )


def _reserve(identity: Identity, person_id: str) -> Credential | None:
    with identity.db.write() as tx:
        found = credentials.hold(tx, person_id)
        if found is None or found.password_hash is None:
            return None
        tries = reserve(found.tries, identity.now())
        if tries is None:
            return None
        credentials.save_tries(tx, person_id, tries)
    return Credential(person_id, found.password_hash, tries)


def _settle_wrong(identity: Identity, tried: Credential) -> None:
    """Confirm the lock that the try carried, if nothing else happened to the credential meanwhile."""
    if tried.tries.failed < FREE_TRIES:
        return
    with identity.db.write() as tx:
        if credentials.hold(tx, tried.person_id) != tried:
            return
        until = identity.now() + lock_time(tried.tries.failed)
        credentials.save_tries(tx, tried.person_id, Tries(tried.tries.failed, until))
        fact = PersonLocked(person_id=tried.person_id, until=timestamp(until))
        identity.state(tx, Fact("person.locked.v1", tried.person_id, fact), SYSTEM)
