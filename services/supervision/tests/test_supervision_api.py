"""The ledger over real gRPC, behind the real Guard: what is answered, to whom, and what is put on record."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from jiangheng.api.supervision.v1 import ledger_pb2 as pb
from jiangheng.chassis import checkpoint, merkle
from jiangheng.chassis.client import invoke
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.feed import list_events
from jiangheng.chassis.publisher import stamp
from jiangheng.supervision.evidence import Bundle, LedgerKey, examine
from jiangheng.supervision.operations import list_entries as listing
from jiangheng.supervision.operations.sequence_facts import sequence_facts

SERVICE = pb.DESCRIPTOR.services_by_name["LedgerService"]


def entries(served: Any, token: str, **request: Any) -> pb.ListEntriesResponse:
    answer: pb.ListEntriesResponse = invoke(
        served.stub.ListEntries, pb.ListEntriesRequest(**request), token=token
    )
    return answer


def evidence(served: Any, token: str, event_id: str) -> pb.GetEvidenceResponse:
    answer: pb.GetEvidenceResponse = invoke(
        served.stub.GetEvidence, pb.GetEvidenceRequest(event_id=event_id), token=token
    )
    return answer


def own_facts(served: Any) -> list[Any]:
    """What supervision itself has stated, as its feed gives it."""
    with served.ledger.runtime.db.write() as tx:
        stamp(tx, "main", 100)
        return list_events(tx, "supervision", "main", 0, 100)[0]


def test_anyone_gets_the_checkpoint_and_can_check_it(served: Any) -> None:
    served.ledger.record(served.ledger.facts(), served.ledger.facts())
    answer = invoke(served.stub.GetCheckpoint, pb.GetCheckpointRequest())
    runtime = served.ledger.runtime
    found = checkpoint.parse_and_verify(answer.checkpoint.note, runtime.key.public_key(), runtime.origin)
    assert (found.size, found.root) == (2, answer.checkpoint.root)
    assert answer.public_key == runtime.public_key


def test_an_empty_ledger_says_so(served: Any) -> None:
    with pytest.raises(Problem) as refused:
        invoke(served.stub.GetCheckpoint, pb.GetCheckpointRequest())
    assert (refused.value.kind, refused.value.code) == (Kind.NOT_FOUND, "empty-log")


@pytest.mark.requirement("IAM-017")
def test_anyone_can_check_that_the_log_only_grew(served: Any) -> None:
    roots = {}
    for size in range(1, 8):
        served.ledger.record(served.ledger.facts())
        roots[size] = invoke(served.stub.GetCheckpoint, pb.GetCheckpointRequest()).checkpoint.root
    for first in range(1, 8):
        for second in range(first, 8):
            request = pb.GetConsistencyProofRequest(first_size=first, second_size=second)
            proof = list(invoke(served.stub.GetConsistencyProof, request).hashes)
            merkle.verify_consistency(first, second, roots[first], roots[second], proof)


@pytest.mark.parametrize(("first", "second", "field"), [(0, 1, "first"), (2, 1, "first"), (1, 9, "second")])
def test_no_proof_between_sizes_the_log_never_had(served: Any, first: int, second: int, field: str) -> None:
    served.ledger.record(served.ledger.facts(), served.ledger.facts())
    request = pb.GetConsistencyProofRequest(first_size=first, second_size=second)
    with pytest.raises(Problem) as refused:
        invoke(served.stub.GetConsistencyProof, request)
    assert (refused.value.kind, refused.value.field) == (Kind.INVALID, f"{field}_size")


@pytest.mark.requirement("IAM-014")
@pytest.mark.requirement("IAM-017")
def test_an_auditor_reads_every_record_and_each_can_be_proved(served: Any) -> None:
    facts = served.ledger.facts
    stated = [facts(), facts("person.registered.v1", region="00"), facts(region="320100"), facts()]
    served.ledger.record(*stated)
    token = served.token("00")
    listed = entries(served, token).entries
    assert [entry.envelope for entry in listed] == stated
    assert [entry.index for entry in listed] == [0, 1, 2, 3]
    key = LedgerKey(served.ledger.runtime.key.public_key(), served.ledger.runtime.origin)
    for fact in stated:
        answer = evidence(served, token, fact.id)
        assert answer.entry.envelope == fact
        assert examine(Bundle(answer), key).holds


@pytest.mark.requirement("IAM-014")
def test_nothing_that_an_evidence_reader_may_call_changes_anything(served: Any) -> None:
    for method in SERVICE.methods:
        assert method.GetOptions().idempotency_level == method.GetOptions().NO_SIDE_EFFECTS, method.name


def test_a_reader_sees_the_entries_of_his_regions_and_no_others(served: Any) -> None:
    facts = served.ledger.facts
    province, city, other = facts(region="22"), facts(region="220102"), facts(region="32")
    nowhere = facts("person.registered.v1", region="00")
    served.ledger.record(province, city, other, nowhere)

    def seen(*regions: str) -> list[str]:
        return [entry.envelope.id for entry in entries(served, served.token(*regions)).entries]

    assert seen("22") == [province.id, city.id]
    assert seen("2201") == [city.id]
    assert seen("22", "32") == [province.id, city.id, other.id]
    assert seen("11") == []
    assert seen("00") == [province.id, city.id, other.id, nowhere.id]


@pytest.mark.requirement("IAM-002")
@pytest.mark.requirement("IAM-011")
def test_an_entry_of_another_region_is_refused_and_the_try_is_on_record(served: Any) -> None:
    fact = served.ledger.facts(region="32")
    served.ledger.record(fact)
    with pytest.raises(Problem) as refused:
        evidence(served, served.token("22"), fact.id)
    assert (refused.value.kind, refused.value.rule) == (Kind.FORBIDDEN, "IAM-011")
    assert evidence(served, served.token("32"), fact.id).entry.envelope == fact
    assert [(event.actor, json.loads(event.data)["rule"]) for event in own_facts(served)] == [
        ("person:reader", "IAM-011")
    ]


def test_a_fact_that_waits_for_the_sequencer_is_not_on_the_ledger(served: Any) -> None:
    served.ledger.record(served.ledger.facts())
    waiting = served.ledger.facts()
    served.ledger.receive(waiting)
    token = served.token("00")
    with pytest.raises(Problem) as refused:
        evidence(served, token, waiting.id)
    assert refused.value.kind is Kind.NOT_FOUND
    assert len(entries(served, token).entries) == 1
    sequence_facts(served.ledger.runtime)
    assert evidence(served, token, waiting.id).entry.index == 1


def test_entries_are_found_by_their_circumstances(served: Any) -> None:
    facts = served.ledger.facts
    one = facts(subject="a", actor="person:x")
    two = facts("institution.accepted.v1", subject="a", actor="person:y")
    three = facts("person.registered.v1", subject="p", actor="person:x")
    served.ledger.record(one, two, three)

    def found(**where: str) -> list[str]:
        return [entry.envelope.id for entry in entries(served, served.token("00"), **where).entries]

    assert found(subject="a") == [one.id, two.id]
    assert found(actor="person:x") == [one.id, three.id]
    assert found(type="institution.accepted.v1") == [two.id]
    assert found(source="identity") == [three.id]
    assert found(source="registration", actor="person:x") == [one.id]
    assert found(subject="b") == []


def test_pages_hold_every_entry_once(served: Any) -> None:
    stated = [served.ledger.facts(region="22" if number % 2 else "32") for number in range(11)]
    served.ledger.record(*stated)
    token, page, found, pages = served.token("22"), "", [], 0
    while True:
        answer = entries(served, token, page_token=page, page_size=2)
        found += [entry.envelope.id for entry in answer.entries]
        pages, page = pages + 1, answer.next_page_token
        if not page:
            break
    assert found == [fact.id for fact in stated if fact.region == "22"]
    assert pages == 3


def test_a_page_holds_no_more_bytes_than_one_answer_may(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_BYTES", 1500)
    data = json.dumps({"credit_code": "9" * 900})
    stated = [served.ledger.facts(data=data) for _ in range(3)]
    served.ledger.record(*stated)
    first = entries(served, served.token("00"))
    assert len(first.entries) == 1
    assert entries(served, served.token("00"), page_token=first.next_page_token).entries[0].index == 1


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"page_size": 501}, "page_size"),
        ({"page_token": "-1"}, "page_token"),
        ({"page_token": "x"}, "page_token"),
    ],
)
def test_a_page_that_cannot_be_is_refused(served: Any, request_: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as refused:
        entries(served, served.token("00"), **request_)
    assert (refused.value.kind, refused.value.field) == (Kind.INVALID, field)


@pytest.mark.requirement("IAM-002")
@pytest.mark.parametrize("method", ["ListEntries", "GetEvidence"])
def test_who_may_not_read_evidence_is_refused_and_the_refusal_is_on_the_ledger(
    served: Any, method: str
) -> None:
    fact = served.ledger.facts()
    served.ledger.record(fact)
    request = pb.GetEvidenceRequest(event_id=fact.id) if method == "GetEvidence" else pb.ListEntriesRequest()
    call = getattr(served.stub, method)
    with pytest.raises(Problem) as refused:
        invoke(call, request, token=served.token("00", scope="registration.filing.decide"))
    assert (refused.value.kind, refused.value.rule) == (Kind.FORBIDDEN, "IAM-002")
    served.ledger.record(*own_facts(served))
    on_record = entries(served, served.token("00"), type="refusal.recorded.v1").entries
    assert [entry.envelope.actor for entry in on_record] == ["person:reader"]
    said = json.loads(on_record[0].envelope.data)
    assert (said["rule"], said["method"]) == ("IAM-002", f"/{SERVICE.full_name}/{method}")
    key = LedgerKey(served.ledger.runtime.key.public_key(), served.ledger.runtime.origin)
    proved = evidence(served, served.token("00"), on_record[0].envelope.id)
    assert examine(Bundle(proved), key).holds


@pytest.mark.parametrize(
    ("token", "code", "recorded"),
    [
        (lambda served: "", "token-missing", []),
        (lambda served: served.token("00", at=served.ledger.runtime.machine_clock.now() - timedelta(hours=1)),
         "token-expired", ["person:reader"]),
        (lambda served: served.token("00", audience="identity"), "wrong-audience", ["person:reader"]),
        (lambda served: served.token("00", kind="service"), "persons-only", ["service:reader"]),
    ],
    ids=["none", "expired", "another audience", "a service"],
)  # fmt: skip
def test_evidence_is_for_persons_with_a_token_for_it(
    served: Any, token: Any, code: str, recorded: list[str]
) -> None:
    fact = served.ledger.facts()
    served.ledger.record(fact)
    with pytest.raises(Problem) as refused:
        evidence(served, token(served), fact.id)
    assert refused.value.code == code
    assert [event.actor for event in own_facts(served)] == recorded
