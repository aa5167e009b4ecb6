"""The review of applications, the centre's returns, and what leaves the batch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.application import Application, State
from jiangheng.registration.domain.form import ApplicationForm, WorkPeriod
from jiangheng.registration.operations import pins
from jiangheng.registration.operations.clear_batch import clear_batch
from jiangheng.registration.operations.draw_sample import draw_sample
from jiangheng.registration.operations.get_application import get_application
from jiangheng.registration.operations.get_batch import get_batch
from jiangheng.registration.operations.return_application import return_application
from jiangheng.registration.operations.submit_application import submit_application
from jiangheng.registration.operations.upload_batch import SignedUpload, upload_batch
from jiangheng.registration.operations.withdraw_application import withdraw_application
from jiangheng.registration.store import applications as store
from jiangheng.rules.pack import overlaid

AT_ONCE = 6
SAMPLE = "00000000-0000-4000-8000-00000000a001"
# Four years of work where five are asked for.
SHORT = {"work": (WorkPeriod("6-31-01-03", "2022-01-04", "", "示例单位", "维修"),)}
WRONG_FINDING = "档案记载2019年起从事同一工作，系统未录入"


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def everything(office: Any) -> tuple[Any, ...]:
    kept = (tables.application, tables.review, tables.step)
    return (*(office.rows(table) for table in kept), office.facts())


def types_of(candidates: Any, found: Application) -> list[str]:
    return [fact["type"].split(".")[1] for fact in candidates.office.facts(found.id)]


def upload(candidates: Any) -> None:
    """The head of the institution uploads the batch as it stands."""
    office, batch = candidates.office, candidates.batch
    seen = get_batch(office.runtime, batch.id)
    signed = SignedUpload(batch.plan.documents, seen.applications_digest, candidates.signature)
    upload_batch(office.runtime, office.head(candidates.code), batch.id, seen.batch.revision, signed)


def clear(candidates: Any, caller: Caller | None = None) -> None:
    office, id = candidates.office, candidates.batch.id
    by = caller or office.centre()
    draw_sample(office.runtime, office.centre(), id, SAMPLE, 1)
    clear_batch(office.runtime, by, id, get_batch(office.runtime, id).batch.revision)


@pytest.mark.requirement("REG-096")
def test_an_approval_keeps_who_found_what_where_and_what_the_rules_said(candidates: Any) -> None:
    office = candidates.office
    approved = candidates.approve()
    (review,) = get_application(office.runtime, candidates.reviewer(), approved.id).reviews
    assert (review.reviewer, review.revision, review.at) == ("lu", 2, office.clock.now())
    assert review.items == candidates.approval.items
    assert review.finding.met == ("4.1",)
    fact = office.facts(approved.id)[-1]
    assert (fact["type"], fact["actor"]) == ("application.approved.v1", "person:lu")
    assert fact["data"] == {
        "application_id": approved.id,
        "batch_id": candidates.batch.id,
        "occupation_code": "6-31-01-03",
        "level": 4,
        "digest": fact["data"]["digest"],
        "conditions": ["4.1"],
    }


def test_a_review_asked_for_again_is_answered_and_kept_once(candidates: Any) -> None:
    for number, opinion in enumerate((candidates.approval, candidates.refusal, candidates.doubt), 1):
        submitted = candidates.submit(number)
        done = candidates.review(submitted, opinion)
        before = everything(candidates.office)
        assert candidates.review(submitted, opinion) == done
        assert everything(candidates.office) == before
        other = replace(opinion, note="别的理由")
        assert refused(lambda s=submitted, o=other: candidates.review(s, o)).kind is Kind.WRONG_STATE
        by = candidates.reviewer("fang")
        assert (
            refused(lambda s=submitted, o=opinion, b=by: candidates.review(s, o, b)).details["state"]
            == done.state.value
        )
        assert everything(candidates.office) == before


@pytest.mark.requirement("REG-099")
def test_the_refused_get_their_reason_and_are_never_among_those_to_be_seated(candidates: Any) -> None:
    office = candidates.office
    submitted = candidates.submit(1, **SHORT)
    no = replace(candidates.refusal, note="工作年限不足")
    done = candidates.review(submitted, no)
    assert done.state is State.REFUSED
    seen = get_application(office.runtime, candidates.clerk(), done.id)
    assert seen.reviews[0].note == "工作年限不足"
    assert not seen.finding.eligible
    assert "尚差" in seen.reviews[0].finding.tried[0].zh[0]
    candidates.review(candidates.submit(2), candidates.doubt)
    candidates.save(3)
    candidates.submit(4)
    approved = candidates.approve(5)
    with office.runtime.db.read() as tx:
        cipher = office.runtime.cipher
        assert [each.id for each in store.approved_applications(tx, cipher, candidates.batch.id)] == [
            approved.id
        ]
    assert refused(lambda: candidates.save(1)).kind is Kind.WRONG_STATE
    assert refused(lambda: candidates.save(9, **vars(candidates.form(1)))).code == "registered-twice"


@pytest.mark.requirement("REG-095")
def test_doubts_are_noted_mended_and_reviewed_again(candidates: Any) -> None:
    office = candidates.office
    submitted = candidates.submit()
    doubted = candidates.review(submitted, candidates.doubt)
    assert doubted.state is State.FURTHER_CHECK
    candidates.day("2026-03-18")  # registration is closed, the review is not
    mended = candidates.save(1, intends=False)
    assert (mended.state, mended.revision) == (State.FURTHER_CHECK, 4)
    again = submit_application(office.runtime, candidates.clerk(), mended.id, mended.revision)
    approved = candidates.review(again)
    seen = get_application(office.runtime, candidates.reviewer(), approved.id)
    assert [review.verdict.value for review in seen.reviews] == ["further_check", "approve"]
    assert [review.note for review in seen.reviews] == [candidates.doubt.note, ""]
    assert types_of(candidates, approved) == ["submitted", "doubted", "submitted", "approved"]


def test_a_reviewer_may_clear_a_doubt_himself(candidates: Any) -> None:
    doubted = candidates.review(candidates.submit(), candidates.doubt)
    assert candidates.review(doubted).state is State.APPROVED


def test_whoever_entered_an_application_never_reviews_it(candidates: Any) -> None:
    office = candidates.office
    for number, entering in enumerate(("saved", "submitted"), 1):
        if entering == "saved":
            candidates.save(number, candidates.clerk("sun"), intends=False)
            submitted = candidates.submit(number)
        else:
            submitted = candidates.submit(number, candidates.clerk("sun"))
        before = everything(office)
        for opinion in (candidates.approval, candidates.refusal, candidates.doubt):
            by = candidates.reviewer("sun")
            problem = refused(lambda o=opinion, b=by, s=submitted: candidates.review(s, o, b))
            assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "REVIEW-SELF")
        assert everything(office) == before
        assert candidates.review(submitted).state is State.APPROVED


def test_a_reviewer_of_another_institution_decides_nothing(candidates: Any) -> None:
    submitted = candidates.submit()
    stranger = candidates.office.holder("lu", "qualification_reviewer", institution=candidates.office.code(2))
    problem = refused(lambda: candidates.review(submitted, caller=stranger))
    assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "IAM-012")


@pytest.mark.requirement("REG-097")
def test_an_approval_against_the_finding_takes_a_reason_and_a_second_person(candidates: Any) -> None:
    office = candidates.office
    submitted = candidates.submit(1, **SHORT)
    before = everything(office)
    problem = refused(lambda: candidates.review(submitted))
    assert (problem.code, problem.rule, problem.field) == ("not-eligible", "REG-097", "against_finding")
    assert everything(office) == before
    against = replace(candidates.approval, against_finding=WRONG_FINDING)
    proposed = candidates.review(submitted, against)
    assert proposed.state is State.SECOND_REVIEW
    assert candidates.review(submitted, against) == proposed  # asked again
    for by in (candidates.reviewer("lu"), candidates.reviewer("chen")):  # the first; who entered it
        for opinion in (candidates.approval, candidates.refusal):
            problem = refused(lambda b=by, o=opinion: candidates.review(proposed, o, b))
            assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "REG-097")
    with office.runtime.db.read() as tx:
        assert store.approved(tx, candidates.batch.id) == ()
    second = candidates.reviewer("fang")
    approved = candidates.review(proposed, candidates.approval, second)
    assert approved.state is State.APPROVED
    assert candidates.review(proposed, candidates.approval, second) == approved
    facts = office.facts(approved.id)
    assert [fact["type"].split(".")[1] for fact in facts] == ["submitted", "doubted", "approved"]
    assert facts[1]["data"]["second_review"] is True
    assert facts[2]["data"]["against_finding"] is True
    assert "conditions" not in facts[2]["data"]
    assert facts[2]["actor"] == "person:fang"
    seen = get_application(office.runtime, second, approved.id)
    assert [review.against_finding for review in seen.reviews] == [WRONG_FINDING, ""]
    assert [review.finding.eligible for review in seen.reviews] == [False, False]


@pytest.mark.requirement("REG-097")
def test_the_second_reviewer_may_refuse(candidates: Any) -> None:
    against = replace(candidates.approval, against_finding=WRONG_FINDING)
    proposed = candidates.review(candidates.submit(1, **SHORT), against)
    refused_ = candidates.review(proposed, candidates.refusal, candidates.reviewer("fang"))
    assert refused_.state is State.REFUSED
    assert types_of(candidates, refused_) == ["submitted", "doubted", "refused"]


@pytest.mark.requirement("REG-035")
def test_the_finding_is_by_the_rules_of_the_batch_whatever_the_pack_says_by_now(
    candidates: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = candidates.office
    submitted = candidates.submit()
    harder = overlaid(pins.proposed("jilin"), {"reg.min_age": {"years": 60, "source": "fixed"}})
    for place in ("jiangheng.rules.pack", "jiangheng.registration.operations.pins"):
        monkeypatch.setattr(f"{place}.pack_named", lambda *_: replace(harder, conditions={}))
    seen = get_application(office.runtime, candidates.reviewer(), submitted.id)
    assert seen.finding.met == ("4.1",)
    assert candidates.review(submitted).state is State.APPROVED


def test_the_finding_is_as_of_the_last_day_of_registration(candidates: Any) -> None:
    office = candidates.office
    four_days_short = (WorkPeriod("6-31-01-03", "2021-03-13", "", "示例单位", "维修"),)
    submitted = candidates.submit(1, work=four_days_short)
    late = candidates.submit(2, work=(replace(four_days_short[0], begun="2021-03-16"),))

    def eligible(one: Application) -> bool:
        return bool(get_application(office.runtime, candidates.reviewer(), one.id).finding.eligible)

    assert not eligible(submitted)
    candidates.day("2026-03-13")
    assert eligible(submitted)
    candidates.day("2026-03-20")
    assert eligible(submitted)
    assert not eligible(late)  # he would be by now, but was not when registration closed


@pytest.mark.requirement("REG-098")
def test_the_review_ends_with_its_last_day_and_what_is_undecided_blocks_the_upload(candidates: Any) -> None:
    office = candidates.office
    submitted = candidates.submit(1)
    other = candidates.submit(2)
    candidates.day("2026-03-20", 23)
    candidates.review(other)
    candidates.day("2026-03-21", 0)
    before = everything(office)
    problem = refused(lambda: candidates.review(submitted))
    assert (problem.kind, problem.code, problem.rule) == (Kind.WRONG_STATE, "review-closed", "REG-098")
    assert refused(lambda: upload(candidates)).code == "not-reviewed"
    assert everything(office) == before
    withdraw_application(office.runtime, candidates.clerk(), submitted.id, submitted.revision, "未及审核")
    upload(candidates)


def test_reviews_cannot_be_rewritten(candidates: Any) -> None:
    candidates.approve()
    for change in (sa.update(tables.review).values(reviewer="x"), sa.delete(tables.review)):
        with pytest.raises(sa.exc.DBAPIError), candidates.office.runtime.db.write() as tx:
            tx.execute(change)
    assert [row["reviewer"] for row in candidates.office.rows(tables.review)] == ["lu"]


def test_of_reviewers_who_decide_at_once_one_wins_and_the_others_learn_it(candidates: Any) -> None:
    submitted = candidates.submit()
    people = [candidates.reviewer(f"reviewer-{number}") for number in range(AT_ONCE)]
    opinions = [candidates.approval, candidates.refusal, candidates.doubt] * 2
    results = at_once(
        [
            lambda by=by, opinion=opinion: candidates.review(submitted, opinion, by)
            for by, opinion in zip(people, opinions, strict=True)
        ]
    )
    won = [result for result in results if isinstance(result, Application)]
    assert len(won) == 1
    assert {result.kind for result in results if isinstance(result, Problem)} <= {
        Kind.WRONG_STATE,
        Kind.CONFLICT,
    }
    assert len(candidates.office.rows(tables.review)) == 1
    assert len(types_of(candidates, submitted)) == 2


def test_an_upload_and_a_withdrawal_at_once_leave_one_truth(candidates: Any) -> None:
    office = candidates.office
    approved = [candidates.approve(number) for number in (1, 2)]

    def go() -> Application:
        return withdraw_application(
            office.runtime, candidates.clerk(), approved[0].id, approved[0].revision, "放弃"
        )

    def send() -> Application:
        upload(candidates)
        return approved[0]

    results = at_once([go, send])
    assert sum(isinstance(result, Problem) for result in results) <= 1
    seen = get_batch(office.runtime, candidates.batch.id)
    withdrawn = get_application(office.runtime, candidates.clerk(), approved[0].id).application
    with office.runtime.db.read() as tx:
        left = len(store.approved(tx, candidates.batch.id))
    uploaded = [fact for fact in office.facts(candidates.batch.id) if fact["type"] == "batch.uploaded.v1"]
    if uploaded:
        assert uploaded[0]["data"]["candidates"] == left
        assert seen.batch.state.value == "uploaded"
    else:
        assert withdrawn.state is State.WITHDRAWN


def at_once(acts: Sequence[Callable[[], Application]]) -> list[Application | Problem]:
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Application]) -> Application | Problem:
        gate.wait(30)
        try:
            return act()
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_what_the_centre_gave_back_is_mended_and_stays_or_leaves_the_batch(candidates: Any) -> None:
    office = candidates.office
    kept, mended, left, half = [candidates.approve(number) for number in (1, 2, 3, 4)]
    assert refused(lambda: candidates.send_back(kept)).code == "batch-state"
    upload(candidates)
    candidates.day("2026-03-25")
    returned = [candidates.send_back(each) for each in (mended, left, half)]
    assert {each.state for each in returned} == {State.RETURNED}
    assert returned[0].return_reason == "社保记录不符"
    assert candidates.send_back(mended) == returned[0]  # asked again
    assert refused(lambda: candidates.save(9)).code == "batch-state"
    for number in (2, 4):
        changed = candidates.save(number, intends=False)
        again = submit_application(office.runtime, candidates.clerk(), changed.id, changed.revision)
        if number == 2:
            assert candidates.review(again).state is State.APPROVED
    clear(candidates)
    states = {row["id"]: row["state"] for row in office.rows(tables.application)}
    assert states == {kept.id: "approved", mended.id: "approved", left.id: "excluded", half.id: "excluded"}
    for gone in (left, half):
        assert types_of(candidates, gone)[-1] == "excluded"
        steps = [row for row in office.rows(tables.step) if row["id"] == gone.id]
        assert max(steps, key=lambda row: row["revision"])["act"] == "exclude"
    with office.runtime.db.read() as tx:
        assert [id for id, _ in store.approved(tx, candidates.batch.id)] == [kept.id, mended.id]
    assert refused(lambda: candidates.save(3)).kind is Kind.WRONG_STATE


def test_only_the_centre_of_the_region_returns_and_nobody_who_handled_it(candidates: Any) -> None:
    office = candidates.office
    approved = candidates.approve()
    upload(candidates)
    before = everything(office)
    for region in ("37", "2202"):
        by = office.centre(region)
        assert refused(lambda by=by: candidates.send_back(approved, by)).rule == "IAM-011"
    for person in ("chen", "lu"):
        by = office.centre(person=person)
        problem = refused(lambda by=by: candidates.send_back(approved, by))
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "SAMPLE-SELF")
    assert everything(office) == before
    candidates.send_back(approved)


def test_the_reason_of_a_return_travels_without_the_person(candidates: Any) -> None:
    office = candidates.office
    approved, other = candidates.approve(1), candidates.approve(2)
    upload(candidates)
    person = approved.form.candidate
    reason = f"{person.name}（{person.number}，{person.phone}）社保记录不符"
    returned = return_application(office.runtime, office.centre(), approved.id, approved.revision, reason)
    assert returned.return_reason == reason
    told = office.facts(approved.id)[-1]["data"]["reason"]
    assert told.endswith("社保记录不符")
    for secret in (person.name, person.number, person.phone):
        assert secret not in told
        assert secret not in str(office.rows(tables.step))
    assert candidates.send_back(other).state is State.RETURNED


@pytest.mark.parametrize("returned", [True, False])
def test_who_handled_any_application_does_not_clear_the_batch(candidates: Any, returned: bool) -> None:
    office = candidates.office
    approved, _ = candidates.approve(1), candidates.approve(2)
    upload(candidates)
    if returned:
        candidates.send_back(approved)
    before = everything(office)
    for person in ("lu", "chen"):
        by = office.centre(person=person)
        problem = refused(lambda by=by: clear(candidates, by))
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "SAMPLE-SELF")
        assert everything(office)[:3] == before[:3]
    clear(candidates)


def test_facts_of_an_application_count_without_a_gap(candidates: Any) -> None:
    office = candidates.office
    approved, _ = candidates.approve(1), candidates.approve(2)
    upload(candidates)
    candidates.send_back(approved)
    clear(candidates)
    facts = office.facts(approved.id)
    assert [fact["version"] for fact in facts] == [1, 2, 3, 4]
    assert {fact["region"] for fact in facts} == {"220102"}
    assert timedelta(0) <= office.clock.now() - facts[0]["occurred_at"]


def test_a_form_without_a_level_is_shown_with_the_reason(candidates: Any) -> None:
    blank = candidates.save(1, **vars(ApplicationForm()))
    seen = get_application(candidates.office.runtime, candidates.clerk(), blank.id)
    assert not seen.finding.eligible
    assert "等级" in seen.finding.tried[0].zh[0]
