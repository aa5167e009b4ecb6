"""The use cases one by one, on each database: what changes, what is stated, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.institution import Institution, State
from jiangheng.registration.operations.get_institution import get_institution
from jiangheng.registration.operations.return_filing import return_filing
from jiangheng.registration.operations.save_draft import save_draft
from jiangheng.registration.operations.submit_filing import submit_filing
from jiangheng.registration.operations.watch_deadlines import watch_deadlines
from jiangheng.rules.calendar import Calendar, Holiday, Notice


@pytest.fixture
def code(office: Any) -> str:
    return str(office.code())


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def everything(office: Any) -> tuple[Any, ...]:
    """All that an act could have changed."""
    return (
        office.rows(tables.institution),
        office.rows(tables.step),
        office.rows(tables.institution_serial),
        office.facts(),
    )


def stands(office: Any, code: str) -> Institution:
    return get_institution(office.runtime, office.officer(), code)


def test_the_whole_way_from_draft_to_filed(office: Any, code: str) -> None:
    saved = office.save(code)
    assert (saved.state, saved.revision) == (State.DRAFT, 1)
    submitted = office.submit(code)
    assert (submitted.state, submitted.revision) == (State.SUBMITTED, 2)
    returned = office.send_back(submitted)
    assert (returned.state, returned.return_reason) == (State.RETURNED, "缺页")
    mended = office.save(code, address="长春市南关区示例路2号")
    assert (mended.state, mended.return_reason) == (State.RETURNED, "缺页")
    again = office.submit(code, address="长春市南关区示例路2号")
    assert (again.state, again.return_reason) == (State.SUBMITTED, "")
    accepted = office.accept(again)
    assert (accepted.state, accepted.filing_due) == (State.ACCEPTED, date(2026, 3, 13))
    filed = office.complete(accepted)
    assert (filed.state, filed.revision) == (State.FILED, 7)
    assert stands(office, code) == filed


@pytest.mark.requirement("REG-012")
def test_filing_assigns_code_and_receipt_and_states_the_fact(office: Any, code: str) -> None:
    accepted = office.accept(office.submit(code))
    filed = office.complete(accepted)
    assert filed.filing.institution_code == "Y000022000001"
    assert filed.filing.receipt_number == "22-2026-Y000001"
    assert filed.filing.signature == b"s" * 64
    fact = office.facts(code)[-1]
    assert (fact["type"], fact["region"], fact["actor"]) == (
        "institution.filed.v1",
        "220102",
        "person:qian",
    )
    assert fact["data"]["institution_code"] == "Y000022000001"
    assert fact["data"]["receipt_number"] == "22-2026-Y000001"
    assert fact["data"]["signature"]["key_id"] == "key-1"
    # The revision decided on: with it the signed request can be made again.
    assert fact["data"]["revision"] == str(accepted.revision)


@pytest.mark.requirement("REG-004")
def test_the_supervising_authority_is_the_one_that_filed(office: Any) -> None:
    for number, region in enumerate(["00", "22", "2201", "220102"]):
        code, officer = office.code(number), office.officer(region)
        filed = office.complete(office.accept(office.submit(code), officer), officer)
        assert filed.filing.authority == region
        assert office.facts(code)[-1]["data"]["authority"] == region


@pytest.mark.requirement("REG-004")
def test_of_two_regions_of_an_officer_the_narrower_is_the_authority(office: Any, code: str) -> None:
    grants = (*office.officer("00").grants, *office.officer("37").grants, *office.officer("2201").grants)
    officer = Caller("person", "qian", grants)
    assert office.complete(office.accept(office.submit(code)), officer).filing.authority == "2201"


@pytest.mark.requirement("REG-009")
def test_who_promised_and_submitted_and_when_is_kept(office: Any, code: str) -> None:
    office.save(code)
    office.clock.advance(timedelta(hours=1))
    submitted = office.submit(code)
    act = office.rows(tables.step)[-1]
    assert (act["act"], act["person"], act["revision"]) == ("submit", "wu", 1)
    assert act["at"] == office.clock.now()
    assert act["digest"] == submitted.dossier_digest
    assert submitted.dossier.legal_representative == "何静"


@pytest.mark.requirement("REG-006")
def test_an_incomplete_dossier_is_kept_as_draft_and_cannot_be_submitted(office: Any, code: str) -> None:
    office.save(code, papers=office.dossier.papers[1:])
    before = everything(office)
    problem = refused(lambda: submit_filing(office.runtime, office.applicant(code), code, 1))
    assert (problem.kind, problem.rule, problem.field) == (Kind.INVALID, "REG-006", "dossier.papers")
    assert everything(office) == before
    assert office.submit(code).state is State.SUBMITTED


def test_what_cannot_be_stored_is_not_even_a_draft(office: Any, code: str) -> None:
    for changes in ({"division": "2201"}, {"name": "长春\x00公司"}, {"scopes": office.dossier.scopes * 101}):
        assert refused(lambda changes=changes: office.save(code, **changes)).kind is Kind.INVALID
    assert refused(lambda: office.save("91220101MA0Y00003M")).field == "credit_code"
    assert everything(office) == ([], [], [], [])


@pytest.mark.requirement("REG-011")
def test_a_return_needs_a_reason_that_is_kept(office: Any, code: str) -> None:
    submitted = office.submit(code)
    before = everything(office)
    for reason in ("", "  \n", "x" * 2001, "缺\x00页"):
        problem = refused(
            lambda reason=reason: return_filing(office.runtime, office.officer(), code, 2, reason)
        )
        assert (problem.kind, problem.field) == (Kind.INVALID, "reason")
    assert everything(office) == before
    assert office.send_back(submitted).return_reason == "缺页"
    assert office.rows(tables.step)[-1]["ground"] == "缺页"
    assert office.facts(code)[-1]["data"] == {"credit_code": code, "reason": "缺页"}


@pytest.mark.requirement("REG-011")
def test_a_year_without_calendar_keeps_the_filing_where_it_was(office: Any, code: str) -> None:
    submitted = office.submit(code)
    before = everything(office)
    office.clock.advance(datetime(2026, 12, 30, tzinfo=UTC) - office.clock.now())
    problem = refused(lambda: office.accept(submitted))
    assert problem.code == "calendar-uncovered"
    assert everything(office) == before


@pytest.mark.requirement("REG-011")
def test_with_the_agencys_own_calendar_it_is_accepted(office: Any, code: str) -> None:
    submitted = office.submit(code)
    office.clock.advance(datetime(2026, 12, 30, tzinfo=UTC) - office.clock.now())
    new_year = Holiday("元旦", date(2027, 1, 1), date(2027, 1, 3))
    notice = Notice(2027, "试", (new_year,), frozenset({date(2027, 1, 9)}))
    office = replace(office, runtime=replace(office.runtime, calendar=Calendar((notice,))))
    accepted = office.accept(submitted)
    # 31 December, 4 to 7 January.
    assert accepted.filing_due == date(2027, 1, 7)
    office.clock.advance(timedelta(days=7))  # Wednesday, 6 January
    assert watch_deadlines(office.runtime).due_soon == (code,)


@pytest.mark.requirement("REG-011")
def test_the_limit_is_warned_of_before_and_reported_after(office: Any, code: str) -> None:
    office.accept(office.submit(code))
    assert watch_deadlines(office.runtime).due_soon == ()
    office.clock.advance(timedelta(days=6))  # Thursday; due on Friday the 13th
    assert watch_deadlines(office.runtime).due_soon == (code,)
    office.clock.advance(timedelta(days=1))
    assert watch_deadlines(office.runtime).overdue == ()
    office.clock.advance(timedelta(days=1))
    late = watch_deadlines(office.runtime)
    assert (late.due_soon, late.overdue) == ((), (code,))
    office.complete(stands(office, code))
    assert watch_deadlines(office.runtime).overdue == ()


STEPS = {
    "submit": lambda office, code: office.submit(code),
    "return": lambda office, code: office.send_back(office.submit(code)),
    "accept": lambda office, code: office.accept(office.submit(code)),
    "complete": lambda office, code: office.complete(office.accept(office.submit(code))),
}


def repeat(office: Any, code: str, act: str, person: str) -> Institution:
    """The same command again, on the revision it was first given on."""
    now = stands(office, code)
    before = replace(now, revision=now.revision - 1)
    by = office.officer(person=person)
    if act == "submit":
        return submit_filing(office.runtime, office.applicant(code, person), code, before.revision)
    decide = {"return": office.send_back, "accept": office.accept, "complete": office.complete}[act]
    result: Institution = decide(before, by)
    return result


def test_a_repeated_command_answers_how_things_stand_and_changes_nothing(office: Any) -> None:
    for number, (act, step) in enumerate(STEPS.items()):
        code = office.code(number)
        done = step(office, code)
        before = everything(office)
        assert repeat(office, code, act, "wu" if act == "submit" else "qian") == done
        assert everything(office) == before


def test_the_same_command_by_another_person_is_no_repetition(office: Any) -> None:
    for number, (act, step) in enumerate(STEPS.items()):
        code = office.code(number)
        done = step(office, code)
        before = everything(office)
        problem = refused(lambda act=act, code=code: repeat(office, code, act, "sun"))
        assert (problem.kind, problem.code) == (Kind.WRONG_STATE, "wrong-state")
        assert problem.details == {"state": done.state.value, "revision": str(done.revision)}
        assert everything(office) == before


def test_a_repetition_that_comes_late_is_answered_with_how_things_stand_now(office: Any, code: str) -> None:
    submitted = office.submit(code)
    accepted = office.accept(submitted)
    before = everything(office)
    late = submit_filing(office.runtime, office.applicant(code), code, submitted.revision - 1)
    assert late == accepted
    assert everything(office) == before


def test_a_return_for_another_reason_is_no_repetition(office: Any, code: str) -> None:
    office.send_back(office.submit(code))
    problem = refused(lambda: return_filing(office.runtime, office.officer(), code, 2, "别的原因"))
    assert problem.kind is Kind.WRONG_STATE


def test_a_completion_signed_for_another_dossier_is_refused(office: Any, code: str) -> None:
    accepted = office.accept(office.submit(code))
    before = everything(office)
    problem = refused(lambda: office.complete(accepted, digest=b"x" * 32))
    assert (problem.kind, problem.code, problem.field) == (Kind.INVALID, "other-dossier", "dossier_digest")
    assert everything(office) == before
    office.complete(accepted)
    assert refused(lambda: office.complete(accepted, digest=b"x" * 32)).kind is Kind.WRONG_STATE


def test_every_act_out_of_turn_is_refused_with_what_was_found(office: Any, code: str) -> None:
    filed = office.file(code)
    before = everything(office)
    for out_of_turn in (
        lambda: office.save(code, name="新名称"),
        lambda: submit_filing(office.runtime, office.applicant(code), code, filed.revision),
        lambda: office.send_back(filed),
        lambda: office.accept(filed),
        lambda: office.complete(filed),
    ):
        problem = refused(out_of_turn)
        assert problem.details == {"state": "filed", "revision": str(filed.revision)}
    assert everything(office) == before


def test_a_decision_on_a_revision_nobody_sees_now_is_refused(office: Any, code: str) -> None:
    submitted = office.submit(code)
    for revision in (0, 1, 3, 2**63, 2**64 - 1):
        other = replace(submitted, revision=revision)
        assert refused(lambda other=other: office.accept(other)).details["revision"] == "2"
    assert office.accept(submitted).state is State.ACCEPTED


def test_saving_the_same_again_changes_nothing_and_saving_another_counts(office: Any, code: str) -> None:
    first = office.save(code)
    before = everything(office)
    assert office.save(code) == first
    assert everything(office) == before
    assert office.save(code, name="新名称").revision == 2


def test_nothing_is_known_of_an_institution_nobody_saved(office: Any, code: str) -> None:
    ghost = Institution(code, office.dossier, State.SUBMITTED, 1, b"d" * 32)
    assert refused(lambda: stands(office, code)).kind is Kind.NOT_FOUND
    assert refused(lambda: office.accept(ghost)).kind is Kind.NOT_FOUND
    applicant = office.applicant(code)
    assert refused(lambda: submit_filing(office.runtime, applicant, code, 1)).kind is Kind.NOT_FOUND


@pytest.mark.requirement("IAM-011")
def test_an_officer_of_another_region_decides_nothing(office: Any, code: str) -> None:
    submitted = office.submit(code)
    for region in ("37", "2202", "220103"):
        problem = refused(lambda region=region: office.accept(submitted, office.officer(region)))
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "IAM-011")
    assert office.accept(submitted, office.officer("2201")).state is State.ACCEPTED


@pytest.mark.requirement("IAM-012")
def test_nobody_saves_or_submits_for_another_institution(office: Any, code: str) -> None:
    stranger = office.applicant(office.code(2))
    problem = refused(lambda: save_draft(office.runtime, stranger, code, office.dossier))
    assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "IAM-012")
    assert everything(office) == ([], [], [], [])
    office.save(code)
    before = everything(office)
    problem = refused(lambda: save_draft(office.runtime, stranger, code, replace(office.dossier, name="x")))
    assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "IAM-012")
    assert everything(office) == before
    problem = refused(lambda: submit_filing(office.runtime, stranger, code, 1))
    assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "IAM-012")
    assert submit_filing(office.runtime, office.applicant(code), code, 1).state is State.SUBMITTED


DECISIONS = {
    "return": (lambda office, code: office.submit(code), "send_back"),
    "accept": (lambda office, code: office.submit(code), "accept"),
    "complete": (lambda office, code: office.accept(office.submit(code)), "complete"),
}


@pytest.mark.parametrize("applied", ["saved", "submitted"])
def test_who_applied_never_decides_even_when_his_roles_have_changed_since(office: Any, applied: str) -> None:
    for number, (prepare, decide) in enumerate(DECISIONS.values()):
        code = office.code(number)
        office.save(code, person="sun" if applied == "saved" else "wu", name="第一稿")
        office.save(code, name="第二稿")
        if applied == "submitted":
            submitted = submit_filing(office.runtime, office.applicant(code, "sun"), code, 2)
            office.send_back(submitted, office.officer(person="li"))
        found = prepare(office, code)
        before = everything(office)
        act = getattr(office, decide)
        problem = refused(lambda act=act, found=found: act(found, office.officer(person="sun")))
        assert (problem.kind, problem.rule, problem.clause) == (Kind.FORBIDDEN, "FILING-SELF", "002 8-9")
        assert everything(office) == before
        assert act(found, office.officer(person="qian"))


def test_the_history_of_a_case_cannot_be_rewritten(office: Any, code: str) -> None:
    office.submit(code)
    for change in (sa.update(tables.step).values(person="x"), sa.delete(tables.step)):
        with pytest.raises(sa.exc.DBAPIError), office.runtime.db.write() as tx:
            tx.execute(change)
    assert {act["person"] for act in office.rows(tables.step)} == {"wu"}


def test_facts_of_a_case_count_without_a_gap_and_hold_nothing_personal(office: Any, code: str) -> None:
    office.complete(office.accept(office.submit(code)))
    facts = office.facts(code)
    assert [fact["type"] for fact in facts] == [
        "institution.submitted.v1",
        "institution.accepted.v1",
        "institution.filed.v1",
    ]
    assert [fact["version"] for fact in facts] == [1, 2, 3]
    for secret in ("何静", "吴晓", "13900000001", "示例路"):
        assert secret not in str(facts)


def test_a_number_of_a_person_in_a_reason_does_not_travel(office: Any, code: str) -> None:
    submitted = office.submit(code)
    returned = return_filing(office.runtime, office.officer(), code, 2, "联系人电话13900000001无人接听")
    assert "13900000001" in returned.return_reason
    assert "13900000001" not in str(office.facts(submitted.credit_code))
