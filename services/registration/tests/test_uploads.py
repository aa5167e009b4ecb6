"""Batches from the upload to the clearance: what the head promises, what the centre draws."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.canonical import canonical_json
from jiangheng.chassis.canonical import digest as sha256
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.application import Application
from jiangheng.registration.domain.application import State as Applied
from jiangheng.registration.domain.batch import Batch, Document, Sample, State
from jiangheng.registration.domain.sampling import draw
from jiangheng.registration.operations.allow_late_upload import allow_late_upload
from jiangheng.registration.operations.clear_batch import clear_batch
from jiangheng.registration.operations.decision import Signature
from jiangheng.registration.operations.dockets import APPLICATIONS
from jiangheng.registration.operations.draw_sample import draw_sample
from jiangheng.registration.operations.get_batch import get_batch
from jiangheng.registration.operations.step import stored
from jiangheng.registration.operations.submit_application import submit_application
from jiangheng.registration.operations.upload_batch import SignedUpload, upload_batch
from jiangheng.registration.operations.withdraw_application import withdraw_application
from jiangheng.rules.pack import PACKS_VARIABLE

SAMPLE = "00000000-0000-4000-a000-000000000001"
OTHER_SAMPLE = "00000000-0000-4000-a000-000000000002"
# Who has had to do with the batch, and what keeps him away from it.
INVOLVED = {"zhao": "PLAN-SELF", "han": "PLAN-SELF", "chen": "SAMPLE-SELF", "lu": "SAMPLE-SELF"}
SIGNATURE = Signature("key-1", b"s" * 64)
# 2026-04-11 is the exam; the tenth working day before it is Friday, 27 March.
LAST = datetime(2026, 3, 27, 16, 0, tzinfo=UTC)


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def everything(office: Any) -> tuple[Any, ...]:
    """All that an act could have changed."""
    kept = (tables.batch, tables.application, tables.sample, tables.step)
    return (*(office.rows(table) for table in kept), office.facts())


def unchanged(office: Any, act: Callable[[], object]) -> Problem:
    """The act is refused and leaves no trace."""
    before = everything(office)
    problem = refused(act)
    assert everything(office) == before
    return problem


def stands(candidates: Any) -> Batch:
    return get_batch(candidates.office.runtime, candidates.batch.id).batch


def upload(candidates: Any, caller: Caller | None = None, **changes: Any) -> Batch:
    """The head signs for what is there, or for what `changes` say."""
    office = candidates.office
    seen = get_batch(office.runtime, candidates.batch.id)
    signed: dict[str, Any] = {
        "documents": seen.batch.plan.documents,
        "applications_digest": seen.applications_digest,
        "signature": SIGNATURE,
    }
    revision = changes.pop("revision", seen.batch.revision)
    by = caller or office.head(candidates.code)
    return upload_batch(
        office.runtime, by, candidates.batch.id, revision, SignedUpload(**{**signed, **changes})
    )


def drawn(candidates: Any, size: int = 2, sample_id: str = SAMPLE, caller: Caller | None = None) -> Sample:
    by = caller or candidates.office.centre()
    return draw_sample(candidates.office.runtime, by, candidates.batch.id, sample_id, size)


def clear(candidates: Any, caller: Caller | None = None, revision: int | None = None) -> Batch:
    found = stands(candidates)
    by = caller or candidates.office.centre()
    of = found.revision if revision is None else revision
    return clear_batch(candidates.office.runtime, by, found.id, of)


def excused(candidates: Any, reason: str = "系统故障", caller: Caller | None = None) -> Batch:
    found = stands(candidates)
    by = caller or candidates.office.plan_officer()
    return allow_late_upload(candidates.office.runtime, by, found.id, found.revision, reason)


def it_is(candidates: Any, moment: datetime) -> None:
    clock = candidates.office.clock
    clock.advance(moment - clock.now())


@pytest.fixture
def approved(candidates: Any) -> Any:
    """Three approved applications."""
    for serial in (1, 2, 3):
        candidates.approve(serial)
    return candidates


# --- upload


def test_an_upload_states_what_was_signed_for(approved: Any) -> None:
    office, before = approved.office, stands(approved)
    uploaded = upload(approved)
    assert (uploaded.state, uploaded.revision) == (State.UPLOADED, before.revision + 1)
    assert (uploaded.uploaded.at, uploaded.uploaded.signature) == (office.clock.now(), b"s" * 64)
    assert stands(approved) == uploaded
    fact = office.facts(uploaded.id)[-1]
    assert (fact["type"], fact["actor"], fact["region"]) == ("batch.uploaded.v1", "person:han", "220102")
    assert (fact["data"]["revision"], fact["data"]["candidates"]) == (str(before.revision), 3)
    ids = [approved.id(serial) for serial in (1, 2, 3)]
    revisions = {row["id"]: row["revision"] for row in office.rows(tables.application)}
    signed_for = sha256(canonical_json([[id, revisions[id]] for id in ids]))
    assert get_batch(office.runtime, uploaded.id).applications_digest == signed_for


def test_an_upload_asked_for_again_is_answered_and_counted_once(approved: Any) -> None:
    revision = stands(approved).revision
    uploaded = upload(approved)
    before = everything(approved.office)
    assert upload(approved, revision=revision) == uploaded
    assert everything(approved.office) == before
    # For other documents it is another act, and too late for that.
    others = (Document("exam_affairs_plan", "另一计划", b"d" * 32),)
    problem = unchanged(approved.office, lambda: upload(approved, revision=revision, documents=others))
    assert problem.kind is Kind.WRONG_STATE


@pytest.mark.requirement("REG-057")
def test_an_upload_needs_the_packs_documents_and_the_candidates(candidates: Any) -> None:
    office = candidates.office
    problem = unchanged(office, lambda: upload(candidates))
    assert (problem.kind, problem.code, problem.rule) == (Kind.WRONG_STATE, "no-candidates", "REG-057")
    candidates.approve()
    (right,) = stands(candidates).plan.documents
    for documents in ((), (replace(right, kind="implementation_plan"),), (replace(right, digest=b""),)):
        problem = unchanged(office, lambda documents=documents: upload(candidates, documents=documents))
        assert (problem.kind, problem.rule) == (Kind.INVALID, "REG-057")
        assert problem.field.startswith("documents")
    for documents in ((replace(right, title="考\x00务"),), (right,) * 101):
        problem = unchanged(office, lambda documents=documents: upload(candidates, documents=documents))
        assert problem.kind is Kind.INVALID
    assert upload(candidates).state is State.UPLOADED


def test_the_documents_of_the_upload_are_those_the_batch_keeps(approved: Any) -> None:
    (first,) = stands(approved).plan.documents
    documents = (first, Document("review_commitment", "承诺书", hashlib.sha256(b"promise").digest()))
    uploaded = upload(approved, documents=documents)
    assert stands(approved).plan.documents == documents
    assert uploaded.digest != approved.batch.digest
    told = approved.office.facts(uploaded.id)[-1]["data"]["documents"]
    assert [each["kind"] for each in told] == ["exam_affairs_plan", "review_commitment"]


def test_the_head_uploads_what_he_signed_for_and_nothing_else(approved: Any) -> None:
    signed_for = get_batch(approved.office.runtime, approved.batch.id).applications_digest
    approved.approve(4)  # one more, after he looked
    for digest in (signed_for, b"", b"x" * 32):
        problem = unchanged(
            approved.office, lambda digest=digest: upload(approved, applications_digest=digest)
        )
        assert (problem.field, problem.code) == ("applications_digest", "other-content")
        assert (problem.rule, problem.clause) == ("REG-066", "000 A1 9")
    assert upload(approved).state is State.UPLOADED


@pytest.mark.requirement("REG-098")
def test_what_nobody_has_reviewed_blocks_the_upload_and_the_review_has_an_end(approved: Any) -> None:
    office = approved.office
    waiting = approved.submit(4)
    for bring in (lambda found: found, lambda found: approved.review(found, approved.doubt)):
        waiting = bring(waiting)
        problem = unchanged(office, lambda: upload(approved))
        assert (problem.kind, problem.code, problem.rule) == (Kind.WRONG_STATE, "not-reviewed", "REG-098")
        assert problem.details["undecided"] == "1"
    other = approved.submit(5)
    it_is(approved, datetime(2026, 3, 20, 16, 0, tzinfo=UTC))
    problem = unchanged(office, lambda: approved.review(other))
    assert (problem.code, problem.rule) == ("review-closed", "REG-098")
    it_is(approved, datetime(2026, 3, 20, 15, 59, tzinfo=UTC))
    approved.review(other, approved.refusal)
    approved.review(waiting, approved.refusal)
    assert upload(approved).state is State.UPLOADED


def test_drafts_and_refused_and_withdrawn_applications_do_not_block(approved: Any) -> None:
    approved.save(4)
    approved.review(approved.submit(5), approved.refusal)
    uploaded = upload(approved)
    assert approved.office.facts(uploaded.id)[-1]["data"]["candidates"] == 3


@pytest.mark.requirement("REG-056")
def test_after_the_term_only_leave_of_the_authority_with_a_reason_helps(approved: Any) -> None:
    office = approved.office
    it_is(approved, LAST + timedelta(microseconds=1))
    problem = unchanged(office, lambda: upload(approved))
    assert (problem.kind, problem.code, problem.rule) == (Kind.WRONG_STATE, "too-late", "REG-056")
    assert ("2026-03-27" in problem.zh, problem.clause) == (True, "000 A3 11")
    for reason in ("", " \n", "x" * 2001):
        told = unchanged(office, lambda reason=reason: excused(approved, reason))
        assert (told.field, told.kind) == ("reason", Kind.INVALID)
    for by in (office.head(approved.code), office.planner(approved.code), office.centre()):
        told = unchanged(office, lambda by=by: excused(approved, caller=by))
        assert told.kind is Kind.FORBIDDEN
    allowed = excused(approved, " 系统故障，电话13900000001 ")
    assert allowed.late_reason == "系统故障，电话13900000001"
    assert (allowed.state, stands(approved)) == (State.CONFIRMED, allowed)
    fact = office.facts(allowed.id)[-1]
    assert (fact["type"], fact["actor"]) == ("batch.excused.v1", "person:sun")
    assert ("系统故障" in fact["data"]["reason"], "13900000001" in fact["data"]["reason"]) == (True, False)
    assert upload(approved).state is State.UPLOADED


@pytest.mark.requirement("REG-056")
def test_the_last_instant_of_the_term_is_in_time(approved: Any) -> None:
    it_is(approved, LAST)
    assert upload(approved).state is State.UPLOADED


def test_whoever_planned_a_batch_does_not_excuse_it(approved: Any) -> None:
    office = approved.office
    grants = (*office.planner(approved.code).grants, *office.plan_officer().grants)
    both = Caller("person", "zhao", grants)
    assert unchanged(office, lambda: excused(approved, caller=both)).rule == "PLAN-SELF"


@pytest.mark.requirement("REG-035")
def test_the_upload_is_judged_by_the_pack_as_it_was_confirmed(
    office: Any, candidates: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pack now wants another document, and all of it two hundred working days before the exam."""
    agency(tmp_path / "before", 10, '"exam_affairs_plan"')
    agency(tmp_path / "after", 200, '"exam_affairs_plan", "implementation_plan"')
    it_is(candidates, datetime(2026, 3, 6, 10, 0, tzinfo=UTC))
    monkeypatch.setenv(PACKS_VARIABLE, str(tmp_path / "before"))
    candidates.batch = office.confirmed_batch(candidates.code, 2, pack_id="changchun")
    monkeypatch.setenv(PACKS_VARIABLE, str(tmp_path / "after"))
    candidates.day("2026-03-09")
    candidates.approve(1)
    assert upload(candidates).state is State.UPLOADED


def agency(folder: Path, lead: int, documents: str) -> None:
    """A folder with a pack of an agency's own that rests on Jilin's and differs in two values."""
    own = folder / "changchun"
    own.mkdir(parents=True)
    head = {"zh": "长春市", "en": "Changchun"}
    own.joinpath("pack.toml").write_text(
        f"""[pack]
id = "changchun"
zh = "{head["zh"]}"
en = "{head["en"]}"
extends = ["jilin"]
source = "000"
issuer = {{ zh = "{head["zh"]}", en = "{head["en"]}" }}
interpreter = {{ zh = "{head["zh"]}", en = "{head["en"]}" }}
status = "in_force"
replaces = []
version = "2026.{lead}"
provinces = ["22"]
kinds = ["employer"]
""",
        encoding="utf-8",
    )
    own.joinpath("batch.toml").write_text(
        f"""["batch.plan.lead_before_exam_working_days"]
value = {lead}
cite = ["000 A3 11"]

["batch.upload_documents"]
value = {{ required = [{documents}] }}
cite = ["000 A3 11"]
""",
        encoding="utf-8",
    )


# --- sample


def test_a_sample_can_be_drawn_again_by_anybody_from_its_seed(approved: Any) -> None:
    upload(approved)
    one = drawn(approved)
    ids = [approved.id(serial) for serial in (1, 2, 3)]
    assert one.application_ids == draw(reversed(ids), one.seed, 2)
    assert (len(one.seed), one.at) == (32, approved.office.clock.now())
    fact = approved.office.facts(approved.batch.id)[-1]
    assert (fact["type"], fact["actor"]) == ("batch.sampled.v1", "person:shen")
    assert tuple(fact["data"]["application_ids"]) == one.application_ids
    assert list(get_batch(approved.office.runtime, approved.batch.id).samples) == [one]


def test_asked_again_under_the_same_name_it_is_the_same_sample_and_under_another_a_new_one(
    approved: Any,
) -> None:
    upload(approved)
    one = drawn(approved)
    before = everything(approved.office)
    approved.office.clock.advance(timedelta(hours=1))
    assert drawn(approved) == one
    assert everything(approved.office) == before
    other = drawn(approved, 3, OTHER_SAMPLE)
    assert other.seed != one.seed
    assert len(get_batch(approved.office.runtime, approved.batch.id).samples) == 2
    clear(approved)
    assert drawn(approved) == one  # it stays readable
    assert refused(lambda: drawn(approved, 2, SAMPLE.replace("a", "b"))).kind is Kind.WRONG_STATE


def test_a_sample_is_drawn_from_those_approved_when_the_batch_is_with_the_centre(approved: Any) -> None:
    office = approved.office
    assert unchanged(office, lambda: drawn(approved)).kind is Kind.WRONG_STATE
    approved.review(approved.submit(4), approved.refusal)
    upload(approved)
    for size in (0, -1, 10_001):
        assert unchanged(office, lambda size=size: drawn(approved, size)).field == "size"
    for odd in ("", "1", SAMPLE.upper()):
        assert unchanged(office, lambda odd=odd: drawn(approved, 2, odd)).field == "sample_id"
    assert set(drawn(approved, 100).application_ids) == {approved.id(serial) for serial in (1, 2, 3)}


def test_nobody_samples_or_clears_what_he_planned_uploaded_entered_or_reviewed(approved: Any) -> None:
    office = approved.office
    upload(approved)
    centre = office.centre().grants
    for person, rule in INVOLVED.items():
        by = Caller("person", person, centre)
        problem = unchanged(office, lambda by=by: drawn(approved, caller=by))
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, rule)
    drawn(approved)
    for person, rule in INVOLVED.items():
        by = Caller("person", person, centre)
        problem = unchanged(office, lambda by=by: clear(approved, by))
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, rule)
    assert clear(approved).state is State.CLEARED


def test_where_everybody_was_given_back_there_is_nothing_to_draw(candidates: Any) -> None:
    """An empty sample would pass for a sampling that was never made."""
    one = candidates.approve()
    upload(candidates)
    candidates.send_back(one)
    problem = unchanged(candidates.office, lambda: drawn(candidates))
    assert (problem.kind, problem.code, problem.rule) == (Kind.WRONG_STATE, "no-candidates", "REG-101")


# --- clearance


def test_what_the_centre_gave_back_leaves_the_batch_unless_it_is_mended(approved: Any) -> None:
    office = approved.office
    upload(approved)
    sample = drawn(approved, 3)
    first, second, third = sorted(sample.application_ids)
    returned = [approved.send_back(found_of(approved, id)) for id in (first, second)]
    assert [each.state for each in returned] == [Applied.RETURNED] * 2
    assert approved.review(resubmitted(approved, returned[0])).state is Applied.APPROVED
    cleared = clear(approved)
    assert (cleared.state, cleared.cleared_at) == (State.CLEARED, office.clock.now())
    states = {row["id"]: row["state"] for row in office.rows(tables.application)}
    assert states == {first: "approved", second: "excluded", third: "approved"}
    fact = office.facts(cleared.id)[-1]
    assert (fact["type"], fact["data"]["candidates"], fact["data"]["excluded"]) == ("batch.cleared.v1", 2, 1)
    # Who has left does not come back.
    problem = unchanged(office, lambda: resubmitted(approved, replace(returned[1], revision=5)))
    assert problem.kind is Kind.WRONG_STATE


def found_of(candidates: Any, id: str) -> Application:
    with candidates.office.runtime.db.read() as tx:
        return stored(candidates.office.runtime, tx, APPLICATIONS, id)


def resubmitted(candidates: Any, found: Application) -> Application:
    return submit_application(candidates.office.runtime, candidates.clerk(), found.id, found.revision)


def test_nothing_is_cleared_without_a_sample_or_without_candidates(approved: Any) -> None:
    office = approved.office
    problem = unchanged(office, lambda: clear(approved))
    assert problem.kind is Kind.WRONG_STATE  # it is not with the centre
    upload(approved)
    problem = unchanged(office, lambda: clear(approved))
    assert (problem.kind, problem.code, problem.rule) == (Kind.WRONG_STATE, "not-sampled", "REG-101")
    drawn(approved)
    for row in office.rows(tables.application):
        approved.send_back(found_of(approved, row["id"]))
    problem = unchanged(office, lambda: clear(approved))
    assert (problem.code, problem.rule) == ("no-candidates", "REG-101")


def test_a_clearance_asked_for_again_is_answered_and_counted_once(approved: Any) -> None:
    upload(approved)
    drawn(approved)
    revision = stands(approved).revision
    cleared = clear(approved)
    before = everything(approved.office)
    assert clear(approved, revision=revision) == cleared
    assert everything(approved.office) == before
    other = approved.office.centre(person="feng")
    problem = unchanged(approved.office, lambda: clear(approved, other, revision))
    assert problem.kind is Kind.WRONG_STATE


def test_the_database_itself_keeps_samples_as_they_were_drawn(approved: Any) -> None:
    upload(approved)
    drawn(approved)
    for act in (tables.sample.update().values(application_ids="[]"), tables.sample.delete()):
        with pytest.raises(sa.exc.DatabaseError), approved.office.runtime.db.write() as tx:
            tx.execute(act)


# --- several at once


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each of the acts came to, all begun at the same moment."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait(30)
        try:
            return act()
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_what_is_uploaded_is_what_was_signed_for_whoever_withdraws_meanwhile(approved: Any) -> None:
    runtime, clerk = approved.office.runtime, approved.clerk()
    one = found_of(approved, approved.id(1))
    signed_for = get_batch(runtime, approved.batch.id).applications_digest
    uploaded, withdrawn = at_once(
        [
            lambda: upload(approved, applications_digest=signed_for),
            lambda: withdraw_application(runtime, clerk, one.id, one.revision, "本人放弃"),
        ]
    )
    assert isinstance(uploaded, Problem) is not isinstance(withdrawn, Problem)
    seen = get_batch(runtime, approved.batch.id)
    assert (seen.batch.state is State.UPLOADED) is (seen.applications_digest == signed_for)


def test_samples_drawn_at_once_under_one_name_are_one(approved: Any) -> None:
    upload(approved)
    officers = [approved.office.centre(person=f"officer-{number}") for number in range(5)]
    results = at_once([lambda by=by: drawn(approved, 2, SAMPLE, by) for by in officers])
    assert len({one.seed for one in results}) == 1
    told = [fact["type"] for fact in approved.office.facts(approved.batch.id)]
    assert told.count("batch.sampled.v1") == 1


def test_clearing_and_giving_back_at_once_loses_nobody(approved: Any) -> None:
    upload(approved)
    drawn(approved)
    one = found_of(approved, approved.id(1))
    feng = approved.office.centre(person="feng")
    cleared, _ = at_once([lambda: clear(approved), lambda: approved.send_back(one, feng)])
    states = [row["state"] for row in approved.office.rows(tables.application)]
    fact = next(
        fact for fact in approved.office.facts(approved.batch.id) if fact["type"] == "batch.cleared.v1"
    )
    assert cleared.state is State.CLEARED
    assert (states.count("approved"), "returned" in states) == (fact["data"]["candidates"], False)
