"""Setting the first password, or a new one after a reset, with a one-time code (IAM-016)."""

from __future__ import annotations

from jiangheng.chassis.errors import Problem, unauthenticated
from jiangheng.identity import onetime
from jiangheng.identity.domain import password as rules
from jiangheng.identity.domain.person import normalised_login
from jiangheng.identity.operations import people
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import credentials, persons, sessions


def activate_credential(identity: Identity, login: str, code: str, password: str) -> None:
    """Set the password.

    Raises UNAUTHENTICATED with one answer for an unknown login and a code that
    does not count; INVALID, naming the rule, for a password that may not be his.
    The code is used up by success only.
    """
    digest = onetime.code_digest(code)
    with identity.db.read() as tx:
        person = persons.by_login(tx, normalised_login(login))
        if person is None or not credentials.code_valid(tx, digest, person.person_id, identity.now()):
            raise _refused()
    rules.check(password, login=person.login, name=people.open_name(identity, person))
    password_hash, now = identity.passwords.hash(password), identity.now()
    with identity.db.write() as tx:
        if not credentials.use_code(tx, digest, person.person_id, now):
            raise _refused()
        credentials.set_password(tx, person.person_id, password_hash)
        credentials.record_change(tx, person.person_id, "activated", by=f"person:{person.person_id}", at=now)
        sessions.end_all(tx, person.person_id, "activation", now)


def _refused() -> Problem:
    return unauthenticated(
        "activation-refused",
        "登录名或激活码无效，或激活码已使用、已过期。",
        "The login or the code is not valid, or the code was used or has expired.",
        rule="IAM-016",
    )
