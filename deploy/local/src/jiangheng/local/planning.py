"""Steps 10 to 12 of the journey: a site, the plan of the year, the plan of a batch and its rules."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from uuid import NAMESPACE_URL, uuid5

from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.api.registration.v1 import registration_pb2 as registration
from jiangheng.api.registration.v1 import seating_pb2 as seating
from jiangheng.chassis.clocks import SHANGHAI
from jiangheng.local import candidates, story, venue
from jiangheng.local.driver import DoesNotHold
from jiangheng.local.journey import Journey
from jiangheng.rules.calendar import PUBLISHED
from jiangheng.rules.pack import pack_named

PACK = "jilin"
SITE = str(uuid5(NAMESPACE_URL, f"{story.APPLICANT}/site"))
BATCH = str(uuid5(NAMESPACE_URL, f"{story.APPLICANT}/batch"))
THEORY, SKILL = "T1", "S1"
# The exam is so far ahead that review and upload are done before the pack's term (000 A3 11).
AHEAD_WORKING_DAYS = 13


@dataclass(frozen=True)
class Dates:
    """The days of the batch, counted from a day of law."""

    today: date

    @cached_property
    def theory(self) -> date:
        return PUBLISHED.working_day_after(self.today, AHEAD_WORKING_DAYS)

    @cached_property
    def skill(self) -> date:
        return PUBLISHED.working_day_after(self.theory, 1)

    @property
    def closes(self) -> date:
        return self.today + timedelta(days=4)

    @property
    def review_closes(self) -> date:
        return self.today + timedelta(days=8)


def dates(journey: Journey) -> Dates:
    """By the suite's own legal clock: the day on which it filed the institution."""
    request = registration.GetInstitutionRequest(credit_code=story.APPLICANT)
    filed = journey.ask(story.QIAN, request).institution.filed_at
    return Dates(filed.ToDatetime(tzinfo=UTC).astimezone(SHANGHAI).date())


def batch(journey: Journey) -> pb.Batch:
    """The batch as it stands."""
    found: pb.Batch = journey.ask(story.CHEN, pb.GetBatchRequest(batch_id=BATCH)).batch
    return found


# 10


def site(journey: Journey) -> str:
    plan = venue.site_plan(journey.candidates, dates(journey).today)
    save = seating.SaveSiteRequest(site_id=SITE, credit_code=story.APPLICANT, plan=plan)
    journey.refused("IAM-012", story.QIN, save)
    saved = journey.ask(story.CHEN, save).site
    approve = seating.ApproveSiteRequest(site_id=SITE, revision=saved.revision, digest=saved.digest)
    journey.refused("IAM-002", story.CHEN, approve)
    journey.refused("IAM-011", story.YOU, approve)
    journey.ask(story.YANG, approve)
    journey.happened("site.approved.v1", SITE)
    return f"{plan.name}: {len(plan.rooms)} rooms; its own officer and another province's may not approve it"


# 11


def annual_plan(journey: Journey) -> str:
    day = dates(journey).theory
    line = pb.PlanLine(
        occupation_code=candidates.OCCUPATION,
        level=candidates.LEVEL,
        candidates=journey.candidates,
        exam_date=day.isoformat(),
        place="长春",
    )
    save = pb.SavePlanRequest(credit_code=story.APPLICANT, year=day.year, lines=[line])
    saved = journey.ask(story.CHEN, save).plan
    submit = pb.SubmitPlanRequest(credit_code=story.APPLICANT, year=day.year, revision=saved.revision)
    stands = journey.ask(story.CHEN, submit).plan
    confirm = pb.ConfirmPlanRequest(
        credit_code=story.APPLICANT, year=day.year, revision=stands.revision, digest=stands.digest
    )
    journey.refused("IAM-002", story.CHEN, confirm)
    journey.refused("act-signature", story.YANG, confirm)
    journey.sign(story.YANG, confirm)
    subject = f"{story.APPLICANT}-{day.year}"
    journey.happened("plan.submitted.v1", subject)
    journey.happened("plan.confirmed.v1", subject)
    return f"{day.year}: {journey.candidates} candidates on {day}; confirmed by signature"


# 12


def batch_plan(journey: Journey) -> str:
    content = _plan(dates(journey))
    _submit(journey, content)
    reason = "场次时间应与年度计划一致，请核对"
    give_back = pb.ReturnBatchRequest(batch_id=BATCH, revision=batch(journey).revision, reason=reason)
    journey.refused("IAM-002", story.CHEN, give_back)
    journey.ask(story.YANG, give_back)
    journey.happened("batch.returned.v1", BATCH)
    content.name = content.name.replace("（演示）", "（演示，已核对）")
    stands = _submit(journey, content)
    rules = pack_named(PACK)
    confirm = pb.ConfirmBatchRequest(
        batch_id=BATCH,
        revision=stands.revision,
        digest=stands.digest,
        pack_digest=bytes.fromhex(rules.digest),
    )
    journey.refused("IAM-002", story.QIAN, confirm)
    bound = journey.sign(story.YANG, confirm).batch
    journey.happened("batch.confirmed.v1", BATCH)
    _assert_pinned(journey, bound)
    journey.results |= {"batch": BATCH, "pack": PACK, "pack_digest": bound.pack.digest.hex()}
    journey.results["day"] = dates(journey).today.isoformat()
    mark = "TEST" if bound.test else "not marked TEST"
    return f"returned ({reason}), mended, confirmed; bound to {PACK} {rules.version}, {rules.digest}; {mark}"


def _submit(journey: Journey, content: pb.BatchPlan) -> pb.Batch:
    save = pb.SaveBatchRequest(batch_id=BATCH, credit_code=story.APPLICANT, plan=content)
    saved = journey.ask(story.CHEN, save).batch
    submit = pb.SubmitBatchRequest(batch_id=BATCH, revision=saved.revision)
    stands: pb.Batch = journey.ask(story.CHEN, submit).batch
    journey.happened("batch.submitted.v1", BATCH)
    return stands


def _assert_pinned(journey: Journey, bound: pb.Batch) -> None:
    """What the batch is bound to can be had, and is what was signed for; a draft makes a test batch."""
    answer = journey.ask(story.CHEN, pb.GetPackRequest(batch_id=BATCH))
    if hashlib.sha256(answer.document).digest() != bound.pack.digest:
        raise DoesNotHold("the rules kept with the batch are not those of their digest")
    if bound.pack.status == "draft" and not bound.test:
        raise DoesNotHold("a batch under a draft pack bears no TEST mark")


def _plan(when: Dates) -> pb.BatchPlan:
    document = "考务方案（演示）"
    return pb.BatchPlan(
        name=f"{when.theory.year}年第1期电工四级认定（演示）",
        year=when.theory.year,
        number=1,
        pack_id=PACK,
        scopes=[
            pb.BatchScope(
                occupation_code=candidates.OCCUPATION,
                level=candidates.LEVEL,
                parts=[pb.PART_THEORY, pb.PART_SKILL],
            )
        ],
        registration_opens=when.today.isoformat(),
        registration_closes=when.closes.isoformat(),
        review_closes=when.review_closes.isoformat(),
        sittings=[
            _sitting(THEORY, pb.PART_THEORY, when.theory, time(9), time(10, 30)),
            _sitting(SKILL, pb.PART_SKILL, when.skill, time(8, 30), time(16, 30), turn_minutes=60),
        ],
        documents=[
            pb.BatchDocument(
                kind="exam_affairs_plan", title=document, digest=hashlib.sha256(document.encode()).digest()
            )
        ],
    )


def _sitting(
    id: str, part: pb.Part.ValueType, day: date, begins: time, ends: time, turn_minutes: int = 0
) -> pb.Sitting:
    sitting = pb.Sitting(sitting_id=id, part=part, site_id=SITE, turn_minutes=turn_minutes)
    sitting.starts_at.FromDatetime(datetime.combine(day, begins, SHANGHAI))
    sitting.ends_at.FromDatetime(datetime.combine(day, ends, SHANGHAI))
    return sitting
