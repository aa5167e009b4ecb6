"""Logging in with login and password (IAM-001)."""

from __future__ import annotations

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.domain.person import normalised_login
from jiangheng.identity.operations import access, prove, refusals, sessions
from jiangheng.identity.operations.access import TokenPair
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import credentials, persons
from jiangheng.identity.store.credentials import Credential

METHOD = "/jiangheng.api.identity.v1.TokenService/LogIn"


def log_in(identity: Identity, login: str, password: str, audience: str) -> TokenPair:
    """An access token for that service and a refresh token.

    Raises UNAUTHENTICATED with one answer for all that can be wrong with login
    and password; FORBIDDEN, on record, if the person's grants conflict now.
    """
    access.check_audience(identity, audience)
    with identity.db.read() as tx:
        person = persons.by_login(tx, normalised_login(login))
    proved = prove.prove(identity, person.person_id if person else None, password)
    fresh = _fresh_hash(identity, proved, password)
    with identity.db.write() as tx:
        prove.accept(identity, tx, proved)
        if fresh:
            credentials.rehash(tx, proved.person_id, fresh)
        outcome = _begin(identity, tx, proved.person_id, audience)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def _begin(identity: Identity, tx: Tx, person_id: str, audience: str) -> TokenPair | Problem:
    # The refusal is committed with the settled tries: the password was right.
    try:
        return sessions.begin(identity, tx, person_id, audience)
    except Problem as problem:
        if problem.kind is not Kind.FORBIDDEN:
            raise
        refusals.put_on_record(identity, tx, METHOD, person_id, problem)
        return problem


def _fresh_hash(identity: Identity, proved: Credential, password: str) -> str | None:
    stored = proved.password_hash or ""
    return identity.passwords.hash(password) if identity.passwords.outdated(stored) else None
