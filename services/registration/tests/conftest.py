"""A registration on each database, a whole dossier, and the people who handle it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from stdnum.cn import uscc

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.api.registration.v1.registration_pb2_grpc import InstitutionServiceStub
from jiangheng.chassis.acts import sign_act
from jiangheng.chassis.auth import Caller, Grant, TokenVerifier, sign_token
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.db import Database, migrate
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.keyset import JwksFetcher, jwks
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.privacy import FieldCipher
from jiangheng.chassis.server import build_server
from jiangheng.chassis.serving import refusals_of
from jiangheng.registration import api, tables
from jiangheng.registration.domain.dossier import Dossier, InstitutionKind, Paper, PaperKind, Scope
from jiangheng.registration.domain.institution import Institution
from jiangheng.registration.operations.accept_filing import accept_filing
from jiangheng.registration.operations.complete_filing import SignedDecision, complete_filing
from jiangheng.registration.operations.return_filing import return_filing
from jiangheng.registration.operations.save_draft import save_draft
from jiangheng.registration.operations.submit_filing import submit_filing
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.rules import duties

MIGRATIONS = "jiangheng.registration.migrations"
COMPLETE = "/jiangheng.api.registration.v1.InstitutionService/CompleteFiling"
# A Friday, 18:00 in Shanghai; the Monday after begins the five working days.
FRIDAY = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
FIELD_KEY = b"k" * 32

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
    yield Office(RegistrationRuntime("registration", db, clock, clock, cipher), clock, database_url)
    db.dispose()


@pytest.fixture
def dossier() -> Dossier:
    """A dossier with nothing wrong."""
    return DOSSIER


@dataclass
class Counter:
    """A running server of registration with the real Guard, and people who call it."""

    office: Office
    stub: InstitutionServiceStub
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
        yield Counter(office, InstitutionServiceStub(connection), target, identity_key)
    server.stop(0)
