"""A candidate's application (报名) and its course: entered, submitted, reviewed (000 A1 6-12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

from jiangheng.chassis.errors import exists
from jiangheng.registration.domain.course import Apart, Course
from jiangheng.registration.domain.form import ApplicationForm

ENTER, REVIEW = "registration.application.enter", "registration.application.review"
READ, SAMPLE = "registration.application.read", "registration.application.sample"


class State(Enum):
    """How far an application has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    FURTHER_CHECK = "further_check"
    SECOND_REVIEW = "second_review"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    EXCLUDED = "excluded"


class Act(Enum):
    """What a person can do with an application."""

    SAVE = "save"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REFUSE = "refuse"
    DOUBT = "doubt"
    # Against the rules' finding: one proposes, another agrees or refuses (REG-097).
    PROPOSE = "propose"
    AGREE = "agree"
    DISAGREE = "disagree"
    RETURN = "return"
    EXCLUDE = "exclude"


class Verdict(Enum):
    """What a reviewer says."""

    APPROVE = "approve"
    REFUSE = "refuse"
    FURTHER_CHECK = "further_check"


_REVIEWED = (State.SUBMITTED, State.FURTHER_CHECK)
# With the reviewers, the clerk or the centre, and not approved (again).
UNSETTLED = frozenset({State.SUBMITTED, State.FURTHER_CHECK, State.SECOND_REVIEW, State.RETURNED})

TRANSITIONS: Mapping[tuple[State, Act], State] = MappingProxyType(
    {
        **{(state, Act.SAVE): state for state in (State.DRAFT, State.FURTHER_CHECK, State.RETURNED)},
        **{
            (state, Act.SUBMIT): State.SUBMITTED
            for state in (State.DRAFT, State.FURTHER_CHECK, State.RETURNED)
        },
        **{(state, Act.WITHDRAW): State.WITHDRAWN for state in (State.DRAFT, State.APPROVED, *UNSETTLED)},
        **{(state, Act.APPROVE): State.APPROVED for state in _REVIEWED},
        **{(state, Act.PROPOSE): State.SECOND_REVIEW for state in _REVIEWED},
        **{(state, Act.REFUSE): State.REFUSED for state in _REVIEWED},
        (State.SUBMITTED, Act.DOUBT): State.FURTHER_CHECK,
        (State.SECOND_REVIEW, Act.AGREE): State.APPROVED,
        (State.SECOND_REVIEW, Act.DISAGREE): State.REFUSED,
        (State.APPROVED, Act.RETURN): State.RETURNED,
        **{(state, Act.EXCLUDE): State.EXCLUDED for state in UNSETTLED},
    }
)
STATE_ZH: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: "草稿",
        State.SUBMITTED: "已提交",
        State.FURTHER_CHECK: "待核实",
        State.SECOND_REVIEW: "待复核",
        State.APPROVED: "审核通过",
        State.REFUSED: "审核不通过",
        State.WITHDRAWN: "已撤回",
        State.RETURNED: "已退回",
        State.EXCLUDED: "已剔除",
    }
)
_ENTERING = frozenset({Act.SAVE, Act.SUBMIT, Act.WITHDRAW})
_REVIEWING = frozenset({Act.APPROVE, Act.REFUSE, Act.DOUBT, Act.PROPOSE, Act.AGREE, Act.DISAGREE})
_CENTRE = frozenset({Act.RETURN, Act.EXCLUDE})

_SELF = Apart(
    _ENTERING,
    "REVIEW-SELF",
    "000 A1 6-7 [inferred]",
    "录入、提交或撤回过该报名的人员不得审核该报名。",
    "whoever entered, submitted or withdrew this application cannot review it",
)
_SECOND = Apart(
    _ENTERING | {Act.PROPOSE},
    "REG-097",
    "000 A1 6-7 [inferred]",
    "复核须由录入人员和初审人员以外的人员办理。",
    "the second review is for somebody who neither entered nor first reviewed it",
)
_INSTITUTION = Apart(
    _ENTERING | _REVIEWING,
    "SAMPLE-SELF",
    "000 A1 12 [inferred]",
    "录入或审核过该报名的人员不得代表鉴定中心退回或剔除该报名。",
    "whoever entered or reviewed this application cannot act on it for the centre",
)
COURSE = Course(
    noun="application",
    zh="报名",
    en="application",
    rule="REG-095",
    clause="000 A1 6-12",
    transitions=TRANSITIONS,
    states_zh=STATE_ZH,
    scopes={
        **dict.fromkeys(_ENTERING, ENTER),
        **dict.fromkeys(_REVIEWING, REVIEW),
        **dict.fromkeys(_CENTRE, SAMPLE),
    },
    own=_ENTERING | _REVIEWING,
    apart={
        **dict.fromkeys(_REVIEWING, _SELF),
        **dict.fromkeys((Act.AGREE, Act.DISAGREE), _SECOND),
        **dict.fromkeys(_CENTRE, _INSTITUTION),
    },
)


@dataclass(frozen=True)
class ReviewItem:
    """What was found on one matter and where it was checked (REG-096)."""

    kind: str
    passed: bool
    source: str


@dataclass(frozen=True)
class TriedCondition:
    """One condition as the rules tried it: what meets it or what is missing, Chinese and English."""

    condition: str
    met: bool
    clause: str
    zh: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """What the rules say to an application on a day; without personal data."""

    eligible: bool
    from_day: date | None
    tried: tuple[TriedCondition, ...]

    @property
    def met(self) -> tuple[str, ...]:
        """The conditions that are met."""
        return tuple(each.condition for each in self.tried if each.met)


@dataclass(frozen=True)
class Review:
    """One review, as it was decided on a revision."""

    revision: int
    verdict: Verdict
    reviewer: str
    at: datetime
    items: tuple[ReviewItem, ...]
    note: str
    against_finding: str
    finding: Finding


@dataclass(frozen=True)
class Application:
    """An application as it stands. `digest` is salted: nobody guesses a number from it."""

    id: str
    batch_id: str
    credit_code: str
    division: str
    form: ApplicationForm
    state: State
    revision: int
    digest: bytes
    return_reason: str = ""
    withdrawal_reason: str = ""

    def moved(self, state: State, revision: int) -> Application:
        """The same after an act."""
        return replace(self, state=state, revision=revision)

    def rewritten(self, fresh: Application) -> Application:
        """The same with another form; Problem EXISTS if the id is in use in another batch."""
        if fresh.batch_id != self.batch_id:
            raise exists(
                "该编号已用于另一批次的报名。", "the id is in use in another batch", field="application_id"
            )
        return replace(self, form=fresh.form, digest=fresh.digest)


def act_of(verdict: Verdict, state: State, *, against: bool) -> Act:
    """Which act a verdict is, by the state that it meets; `against` the rules' finding."""
    if verdict is Verdict.FURTHER_CHECK:
        return Act.DOUBT
    if state is State.SECOND_REVIEW:
        return Act.AGREE if verdict is Verdict.APPROVE else Act.DISAGREE
    if verdict is Verdict.REFUSE:
        return Act.REFUSE
    return Act.PROPOSE if against else Act.APPROVE
