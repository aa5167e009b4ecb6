"""The journey of docs/journeys/filing.md: its numbers are the numbers of STEPS."""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.message import Message
from jiangheng.api.identity.v1 import identity_pb2 as identity
from jiangheng.api.registration.v1 import registration_pb2 as registration
from jiangheng.api.supervision.v1 import ledger_pb2 as ledger
from jiangheng.chassis import acts
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.local import story
from jiangheng.local.driver import PAUSE, Actor, DoesNotHold, Driver

LEDGER_PATIENCE = 60.0  # seconds until what was acknowledged must be on the ledger
COMPLETE_FILING = "/jiangheng.api.registration.v1.InstitutionService/CompleteFiling"


class Journey:
    """Walks the steps in order; holds what later steps need of earlier ones."""

    def __init__(self, driver: Driver, folder: Path, bootstrap_code: Callable[[], str]) -> None:
        self.driver = driver
        self.folder = folder
        self.bootstrap_code = bootstrap_code
        self.actors: dict[str, Actor] = {}
        self.results: dict[str, str | int] = {}
        self._old_token = ""

    # 1
    def first_administrator(self) -> str:
        who = story.ADMINISTRATOR
        password = new_password()
        request = identity.BootstrapRequest(
            code=self.bootstrap_code(),
            login=who.login,
            password=password,
            name=who.name,
            document_type=identity.DOCUMENT_TYPE_RESIDENT_ID,
            document_number=who.document_number,
        )
        person_id = self._bootstrap(request)
        self.actors[who.login] = Actor(who.login, person_id, password)
        self.driver.record.facts.append(("person.registered.v1", person_id))
        request.login = "another.admin"
        self.driver.refused(
            "bootstrap-done", lambda: self.driver.open_call(self.driver.administration.Bootstrap, request)
        )
        return f"{who.name} {who.login}; the code works once"

    def _bootstrap(self, request: identity.BootstrapRequest) -> str:
        try:
            return str(self.driver.open_call(self.driver.administration.Bootstrap, request).person_id)
        except Problem as problem:
            if problem.code != "bootstrap-done":
                raise
        # The first answer was lost with its process: the administrator exists and can log in.
        token = self.driver.token(Actor(request.login, "", request.password), "identity")
        return str(jwt.decode(token, options={"verify_signature": False})["sub"])

    # 2
    def persons(self) -> str:
        for character in story.CHARACTERS:
            self._register(character)
        again = story.WU
        problem = self.driver.refused("IAM-001", lambda: self._register_call(again))
        if problem.kind is not Kind.EXISTS:
            raise DoesNotHold(f"a second registration of the same document was answered with {problem}")
        return f"{len(story.CHARACTERS)} persons, each document once"

    def _register(self, character: story.Character) -> None:
        try:
            answer = self._register_call(character)
            person_id, code = answer.person_id, answer.activation_code
        except Problem as problem:
            if problem.kind is not Kind.EXISTS:
                raise
            # The first answer was lost with its process: the person is there, the code is not.
            person_id = problem.details["person_id"]
            code = self._reset(person_id)
        self.driver.record.facts.append(("person.registered.v1", person_id))
        password = new_password()
        self.actors[character.login] = Actor(character.login, person_id, password)
        self._activate(character.login, person_id, code, password)

    def _register_call(self, character: story.Character) -> identity.RegisterPersonResponse:
        request = identity.RegisterPersonRequest(
            login=character.login,
            name=character.name,
            document_type=identity.DOCUMENT_TYPE_RESIDENT_ID,
            document_number=character.document_number,
        )
        return self._administer(self.driver.administration.RegisterPerson, request)

    def _reset(self, person_id: str) -> str:
        request = identity.ResetCredentialRequest(person_id=person_id)
        return self._administer(self.driver.administration.ResetCredential, request).activation_code

    def _activate(self, login: str, person_id: str, code: str, password: str) -> None:
        request = identity.ActivateCredentialRequest(login=login, code=code, password=password)
        try:
            self.driver.open_call(self.driver.account.ActivateCredential, request)
        except Problem:
            # Used by a first call whose answer was lost: then the password is set.
            self.driver.token(self.actors[login], "identity")

    def _administer(self, method: Callable[..., Any], request: Message) -> Any:
        return self.driver.call(self.actors[story.ADMINISTRATOR.login], "identity", method, request)

    # 3
    def roles(self) -> str:
        given = 0
        for character in story.CHARACTERS:
            for role in character.roles:
                grant = self._grant(character, role)
                self.driver.record.facts.append(("grant.given.v1", grant.grant_id))
                given += 1
        admin = self.actors[story.ADMINISTRATOR.login]
        own = identity.GrantRoleRequest(person_id=admin.person_id, role="auditor", region=story.COUNTRY)
        examiner = story.Role("examiner", region=story.PROVINCE)
        self.driver.refused("X09", lambda: self._grant(story.QIAN, examiner), caller=self._name(admin))
        self.driver.refused(
            "IAM-001",
            lambda: self._administer(self.driver.administration.GrantRole, own),
            caller=self._name(admin),
        )
        return f"{given} roles; an officer of the authority as examiner (X09) and a grant to oneself were refused"

    def _grant(self, character: story.Character, role: story.Role) -> identity.Grant:
        request = identity.GrantRoleRequest(
            person_id=self.actors[character.login].person_id,
            role=role.name,
            institution=role.institution,
            region=role.region,
        )
        return self._administer(self.driver.administration.GrantRole, request).grant

    # 4
    def signing_key(self) -> str:
        officer = self.actors[story.QIAN.login]
        self._propose(officer)
        approver = self.actors[story.SUN.login]
        self._propose(approver)
        self.driver.refused(
            "IAM-007", lambda: self._approve(story.SUN, approver.key_id), caller=self._name(approver)
        )
        self._approve_once(story.SUN, officer.key_id)
        self.driver.refused("IAM-007", lambda: self._approve(story.SUN, officer.key_id), caller=self._name(approver))
        self._approve_once(story.LI, officer.key_id)
        self._await_active(officer)
        self.driver.record.facts.append(("key.activated.v1", officer.key_id))
        return f"key {officer.key_id} of {story.QIAN.name}: two approvals, cooled off, active"

    def _propose(self, actor: Actor) -> None:
        public = actor.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        proof = actor.key.sign(b"jiangheng-key-v1\0" + actor.person_id.encode() + b"\0" + public)
        request = identity.ProposeKeyRequest(public_key=public, proof=proof)
        key = self.driver.call(actor, "identity", self.driver.account.ProposeKey, request).key
        actor.key_id = key.key_id
        self.driver.record.facts.append(("key.proposed.v1", key.key_id))

    def _approve(self, character: story.Character, key_id: str) -> object:
        request = identity.ApproveKeyRequest(key_id=key_id)
        approver = self.actors[character.login]
        return self.driver.call(approver, "identity", self.driver.administration.ApproveKey, request)

    def _approve_once(self, character: story.Character, key_id: str) -> None:
        try:
            self._approve(character, key_id)
        except Problem as problem:
            # Said again after a lost answer, the approval already stands.
            if problem.code != "already-approved":
                raise
        self.driver.record.facts.append(("key.approved.v1", key_id))

    def _await_active(self, actor: Actor) -> None:
        request = identity.ListOwnKeysRequest()
        until = time.monotonic() + LEDGER_PATIENCE
        while time.monotonic() < until:
            keys = self.driver.call(actor, "identity", self.driver.account.ListOwnKeys, request).keys
            if any(key.state == identity.KEY_STATE_ACTIVE for key in keys):
                return self.driver.forget_tokens(actor)
            time.sleep(PAUSE)
        raise DoesNotHold("the approved key did not become active")

    # 5
    def submission(self) -> str:
        applicant = self.actors[story.WU.login]
        self._old_token = self.driver.token(self.actors[story.QIAN.login], "registration")
        short = dossier()
        del short.papers[-1]
        saved = self._save(applicant, short)
        problem = self.driver.refused("REG-006", lambda: self._submit(applicant, saved.revision))
        saved = self._save(applicant, dossier())
        self._submit(applicant, saved.revision)
        return f"first refused ({problem.field}: {problem.en}), then submitted"

    def _save(self, actor: Actor, content: registration.Dossier) -> registration.Institution:
        request = registration.SaveDraftRequest(credit_code=story.APPLICANT, dossier=content)
        return self._register_for(actor, self.driver.institutions.SaveDraft, request)

    def _submit(self, actor: Actor, revision: int) -> registration.Institution:
        request = registration.SubmitFilingRequest(credit_code=story.APPLICANT, revision=revision)
        return self._register_for(actor, self.driver.institutions.SubmitFiling, request)

    def _register_for(self, actor: Actor, method: Callable[..., Any], request: Message) -> registration.Institution:
        answer: registration.Institution = self.driver.call(actor, "registration", method, request).institution
        return answer

    def _stands(self) -> registration.Institution:
        request = registration.GetInstitutionRequest(credit_code=story.APPLICANT)
        return self._register_for(self.actors[story.QIAN.login], self.driver.institutions.GetInstitution, request)

    # 6
    def returned_and_mended(self) -> str:
        officer, applicant = self.actors[story.QIAN.login], self.actors[story.WU.login]
        reason = "考务规程缺页，请补齐"
        request = registration.ReturnFilingRequest(
            credit_code=story.APPLICANT, revision=self._stands().revision, reason=reason
        )
        self._register_for(officer, self.driver.institutions.ReturnFiling, request)
        self.driver.record.facts.append(("institution.returned.v1", story.APPLICANT))
        mended = dossier()
        mended.papers[2].digest = hashlib.sha256("考务规程，补齐".encode()).digest()
        saved = self._save(applicant, mended)
        self._submit(applicant, saved.revision)
        self.driver.record.facts += [("institution.submitted.v1", story.APPLICANT)] * 2
        return f"returned ({reason}), mended, submitted again"

    # 7
    def walls(self) -> str:
        officer = self.actors[story.QIAN.login]
        accept = registration.AcceptFilingRequest(credit_code=story.APPLICANT, revision=self._stands().revision)
        before = self._stands()
        tries = (
            ("IAM-002", story.ZHOU, "", "an auditor accepts"),
            ("IAM-012", story.ZHENG, "", "another institution submits"),
            ("IAM-011", story.WANG, "", "an officer of another province accepts"),
            ("token-expired", story.QIAN, self._old_token_expired(), "with yesterday's token"),
            ("wrong-audience", story.QIAN, self.driver.token(officer, "identity"), "with a token for identity"),
        )
        for rule, character, token, _ in tries:
            self._refused_try(rule, character, token, accept)
        if self._stands() != before:
            raise DoesNotHold("a refused act changed the institution")
        return "; ".join(f"{what}: {rule}" for rule, _, _, what in tries)

    def _refused_try(
        self, rule: str, character: story.Character, token: str, accept: registration.AcceptFilingRequest
    ) -> None:
        actor = self.actors[character.login]
        token = token or self.driver.token(actor, "registration")
        method: Callable[..., Any] = self.driver.institutions.AcceptFiling
        request: Message = accept
        if character is story.ZHENG:
            method = self.driver.institutions.SubmitFiling
            request = registration.SubmitFilingRequest(credit_code=story.APPLICANT, revision=accept.revision)
        self.driver.refused(
            rule, lambda: self.driver.raw_call(method, request, token), caller=self._name(actor)
        )

    def _old_token_expired(self) -> str:
        """The token taken at step 5, once its time is over (the demo's tokens live for seconds)."""
        expires = float(jwt.decode(self._old_token, options={"verify_signature": False})["exp"])
        time.sleep(max(0.0, expires - time.time() + 1.0))
        return self._old_token

    # 8
    def acceptance(self) -> str:
        officer = self.actors[story.QIAN.login]
        request = registration.AcceptFilingRequest(credit_code=story.APPLICANT, revision=self._stands().revision)
        stands = self._register_for(officer, self.driver.institutions.AcceptFiling, request)
        self.driver.record.facts.append(("institution.accepted.v1", story.APPLICANT))
        self.results["filing_due"] = stands.filing_due
        return f"accepted; to be completed by {stands.filing_due}"

    # 9
    def filing(self) -> str:
        officer = self.actors[story.QIAN.login]
        stands = self._stands()
        request = registration.CompleteFilingRequest(
            credit_code=story.APPLICANT, revision=stands.revision, dossier_digest=stands.dossier_digest
        )
        complete = self.driver.institutions.CompleteFiling
        self.driver.refused(
            "signature-missing", lambda: self._register_for(officer, complete, request), caller=self._name(officer)
        )
        request.signature.CopyFrom(acts.sign_act(officer.key, officer.key_id, COMPLETE_FILING, request))
        filed = self._register_for(officer, complete, request)
        self.driver.record.facts.append(("institution.filed.v1", story.APPLICANT))
        self.results["institution_code"] = filed.institution_code
        self.results["receipt_number"] = filed.receipt_number
        return f"institution code {filed.institution_code}, receipt {filed.receipt_number}"

    # 10
    def completeness(self) -> str:
        until = time.monotonic() + LEDGER_PATIENCE
        while True:
            entries = self._entries()
            missing = missing_from(entries, self.driver)
            if not missing:
                break
            if time.monotonic() > until:
                raise DoesNotHold(f"acknowledged, but not on the ledger: {missing}")
            time.sleep(PAUSE)
        once_and_without_gap(entries)
        self.results["ledger_entries"] = len(entries)
        refusals = sum(entry.envelope.type == "refusal.recorded.v1" for entry in entries)
        self.results["refusals_on_record"] = refusals
        return f"{len(entries)} entries, {refusals} of them refusals; each fact once, no feed with a gap"

    def _entries(self) -> list[ledger.Entry]:
        auditor = self.actors[story.ZHOU.login]
        found: list[ledger.Entry] = []
        page = ""
        while True:
            request = ledger.ListEntriesRequest(page_token=page, page_size=500)
            answer = self.driver.call(auditor, "supervision", self.driver.ledger.ListEntries, request)
            found += answer.entries
            page = answer.next_page_token
            if not page:
                return found

    # 11
    def verification(self) -> str:
        filed = [e for e in self._entries() if e.envelope.type == "institution.filed.v1"]
        event_id = filed[0].envelope.id
        evidence = self.folder / "filing.evidence.json"
        self._evidence("save", event_id, "--into", str(evidence))
        said = self._evidence("verify", event_id, "--key", str(self.driver.endpoints.ledger_key))
        self.results["evidence_file"] = str(evidence)
        return said.strip().replace("\n", "\n      ")

    def _evidence(self, *arguments: str, offline: bool = False, fails: bool = False) -> str:
        command = [str(Path(sys.executable).parent / "jiangheng-evidence"), *arguments]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        if not offline:
            command += ["--target", self.driver.endpoints.supervision]
            environment["JIANGHENG_TOKEN"] = self.driver.token(self.actors[story.ZHOU.login], "supervision")
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        if (done.returncode == 1) != fails or done.returncode > 1:
            raise DoesNotHold(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    # 12
    def outsider(self) -> str:
        evidence = Path(str(self.results["evidence_file"]))
        key = str(self.driver.endpoints.ledger_key)
        self._evidence("verify", "--file", str(evidence), "--key", key, offline=True)
        forged = self.folder / "forged.evidence.json"
        code = str(self.results["institution_code"])
        forged.write_text(evidence.read_text().replace(code, code[:-1] + ("1" if code[-1] != "1" else "2")))
        self._evidence("verify", "--file", str(forged), "--key", key, offline=True, fails=True)
        return "the saved evidence holds offline; a copy with one changed digit does not"

    def _name(self, actor: Actor) -> str:
        return f"person:{actor.person_id}"


@dataclass(frozen=True)
class Step:
    """One numbered step: what it is called and what it does."""

    number: int
    zh: str
    en: str
    act: Callable[[Journey], str]


STEPS = (
    Step(1, "第一位管理员", "the first administrator", Journey.first_administrator),
    Step(2, "人员登记", "persons", Journey.persons),
    Step(3, "授权", "roles", Journey.roles),
    Step(4, "签名密钥", "a signing key under four eyes", Journey.signing_key),
    Step(5, "提交备案", "submission", Journey.submission),
    Step(6, "退回与补正", "returned and mended", Journey.returned_and_mended),
    Step(7, "越权被拒", "those who may not", Journey.walls),
    Step(8, "受理", "acceptance", Journey.acceptance),
    Step(9, "备案", "filing", Journey.filing),
    Step(10, "账本完整", "the ledger is complete", Journey.completeness),
    Step(11, "核验", "verification", Journey.verification),
    Step(12, "外人核验", "an outsider", Journey.outsider),
)


def dossier() -> registration.Dossier:
    """A complete dossier: the five parts of 002 6 for one occupation and level."""
    parts = (
        (registration.PAPER_KIND_APPLICATION_FORM, "备案申请表", ""),
        (registration.PAPER_KIND_ASSESSMENT_PLAN, "电工四级考核方案与试题来源", "6-31-01-03"),
        (registration.PAPER_KIND_WORK_RULES, "工作流程、考务规程及质量管理制度", ""),
        (registration.PAPER_KIND_STAFF_RULES, "考务、考评、督导人员及专家管理办法", ""),
        (registration.PAPER_KIND_CERTIFICATE_RULES, "证书核发与管理制度", ""),
    )
    return registration.Dossier(
        name="长春匠衡技能评价中心（演示）",
        kind=registration.INSTITUTION_KIND_SOCIAL_ORGANISATION,
        address="吉林省长春市南关区演示路1号",
        legal_representative="何静",
        contact_name="吴晓",
        contact_phone="13900000001",
        division="220102",
        scopes=[registration.Scope(occupation_code="6-31-01-03", occupation_name="电工", level=4)],
        papers=[
            registration.Paper(
                kind=kind, title=title, digest=hashlib.sha256(title.encode()).digest(), occupation_code=code
            )
            for kind, title, code in parts
        ],
        truth_promised=True,
        signed_by_legal_representative=True,
    )


def missing_from(entries: list[ledger.Entry], driver: Driver) -> list[tuple[str, str]]:
    """What was acknowledged to the driver and is not (yet) among the entries."""
    facts = [(entry.envelope.type, entry.envelope.subject) for entry in entries]
    refused = [refusal_of(entry) for entry in entries if entry.envelope.type == "refusal.recorded.v1"]
    missing = remainder(driver.record.facts, facts)
    return missing + remainder(driver.record.refusals, refused)


def remainder(wanted: list[tuple[str, str]], found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The wanted that are not found, each counted as often as it is wanted."""
    left = list(found)
    missing = []
    for item in wanted:
        if item in left:
            left.remove(item)
        else:
            missing.append(item)
    return missing


def refusal_of(entry: ledger.Entry) -> tuple[str, str]:
    data = json.loads(entry.envelope.data)
    return data["caller"], data["rule"]


def once_and_without_gap(entries: list[ledger.Entry]) -> None:
    """Every event once, every subject's versions and every feed's positions from 1 without a gap."""
    envelopes = [entry.envelope for entry in entries]
    if len({envelope.id for envelope in envelopes}) != len(envelopes):
        raise DoesNotHold("an event is on the ledger twice")
    counted: dict[tuple[str, ...], list[int]] = {}
    for envelope in envelopes:
        counted.setdefault((envelope.source, envelope.stream), []).append(envelope.position)
        noun = envelope.type.split(".")[0]
        counted.setdefault((envelope.source, noun, envelope.subject), []).append(envelope.version)
    for name, numbers in counted.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            raise DoesNotHold(f"{name} has a gap or a repetition: {sorted(numbers)}")


def new_password() -> str:
    return secrets.token_urlsafe(18)
