"""Role by RPC over a batch's way: whoever may not is refused and on record, then the right person does it.

At every act every role that lacks its scope tries it, and the right role of another institution or province.
Nothing but the record of the refusals is changed by them. `ACTS` says a second time who may do what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jiangheng.api.policy.v1 import policy_pb2
from jiangheng.api.registration.v1 import application_pb2 as ap
from jiangheng.api.registration.v1 import batch_pb2 as ba
from jiangheng.api.registration.v1 import seating_pb2 as se
from jiangheng.chassis.acts import sign_act
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.command import batch, files, site
from jiangheng.rules import duties
from jiangheng.rules.pack import pack_named

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
CODE, NEIGHBOUR = "91220101MA0Y00003N", "91220101MA0Y1ABC2E"
IDS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(3)]
AFFAIRS, CLERK, REVIEWER = "exam_affairs_officer", "registration_clerk", "qualification_reviewer"
HEAD, PLANS, CENTRE = "institution_head", "plan_officer", "appraisal_centre_officer"
INSTITUTIONS = {AFFAIRS, CLERK, REVIEWER, HEAD, PLANS, CENTRE} | {
    "institution_officer",
    "filing_officer",
    "auditor",
}
APPLICATIONS = {AFFAIRS, CLERK, REVIEWER, HEAD, CENTRE}


@dataclass
class Walk:
    """A batch on its way, and what the requests need of it."""

    counter: Any
    site: Any = None
    plan: Any = None
    batch: Any = None
    applications: dict[str, Any] = field(default_factory=dict)

    def stands(self, method: str, request: Any) -> Any:
        return self.counter.call(self.holder(HEAD), method, request)

    def look(self) -> None:
        """Read how things stand now."""
        if self.batch is not None:
            self.batch = self.stands("GetBatch", ba.GetBatchRequest(batch_id=self.batch.batch_id)).batch
        for id in self.applications:
            found = self.stands("GetApplication", ap.GetApplicationRequest(application_id=id))
            self.applications[id] = found.application

    def holder(self, role: str, *, elsewhere: bool = False) -> Any:
        """A person with one role, where the batch is or elsewhere."""
        home = duties.roles()[role].per == "institution"
        if home:
            where = {"institution": NEIGHBOUR if elsewhere else CODE}
        else:
            where = {"region": "37" if elsewhere else "22"}
        return self.counter.office.holder(f"{role}-{elsewhere}", role, **where)


def _example(name: str) -> Any:
    path = EXAMPLES / "applications" / name
    return files.form(files.load(path), ap.ApplicationForm, path)


def _save(walk: Walk, number: int) -> Any:
    form = _example(sorted(each.name for each in (EXAMPLES / "applications").iterdir())[number])
    walk.applications.setdefault(IDS[number], None)
    return ap.SaveApplicationRequest(application_id=IDS[number], batch_id=walk.batch.batch_id, form=form)


def _approval(walk: Walk) -> Any:
    found = walk.applications[IDS[0]]
    kinds = [paper.kind for paper in found.form.papers] + ["candidate_promise"]
    return ap.ReviewApplicationRequest(
        application_id=IDS[0],
        revision=found.revision,
        verdict=ap.VERDICT_APPROVE,
        items=[ap.ReviewItem(kind=kind, passed=True, source="原件") for kind in kinds],
    )


def _upload(walk: Walk) -> Any:
    found = walk.stands("GetBatch", ba.GetBatchRequest(batch_id=walk.batch.batch_id))
    return ba.UploadBatchRequest(
        batch_id=walk.batch.batch_id,
        revision=found.batch.revision,
        documents=found.batch.plan.documents,
        applications_digest=found.applications_digest,
    )


def _confirm_batch(walk: Walk) -> Any:
    return ba.ConfirmBatchRequest(
        batch_id=walk.batch.batch_id,
        revision=walk.batch.revision,
        digest=walk.batch.digest,
        pack_digest=bytes.fromhex(pack_named("jilin").digest),
    )


def _of_plan(request: Any, **more: Any) -> Callable[[Walk], Any]:
    return lambda walk: request(credit_code=CODE, year=2026, revision=walk.plan.revision, **more)


def _of_batch(request: Any, **more: Any) -> Callable[[Walk], Any]:
    return lambda walk: request(batch_id=walk.batch.batch_id, revision=walk.batch.revision, **more)


def _in_batch(request: Any, **more: Any) -> Callable[[Walk], Any]:
    return lambda walk: request(batch_id=walk.batch.batch_id, **more)


def _of_application(request: Any, number: int, **more: Any) -> Callable[[Walk], Any]:
    return lambda walk: request(
        application_id=IDS[number], revision=walk.applications[IDS[number]].revision, **more
    )


# Method, who does it here, who may by his role, and the request; in the order of a batch's life.
ACTS: tuple[tuple[str, str, set[str], Callable[[Walk], Any]], ...] = (
    ("SaveSite", AFFAIRS, {AFFAIRS}, lambda _: site.read(EXAMPLES / "site.toml")),
    (
        "ApproveSite",
        PLANS,
        {PLANS},
        lambda walk: se.ApproveSiteRequest(
            site_id=walk.site.site_id, revision=walk.site.revision, digest=walk.site.digest
        ),
    ),
    ("GetSite", CENTRE, INSTITUTIONS, lambda walk: se.GetSiteRequest(site_id=walk.site.site_id)),
    (
        "SavePlan",
        AFFAIRS,
        {AFFAIRS},
        lambda _: files.form(files.load(EXAMPLES / "plan.toml"), ba.SavePlanRequest, EXAMPLES / "plan.toml"),
    ),
    ("SubmitPlan", AFFAIRS, {AFFAIRS}, _of_plan(ba.SubmitPlanRequest)),
    ("ReturnPlan", PLANS, {PLANS}, _of_plan(ba.ReturnPlanRequest, reason="请核对")),
    ("SubmitPlan", AFFAIRS, {AFFAIRS}, _of_plan(ba.SubmitPlanRequest)),
    (
        "ConfirmPlan",
        PLANS,
        {PLANS},
        lambda walk: ba.ConfirmPlanRequest(
            credit_code=CODE, year=2026, revision=walk.plan.revision, digest=walk.plan.digest
        ),
    ),
    ("GetPlan", HEAD, INSTITUTIONS, lambda _: ba.GetPlanRequest(credit_code=CODE, year=2026)),
    ("SaveBatch", AFFAIRS, {AFFAIRS}, lambda _: batch.read(EXAMPLES / "batch.toml")),
    ("SubmitBatch", AFFAIRS, {AFFAIRS}, _of_batch(ba.SubmitBatchRequest)),
    ("ReturnBatch", PLANS, {PLANS}, _of_batch(ba.ReturnBatchRequest, reason="请核对")),
    ("SubmitBatch", AFFAIRS, {AFFAIRS}, _of_batch(ba.SubmitBatchRequest)),
    ("ConfirmBatch", PLANS, {PLANS}, _confirm_batch),
    ("AllowLateUpload", PLANS, {PLANS}, _of_batch(ba.AllowLateUploadRequest, reason="停电")),
    ("GetBatch", CLERK, INSTITUTIONS, _in_batch(ba.GetBatchRequest)),
    ("GetPack", REVIEWER, INSTITUTIONS, _in_batch(ba.GetPackRequest)),
    ("SaveApplication", CLERK, {CLERK}, lambda walk: _save(walk, 0)),
    ("SaveApplication", CLERK, {CLERK}, lambda walk: _save(walk, 1)),
    ("SubmitApplication", CLERK, {CLERK}, _of_application(ap.SubmitApplicationRequest, 0)),
    ("ReviewApplication", REVIEWER, {REVIEWER}, _approval),
    (
        "WithdrawApplication",
        CLERK,
        {CLERK},
        _of_application(ap.WithdrawApplicationRequest, 1, reason="本人申请"),
    ),
    (
        "GetApplication",
        HEAD,
        APPLICATIONS,
        lambda _: ap.GetApplicationRequest(application_id=IDS[0]),
    ),
    ("ListApplications", AFFAIRS, APPLICATIONS, _in_batch(ap.ListApplicationsRequest)),
    ("UploadBatch", HEAD, {HEAD}, _upload),
    ("DrawSample", CENTRE, {CENTRE}, _in_batch(ba.DrawSampleRequest, size=1, sample_id=IDS[2])),
    (
        "ReturnApplication",
        CENTRE,
        {CENTRE},
        _of_application(ap.ReturnApplicationRequest, 0, reason="缴费记录不清晰"),
    ),
    ("SubmitApplication", CLERK, {CLERK}, _of_application(ap.SubmitApplicationRequest, 0)),
    ("ReviewApplication", REVIEWER, {REVIEWER}, _approval),
    ("ClearBatch", CENTRE, {CENTRE}, _of_batch(ba.ClearBatchRequest)),
    ("ArrangeSeats", AFFAIRS, {AFFAIRS}, _of_batch(se.ArrangeSeatsRequest)),
    ("ListSeats", AFFAIRS, {AFFAIRS}, _in_batch(se.ListSeatsRequest)),
    ("IssueTickets", AFFAIRS, {AFFAIRS}, _of_batch(se.IssueTicketsRequest)),
    ("GetTicket", AFFAIRS, {AFFAIRS}, lambda _: se.GetTicketRequest(application_id=IDS[0])),
    (
        "SuspendSite",
        PLANS,
        {PLANS},
        lambda walk: se.SuspendSiteRequest(
            site_id=walk.site.site_id, revision=walk.site.revision, reason="消防整改"
        ),
    ),
)
SIGNED = {"ConfirmPlan", "ConfirmBatch", "UploadBatch"}
# Give only what the caller's grants reach, so that there is nobody else's to be refused.
LISTS = {"ListBatches"}


def methods() -> Iterator[Any]:
    for module in (ba, ap, se):
        for service in module.DESCRIPTOR.services_by_name.values():
            yield from service.methods


def test_the_walk_leaves_no_method_out() -> None:
    assert {method.name for method in methods()} - LISTS == {name for name, *_ in ACTS}


def test_the_roles_that_may_are_those_that_hold_the_scope() -> None:
    policies = {each.name: each.GetOptions().Extensions[policy_pb2.method_policy] for each in methods()}
    for name, right, may, _ in ACTS:
        (scope,) = policies[name].scopes
        assert may == {role for role in duties.roles() if scope in duties.scopes_of([role])}, name
        assert right in may


@pytest.mark.requirement("IAM-002")
@pytest.mark.requirement("IAM-011")
@pytest.mark.requirement("IAM-012")
@pytest.mark.timeout(240)
def test_at_every_act_others_are_refused_and_the_right_person_does_it(counter: Any) -> None:
    counter.office.file(CODE)
    walk = Walk(counter)
    for name, right, may, request_of in ACTS:
        walk.look()
        request = request_of(walk)
        _refused_to_others(walk, name, right, may, request)
        caller = counter.signing(walk.holder(right))
        if name in SIGNED:
            path = next(each for each in methods() if each.name == name)
            full = f"/{path.containing_service.full_name}/{name}"
            request.signature.CopyFrom(sign_act(counter.person_key, "person-key", full, request))
        _keep(walk, counter.call(caller, name, request))
    listed = ba.ListBatchesRequest()
    assert not counter.call(walk.holder(HEAD, elsewhere=True), "ListBatches", listed).batches
    assert len(counter.call(walk.holder(HEAD), "ListBatches", listed).batches) == 1


def _refused_to_others(walk: Walk, name: str, right: str, may: set[str], request: Any) -> None:
    before, known = _content(walk), _refusals(walk)
    others = [(walk.holder(role), "IAM-002") for role in duties.roles() if role not in may]
    strange = "IAM-012" if duties.roles()[right].per == "institution" else "IAM-011"
    others.append((walk.holder(right, elsewhere=True), strange))
    for caller, rule in others:
        with pytest.raises(Problem) as refused:
            walk.counter.call(caller, name, request)
        assert (refused.value.kind, refused.value.rule) == (Kind.FORBIDDEN, rule), (name, caller.id)
    assert _content(walk) == before, name
    assert _refusals(walk) == known + len(others), name


def _content(walk: Walk) -> dict[str, Any]:
    """Every row that is no plumbing."""
    own = [table for table in tables.metadata.sorted_tables if table.name not in _PLUMBING]
    return {table.name: walk.counter.office.rows(table) for table in own}


_PLUMBING = {table.name for table in vars(tables.chassis).values() if hasattr(table, "columns")}


def _refusals(walk: Walk) -> int:
    return sum(fact["type"] == "refusal.recorded.v1" for fact in walk.counter.office.facts())


def _keep(walk: Walk, answer: Any) -> None:
    for name in ("site", "plan", "batch"):
        if name in answer.DESCRIPTOR.fields_by_name:
            setattr(walk, name, getattr(answer, name))
