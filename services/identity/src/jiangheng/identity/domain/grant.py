"""Grants: a role held by one person, for one institution or one region, for a time (IAM-001, IAM-006).

A grant is never changed; ending one early puts its end on record beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiangheng.chassis.errors import Problem, exhausted, forbidden, invalid
from jiangheng.chassis.masking import mask_text
from jiangheng.identity.domain.targets import Target
from jiangheng.rules import duties

# Clocks differ a little and people type slowly; beyond that A grant is not backdated..
BACKDATING = timedelta(minutes=10)
# As many as an access token holds (chassis.auth.MAX_TOKEN_LENGTH).
MOST_AT_ONCE = 20
LONGEST_REASON = 500


@dataclass(frozen=True)
class Grant:
    """A role of one person; `valid_until` is when it ends or was ended, and is no longer part of it."""

    grant_id: str
    person_id: str
    role: str
    target: Target
    valid_from: datetime
    valid_until: datetime
    granted_by: str

    def in_force(self, at: datetime) -> bool:
        """True if it counts at that moment and the rules still know the role."""
        return self.valid_from <= at < self.valid_until and self.role in duties.roles()


def check_period(valid_from: datetime, valid_until: datetime, now: datetime) -> None:
    """Raises INVALID unless the grant has a start and an end, lies ahead and is not backdated (IAM-001)."""
    if valid_until <= valid_from:
        raise _period("valid_until", "授权终止时间须晚于起始时间。", "A grant ends after it starts.")
    if valid_until <= now:
        raise _period("valid_until", "授权终止时间须晚于当前时间。", "A grant that is over cannot be given.")
    if valid_from < now - BACKDATING:
        raise _period("valid_from", "授权不得倒签。", "A grant is not backdated.")


def check_granter(granter: str, grantee: str) -> None:
    """Raises FORBIDDEN if somebody would give a role to himself."""
    if granter == grantee:
        raise forbidden(
            "IAM-001",
            "不得给本人授予角色。",
            "Nobody gives a role to himself.",
            clause="001 D2 26, 37; design 6",
            code="own-grant",
        )


def check_held_with(new: Grant, held: Iterable[Grant]) -> None:
    """Raises FORBIDDEN, naming the rule, if a conflict would arise at any moment of the new grant.

    What is held together changes only where a grant starts, so these moments
    are all there is to look at. Raises EXHAUSTED beyond MOST_AT_ONCE.
    """
    others = tuple(held)
    starts = {new.valid_from} | {other.valid_from for other in others if new.in_force(other.valid_from)}
    for moment in sorted(starts):
        at_once = [new, *(other for other in others if other.in_force(moment))]
        check_together(grant.role for grant in at_once)
        if len(at_once) > MOST_AT_ONCE:
            raise exhausted(
                f"同一人同时最多持有 {MOST_AT_ONCE} 项授权。",
                f"A person holds at most {MOST_AT_ONCE} grants at a time.",
            )


def check_together(roles: Iterable[str]) -> None:
    """Raises FORBIDDEN, naming the rule, if one person may not hold all these roles (IAM-006)."""
    held = sorted(set(roles))
    found = duties.conflicts(held)
    if found:
        first = found[0]
        raise forbidden(
            first.rule,
            first.zh,
            first.en,
            clause=first.clause,
            code="conflicting-duties",
            roles=" ".join(held),
        )


def check_reason(reason: str) -> str:
    """The reason without blanks around it; raises INVALID if there is none or it holds a personal number."""
    text = reason.strip()
    if not text or len(text) > LONGEST_REASON:
        raise invalid(
            "reason",
            f"请说明理由，不超过 {LONGEST_REASON} 字。",
            f"Say why, in at most {LONGEST_REASON} characters.",
            rule="IAM-018",
            clause="001 D9.9",
        )
    if mask_text(text) != text:
        # The reason goes on the bus and into the ledger, where nothing can be erased.
        raise invalid(
            "reason",
            "理由中不得出现证件号码、电话号码等个人信息。",
            "A reason holds no document or telephone number.",
            rule="SEC-001",
            clause="000 main 31, A5 4(1)",
        )
    return text


def _period(field: str, zh: str, en: str) -> Problem:
    return invalid(field, zh, en, rule="IAM-001", clause="001 D2 26, 37")
