"""Trading a refresh token for the next pair; one used twice ends the whole log-in (IAM-001)."""

from __future__ import annotations

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity import onetime
from jiangheng.identity.operations import access, refusals, sessions
from jiangheng.identity.operations.access import TokenPair
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import sessions as store

METHOD = "/jiangheng.api.identity.v1.TokenService/RefreshToken"


def refresh_token(identity: Identity, token: str, audience: str) -> TokenPair:
    """The next access and refresh token.

    Raises UNAUTHENTICATED for a token that is unknown, used or expired;
    FORBIDDEN, on record, if the person's grants conflict now. Either way the
    log-in ends where a token was known.
    """
    access.check_audience(identity, audience)
    with identity.db.write() as tx:
        outcome = _trade(identity, tx, onetime.token_digest(token), audience)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def _trade(identity: Identity, tx: Tx, digest: str, audience: str) -> TokenPair | Problem:
    session = store.find(tx, digest, identity.now())
    if session is None:
        return sessions.refused()
    if not store.use_token(tx, digest, identity.now()):
        return _end(identity, tx, session, "reuse", sessions.refused())
    try:
        return sessions.go_on(identity, tx, session, audience)
    except Problem as problem:
        if problem.kind is not Kind.FORBIDDEN:
            raise
        return _end(identity, tx, session, "conflict", problem)


def _end(identity: Identity, tx: Tx, session: store.Session, reason: str, problem: Problem) -> Problem:
    store.end(tx, session.session_id, reason, identity.now())
    refusals.put_on_record(identity, tx, METHOD, session.person_id, problem)
    return problem
