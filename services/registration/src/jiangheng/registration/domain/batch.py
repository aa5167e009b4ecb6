"""A batch (认定批次): its plan, the rules it is bound to, and its course (000 A3 11; 004 S三(一))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

from jiangheng.registration.domain.course import Apart, Course
from jiangheng.registration.domain.refusal import day_of
from jiangheng.registration.domain.signed import Signed

PREPARE, CONFIRM = "registration.plan.prepare", "registration.plan.confirm"
UPLOAD, SAMPLE = "registration.batch.upload", "registration.application.sample"
SEAT = "registration.seating.arrange"


class State(Enum):
    """How far a batch has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    UPLOADED = "uploaded"
    CLEARED = "cleared"
    SEATED = "seated"
    TICKETED = "ticketed"


class Act(Enum):
    """What a person can do with a batch."""

    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"
    CONFIRM = "confirm"
    ALLOW_LATE = "allow_late"
    UPLOAD = "upload"
    CLEAR = "clear"
    SEAT = "seat"
    TICKET = "ticket"


TRANSITIONS: Mapping[tuple[State, Act], State] = MappingProxyType(
    {
        (State.DRAFT, Act.SAVE): State.DRAFT,
        (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Act.RETURN): State.RETURNED,
        (State.RETURNED, Act.SAVE): State.RETURNED,
        (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Act.CONFIRM): State.CONFIRMED,
        (State.CONFIRMED, Act.ALLOW_LATE): State.CONFIRMED,
        (State.CONFIRMED, Act.UPLOAD): State.UPLOADED,
        (State.UPLOADED, Act.CLEAR): State.CLEARED,
        (State.CLEARED, Act.SEAT): State.SEATED,
        (State.SEATED, Act.SEAT): State.SEATED,
        (State.SEATED, Act.TICKET): State.TICKETED,
    }
)
STATE_ZH: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: "草稿",
        State.SUBMITTED: "已提交",
        State.RETURNED: "已退回",
        State.CONFIRMED: "已确认",
        State.UPLOADED: "已上报",
        State.CLEARED: "已核定",
        State.SEATED: "已编排",
        State.TICKETED: "已发准考证",
    }
)
_SCOPES = {
    Act.SAVE: PREPARE,
    Act.SUBMIT: PREPARE,
    Act.RETURN: CONFIRM,
    Act.CONFIRM: CONFIRM,
    Act.ALLOW_LATE: CONFIRM,
    Act.UPLOAD: UPLOAD,
    Act.CLEAR: SAMPLE,
    Act.SEAT: SEAT,
    Act.TICKET: SEAT,
}
_OWN = frozenset({Act.SAVE, Act.SUBMIT, Act.UPLOAD, Act.SEAT, Act.TICKET})
_SELF = Apart(
    _OWN,
    "PLAN-SELF",
    "000 main 3, A1 12 [inferred]",
    "为该批次编制计划或上报的人员不得代表主管部门、鉴定中心办理该批次。",
    "whoever planned or uploaded this batch cannot act on it for the authority",
)
COURSE = Course(
    noun="batch",
    zh="批次",
    en="batch",
    rule="REG-052",
    clause="000 A3 11; 004 S三(一)",
    transitions=TRANSITIONS,
    states_zh=STATE_ZH,
    scopes=_SCOPES,
    own=_OWN,
    apart=dict.fromkeys(set(Act) - _OWN, _SELF),
)


class Part(Enum):
    """The parts of an assessment (000 main 11)."""

    THEORY = "theory"
    SKILL = "skill"
    COMPREHENSIVE = "comprehensive"


@dataclass(frozen=True)
class BatchScope:
    """An occupation and level that is assessed, in these parts; None stands for a part nobody knows."""

    occupation_code: str
    level: int
    parts: tuple[Part | None, ...]


@dataclass(frozen=True)
class Sitting:
    """One part at one site at one time.

    `turn_minutes`: the length of one turn (批次), 0 if the plan is silent.
    """

    sitting_id: str
    part: Part | None
    site_id: str
    starts_at: datetime | None
    ends_at: datetime | None
    turn_minutes: int = 0


@dataclass(frozen=True)
class Document:
    """A document that goes with the batch, by the SHA-256 of its file."""

    kind: str
    title: str
    digest: bytes


@dataclass(frozen=True)
class BatchPlan:
    """What the institution proposes. A draft may have gaps. Days are texts YYYY-MM-DD."""

    name: str = ""
    year: int = 0
    number: int = 0
    pack_id: str = ""
    scopes: tuple[BatchScope, ...] = ()
    registration_opens: str = ""
    registration_closes: str = ""
    review_closes: str = ""
    sittings: tuple[Sitting, ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def first_start(self) -> datetime | None:
        """When the first sitting begins; None while no time is set."""
        return min((sitting.starts_at for sitting in self.sittings if sitting.starts_at), default=None)

    @property
    def opens(self) -> date | None:
        """The first day of registration."""
        return day_of(self.registration_opens)

    @property
    def closes(self) -> date | None:
        """The last day of registration."""
        return day_of(self.registration_closes)

    @property
    def reviewed_by(self) -> date | None:
        """The last day of the review."""
        return day_of(self.review_closes)

    def parts_of(self, occupation_code: str, level: int) -> frozenset[Part]:
        """In which parts an occupation and level is assessed; empty if it is not."""
        return frozenset(
            part
            for scope in self.scopes
            if (scope.occupation_code, scope.level) == (occupation_code, level)
            for part in scope.parts
            if part is not None
        )


@dataclass(frozen=True)
class PinnedPack:
    """The policy pack a batch is bound to, by the SHA-256 of its content."""

    id: str
    version: str
    digest: bytes
    status: str


@dataclass(frozen=True)
class Sample:
    """Applications that the centre drew from a seed, at a time."""

    sample_id: str
    seed: bytes
    application_ids: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Batch:
    """A batch as it stands. `test`: all that comes of it bears the TEST mark (REG-036)."""

    id: str
    credit_code: str
    division: str
    plan: BatchPlan
    state: State
    revision: int
    digest: bytes
    return_reason: str = ""
    pack: PinnedPack | None = None
    confirmed: Signed | None = None
    test: bool = False
    late_reason: str = ""
    uploaded: Signed | None = None
    cleared_at: datetime | None = None

    def moved(self, state: State, revision: int) -> Batch:
        """The same after an act."""
        return replace(self, state=state, revision=revision)

    def rewritten(self, fresh: Batch) -> Batch:
        """The same with another plan."""
        return replace(self, plan=fresh.plan, digest=fresh.digest)
