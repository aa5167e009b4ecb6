"""Checking evidence without the ledger: all of it, and every way to spoil it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiangheng.api import registry
from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.identity.v1.events_pb2 import KeyActivated
from jiangheng.api.registration.v1.events_pb2 import InstitutionFiled
from jiangheng.api.registration.v1.registration_pb2 import CompleteFilingRequest
from jiangheng.api.supervision.v1.ledger_pb2 import Entry, GetEvidenceResponse
from jiangheng.chassis import checkpoint, merkle
from jiangheng.chassis.acts import sign_act
from jiangheng.chassis.canonical import message_json
from jiangheng.chassis.envelope import envelope_json
from jiangheng.supervision import evidence_file
from jiangheng.supervision.domain.ledger import leaf
from jiangheng.supervision.evidence import Bundle, Kept, LedgerKey, Linked, examine

ORIGIN = "ledger.example/test"
OFFICER = "person:officer"
COMPLETE_FILING = "/jiangheng.api.registration.v1.InstitutionService/CompleteFiling"


@dataclass
class Log:
    """A ledger in memory that signs whatever it is told."""

    origin: str = ORIGIN
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    tree: merkle.MemoryTree = field(default_factory=merkle.MemoryTree)
    entries: list[Entry] = field(default_factory=list)

    def add(self, envelope: Envelope) -> int:
        salt = bytes([len(self.entries)]) * 16
        hashed = leaf(envelope_json(envelope).encode(), salt)
        self.tree.append([hashed])
        self.entries.append(Entry(index=len(self.entries), envelope=envelope, salt=salt, leaf_hash=hashed))
        return len(self.entries) - 1

    def evidence(self, index: int, size: int = 0) -> GetEvidenceResponse:
        size = size or self.tree.size
        answer = GetEvidenceResponse(
            entry=self.entries[index], inclusion_proof=merkle.inclusion_proof(index, size, self.tree.get)
        )
        note = self.note(size)
        found = checkpoint.parse_and_verify(note, self.key.public_key(), self.origin)
        stated = answer.checkpoint
        stated.origin, stated.size, stated.root, stated.note = self.origin, size, found.root, note
        stated.time.FromDatetime(found.time)
        return answer

    def note(self, size: int) -> str:
        at = datetime(2026, 3, 2, 5, 0, size, tzinfo=UTC)
        return checkpoint.sign(self.origin, size, merkle.root(size, self.tree.get), at, self.key)

    def proof(self, first: int, second: int) -> tuple[bytes, ...]:
        return tuple(merkle.consistency_proof(first, second, self.tree.get))

    @property
    def public(self) -> LedgerKey:
        return LedgerKey(self.key.public_key(), self.origin)


def key_fact(facts: Any, key: Ed25519PrivateKey, **more: str) -> Envelope:
    stated = KeyActivated(key_id="key-1", person_id="officer", public_key=key.public_key().public_bytes_raw())
    data = message_json(stated).decode()
    fact: Envelope = facts(
        "key.activated.v1", subject="key-1", region="00", actor="system", data=data, **more
    )
    return fact


def filed_fact(facts: Any, key: Ed25519PrivateKey, **change: Any) -> Envelope:
    event = registry.event_type("institution.filed.v1")
    filed = event.parse(event.example_json())
    assert isinstance(filed, InstitutionFiled)
    request = CompleteFilingRequest(
        credit_code=filed.credit_code, revision=filed.revision, dossier_digest=filed.dossier_digest
    )
    filed.signature.CopyFrom(sign_act(key, "key-1", COMPLETE_FILING, request))
    for name, value in change.items():
        setattr(filed, name, value)
    data = message_json(filed).decode()
    fact: Envelope = facts("institution.filed.v1", subject=filed.credit_code, actor=OFFICER, data=data)
    fact.time.seconds += 60
    return fact


@dataclass
class Case:
    """A log with a signed act on it, and the evidence of that act."""

    log: Log
    bundle: Bundle
    officer: Ed25519PrivateKey


@pytest.fixture
def case(facts: Any) -> Case:
    log, officer = Log(), Ed25519PrivateKey.generate()
    log.add(facts())
    key_index = log.add(key_fact(facts, officer))
    log.add(facts())
    act_index = log.add(filed_fact(facts, officer))
    log.add(facts())
    linked = Linked(log.evidence(key_index, 3), log.proof(3, 5))
    return Case(log, Bundle(log.evidence(act_index), linked), officer)


def steps(bundle: Bundle, key: LedgerKey, kept: Kept | None = None) -> dict[int, bool | None]:
    return {step.number: step.holds for step in examine(bundle, key, kept).steps}


@pytest.mark.requirement("IAM-017")
def test_evidence_of_a_signed_act_holds_step_by_step(case: Case) -> None:
    kept = Kept(case.log.note(2), case.log.proof(2, 5))
    report = examine(case.bundle, case.log.public, kept)
    assert [(step.number, step.holds) for step in report.steps] == [(n, True) for n in range(1, 7)]
    assert report.holds
    own, standing = report.owed
    assert own.en.startswith("That the public key is the ledger's")
    assert f"key-1 was not revoked or replaced before {_act(case).time.ToJsonString()}" in standing.en


def test_an_unsigned_fact_needs_no_key_and_no_signature(case: Case) -> None:
    plain = Bundle(case.log.evidence(0))
    assert steps(plain, case.log.public) == {1: True, 2: True, 3: True}


def test_what_could_not_be_checked_is_said_and_owed(case: Case) -> None:
    alone = Bundle(case.bundle.evidence)
    report = examine(alone, case.log.public, Kept(case.log.note(2), None))
    assert {step.number: step.holds for step in report.steps} == {
        1: True, 2: True, 3: True, 4: None, 5: None, 6: None
    }  # fmt: skip
    assert report.holds
    assert any("own signature" in owed.en for owed in report.owed)
    assert any("one log" in owed.en for owed in report.owed)


def test_another_ledgers_key_does_not_open_the_checkpoint(case: Case) -> None:
    stranger = LedgerKey(Ed25519PrivateKey.generate().public_key(), ORIGIN)
    assert steps(case.bundle, stranger)[1] is False
    assert steps(case.bundle, replace(case.log.public, origin="ledger.example/other"))[1] is False


def test_a_checkpoint_that_shows_other_numbers_than_its_note_does_not_hold(case: Case) -> None:
    for change in ({"size": 6}, {"root": bytes(32)}, {"origin": "ledger.example/other"}):
        evidence = GetEvidenceResponse()
        evidence.CopyFrom(case.bundle.evidence)
        for name, value in change.items():
            setattr(evidence.checkpoint, name, value)
        assert steps(Bundle(evidence), case.log.public)[1] is False


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (lambda e: setattr(e.entry.envelope, "actor", "person:another"), 2),
        (lambda e: setattr(e.entry.envelope, "region", "32"), 2),
        (lambda e: setattr(e.entry.envelope, "data", e.entry.envelope.data.replace("3", "4", 1)), 2),
        (lambda e: setattr(e.entry.envelope.time, "nanos", 1), 2),
        (lambda e: setattr(e.entry, "salt", bytes(16)), 2),
        (lambda e: setattr(e.entry, "salt", bytes(15)), 2),
        (lambda e: setattr(e.entry, "leaf_hash", bytes(32)), 3),
        (lambda e: setattr(e.entry, "index", 1), 3),
        (lambda e: e.inclusion_proof.pop(), 3),
        (lambda e: e.inclusion_proof.append(bytes(32)), 3),
    ],
)
def test_a_changed_fact_does_not_hold(case: Case, change: Callable[[Any], object], failing: int) -> None:
    evidence = GetEvidenceResponse()
    evidence.CopyFrom(case.bundle.evidence)
    change(evidence)
    assert steps(replace(case.bundle, evidence=evidence), case.log.public)[failing] is False


def test_a_log_that_was_rewritten_since_a_kept_checkpoint_does_not_hold(case: Case, facts: Any) -> None:
    other = Log(key=case.log.key)
    for _ in range(5):
        other.add(facts())
    for size in (2, 5):
        proof = case.log.proof(size, 5)
        assert steps(case.bundle, case.log.public, Kept(other.note(size), proof))[4] is False


def test_a_log_that_is_shorter_than_a_kept_checkpoint_does_not_hold(case: Case, facts: Any) -> None:
    case.log.add(facts())
    assert steps(case.bundle, case.log.public, Kept(case.log.note(6), ()))[4] is False


def test_a_kept_checkpoint_that_somebody_else_signed_does_not_hold(case: Case) -> None:
    stranger = Log()
    stranger.tree, stranger.entries = case.log.tree, case.log.entries
    assert steps(case.bundle, case.log.public, Kept(stranger.note(2), case.log.proof(2, 5)))[4] is False


def test_a_signature_by_another_key_does_not_hold(facts: Any) -> None:
    log, officer, forger = Log(), Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    key_index = log.add(key_fact(facts, officer))
    act_index = log.add(filed_fact(facts, forger))
    bundle = Bundle(log.evidence(act_index), Linked(log.evidence(key_index)))
    found = steps(bundle, log.public)
    assert (found[5], found[6]) == (True, False)


@pytest.mark.parametrize("change", [{"revision": 4}, {"dossier_digest": bytes(32)}, {"credit_code": "9"}])
def test_a_signature_over_another_act_does_not_hold(facts: Any, change: dict[str, Any]) -> None:
    log, officer = Log(), Ed25519PrivateKey.generate()
    key_index = log.add(key_fact(facts, officer))
    act_index = log.add(filed_fact(facts, officer, **change))
    bundle = Bundle(log.evidence(act_index), Linked(log.evidence(key_index)))
    assert steps(bundle, log.public)[6] is False


def spoil_key(facts: Any, **change: Any) -> dict[int, bool | None]:
    """The steps of a signed act whose key's fact is not as it should be."""
    log, officer = Log(), Ed25519PrivateKey.generate()
    fact = key_fact(facts, officer)
    for name, value in change.items():
        setattr(fact, name, value(fact) if callable(value) else value)
    key_index = log.add(fact)
    act_index = log.add(filed_fact(facts, officer))
    return steps(Bundle(log.evidence(act_index), Linked(log.evidence(key_index))), log.public)


def test_a_key_of_another_person_does_not_hold(facts: Any) -> None:
    assert spoil_key(facts)[5] is True
    assert spoil_key(facts, data=lambda fact: fact.data.replace('"officer"', '"another"'))[5] is False


def test_another_key_than_the_act_names_does_not_hold(facts: Any) -> None:
    assert spoil_key(facts, data=lambda fact: fact.data.replace("key-1", "key-2"))[5] is False


def test_a_key_that_identity_did_not_state_does_not_hold(facts: Any) -> None:
    assert spoil_key(facts, source="registration")[5] is False
    assert spoil_key(facts, type="key.proposed.v1")[5] is False


def test_a_key_that_became_active_after_the_act_does_not_hold(facts: Any) -> None:
    log, officer = Log(), Ed25519PrivateKey.generate()
    late = key_fact(facts, officer)
    late.time.seconds += 3600
    key_index, act_index = log.add(late), log.add(filed_fact(facts, officer))
    assert steps(Bundle(log.evidence(act_index), Linked(log.evidence(key_index))), log.public)[5] is False


def test_a_key_on_another_log_does_not_hold(case: Case, facts: Any) -> None:
    """Same signer, but the key's fact stands on a log that the act's log does not continue."""
    other = Log(key=case.log.key)
    key_index = other.add(key_fact(facts, case.officer))
    linked = Linked(other.evidence(key_index), case.log.proof(1, 5))
    assert steps(replace(case.bundle, key=linked), case.log.public)[5] is False


def test_a_file_gives_back_the_evidence(case: Case) -> None:
    case.bundle.evidence.entry.recorded_at.GetCurrentTime()
    back = evidence_file.from_json(evidence_file.to_json(case.bundle))
    assert not back.evidence.entry.HasField("recorded_at")
    assert examine(back, case.log.public).holds
    assert len(examine(back, case.log.public).steps) == 5


@pytest.mark.requirement("IAM-017")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_in_which_one_character_was_changed_is_found_out(case: Case, data: st.DataObject) -> None:
    text = evidence_file.to_json(case.bundle)
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from('0Aa+="},: 中') | st.characters(codec="utf-8"))
    changed = text[:at] + put + text[at + 1 :]
    if says(changed) != says(text):
        assert not holds(changed, case), f"{text[at - 40 : at]}>{put}<{text[at + 1 : at + 40]}"


def test_a_file_with_anything_added_is_refused(case: Case) -> None:
    content = json.loads(evidence_file.to_json(case.bundle))
    for place in (content, content["evidence"], content["evidence"]["entry"], content["key"]):
        place["recorded_at"] = "2026-03-02T04:00:00Z"
        with pytest.raises(evidence_file.Unreadable):
            evidence_file.from_json(json.dumps(content))
        del place["recorded_at"]
    assert holds(json.dumps(content), case)


def says(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def holds(text: str, case: Case) -> bool:
    try:
        return examine(evidence_file.from_json(text), case.log.public).holds
    except evidence_file.Unreadable:
        return False


def test_the_ledgers_key_is_read_from_pem_and_from_one_line(case: Case, tmp_path: Any) -> None:
    public = case.log.public
    pem, line = tmp_path / "ledger.pem", tmp_path / "ledger.pub"
    pem.write_bytes(public.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    line.write_text(evidence_file.verifier_key(public) + "\n")
    assert evidence_file.read_key(line).origin == ORIGIN
    assert evidence_file.read_key(pem).origin == ""
    for path in (pem, line):
        assert examine(case.bundle, evidence_file.read_key(path)).holds


def test_a_key_that_was_copied_wrongly_is_refused(case: Case) -> None:
    origin, key_id, key = evidence_file.verifier_key(case.log.public).split("+", 2)
    other = base64.b64encode(b"\x01" + bytes(32)).decode()
    for line in (f"{origin}+{key_id}+{other}", f"{origin}x+{key_id}+{key}", "ledger", f"{origin}+{key_id}+%"):
        with pytest.raises(evidence_file.Unreadable):
            evidence_file.parse_verifier_key(line)


def _act(case: Case) -> Envelope:
    return case.bundle.evidence.entry.envelope
