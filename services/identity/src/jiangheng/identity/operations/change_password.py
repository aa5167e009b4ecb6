"""Changing one's own password: proved with the old one, ends every log-in (IAM-016)."""

from __future__ import annotations

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import invalid
from jiangheng.identity.domain import password as rules
from jiangheng.identity.operations import people, prove
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import credentials, persons, sessions


def change_password(identity: Identity, caller: Caller, old: str, new: str) -> None:
    """Set the new password. Raises UNAUTHENTICATED for a wrong old one (it counts as a try), INVALID."""
    proved = prove.prove(identity, caller.id, old)
    with identity.db.read() as tx:
        person = persons.get(tx, caller.id)
    if person is None:
        raise prove.refused()
    _check_new(identity, person, old, new)
    password_hash, now = identity.passwords.hash(new), identity.now()
    with identity.db.write() as tx:
        prove.accept(identity, tx, proved)
        credentials.set_password(tx, caller.id, password_hash)
        credentials.record_change(tx, caller.id, "changed", by=caller.actor, at=now)
        sessions.end_all(tx, caller.id, "password", now)


def _check_new(identity: Identity, person: persons.StoredPerson, old: str, new: str) -> None:
    if rules.normalised(old) == rules.normalised(new):
        raise invalid(
            "new_password",
            "新密码不得与原密码相同。",
            "The new password must differ from the old one.",
            rule="IAM-016",
            clause="001 D2 26",
            code="password-same",
        )
    rules.check(new, login=person.login, name=people.open_name(identity, person), field="new_password")
