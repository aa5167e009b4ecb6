"""An institution and the states of its filing (REG-031 as far as filing goes, 002 8-9).

`TRANSITIONS` is the whole state machine: what is not in it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

from jiangheng.registration.domain.course import Apart, Course
from jiangheng.registration.domain.dossier import Dossier


class State(Enum):
    """How far the filing has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    FILED = "filed"


class Act(Enum):
    """What a person can do in the case of an institution."""

    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"
    ACCEPT = "accept"
    COMPLETE = "complete"


TRANSITIONS: Mapping[tuple[State, Act], State] = MappingProxyType(
    {
        (State.DRAFT, Act.SAVE): State.DRAFT,
        (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Act.RETURN): State.RETURNED,
        (State.RETURNED, Act.SAVE): State.RETURNED,
        (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Act.ACCEPT): State.ACCEPTED,
        (State.ACCEPTED, Act.COMPLETE): State.FILED,
    }
)

APPLYING = frozenset({Act.SAVE, Act.SUBMIT})
DECIDING = frozenset({Act.RETURN, Act.ACCEPT, Act.COMPLETE})
APPLY, DECIDE = "registration.filing.apply", "registration.filing.decide"
READ = "registration.institution.read"

STATE_ZH: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: "草稿",
        State.SUBMITTED: "已提交",
        State.RETURNED: "已退回",
        State.ACCEPTED: "已受理",
        State.FILED: "已备案",
    }
)

# The unit applies, the authority decides: never the same person in one case (002 8-9).
_SELF = Apart(
    APPLYING,
    "FILING-SELF",
    "002 8-9",
    "曾经填报或提交该备案材料的人员不得办理该机构的审核、受理和备案。",
    "whoever prepared or submitted this dossier cannot decide on it",
)

COURSE = Course(
    noun="institution",
    zh="备案",
    en="filing",
    rule="REG-031",
    clause="002 8-9",
    transitions=TRANSITIONS,
    states_zh=STATE_ZH,
    scopes={act: APPLY if act in APPLYING else DECIDE for act in Act},
    own=APPLYING,
    apart=dict.fromkeys(DECIDING, _SELF),
)


@dataclass(frozen=True)
class Filing:
    """What the authority gives at the end (002 9), and the officer's own signature over the act.

    `authority` is the division prefix that the officer decides for: who files
    also supervises (REG-004).
    """

    institution_code: str
    receipt_number: str
    filed_at: datetime
    authority: str
    key_id: str
    signature: bytes


@dataclass(frozen=True)
class Institution:
    """One legal body and its dossier as it stands; `revision` counts every change from 1."""

    credit_code: str
    dossier: Dossier
    state: State
    revision: int
    dossier_digest: bytes
    return_reason: str = ""
    accepted_at: datetime | None = None
    filing_due: date | None = None
    filing: Filing | None = None

    @property
    def id(self) -> str:
        """An institution's case is known by its credit code."""
        return self.credit_code

    @property
    def division(self) -> str:
        """Where it is, which settles the authority (REG-004)."""
        return self.dossier.division

    @property
    def digest(self) -> bytes:
        """What a decision is about."""
        return self.dossier_digest

    def moved(self, state: State, revision: int) -> Institution:
        """The same after an act."""
        return replace(self, state=state, revision=revision)

    def rewritten(self, fresh: Institution) -> Institution:
        """The same with the content of another draft."""
        return replace(self, dossier=fresh.dossier, dossier_digest=fresh.dossier_digest)
