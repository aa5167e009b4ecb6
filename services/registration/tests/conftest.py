"""A registration on each database, a whole dossier, and the people who handle it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.api.registration.v1.application_pb2_grpc import ApplicationServiceStub
from jiangheng.api.registration.v1.batch_pb2_grpc import BatchServiceStub, PlanServiceStub
from jiangheng.api.registration.v1.registration_pb2_grpc import InstitutionServiceStub
from jiangheng.api.registration.v1.seating_pb2_grpc import SeatingServiceStub, SiteServiceStub
from jiangheng.chassis.acts import sign_act
from jiangheng.chassis.auth import Caller, Grant, TokenVerifier, sign_token
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.db import Database, migrate
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.keyset import JwksFetcher, jwks
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.privacy import BlindIndex, FieldCipher
from jiangheng.chassis.server import build_server
from jiangheng.chassis.serving import refusals_of
from jiangheng.registration import api, tables
from jiangheng.registration.domain.application import Application, ReviewItem, Verdict
from jiangheng.registration.domain.batch import Batch, BatchPlan, BatchScope, Document, Part, Sitting
from jiangheng.registration.domain.dossier import Dossier, InstitutionKind, Paper, PaperKind, Scope
from jiangheng.registration.domain.form import (
    ApplicationForm,
    Candidate,
    EvidencePaper,
    IdentityPaper,
    WorkPeriod,
)
from jiangheng.registration.domain.institution import Institution
from jiangheng.registration.domain.plan import Plan, PlanLine
from jiangheng.registration.domain.review_faults import Opinion
from jiangheng.registration.domain.site import FunctionalRoom, Inspection, Room, SitePlan, Station
from jiangheng.registration.operations.accept_filing import accept_filing
from jiangheng.registration.operations.complete_filing import SignedDecision, complete_filing
from jiangheng.registration.operations.confirm_batch import SignedBatch, confirm_batch
from jiangheng.registration.operations.confirm_plan import confirm_plan
from jiangheng.registration.operations.decision import Signature
from jiangheng.registration.operations.return_application import return_application
from jiangheng.registration.operations.return_filing import return_filing
from jiangheng.registration.operations.review_application import review_application
from jiangheng.registration.operations.save_application import save_application
from jiangheng.registration.operations.save_batch import save_batch
from jiangheng.registration.operations.save_draft import save_draft
from jiangheng.registration.operations.save_plan import save_plan
from jiangheng.registration.operations.submit_application import submit_application
from jiangheng.registration.operations.submit_batch import submit_batch
from jiangheng.registration.operations.submit_filing import submit_filing
from jiangheng.registration.operations.submit_plan import submit_plan
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.rules import duties, room_words
from jiangheng.rules.pack import pack_named
from jiangheng.rules.terms import SHANGHAI

MIGRATIONS = "jiangheng.registration.migrations"
STUBS: tuple[Callable[[Any], object], ...] = (
    InstitutionServiceStub,
    PlanServiceStub,
    BatchServiceStub,
    ApplicationServiceStub,
    SiteServiceStub,
    SeatingServiceStub,
)
COMPLETE = "/jiangheng.api.registration.v1.InstitutionService/CompleteFiling"
# A Friday, 18:00 in Shanghai; the Monday after begins the five working days.
FRIDAY = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
FIELD_KEY = b"k" * 32
INDEX_KEY = b"i" * 32

DOSSIER = Dossier(
    name="长春示例制造有限公司",
    kind=InstitutionKind.EMPLOYER,
    address="长春市南关区示例路1号",
    legal_representative="何静",
    contact_name="吴晓",
    contact_phone="13900000001",
    division="220102",
    scopes=(Scope("6-31-01-03", "电工", 4), Scope("6-18-01-01-02", "车工", 3)),
    papers=(
        Paper(PaperKind.APPLICATION_FORM, "备案申请表", hashlib.sha256(b"form").digest()),
        Paper(PaperKind.ASSESSMENT_PLAN, "电工考核方案", hashlib.sha256(b"plan").digest(), "6-31-01-03"),
        Paper(PaperKind.ASSESSMENT_PLAN, "车工考核方案", hashlib.sha256(b"plan 2").digest(), "6-18-01-01-02"),
        Paper(PaperKind.WORK_RULES, "考务规程", hashlib.sha256(b"work").digest()),
        Paper(PaperKind.STAFF_RULES, "人员使用管理办法", hashlib.sha256(b"staff").digest()),
        Paper(PaperKind.CERTIFICATE_RULES, "证书核发与管理制度", hashlib.sha256(b"certificates").digest()),
    ),
    truth_promised=True,
    signed_by_legal_representative=True,
)

LINES = (
    PlanLine("6-31-01-03", 4, 60, "2026-04-11", "长春市南关区"),
    PlanLine("6-18-01-01-02", 3, 30, "2026-09-12", "长春市南关区"),
)
SITE_ID = "00000000-0000-4000-8000-00000000501e"
# Two days in April, a month after FRIDAY: lawful in every respect under the pack of Jilin.
BATCH_PLAN = BatchPlan(
    name="2026年第1期职业技能等级认定",
    year=2026,
    number=1,
    pack_id="jilin",
    scopes=(BatchScope("6-31-01-03", 4, (Part.THEORY, Part.SKILL)),),
    registration_opens="2026-03-09",
    registration_closes="2026-03-15",
    review_closes="2026-03-20",
    sittings=(
        Sitting(
            "T1",
            Part.THEORY,
            SITE_ID,
            datetime(2026, 4, 11, 9, 0, tzinfo=SHANGHAI).astimezone(UTC),
            datetime(2026, 4, 11, 10, 30, tzinfo=SHANGHAI).astimezone(UTC),
        ),
        Sitting(
            "S1",
            Part.SKILL,
            SITE_ID,
            datetime(2026, 4, 12, 8, 0, tzinfo=SHANGHAI).astimezone(UTC),
            datetime(2026, 4, 12, 18, 0, tzinfo=SHANGHAI).astimezone(UTC),
        ),
    ),
    documents=(Document("exam_affairs_plan", "考务计划", hashlib.sha256(b"exam affairs").digest()),),
)
SIGNATURE = Signature("key-1", b"s" * 64)


def credit_code(number: int = 1) -> str:
    """A right credit code; every number has its own."""
    body = f"91220101MA0Y{number:05d}"
    return body + uscc.calc_check_digit(body)


def holder(person: str, role: str, *, institution: str = "", region: str = "") -> Caller:
    """A person with one role, its scopes closed over as identity puts them into tokens."""
    grant = Grant(role, duties.scopes_of([role]), institution, region)
    return Caller("person", person, (grant,))


@dataclass
class Office:
    """A registration under test, with the shortest ways to bring a dossier anywhere."""

    runtime: RegistrationRuntime
    clock: FixedClock
    url: str
    dossier: Dossier = DOSSIER

    code = staticmethod(credit_code)
    holder = staticmethod(holder)

    def applicant(self, code: str, person: str = "wu") -> Caller:
        return holder(person, "institution_officer", institution=code)

    def officer(self, region: str = "22", person: str = "qian") -> Caller:
        return holder(person, "filing_officer", region=region)

    def save(self, code: str, person: str = "wu", **changes: Any) -> Institution:
        content = replace(self.dossier, **changes)
        return save_draft(self.runtime, self.applicant(code, person), code, content)

    def submit(self, code: str, person: str = "wu", **changes: Any) -> Institution:
        saved = self.save(code, person, **changes)
        return submit_filing(self.runtime, self.applicant(code, person), code, saved.revision)

    def send_back(self, found: Institution, caller: Caller | None = None) -> Institution:
        by = caller or self.officer()
        return return_filing(self.runtime, by, found.credit_code, found.revision, "缺页")

    def accept(self, found: Institution, caller: Caller | None = None) -> Institution:
        return accept_filing(self.runtime, caller or self.officer(), found.credit_code, found.revision)

    def complete(
        self, found: Institution, caller: Caller | None = None, digest: bytes | None = None
    ) -> Institution:
        signed = SignedDecision(digest or found.dossier_digest, "key-1", b"s" * 64)
        by = caller or self.officer()
        return complete_filing(self.runtime, by, found.credit_code, found.revision, signed)

    def file(self, code: str, **changes: Any) -> Institution:
        return self.complete(self.accept(self.submit(code, **changes)))

    def planner(self, code: str, person: str = "zhao") -> Caller:
        return holder(person, "exam_affairs_officer", institution=code)

    def plan_officer(self, region: str = "22", person: str = "sun") -> Caller:
        return holder(person, "plan_officer", region=region)

    def head(self, code: str, person: str = "han") -> Caller:
        return holder(person, "institution_head", institution=code)

    def centre(self, region: str = "22", person: str = "shen") -> Caller:
        return holder(person, "appraisal_centre_officer", region=region)

    def save_plan(self, code: str, lines: tuple[PlanLine, ...] = LINES, year: int = 2026) -> Plan:
        return save_plan(self.runtime, self.planner(code), code, year, lines)

    def submit_plan(self, code: str, lines: tuple[PlanLine, ...] = LINES, year: int = 2026) -> Plan:
        saved = self.save_plan(code, lines, year)
        return submit_plan(self.runtime, self.planner(code), code, year, saved.revision)

    def confirm_plan(self, found: Plan, caller: Caller | None = None, digest: bytes | None = None) -> Plan:
        by, of = caller or self.plan_officer(), digest or found.digest
        return confirm_plan(self.runtime, by, found.credit_code, found.year, found.revision, of, SIGNATURE)

    @staticmethod
    def batch_id(serial: int = 1) -> str:
        return f"00000000-0000-4000-8000-{serial:012d}"

    def save_batch(self, code: str, serial: int = 1, **changes: Any) -> Batch:
        """The draft of a batch of 2026 whose number and id follow from the serial."""
        plan = replace(BATCH_PLAN, **{"number": serial, **changes})
        return save_batch(self.runtime, self.planner(code), self.batch_id(serial), code, plan)

    def submit_batch(self, code: str, serial: int = 1, **changes: Any) -> Batch:
        saved = self.save_batch(code, serial, **changes)
        return submit_batch(self.runtime, self.planner(code), saved.id, saved.revision)

    def confirm_batch(self, found: Batch, caller: Caller | None = None, **changes: Any) -> Batch:
        digests = {
            "digest": found.digest,
            "pack_digest": bytes.fromhex(pack_named(found.plan.pack_id).digest),
        }
        signed = SignedBatch(signature=SIGNATURE, **{**digests, **changes})
        return confirm_batch(self.runtime, caller or self.plan_officer(), found.id, found.revision, signed)

    def confirmed_batch(self, code: str, serial: int = 1, **changes: Any) -> Batch:
        """A batch that takes applications, of an institution that is filed already."""
        return self.confirm_batch(self.submit_batch(code, serial, **changes))

    def facts(self, subject: str = "") -> list[Any]:
        """The facts stated so far, about one subject or all; `data` is read."""
        outbox = tables.chassis.outbox
        query = sa.select(outbox).order_by(outbox.c.id)
        with self.runtime.db.read() as tx:
            rows = tx.execute(query.where(outbox.c.subject == subject) if subject else query).mappings().all()
        return [{**row, "data": json.loads(row["data"])} for row in rows]

    def rows(self, table: sa.Table) -> list[Any]:
        with self.runtime.db.read() as tx:
            return [dict(row) for row in tx.execute(sa.select(table)).mappings()]


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    migrate(database_url, MIGRATIONS)
    db = Database(database_url, name="registration", pool_size=20)
    clock = FixedClock(FRIDAY)
    cipher = FieldCipher({"k1": FIELD_KEY}, "k1")
    index = BlindIndex(INDEX_KEY)
    yield Office(RegistrationRuntime("registration", db, clock, clock, cipher, index), clock, database_url)
    db.dispose()


@pytest.fixture
def lines() -> tuple[PlanLine, ...]:
    """The lines of a lawful annual plan of 2026."""
    return LINES


@pytest.fixture
def batch_plan() -> BatchPlan:
    """A plan of a batch with nothing wrong."""
    return BATCH_PLAN


@pytest.fixture
def dossier() -> Dossier:
    """A dossier with nothing wrong."""
    return DOSSIER


@dataclass
class Counter:
    """A running server of registration with the real Guard, and people who call it."""

    office: Office
    # The methods of every service of registration, by name: no two services have one in common.
    stub: Any
    target: str
    identity_key: Ed25519PrivateKey
    person_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def signing(self, caller: Caller) -> Caller:
        """The same person with an active signing key."""
        return replace(caller, key_id="person-key", key=self.person_key.public_key().public_bytes_raw())

    def token(self, caller: Caller, audience: str = "registration") -> str:
        at = self.office.clock.now()
        return sign_token(caller, audience, key_id="token-key", private_key=self.identity_key, at=at)

    def call(self, caller: Caller | None, method: str, request: Any, *, token: str | None = None) -> Any:
        by = token if token is not None else self.token(caller) if caller else ""
        return invoke(getattr(self.stub, method), request, token=by, timeout=30)

    def signed(self, found: Institution | pb.Institution, key: Ed25519PrivateKey | None = None) -> Any:
        request = pb.CompleteFilingRequest(
            credit_code=found.credit_code, revision=found.revision, dossier_digest=found.dossier_digest
        )
        request.signature.CopyFrom(sign_act(key or self.person_key, "person-key", COMPLETE, request))
        return request


@pytest.fixture
def counter(office: Office) -> Iterator[Counter]:
    identity_key = Ed25519PrivateKey.generate()
    keys = JwksFetcher(lambda: jwks({"token-key": identity_key.public_key()}), office.clock)
    services = api.mounted(office.runtime)
    guard = Guard(
        methods_of(each.descriptor for each in services),
        TokenVerifier("registration", keys, office.clock),
        api.owners(office.runtime),
        refusals_of(office.runtime),
    )
    server = build_server(bind="127.0.0.1:0", mounted=services, guard=guard, ping=lambda: None)
    server.start()
    target = f"127.0.0.1:{server.port}"
    with channel(target, [each.descriptor for each in services]) as connection:
        methods = {name: call for stub in STUBS for name, call in vars(stub(connection)).items()}
        yield Counter(office, SimpleNamespace(**methods), target, identity_key)
    server.stop(0)


def _looked_at(part: Part) -> tuple[Inspection, ...]:
    """Everything that is asked of a room for this part was looked at and is well."""
    kinds = sorted(room_words.facts(part.value))
    return tuple(Inspection(kind, "2026-03-01", "李检", True) for kind in kinds)


@pytest.fixture
def venue() -> SitePlan:
    """A site with a room for each part, as Jilin's pack wants it."""
    seen = ("cameras", "no_blind_spot")
    stations = tuple(Station(f"S{number}", equipment_ready=True) for number in range(1, 5))
    theory = Room(
        "301", "第一考场", "主楼三层", Part.THEORY, 30, 80, video=seen, kind="class_room", columns=5
    )
    skill = Room("W1", "电工实训室", "实训楼一层", Part.SKILL, video=seen, stations=stations)
    review = Room("401", "评审室", "主楼四层", Part.COMPREHENSIVE, 6, video=seen)
    return SitePlan(
        name="示例实训基地",
        address="长春市南关区示例路1号",
        division="220102",
        rooms=(
            replace(
                theory, layout=("one_person", "one_desk", "one_row"), inspections=_looked_at(Part.THEORY)
            ),
            replace(skill, inspections=_looked_at(Part.SKILL)),
            replace(review, inspections=_looked_at(Part.COMPREHENSIVE)),
        ),
        functional_rooms=(
            FunctionalRoom("exam_office", near=True),
            FunctionalRoom("waiting_room", near=True),
            FunctionalRoom("preparation_room"),
            FunctionalRoom("drawing_point"),
        ),
        inspections=(Inspection("inspection", "2026-03-02", "王验", True),),
    )


def identity_number(serial: int = 1, born: str = "19900307", *, male: bool = True) -> str:
    """A right identity number of nobody: every serial has its own, even with the same birthday."""
    body = f"220102{born}{2 * serial + male:03d}"
    return body + mod_11_2.calc_check_digit(body)


def application_form(serial: int = 1, **changes: Any) -> ApplicationForm:
    """A form with nothing wrong: an electrician of ten years who applies for level 4 by condition 4.1."""
    file = hashlib.sha256(b"paper").digest()
    form = ApplicationForm(
        candidate=Candidate(
            name=f"考生{serial}",
            sex="男",
            born="1990-03-07",
            paper=IdentityPaper.RESIDENT_ID,
            number=identity_number(serial),
            phone="13900000001",
            employer="长春示例制造有限公司",
        ),
        occupation_code="6-31-01-03",
        level=4,
        parts=(Part.THEORY, Part.SKILL),
        condition="4.1",
        intends=True,
        work=(WorkPeriod("6-31-01-03", "2016-01-04", "", "长春示例制造有限公司", "电气设备维修"),),
        papers=(
            EvidencePaper("work_proof", "工作证明", file),
            EvidencePaper("social_insurance", network_check="省社保系统，2026-03-09"),
        ),
        promise_digest=hashlib.sha256(b"promise").digest(),
        promised_on="2026-03-09",
    )
    return replace(form, **changes)


APPROVAL = Opinion(
    Verdict.APPROVE,
    (
        ReviewItem("work_proof", True, "工作证明原件"),
        ReviewItem("social_insurance", True, "省社保系统"),
        ReviewItem("candidate_promise", True, "承诺书原件"),
    ),
)
REFUSAL = Opinion(Verdict.REFUSE, note="社保记录与工作证明不符")
DOUBT = Opinion(Verdict.FURTHER_CHECK, note="工作证明字迹不清")


@dataclass
class Candidates:
    """A confirmed batch of a filed institution on its first day of registration, and who handles it."""

    office: Office
    code: str
    batch: Batch

    form = staticmethod(application_form)
    number = staticmethod(identity_number)
    approval, refusal, doubt, signature = APPROVAL, REFUSAL, DOUBT, SIGNATURE

    def clerk(self, person: str = "chen") -> Caller:
        return holder(person, "registration_clerk", institution=self.code)

    def reviewer(self, person: str = "lu") -> Caller:
        return holder(person, "qualification_reviewer", institution=self.code)

    @staticmethod
    def id(serial: int = 1) -> str:
        return f"00000000-0000-4000-9000-{serial:012d}"

    def save(self, serial: int = 1, caller: Caller | None = None, **changes: Any) -> Application:
        form = application_form(serial, **changes)
        by = caller or self.clerk()
        return save_application(self.office.runtime, by, self.id(serial), self.batch.id, form)

    def submit(self, serial: int = 1, caller: Caller | None = None, **changes: Any) -> Application:
        saved = self.save(serial, caller, **changes)
        return submit_application(self.office.runtime, caller or self.clerk(), saved.id, saved.revision)

    def review(
        self, found: Application, opinion: Opinion = APPROVAL, caller: Caller | None = None
    ) -> Application:
        by = caller or self.reviewer()
        return review_application(self.office.runtime, by, found.id, found.revision, opinion)

    def approve(self, serial: int = 1, **changes: Any) -> Application:
        return self.review(self.submit(serial, **changes))

    def send_back(self, found: Application, caller: Caller | None = None) -> Application:
        by = caller or self.office.centre()
        return return_application(self.office.runtime, by, found.id, found.revision, "社保记录不符")

    def day(self, day: str, hour: int = 10) -> None:
        """Let it be this day, at this hour in Shanghai."""
        at = datetime.fromisoformat(f"{day}T{hour:02d}:00:00").replace(tzinfo=SHANGHAI)
        self.office.clock.advance(at - self.office.clock.now())


@pytest.fixture
def candidates(office: Office) -> Candidates:
    code = office.code()
    office.file(code)
    batch = office.confirmed_batch(code)
    ready = Candidates(office, code, batch)
    ready.day(batch.plan.registration_opens)
    return ready


@pytest.fixture(name="application_form")
def _application_form() -> Callable[..., ApplicationForm]:
    return application_form


@pytest.fixture(name="identity_number")
def _identity_number() -> Callable[..., str]:
    return identity_number


@pytest.fixture
def approval() -> Opinion:
    return APPROVAL


@pytest.fixture
def refusal() -> Opinion:
    return REFUSAL


@pytest.fixture
def doubt() -> Opinion:
    return DOUBT
