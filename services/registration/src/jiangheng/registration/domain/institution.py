"""An institution and the states of its filing (REG-031 as far as filing goes, 002 8-9).

`TRANSITIONS` is the whole state machine: what is not in it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

from jiangheng.chassis.errors import Problem, forbidden, wrong_state
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

STATE_ZH: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: "草稿",
        State.SUBMITTED: "已提交",
        State.RETURNED: "已退回",
        State.ACCEPTED: "已受理",
        State.FILED: "已备案",
    }
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

    def after(self, act: Act, revision: int) -> State:
        """The state that `act`, decided on `revision`, leads to.

        Raises Problem WRONG_STATE, naming state and revision as found, when the
        state does not allow the act or something else has been looked at.
        """
        target = TRANSITIONS.get((self.state, act))
        if target is None or revision != self.revision:
            raise not_possible(self, act, revision)
        return target


def not_possible(found: Institution, act: Act, revision: int) -> Problem:
    """The refusal of an act that does not fit what was found."""
    zh = f"备案处于“{STATE_ZH[found.state]}”状态、第{found.revision}版，不能对第{revision}版办理该操作。"
    now = f"the filing is {found.state.value} at revision {found.revision}"
    return wrong_state(
        found.state.value,
        zh,
        f"{now}: cannot {act.value} revision {revision}",
        rule="REG-031",
        clause="002 8-9",
        revision=str(found.revision),
    )


def refuse_own_case(applicants: Iterable[str], decider: str) -> None:
    """Who ever saved or submitted this dossier does not decide on it, whatever his grants are now.

    Raises Problem FORBIDDEN under FILING-SELF (002 8-9: the unit applies, the authority decides).
    """
    if decider in applicants:
        raise forbidden(
            "FILING-SELF",
            "曾经填报或提交该备案材料的人员不得办理该机构的审核、受理和备案。",
            "whoever prepared or submitted this dossier cannot decide on it",
            clause="002 8-9",
        )
