"""A site (考点) with its rooms and stations, and its course: proposed, approved, suspended (REG-028).

Only the institution changes the description; what it changes has to be approved
anew. A suspended site stays suspended, however it is mended, until an officer
approves it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from types import MappingProxyType

from jiangheng.registration.domain.batch import Part
from jiangheng.registration.domain.course import Apart, Course

MANAGE, APPROVE = "registration.site.manage", "registration.site.approve"


class State(Enum):
    """Whether exams may be held there."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SUSPENDED = "suspended"


class Act(Enum):
    """What a person can do with a site."""

    SAVE = "save"
    APPROVE = "approve"
    SUSPEND = "suspend"


TRANSITIONS: Mapping[tuple[State, Act], State] = MappingProxyType(
    {
        (State.PROPOSED, Act.SAVE): State.PROPOSED,
        (State.APPROVED, Act.SAVE): State.PROPOSED,
        (State.SUSPENDED, Act.SAVE): State.SUSPENDED,
        (State.PROPOSED, Act.APPROVE): State.APPROVED,
        (State.SUSPENDED, Act.APPROVE): State.APPROVED,
        (State.PROPOSED, Act.SUSPEND): State.SUSPENDED,
        (State.APPROVED, Act.SUSPEND): State.SUSPENDED,
    }
)
STATE_ZH: Mapping[State, str] = MappingProxyType(
    {State.PROPOSED: "待审验", State.APPROVED: "已审验", State.SUSPENDED: "已停用"}
)
_SELF = Apart(
    frozenset({Act.SAVE}),
    "PLAN-SELF",
    "000 main 3 [inferred]",
    "曾经填报该考点的人员不得审验或停用该考点。",
    "whoever described this site cannot decide on it",
)
COURSE = Course(
    noun="site",
    zh="考点",
    en="site",
    rule="REG-028",
    clause="002 10; 004 S四(一)1",
    transitions=TRANSITIONS,
    states_zh=STATE_ZH,
    scopes={Act.SAVE: MANAGE, Act.APPROVE: APPROVE, Act.SUSPEND: APPROVE},
    own=frozenset({Act.SAVE}),
    apart=dict.fromkeys((Act.APPROVE, Act.SUSPEND), _SELF),
)


@dataclass(frozen=True)
class Inspection:
    """Who looked at what, on which day (YYYY-MM-DD), with what result (REG-109, REG-028a)."""

    kind: str
    on: str
    inspector: str
    passed: bool


@dataclass(frozen=True)
class Station:
    """A work place for a skill exam; without occupations it is for any."""

    station_id: str
    occupation_codes: frozenset[str] = frozenset()
    equipment_ready: bool = False


@dataclass(frozen=True)
class Trace:
    """Another full trace instead of cameras, with the SHA-256 of its evidence (REG-112)."""

    description: str
    evidence: bytes


@dataclass(frozen=True)
class Room:
    """An exam room, in the rules' words (jiangheng.rules.room_words); `capacity` counts seats."""

    room_id: str
    name: str = ""
    location: str = ""
    part: Part | None = None
    capacity: int = 0
    spacing_cm: int = 0
    layout: tuple[str, ...] = ()
    kind: str = ""
    video: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    stations: tuple[Station, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    paper_because: str = ""
    other_trace: Trace | None = None
    needs_projector: bool = False
    has_projector: bool = False
    columns: int = 0

    @property
    def ready_stations(self) -> tuple[Station, ...]:
        """The work places at which somebody can be examined (001 D11.2)."""
        return tuple(station for station in self.stations if station.equipment_ready)

    @property
    def places(self) -> int:
        """How many candidates it takes at once."""
        return len(self.ready_stations) if self.part is Part.SKILL else self.capacity


@dataclass(frozen=True)
class FunctionalRoom:
    """A room that the site has beside those of the exam; `near`: on their floor or a near one."""

    room: str
    near: bool = False


@dataclass(frozen=True)
class SitePlan:
    """The description of a site."""

    name: str = ""
    address: str = ""
    division: str = ""
    rooms: tuple[Room, ...] = ()
    functional_rooms: tuple[FunctionalRoom, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    devices: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site:
    """A site as it stands. `ground`: why it is suspended; `authority`: the division that approved it."""

    id: str
    credit_code: str
    plan: SitePlan
    state: State
    revision: int
    digest: bytes
    ground: str = ""
    approved_at: datetime | None = None
    authority: str = ""

    @property
    def division(self) -> str:
        """Where the site lies, which settles who approves it (004 S四(一)1)."""
        return self.plan.division

    def moved(self, state: State, revision: int) -> Site:
        """The same after an act."""
        return replace(self, state=state, revision=revision)

    def rewritten(self, fresh: Site) -> Site:
        """The same with another description, which nobody has approved yet."""
        return replace(self, plan=fresh.plan, digest=fresh.digest, approved_at=None, authority="")
