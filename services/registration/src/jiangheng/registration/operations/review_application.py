"""ReviewApplication: approved, refused, or to be checked further (000 A1 6-7; REG-095 to REG-099).

An approval that the rules' finding does not bear out takes two persons: the first says what is wrong in the
finding, the second agrees or refuses (REG-097). That a reviewer is not the candidate himself cannot be seen
here: a caller is known by an id that tells nothing of his identity paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.canonical import canonical_json
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import conflict
from jiangheng.registration.domain.application import (
    Act,
    Application,
    Finding,
    Review,
    State,
    Verdict,
    act_of,
)
from jiangheng.registration.domain.application_times import refuse_untimely
from jiangheng.registration.domain.review_faults import Opinion, refuse_unfounded, refuse_unstorable
from jiangheng.registration.operations.dockets import APPLICATIONS
from jiangheng.registration.operations.grounds import ground_of
from jiangheng.registration.operations.judging import bench_of
from jiangheng.registration.operations.step import stored, take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import reviews, steps
from jiangheng.registration.store.steps import Step

_STATES = {
    Act.APPROVE: "application.approved.v1",
    Act.AGREE: "application.approved.v1",
    Act.REFUSE: "application.refused.v1",
    Act.DISAGREE: "application.refused.v1",
    Act.PROPOSE: "application.doubted.v1",
    Act.DOUBT: "application.doubted.v1",
}
_ACTS_OF = {
    Verdict.APPROVE: (Act.APPROVE, Act.PROPOSE, Act.AGREE),
    Verdict.REFUSE: (Act.REFUSE, Act.DISAGREE),
    Verdict.FURTHER_CHECK: (Act.DOUBT,),
}


@dataclass(frozen=True)
class _Reviewing:
    """One review on its way: who hands in what, on which act that comes out."""

    runtime: RegistrationRuntime
    caller: Caller
    step: Step
    opinion: Opinion

    def change(self, tx: Tx, found: Application) -> tuple[Application, Message]:
        """Judge the application by the rules as they stand for it now, and keep the review."""
        bench = bench_of(self.runtime, tx, found.batch_id)
        refuse_untimely(_act(self.step), found.state, bench.batch, bench.today)
        finding = bench.finding(found)
        refuse_unfounded(self.opinion, found.state, found.form, finding, bench.pack)
        if act_of(self.opinion.verdict, found.state, against=not finding.eligible) is not self.step.act:
            raise conflict("刚刚被他人更改，请重新读取。", "somebody else changed it just now: read it again")
        reviews.add(tx, self.runtime.cipher, found.id, self._review(found, finding))
        return found, _fact(_act(self.step), found, finding)

    def _review(self, found: Application, finding: Finding) -> Review:
        return Review(
            revision=found.revision,
            verdict=self.opinion.verdict,
            reviewer=self.caller.id,
            at=self.runtime.legal_clock.now(),
            items=self.opinion.items,
            note=self.opinion.note.strip(),
            against_finding=self.opinion.against_finding.strip(),
            finding=finding,
        )


def review_application(
    runtime: RegistrationRuntime, caller: Caller, id: str, revision: int, opinion: Opinion
) -> Application:
    """Take a verdict on the application of `revision`.

    Raises Problem INVALID for a verdict without its reasons, or an approval that leaves a matter unlooked at
    or that the finding does not bear out; FORBIDDEN for whoever entered it and, at the second review, for the
    first reviewer; WRONG_STATE outside the review.
    """
    refuse_unstorable(opinion)
    step = _step(runtime, caller, id, revision, opinion)
    reviewing = _Reviewing(runtime, caller, step, opinion)
    return take(runtime, caller, APPLICATIONS, step, reviewing.change, states=_STATES[_act(step)])


def _step(runtime: RegistrationRuntime, caller: Caller, id: str, revision: int, opinion: Opinion) -> Step:
    """The act that the verdict is: the one that he has taken so before or, if none, by how things stand."""
    items = [[item.kind, item.passed, item.source] for item in opinion.items]
    said = canonical_json([opinion.verdict.value, items, opinion.note, opinion.against_finding]).decode()
    ground = ground_of(runtime, said)
    with runtime.db.read() as tx:
        found = stored(runtime, tx, APPLICATIONS, id)
        for act in _ACTS_OF[opinion.verdict]:
            taken = Step(act, id, revision, ground)
            if steps.taken(tx, APPLICATIONS.course.noun, taken, caller.id):
                return taken
        against = opinion.verdict is Verdict.APPROVE and found.state is not State.SECOND_REVIEW
        eligible = not against or bench_of(runtime, tx, found.batch_id).finding(found).eligible
    return Step(act_of(opinion.verdict, found.state, against=not eligible), id, revision, ground)


def _act(step: Step) -> Act:
    return Act(step.act)


def _fact(act: Act, found: Application, finding: Finding) -> Message:
    if act in (Act.DOUBT, Act.PROPOSE):
        return events.ApplicationDoubted(
            application_id=found.id,
            batch_id=found.batch_id,
            digest=found.digest,
            second_review=act is Act.PROPOSE,
        )
    decided: dict[str, Any] = {
        "application_id": found.id,
        "batch_id": found.batch_id,
        "occupation_code": found.form.occupation_code,
        "level": found.form.level,
        "digest": found.digest,
        "conditions": finding.met,
    }
    if act in (Act.REFUSE, Act.DISAGREE):
        return events.ApplicationRefused(**decided)
    return events.ApplicationApproved(**decided, against_finding=act is Act.AGREE)
