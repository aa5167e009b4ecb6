"""Applications over the wire, with the real Guard: the right person may; each wrong one is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.chassis.auth import Caller, Grant
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.application import State
from jiangheng.registration.domain.form import (
    ApplicationForm,
    Apprenticeship,
    Education,
    HeldCertificate,
    IdentityPaper,
    Title,
)
from jiangheng.registration.wire import applications as wire
from jiangheng.registration.wire.forms import form_from_wire, form_to_wire
from jiangheng.rules import numbers


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def records(office: Any) -> tuple[Any, ...]:
    """All that an act could have changed, but for refusals on record."""
    facts = [fact for fact in office.facts() if fact["type"] != "refusal.recorded.v1"]
    kept = (tables.application, tables.review, tables.step)
    return (*(office.rows(table) for table in kept), facts)


def refusals(office: Any) -> list[tuple[str, str]]:
    return [
        (fact["data"]["caller"], fact["data"]["rule"])
        for fact in office.facts()
        if fact["type"] == "refusal.recorded.v1"
    ]


def refused_on_record(office: Any, who: str, rule: str, act: Callable[[], object]) -> None:
    """The act is refused under the rule, nothing is changed, and exactly this refusal is on record."""
    before, known = records(office), refusals(office)
    problem = refused(act)
    assert rule in (problem.rule, problem.code)
    assert records(office) == before
    assert refusals(office) == [*known, (f"person:{who}", problem.rule or problem.code)]


def save_request(candidates: Any, serial: int = 1, **changes: Any) -> pb.SaveApplicationRequest:
    return pb.SaveApplicationRequest(
        application_id=candidates.id(serial),
        batch_id=candidates.batch.id,
        form=form_to_wire(candidates.form(serial, **changes)),
    )


def review_request(found: pb.Application, opinion: Any) -> pb.ReviewApplicationRequest:
    return pb.ReviewApplicationRequest(
        application_id=found.application_id,
        revision=found.revision,
        verdict=pb.Verdict.Value(f"VERDICT_{opinion.verdict.name}"),
        items=wire.items_to_wire(opinion.items),
        note=opinion.note,
        against_finding=opinion.against_finding,
    )


def test_the_whole_way_over_the_wire(counter: Any, candidates: Any) -> None:
    clerk, reviewer = candidates.clerk(), candidates.reviewer()
    saved = counter.call(clerk, "SaveApplication", save_request(candidates)).application
    assert (saved.state, saved.revision) == (pb.APPLICATION_STATE_DRAFT, 1)
    assert saved.form == form_to_wire(candidates.form())
    submit = pb.SubmitApplicationRequest(application_id=saved.application_id, revision=1)
    submitted = counter.call(clerk, "SubmitApplication", submit).application
    assert (submitted.finding.eligible, submitted.finding.from_day) == (True, "2021-01-04")
    assert [each.condition for each in submitted.finding.tried if each.met] == ["4.1"]
    assert all(each.zh and each.en and each.clause for each in submitted.finding.tried)
    request = review_request(submitted, candidates.doubt)
    doubted = counter.call(reviewer, "ReviewApplication", request).application
    assert doubted.state == pb.APPLICATION_STATE_FURTHER_CHECK
    approved = counter.call(
        reviewer, "ReviewApplication", review_request(doubted, candidates.approval)
    ).application
    assert approved.state == pb.APPLICATION_STATE_APPROVED
    assert [(each.verdict, each.reviewer, each.revision) for each in approved.reviews] == [
        (pb.VERDICT_FURTHER_CHECK, "lu", 2),
        (pb.VERDICT_APPROVE, "lu", 3),
    ]
    assert approved.reviews[1].finding.eligible
    seen = counter.call(
        clerk, "GetApplication", pb.GetApplicationRequest(application_id=saved.application_id)
    ).application
    assert seen == approved
    listed = counter.call(
        clerk, "ListApplications", pb.ListApplicationsRequest(batch_id=candidates.batch.id)
    ).applications
    assert list(listed) == [approved]
    withdraw = pb.WithdrawApplicationRequest(
        application_id=saved.application_id, revision=approved.revision, reason="本人放弃"
    )
    gone = counter.call(clerk, "WithdrawApplication", withdraw).application
    assert (gone.state, gone.withdrawal_reason) == (pb.APPLICATION_STATE_WITHDRAWN, "本人放弃")
    assert refusals(candidates.office) == []


def test_every_part_of_a_form_comes_back_from_the_wire_as_it_went(candidates: Any) -> None:
    full = candidates.form(
        certificates=(HeldCertificate("6-31-01-03", 5, "2018-06-01", "1", "示例机构"),),
        education=(
            Education(
                "technical_school", "机电", "senior_worker", "2009", "2011", "2012", "2012-07-01", True
            ),
        ),
        titles=(Title("junior", "电气", "2020-01-01", True),),
        apprenticeships=(Apprenticeship("6-31-01-03", "2012-01-01"),),
    )
    assert form_from_wire(form_to_wire(full)) == full
    assert all(getattr(full, name) for name in vars(ApplicationForm()))
    for paper in IdentityPaper:
        form = replace(full, candidate=replace(full.candidate, paper=paper))
        assert form_from_wire(form_to_wire(form)) == form
    assert {paper.value for paper in IdentityPaper} == set(numbers.document_kinds())
    assert form_from_wire(pb.ApplicationForm(parts=[99])).parts == (None,)
    named = {wire.STATES[state] for state in State}
    assert named == set(pb.ApplicationState.values()) - {pb.APPLICATION_STATE_UNSPECIFIED}


ROLES = ("registration_clerk", "qualification_reviewer", "appraisal_centre_officer")
MAY = {
    "SaveApplication": "registration_clerk",
    "SubmitApplication": "registration_clerk",
    "WithdrawApplication": "registration_clerk",
    "ReviewApplication": "qualification_reviewer",
    "ReturnApplication": "appraisal_centre_officer",
}


def request_of(candidates: Any, method: str) -> Any:
    id = candidates.id()
    if method == "SaveApplication":
        return save_request(candidates)
    if method == "ReviewApplication":
        return pb.ReviewApplicationRequest(application_id=id, revision=2, verdict=pb.VERDICT_REFUSE, note="x")
    if method == "SubmitApplication":
        return pb.SubmitApplicationRequest(application_id=id, revision=2)
    kind = getattr(pb, f"{method}Request")
    return kind(application_id=id, revision=2, reason="x")


@pytest.mark.requirement("IAM-002")
def test_each_act_is_for_its_role_only(counter: Any, candidates: Any) -> None:
    office = candidates.office
    candidates.submit()
    for method, role in product(MAY, ROLES):
        if MAY[method] == role:
            continue
        where = {"region": "22"} if role == ROLES[2] else {"institution": candidates.code}
        by = office.holder("he", role, **where)
        request = request_of(candidates, method)
        refused_on_record(office, "he", "IAM-002", lambda b=by, m=method, r=request: counter.call(b, m, r))


@pytest.mark.requirement("IAM-012")
def test_another_institution_does_and_reads_nothing(counter: Any, candidates: Any) -> None:
    office = candidates.office
    candidates.submit()
    other = office.code(2)
    reads = {
        "GetApplication": pb.GetApplicationRequest(application_id=candidates.id()),
        "ListApplications": pb.ListApplicationsRequest(batch_id=candidates.batch.id),
    }
    for method in (*MAY, *reads):
        role = MAY.get(method, "registration_clerk")
        if role == ROLES[2]:
            continue
        by = office.holder("he", role, institution=other)
        request = reads.get(method) or request_of(candidates, method)
        refused_on_record(office, "he", "IAM-012", lambda b=by, m=method, r=request: counter.call(b, m, r))


def test_the_centre_of_another_region_neither_reads_nor_returns(counter: Any, candidates: Any) -> None:
    office = candidates.office
    candidates.submit()
    by = office.centre("37", "he")
    reads = (
        ("GetApplication", pb.GetApplicationRequest(application_id=candidates.id())),
        ("ReturnApplication", request_of(candidates, "ReturnApplication")),
    )
    for method, request in reads:
        refused_on_record(office, "he", "IAM-011", lambda m=method, r=request: counter.call(by, m, r))


def test_what_nobody_saved_is_not_there_and_no_id_breaks_the_edge(counter: Any, candidates: Any) -> None:
    for id in (candidates.id(7), "7", "\N{SNOWMAN}" * 40):
        request = pb.GetApplicationRequest(application_id=id)
        problem = refused(lambda r=request: counter.call(candidates.clerk(), "GetApplication", r))
        assert problem.code == "not-owner"  # whether it is there is nothing that he is told
        country = candidates.office.centre("00")
        problem = refused(lambda r=request, by=country: counter.call(by, "GetApplication", r))
        assert problem.kind is Kind.NOT_FOUND


def test_unknown_verdicts_and_states_are_refused(counter: Any, candidates: Any) -> None:
    candidates.submit()
    for verdict in (0, 99):
        request = pb.ReviewApplicationRequest(
            application_id=candidates.id(), revision=2, verdict=verdict, note="x"
        )
        problem = refused(lambda r=request: counter.call(candidates.reviewer(), "ReviewApplication", r))
        assert (problem.kind, problem.field) == (Kind.INVALID, "verdict")
    listing = pb.ListApplicationsRequest(batch_id=candidates.batch.id, state=99)
    problem = refused(lambda: counter.call(candidates.clerk(), "ListApplications", listing))
    assert (problem.kind, problem.field) == (Kind.INVALID, "state")


def test_a_faulty_form_is_told_with_all_its_faults(counter: Any, candidates: Any) -> None:
    candidates.save(1, papers=(), promise_digest=b"", condition="9")
    request = pb.SubmitApplicationRequest(application_id=candidates.id(), revision=1)
    problem = refused(lambda: counter.call(candidates.clerk(), "SubmitApplication", request))
    assert (problem.kind, problem.field, problem.details["faults"]) == (Kind.INVALID, "form.condition", "4")
    assert "000 A1 9" in problem.details["fault.4"]


def test_a_reader_who_need_not_know_gets_a_masked_answer(counter: Any, candidates: Any) -> None:
    candidates.approve()
    reader = Caller(
        "person", "feng", (Grant("reader", frozenset({"registration.application.read"}), region="2201"),)
    )
    request = pb.ListApplicationsRequest(batch_id=candidates.batch.id)
    (hidden,) = counter.call(reader, "ListApplications", request).applications
    assert hidden.masked
    assert hidden.form.candidate.name == "考**"
    text = str(hidden)
    for secret in ("13900000001", candidates.number(1), "示例制造"):
        assert secret not in text
    (whole,) = counter.call(candidates.clerk(), "ListApplications", request).applications
    assert whole.form.candidate.name == "考生1"
