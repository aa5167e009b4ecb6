"""Over the wire, with the real Guard: the right person may; everybody else is refused, on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import ParseDict

from jiangheng.api.policy.v1.policy_pb2 import ActSignature
from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.api.registration.v1.events_pb2 import InstitutionFiled
from jiangheng.chassis.acts import verify_act
from jiangheng.chassis.auth import Caller, Grant
from jiangheng.chassis.canonical import digest, message_json
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.wire import institutions as wire

COMPLETE = "/jiangheng.api.registration.v1.InstitutionService/CompleteFiling"


@pytest.fixture
def code(office: Any) -> str:
    return str(office.code())


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def records(office: Any) -> tuple[Any, ...]:
    """All that an act could have changed, but for refusals on record."""
    facts = [fact for fact in office.facts() if fact["type"] != "refusal.recorded.v1"]
    return (*(office.rows(table) for table in (tables.institution, tables.step)), facts)


def recorded_refusals(office: Any) -> list[tuple[str, str]]:
    return [
        (fact["data"]["caller"], fact["data"]["rule"])
        for fact in office.facts()
        if fact["type"] == "refusal.recorded.v1"
    ]


def refused_on_record(counter: Any, who: str, rule: str, act: Callable[[], object]) -> Problem:
    """The act is refused under the rule, nothing is changed, and exactly this refusal is on record."""
    office = counter.office
    before, known = records(office), recorded_refusals(office)
    problem = refused(act)
    assert rule in (problem.rule, problem.code)
    assert records(office) == before
    assert recorded_refusals(office) == [*known, (f"person:{who}", problem.rule or problem.code)]
    return problem


def save_request(office: Any, code: str) -> pb.SaveDraftRequest:
    return pb.SaveDraftRequest(credit_code=code, dossier=wire.dossier_to_wire(office.dossier))


def test_the_whole_way_over_the_wire(counter: Any, office: Any, code: str) -> None:
    applicant, officer = office.applicant(code), counter.signing(office.officer())
    saved = counter.call(applicant, "SaveDraft", save_request(office, code)).institution
    assert (saved.state, saved.revision) == (pb.INSTITUTION_STATE_DRAFT, 1)
    assert saved.dossier == wire.dossier_to_wire(office.dossier)
    request = pb.SubmitFilingRequest(credit_code=code, revision=1)
    submitted = counter.call(applicant, "SubmitFiling", request).institution
    back = pb.ReturnFilingRequest(credit_code=code, revision=submitted.revision, reason="缺页")
    returned = counter.call(officer, "ReturnFiling", back).institution
    assert (returned.state, returned.return_reason) == (pb.INSTITUTION_STATE_RETURNED, "缺页")
    again = counter.call(
        applicant, "SubmitFiling", pb.SubmitFilingRequest(credit_code=code, revision=returned.revision)
    ).institution
    accepted = counter.call(
        officer, "AcceptFiling", pb.AcceptFilingRequest(credit_code=code, revision=again.revision)
    ).institution
    assert (accepted.filing_due, accepted.accepted_at.ToSeconds()) == (
        "2026-03-13",
        int(office.clock.now().timestamp()),
    )
    filed = counter.call(officer, "CompleteFiling", counter.signed(accepted)).institution
    assert (filed.state, filed.institution_code) == (pb.INSTITUTION_STATE_FILED, "Y000022000001")
    assert (filed.receipt_number, filed.authority) == ("22-2026-Y000001", "22")
    seen = counter.call(officer, "GetInstitution", pb.GetInstitutionRequest(credit_code=code)).institution
    assert seen == filed
    assert recorded_refusals(office) == []


def test_the_digest_is_over_the_dossier_as_anyone_receives_it(counter: Any, office: Any, code: str) -> None:
    saved = counter.call(office.applicant(code), "SaveDraft", save_request(office, code)).institution
    assert saved.dossier_digest == digest(message_json(saved.dossier))


def test_the_signed_act_can_be_made_again_from_the_fact_and_verified(
    counter: Any, office: Any, code: str
) -> None:
    accepted = office.accept(office.submit(code))
    counter.call(counter.signing(office.officer()), "CompleteFiling", counter.signed(accepted))
    fact = ParseDict(office.facts(code)[-1]["data"], InstitutionFiled())
    request = pb.CompleteFilingRequest(
        credit_code=fact.credit_code,
        revision=fact.revision,
        dossier_digest=fact.dossier_digest,
        signature=fact.signature,
    )
    public = counter.person_key.public_key().public_bytes_raw()
    assert verify_act(public, COMPLETE, request)
    request.revision += 1
    assert not verify_act(public, COMPLETE, request)


@pytest.mark.requirement("IAM-012")
def test_an_institution_never_applies_for_another(counter: Any, office: Any, code: str) -> None:
    office.save(code, name="第一稿")
    neighbour = office.applicant(office.code(2), "zheng")
    submit = pb.SubmitFilingRequest(credit_code=code, revision=2)
    for method, request in (("SaveDraft", save_request(office, code)), ("SubmitFiling", submit)):
        refused_on_record(
            counter, "zheng", "IAM-012", lambda m=method, r=request: counter.call(neighbour, m, r)
        )
        assert counter.call(office.applicant(code), method, request).institution.revision >= 2


@pytest.mark.requirement("IAM-012")
def test_nobody_makes_the_first_draft_of_another_institution(counter: Any, office: Any, code: str) -> None:
    request = save_request(office, code)
    neighbour = office.applicant(office.code(2), "zheng")
    refused_on_record(counter, "zheng", "IAM-012", lambda: counter.call(neighbour, "SaveDraft", request))
    assert office.rows(tables.institution) == []
    counter.call(office.applicant(code), "SaveDraft", request)


def decision(counter: Any, office: Any, code: str, method: str) -> Any:
    """An institution brought to where `method` is next, and the request for it."""
    submitted = office.submit(code)
    if method == "ReturnFiling":
        return pb.ReturnFilingRequest(credit_code=code, revision=submitted.revision, reason="缺页")
    if method == "AcceptFiling":
        return pb.AcceptFilingRequest(credit_code=code, revision=submitted.revision)
    return counter.signed(office.accept(submitted))


def wrong_people(office: Any, code: str) -> list[tuple[str, Caller, str]]:
    """(rule, caller, person): everybody who may not decide on the filing of this institution."""
    return [
        ("IAM-002", office.applicant(code), "wu"),
        ("IAM-002", office.holder("zhou", "auditor", region="00"), "zhou"),
        ("IAM-002", office.holder("feng", "examiner", region="22"), "feng"),
        ("IAM-002", office.holder("zhao", "identity_administrator", region="00"), "zhao"),
        ("IAM-011", office.officer("37", "wang"), "wang"),
        ("IAM-011", office.officer("2202", "liu"), "liu"),
    ]


DECISIONS = ("ReturnFiling", "AcceptFiling", "CompleteFiling")


@pytest.mark.requirement("IAM-002")
@pytest.mark.requirement("IAM-011")
@pytest.mark.requirement("REG-004")
def test_only_an_officer_of_the_region_decides(counter: Any, office: Any) -> None:
    for number, method in enumerate(DECISIONS):
        code = office.code(number)
        request = decision(counter, office, code, method)
        for rule, caller, person in wrong_people(office, code):
            by = counter.signing(caller)
            refused_on_record(
                counter, person, rule, lambda by=by, m=method, r=request: counter.call(by, m, r)
            )
        answer = counter.call(counter.signing(office.officer("2201")), method, request)
        assert answer.institution.revision == request.revision + 1


def test_who_applied_is_refused_whatever_his_roles_are_now(counter: Any, office: Any) -> None:
    by = counter.signing(office.officer(person="wu"))
    for number, method in enumerate(DECISIONS):
        request = decision(counter, office, office.code(number), method)
        problem = refused_on_record(
            counter, "wu", "FILING-SELF", lambda m=method, r=request: counter.call(by, m, r)
        )
        assert (problem.kind, problem.clause) == (Kind.FORBIDDEN, "002 8-9")
        counter.call(counter.signing(office.officer(person="qian")), method, request)


@pytest.mark.requirement("IAM-002")
def test_an_expired_token_is_refused_on_record_and_a_fresh_one_admits(
    counter: Any, office: Any, code: str
) -> None:
    request = decision(counter, office, code, "AcceptFiling")
    old = counter.token(office.officer())
    office.clock.advance(timedelta(seconds=601))
    refused_on_record(
        counter, "qian", "token-expired", lambda: counter.call(None, "AcceptFiling", request, token=old)
    )
    counter.call(office.officer(), "AcceptFiling", request)


@pytest.mark.requirement("IAM-002")
def test_a_token_for_another_service_is_refused_on_record(counter: Any, office: Any, code: str) -> None:
    request = decision(counter, office, code, "AcceptFiling")
    foreign = counter.token(office.officer(), audience="supervision")
    refused_on_record(
        counter, "qian", "wrong-audience", lambda: counter.call(None, "AcceptFiling", request, token=foreign)
    )
    counter.call(office.officer(), "AcceptFiling", request)


def test_no_token_and_a_forged_one_change_nothing(counter: Any, office: Any, code: str) -> None:
    request = decision(counter, office, code, "AcceptFiling")
    before = records(office)
    genuine, counter.identity_key = counter.identity_key, Ed25519PrivateKey.generate()
    forged = counter.token(office.officer())
    counter.identity_key = genuine
    for token in ("", "nonsense", forged, counter.token(office.officer())[:-4] + "AAAA"):
        problem = refused(lambda token=token: counter.call(None, "AcceptFiling", request, token=token))
        assert problem.kind is Kind.UNAUTHENTICATED
    assert records(office) == before
    counter.call(office.officer(), "AcceptFiling", request)


def test_a_service_cannot_decide_even_with_the_scope(counter: Any, office: Any, code: str) -> None:
    request = decision(counter, office, code, "AcceptFiling")
    scope = Grant("odd", frozenset({"registration.filing.decide"}), "", "00")
    before = records(office)
    robot = Caller("service", "exam", (scope,))
    assert refused(lambda: counter.call(robot, "AcceptFiling", request)).rule == "IAM-001"
    assert records(office) == before
    assert recorded_refusals(office) == [("service:exam", "IAM-001")]


@pytest.mark.requirement("REG-012")
def test_a_filing_needs_the_officers_own_signature_over_exactly_this(
    counter: Any, office: Any, code: str
) -> None:
    good = decision(counter, office, code, "CompleteFiling")
    officer = counter.signing(office.officer())
    other_key = Ed25519PrivateKey.generate()
    unsigned, other_revision, other_id = (pb.CompleteFilingRequest() for _ in range(3))
    for copy in (unsigned, other_revision, other_id):
        copy.CopyFrom(good)
    unsigned.ClearField("signature")
    other_revision.revision += 1
    other_id.signature.key_id = "another-key"
    for request in (unsigned, other_revision, other_id, counter.signed(good, other_key)):
        refused_on_record(
            counter, "qian", "act-signature", lambda r=request: counter.call(officer, "CompleteFiling", r)
        )
    keyless = office.officer()
    refused_on_record(counter, "qian", "act-signature", lambda: counter.call(keyless, "CompleteFiling", good))
    assert counter.call(officer, "CompleteFiling", good).institution.institution_code


def test_a_signature_over_another_dossier_is_refused_by_digest(counter: Any, office: Any, code: str) -> None:
    accepted = wire.institution_to_wire(office.accept(office.submit(code)))
    accepted.dossier_digest = b"x" * 32
    before = records(office)
    officer = counter.signing(office.officer())
    problem = refused(lambda: counter.call(officer, "CompleteFiling", counter.signed(accepted)))
    assert (problem.kind, problem.code) == (Kind.INVALID, "other-dossier")
    assert records(office) == before


def test_all_faults_of_a_large_dossier_come_through_the_wire(counter: Any, office: Any, code: str) -> None:
    request = pb.SaveDraftRequest(
        credit_code=code, dossier=pb.Dossier(scopes=[pb.Scope(occupation_code="啊" * 100)] * 200)
    )
    counter.call(office.applicant(code), "SaveDraft", request)
    submit = pb.SubmitFilingRequest(credit_code=code, revision=1)
    problem = refused(lambda: counter.call(office.applicant(code), "SubmitFiling", submit))
    assert (problem.kind, problem.rule) == (Kind.INVALID, "REG-006")
    assert int(problem.details["faults"]) > 600


def test_what_is_no_credit_code_is_refused_not_an_incident(counter: Any, office: Any) -> None:
    for odd, caller, (method, kind_of) in product(
        ["", "x", "91220101MA0Y0\x000003N", "a" * 5000, "机构"],
        [office.applicant(office.code()), office.officer()],
        [("GetInstitution", pb.GetInstitutionRequest), ("SaveDraft", pb.SaveDraftRequest)],
    ):
        request = kind_of(credit_code=odd)
        problem = refused(lambda c=caller, m=method, r=request: counter.call(c, m, r))
        assert problem.kind in (Kind.INVALID, Kind.NOT_FOUND, Kind.FORBIDDEN)


def test_every_signature_field_is_what_is_stored(counter: Any, office: Any, code: str) -> None:
    request = decision(counter, office, code, "CompleteFiling")
    counter.call(counter.signing(office.officer()), "CompleteFiling", request)
    row = office.rows(tables.institution)[0]
    assert ActSignature(key_id=row["key_id"], signature=row["signature"]) == request.signature
