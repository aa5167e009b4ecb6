"""The one way in which this suite says no: a Problem, in Chinese and English.

Domain code and operations raise it; the gRPC edge turns it into a status once
(server.py), the client turns the status back into it (client.py). Nothing here
knows gRPC.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """What sort of no it is; the value is the name of the gRPC status code."""

    INVALID = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    EXISTS = "ALREADY_EXISTS"
    WRONG_STATE = "FAILED_PRECONDITION"
    CONFLICT = "ABORTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "PERMISSION_DENIED"
    EXHAUSTED = "RESOURCE_EXHAUSTED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class Problem(Exception):
    """A refusal with everything the caller may know about it.

    `code` is a stable machine name ("wrong-state"); `field` the path of the
    request field at fault; `rule` the requirement or conflict rule ("REG-006");
    `clause` where that rule stands ("002 6, 8"); `details` what a program may
    need. No personal data and no secret belongs in any of them.
    """

    def __init__(
        self,
        kind: Kind,
        code: str,
        zh: str,
        en: str,
        *,
        field: str = "",
        rule: str = "",
        clause: str = "",
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind, code, zh, en)
        self.kind = kind
        self.code = code
        self.zh = zh
        self.en = en
        self.field = field
        self.rule = rule
        self.clause = clause
        self.details: Mapping[str, str] = MappingProxyType(dict(details or {}))

    def __str__(self) -> str:
        where = f"{self.code} {self.field}" if self.field else self.code
        source = ", ".join(part for part in (self.rule, self.clause) if part)
        return f"{where} [{source}]: {self.en}" if source else f"{where}: {self.en}"


def invalid(
    field: str, zh: str, en: str, *, rule: str = "", clause: str = "", code: str = "invalid", **details: str
) -> Problem:
    """A value of the request breaks a rule; the same request will never be right."""
    return Problem(Kind.INVALID, code, zh, en, field=field, rule=rule, clause=clause, details=details)


def not_found(
    zh: str,
    en: str,
    *,
    field: str = "",
    rule: str = "",
    clause: str = "",
    code: str = "not-found",
    **details: str,
) -> Problem:
    """The named object does not exist, or not for this caller."""
    return Problem(Kind.NOT_FOUND, code, zh, en, field=field, rule=rule, clause=clause, details=details)


def exists(
    zh: str,
    en: str,
    *,
    field: str = "",
    rule: str = "",
    clause: str = "",
    code: str = "exists",
    **details: str,
) -> Problem:
    """What should be made is there already."""
    return Problem(Kind.EXISTS, code, zh, en, field=field, rule=rule, clause=clause, details=details)


def wrong_state(
    found: str,
    zh: str,
    en: str,
    *,
    rule: str = "",
    clause: str = "",
    code: str = "wrong-state",
    **details: str,
) -> Problem:
    """The object is in state `found`, in which this act is not allowed."""
    return Problem(
        Kind.WRONG_STATE, code, zh, en, rule=rule, clause=clause, details={"state": found, **details}
    )


def conflict(
    zh: str,
    en: str,
    *,
    field: str = "",
    rule: str = "",
    clause: str = "",
    code: str = "conflict",
    **details: str,
) -> Problem:
    """Somebody else changed the object meanwhile: read it again, then decide."""
    return Problem(Kind.CONFLICT, code, zh, en, field=field, rule=rule, clause=clause, details=details)


def forbidden(
    rule: str, zh: str, en: str, *, clause: str = "", code: str = "forbidden", field: str = "", **details: str
) -> Problem:
    """The caller is known and may not; the Guard puts it on record (IAM-002)."""
    return Problem(Kind.FORBIDDEN, code, zh, en, field=field, rule=rule, clause=clause, details=details)


def unauthenticated(
    code: str, zh: str, en: str, *, rule: str = "", clause: str = "", **details: str
) -> Problem:
    """The caller did not prove who he is."""
    return Problem(Kind.UNAUTHENTICATED, code, zh, en, rule=rule, clause=clause, details=details)


def exhausted(
    zh: str, en: str, *, rule: str = "", clause: str = "", code: str = "exhausted", **details: str
) -> Problem:
    """A limit is reached (tries, size, rate); later it may succeed."""
    return Problem(Kind.EXHAUSTED, code, zh, en, rule=rule, clause=clause, details=details)


def unavailable(zh: str, en: str, *, code: str = "unavailable", **details: str) -> Problem:
    """Something this depends on is away for now; try again later."""
    return Problem(Kind.UNAVAILABLE, code, zh, en, details=details)
