"""Plans and batches over the wire, with the real Guard: the right person may; each wrong one is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import ParseDict

from jiangheng.api.policy.v1.policy_pb2 import ActSignature
from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.acts import sign_act, verify_act
from jiangheng.chassis.auth import Caller, Grant
from jiangheng.chassis.canonical import canonical_json, digest, message_json
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.batch import State
from jiangheng.registration.domain.plan import State as PlanState
from jiangheng.registration.wire import batches as wire
from jiangheng.registration.wire import plans as plan_wire
from jiangheng.rules.pack import Pack, pack_named

SAMPLE = "00000000-0000-4000-a000-000000000001"
API = "/jiangheng.api.registration.v1"
SERVICE = {
    "ConfirmPlan": f"{API}.PlanService/ConfirmPlan",
    "ConfirmBatch": f"{API}.BatchService/ConfirmBatch",
    "UploadBatch": f"{API}.BatchService/UploadBatch",
}
ROLE_OF = {
    "SavePlan": "exam_affairs_officer",
    "SubmitPlan": "exam_affairs_officer",
    "ReturnPlan": "plan_officer",
    "ConfirmPlan": "plan_officer",
    "SaveBatch": "exam_affairs_officer",
    "SubmitBatch": "exam_affairs_officer",
    "ReturnBatch": "plan_officer",
    "ConfirmBatch": "plan_officer",
    "AllowLateUpload": "plan_officer",
    "UploadBatch": "institution_head",
    "DrawSample": "appraisal_centre_officer",
    "ClearBatch": "appraisal_centre_officer",
}
OURS = {"exam_affairs_officer", "institution_head"}
ROLES = sorted({*ROLE_OF.values(), "registration_clerk", "qualification_reviewer", "institution_officer"})
READS = ("GetPlan", "GetBatch", "GetPack")
# Who took part before each act that his part keeps him from.
APART = {
    "ReturnPlan": {"zhao": "PLAN-SELF"},
    "ConfirmPlan": {"zhao": "PLAN-SELF"},
    "ReturnBatch": {"zhao": "PLAN-SELF"},
    "ConfirmBatch": {"zhao": "PLAN-SELF"},
    "AllowLateUpload": {"zhao": "PLAN-SELF"},
    "DrawSample": {"zhao": "PLAN-SELF", "han": "PLAN-SELF", "chen": "SAMPLE-SELF", "lu": "SAMPLE-SELF"},
    "ClearBatch": {"zhao": "PLAN-SELF", "han": "PLAN-SELF", "chen": "SAMPLE-SELF", "lu": "SAMPLE-SELF"},
}


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def records(office: Any) -> tuple[Any, ...]:
    """All that an act could have changed, but for refusals on record."""
    facts = [fact for fact in office.facts() if fact["type"] != "refusal.recorded.v1"]
    kept = (tables.plan, tables.batch, tables.pinned_pack, tables.sample, tables.application, tables.step)
    return (*(office.rows(table) for table in kept), facts)


def refusals(office: Any) -> list[tuple[str, str]]:
    return [
        (fact["data"]["caller"], fact["data"]["rule"])
        for fact in office.facts()
        if fact["type"] == "refusal.recorded.v1"
    ]


@dataclass
class Desk:
    """A filed institution's plan and batch at a running server, brought to where any act is next."""

    counter: Any
    candidates: Any

    @property
    def office(self) -> Any:
        return self.candidates.office

    def person(self, role: str, name: str, *, code: str = "", region: str = "") -> Caller:
        """Somebody with a role in the institution, or in the region; with an active signing key."""
        ours = role not in ("plan_officer", "appraisal_centre_officer", "auditor", "filing_officer")
        where = {"institution": code or self.candidates.code} if ours else {"region": region or "22"}
        caller: Caller = self.counter.signing(self.office.holder(name, role, **where))
        return caller

    def call(self, caller: Caller, method: str, request: Any) -> Any:
        return self.counter.call(caller, method, request)

    def refused_on_record(self, caller: Caller, rule: str, method: str, request: Any) -> Problem:
        """The act is refused under the rule, nothing is changed, and exactly this refusal is on record."""
        before, known = records(self.office), refusals(self.office)
        problem = refused(lambda: self.call(caller, method, request))
        assert rule in (problem.rule, problem.code), (method, caller.id, str(problem))
        assert records(self.office) == before
        assert refusals(self.office) == [*known, (f"person:{caller.id}", problem.rule or problem.code)]
        return problem

    def sign(self, method: str, request: Any, key: Ed25519PrivateKey | None = None) -> Any:
        request.signature.CopyFrom(
            sign_act(key or self.counter.person_key, "person-key", SERVICE[method], request)
        )
        return request

    def request(self, method: str) -> Any:
        """The request for an act, for which everything is prepared."""
        office, code, id = self.office, self.candidates.code, self.candidates.batch.id
        prepared = getattr(self, f"_{method}", None)
        if prepared:
            return prepared(office, code, id)
        if method.endswith("Plan"):
            return self._plan(method, office, code)
        if method in ("SaveBatch", "SubmitBatch", "ReturnBatch", "ConfirmBatch"):
            return self._batch(method, office, code)
        return self._later(method, id)

    def _plan(self, method: str, office: Any, code: str) -> Any:
        key = {"credit_code": code, "year": 2026}
        if method == "SavePlan":
            return pb.SavePlanRequest(**key, lines=plan_wire.content_to_wire(code, 2026, office.lines).lines)
        saved = office.save_plan(code)
        if method == "SubmitPlan":
            return pb.SubmitPlanRequest(**key, revision=saved.revision)
        sent = office.submit_plan(code)
        if method == "ReturnPlan":
            return pb.ReturnPlanRequest(**key, revision=sent.revision, reason="缺页")
        return self.sign(method, pb.ConfirmPlanRequest(**key, revision=sent.revision, digest=sent.digest))

    def _batch(self, method: str, office: Any, code: str) -> Any:
        id = office.batch_id(2)
        plan = wire.plan_to_wire(replace(office.batch_plan, number=2))
        if method == "SaveBatch":
            return pb.SaveBatchRequest(batch_id=id, credit_code=code, plan=plan)
        saved = office.save_batch(code, 2)
        if method == "SubmitBatch":
            return pb.SubmitBatchRequest(batch_id=id, revision=saved.revision)
        sent = office.submit_batch(code, 2)
        if method == "ReturnBatch":
            return pb.ReturnBatchRequest(batch_id=id, revision=sent.revision, reason="缺页")
        pack = bytes.fromhex(pack_named("jilin").digest)
        request = pb.ConfirmBatchRequest(
            batch_id=id, revision=sent.revision, digest=sent.digest, pack_digest=pack
        )
        return self.sign(method, request)

    def _later(self, method: str, id: str) -> Any:
        if method == "AllowLateUpload":
            return pb.AllowLateUploadRequest(batch_id=id, revision=3, reason="系统故障")
        self.candidates.approve()
        seen = self.call(self.office.head(self.candidates.code), "GetBatch", pb.GetBatchRequest(batch_id=id))
        upload = pb.UploadBatchRequest(
            batch_id=id,
            revision=seen.batch.revision,
            documents=seen.batch.plan.documents,
            applications_digest=seen.applications_digest,
        )
        self.sign("UploadBatch", upload)
        if method == "UploadBatch":
            return upload
        uploaded = self.call(self.person("institution_head", "han"), "UploadBatch", upload).batch
        draw = pb.DrawSampleRequest(batch_id=id, sample_id=SAMPLE, size=1)
        if method == "DrawSample":
            return draw
        self.call(self.person("appraisal_centre_officer", "shen"), "DrawSample", draw)
        return pb.ClearBatchRequest(batch_id=id, revision=uploaded.revision)


@pytest.fixture
def desk(counter: Any, candidates: Any, lines: Any, batch_plan: Any) -> Desk:
    candidates.office.lines, candidates.office.batch_plan = lines, batch_plan
    return Desk(counter, candidates)


def the_right(desk: Desk, method: str) -> Caller:
    """Who may, and has had no part in it that keeps him away."""
    names = {"exam_affairs_officer": "zhao", "institution_head": "han"}
    role = ROLE_OF[method]
    return desk.person(role, names.get(role, "right"))


def test_this_table_has_every_act_of_the_contract() -> None:
    methods = {
        method.name
        for service in ("PlanService", "BatchService")
        for method in pb.DESCRIPTOR.services_by_name[service].methods
    }
    assert methods == {*ROLE_OF, *READS, "ListBatches"}


@pytest.mark.requirement("IAM-002")
@pytest.mark.requirement("IAM-011")
@pytest.mark.requirement("IAM-012")
@pytest.mark.parametrize("method", sorted(ROLE_OF))
def test_only_the_right_person_takes_each_act(method: str, desk: Desk) -> None:
    request = desk.request(method)
    right = ROLE_OF[method]
    for role in (*ROLES, "auditor", "filing_officer"):
        if role != right:
            desk.refused_on_record(desk.person(role, f"a-{role}"), "IAM-002", method, request)
    if right in OURS:
        neighbour = desk.person(right, "zheng", code=desk.office.code(2))
        desk.refused_on_record(neighbour, "IAM-012", method, request)
    else:
        for region in ("37", "2202", "220104"):
            desk.refused_on_record(desk.person(right, "wang", region=region), "IAM-011", method, request)
    robot = Caller("service", "exam", (Grant("odd", desk.person(right, "x").grants[0].scopes, "", "00"),))
    assert refused(lambda: desk.call(robot, method, request)).rule == "IAM-001"
    for name, rule in APART.get(method, {}).items():
        problem = desk.refused_on_record(desk.person(right, name), rule, method, request)
        assert problem.kind is Kind.FORBIDDEN
    before = records(desk.office)
    desk.call(the_right(desk, method), method, request)
    assert records(desk.office) != before


@pytest.mark.parametrize("method", sorted(SERVICE))
def test_acts_of_weight_need_the_persons_own_signature_over_exactly_this(method: str, desk: Desk) -> None:
    good = desk.request(method)
    right = the_right(desk, method)
    unsigned, other_revision, other_key_id, other_act = (type(good)() for _ in range(4))
    for copy in (unsigned, other_revision, other_key_id, other_act):
        copy.CopyFrom(good)
    unsigned.ClearField("signature")
    other_revision.revision += 1
    other_key_id.signature.key_id = "another-key"
    elsewhere = next(name for name in SERVICE if name != method)
    other_act.signature.CopyFrom(sign_act(desk.counter.person_key, "person-key", SERVICE[elsewhere], good))
    foreign = type(good)()
    foreign.CopyFrom(good)
    desk.sign(method, foreign, Ed25519PrivateKey.generate())
    for request in (unsigned, other_revision, other_key_id, other_act, foreign):
        desk.refused_on_record(right, "act-signature", method, request)
    keyless = replace(right, key_id="", key=b"")
    desk.refused_on_record(keyless, "act-signature", method, good)
    desk.call(right, method, good)


@pytest.mark.parametrize(
    ("method", "field", "rule"),
    [
        ("ConfirmPlan", "digest", "REG-038"),
        ("ConfirmBatch", "digest", "REG-052"),
        ("ConfirmBatch", "pack_digest", "REG-035"),
        ("UploadBatch", "applications_digest", "REG-066"),
    ],
)
def test_a_signature_for_something_else_changes_nothing(
    method: str, field: str, rule: str, desk: Desk
) -> None:
    request = desk.request(method)
    right = desk.person(ROLE_OF[method], "han" if method == "UploadBatch" else "right")
    before = records(desk.office)
    for other in (b"x" * 32, b"", getattr(request, field)[:31]):
        signed = type(request)()
        signed.CopyFrom(request)
        setattr(signed, field, other)
        desk.sign(method, signed)
        problem = refused(lambda signed=signed: desk.call(right, method, signed))
        assert (problem.kind, problem.field, problem.code) == (Kind.INVALID, field, "other-content")
        assert problem.rule == rule
    assert records(desk.office) == before


@pytest.mark.parametrize("method", sorted(ROLE_OF))
def test_asked_again_over_the_wire_every_act_answers_the_same(method: str, desk: Desk) -> None:
    request, right = desk.request(method), the_right(desk, method)
    answer = desk.call(right, method, request)
    before = records(desk.office)
    assert desk.call(right, method, request) == answer
    assert records(desk.office) == before


@pytest.mark.requirement("IAM-012")
def test_readers_see_what_their_grants_reach(desk: Desk) -> None:
    office, code, id = desk.office, desk.candidates.code, desk.candidates.batch.id
    office.confirm_plan(office.submit_plan(code))
    requests = {
        "GetPlan": pb.GetPlanRequest(credit_code=code, year=2026),
        "GetBatch": pb.GetBatchRequest(batch_id=id),
        "GetPack": pb.GetPackRequest(batch_id=id),
    }
    for method, request in requests.items():
        for role in (*ROLES, "auditor", "filing_officer"):
            assert desk.call(desk.person(role, "reader"), method, request)
        for caller, rule in (
            (desk.person("institution_head", "zheng", code=office.code(2)), "IAM-01"),
            (desk.person("plan_officer", "wang", region="37"), "IAM-01"),
            (desk.office.holder("feng", "examiner", region="22"), "IAM-002"),
        ):
            problem = refused(lambda c=caller, m=method, r=request: desk.call(c, m, r))
            assert problem.kind is Kind.FORBIDDEN
            assert problem.rule.startswith(rule)
    everyone = pb.ListBatchesRequest()
    listed = desk.call(desk.person("auditor", "reader"), "ListBatches", everyone).batches
    assert [each.batch_id for each in listed] == [id]
    elsewhere = desk.person("auditor", "reader", region="37")
    assert list(desk.call(elsewhere, "ListBatches", everyone).batches) == []


def test_the_signed_acts_can_be_made_again_from_their_facts_and_verified(desk: Desk) -> None:
    """What jiangheng-evidence does: from the fact alone to the request that was signed."""
    key = desk.counter.person_key.public_key().public_bytes_raw()
    made = (
        ("ConfirmPlan", "plan.confirmed.v1", events.PlanConfirmed, pb.ConfirmPlanRequest),
        ("ConfirmBatch", "batch.confirmed.v1", events.BatchConfirmed, pb.ConfirmBatchRequest),
        ("UploadBatch", "batch.uploaded.v1", events.BatchUploaded, pb.UploadBatchRequest),
    )
    for method, kind, message, request_type in made:
        request = desk.request(method)
        desk.call(the_right(desk, method), method, request)
        fact = [each for each in desk.office.facts() if each["type"] == kind][-1]
        told = ParseDict(fact["data"], message())
        again = request_type(
            **{field.name: getattr(told, field.name) for field in request_type.DESCRIPTOR.fields}
        )
        assert again == request
        assert verify_act(key, SERVICE[method], again)
        again.revision += 1
        assert not verify_act(key, SERVICE[method], again)


def test_digests_can_be_made_again_from_what_anyone_receives(desk: Desk) -> None:
    office, code, id = desk.office, desk.candidates.code, desk.candidates.batch.id
    office.save_plan(code)
    reader = desk.person("auditor", "reader")
    plan = desk.call(reader, "GetPlan", pb.GetPlanRequest(credit_code=code, year=2026)).plan
    content = pb.Plan(credit_code=plan.credit_code, year=plan.year, lines=plan.lines)
    assert plan.digest == digest(message_json(content))
    batch = desk.call(reader, "GetBatch", pb.GetBatchRequest(batch_id=id)).batch
    content = pb.Batch(batch_id=batch.batch_id, credit_code=batch.credit_code, plan=batch.plan)
    assert batch.digest == digest(message_json(content))
    pinned = desk.call(reader, "GetPack", pb.GetPackRequest(batch_id=id))
    assert digest(pinned.document) == pinned.pack.digest == batch.pack.digest
    assert Pack.from_document(json.loads(pinned.document)).digest == batch.pack.digest.hex()
    approved = desk.candidates.approve()
    seen = desk.call(reader, "GetBatch", pb.GetBatchRequest(batch_id=id))
    assert seen.applications_digest == digest(canonical_json([[approved.id, approved.revision]]))


def test_a_plan_comes_back_from_the_wire_as_it_went(desk: Desk, batch_plan: Any) -> None:
    full = replace(batch_plan, sittings=(replace(batch_plan.sittings[0], turn_minutes=45),))
    assert wire.plan_from_wire(wire.plan_to_wire(full)) == full
    # Nothing of the contract is forgotten on the way.
    for message, there in (
        (pb.BatchPlan, wire.plan_to_wire(full)),
        (pb.Sitting, wire.plan_to_wire(full).sittings[0]),
        (pb.BatchScope, wire.plan_to_wire(full).scopes[0]),
        (pb.BatchDocument, wire.plan_to_wire(full).documents[0]),
    ):
        assert {field.name for field, _ in there.ListFields()} == {
            field.name for field in message.DESCRIPTOR.fields
        }
    assert {wire.STATES[state] for state in State} == set(pb.BatchState.values()) - {0}
    assert {plan_wire.STATES[state] for state in PlanState} == set(pb.PlanState.values()) - {0}
    strange = wire.plan_to_wire(full)
    strange.sittings[0].part = 99  # type: ignore[assignment]
    strange.sittings[0].starts_at.seconds = 2**62
    sitting = wire.plan_from_wire(strange).sittings[0]
    assert (sitting.part, sitting.starts_at) == (None, None)


@pytest.mark.parametrize(
    "odd", ["", "x", "a\x00b", "a" * 5000, "机构", "00000000-0000-4000-8000-00000000000A"]
)
def test_what_is_no_id_is_refused_not_an_incident(odd: str, desk: Desk) -> None:
    requests = (
        ("GetBatch", pb.GetBatchRequest(batch_id=odd), "auditor"),
        ("GetPack", pb.GetPackRequest(batch_id=odd), "auditor"),
        ("SubmitBatch", pb.SubmitBatchRequest(batch_id=odd, revision=1), "exam_affairs_officer"),
        ("ReturnBatch", pb.ReturnBatchRequest(batch_id=odd, revision=1, reason="x"), "plan_officer"),
        ("DrawSample", pb.DrawSampleRequest(batch_id=odd, sample_id=odd, size=1), "appraisal_centre_officer"),
        (
            "SaveBatch",
            pb.SaveBatchRequest(batch_id=odd, credit_code=desk.candidates.code),
            "exam_affairs_officer",
        ),
        ("SaveBatch", pb.SaveBatchRequest(batch_id=SAMPLE, credit_code=odd), "exam_affairs_officer"),
        ("SavePlan", pb.SavePlanRequest(credit_code=odd, year=2026), "exam_affairs_officer"),
        ("GetPlan", pb.GetPlanRequest(credit_code=odd, year=2026), "auditor"),
        ("GetPlan", pb.GetPlanRequest(credit_code=desk.candidates.code, year=2**32 - 1), "auditor"),
    )
    before = records(desk.office)
    for method, request, role in requests:
        problem = refused(lambda m=method, r=request, role=role: desk.call(desk.person(role, "x"), m, r))
        assert problem.kind in (Kind.INVALID, Kind.NOT_FOUND, Kind.FORBIDDEN), (method, str(problem))
    assert records(desk.office) == before


def test_numbers_of_any_size_are_refused_not_an_incident(desk: Desk) -> None:
    code, id, most = desk.candidates.code, desk.office.batch_id(2), 2**32 - 1
    line = pb.PlanLine(occupation_code="6-31-01-03", level=most, candidates=most)
    planner, officer = desk.person("exam_affairs_officer", "zhao"), desk.person("plan_officer", "right")
    for field in ("year", "number"):
        plan = pb.BatchPlan(**{field: most})
        request = pb.SaveBatchRequest(batch_id=id, credit_code=code, plan=plan)
        problem = refused(lambda r=request: desk.call(planner, "SaveBatch", r))
        assert (problem.kind, problem.field) == (Kind.INVALID, f"plan.{field}")
    request = pb.SavePlanRequest(credit_code=code, year=2026, lines=[line])
    assert desk.call(planner, "SavePlan", request).plan.lines == [line]
    submit = pb.SubmitPlanRequest(credit_code=code, year=2026, revision=1)
    assert refused(lambda: desk.call(planner, "SubmitPlan", submit)).kind is Kind.INVALID
    stale = pb.ReturnBatchRequest(batch_id=desk.candidates.batch.id, revision=2**64 - 1, reason="x")
    assert refused(lambda: desk.call(officer, "ReturnBatch", stale)).kind is Kind.WRONG_STATE
    for asked in (pb.ListBatchesRequest(page_size=201), pb.ListBatchesRequest(page_token="x")):
        assert refused(lambda r=asked: desk.call(officer, "ListBatches", r)).kind is Kind.INVALID
    strange = pb.ListBatchesRequest(state=99)  # type: ignore[arg-type]
    assert refused(lambda: desk.call(officer, "ListBatches", strange)).field == "state"


def test_every_signature_is_stored_as_it_was_given(desk: Desk) -> None:
    for method, table, column in (
        ("ConfirmPlan", tables.plan, "confirmed"),
        ("ConfirmBatch", tables.batch, "confirmed"),
        ("UploadBatch", tables.batch, "uploaded"),
    ):
        request = desk.request(method)
        desk.call(the_right(desk, method), method, request)
        kept = [
            ActSignature(key_id=row[f"{column}_key_id"], signature=row[f"{column}_signature"])
            for row in desk.office.rows(table)
            if row[f"{column}_at"]
        ]
        assert request.signature in kept
