"""Applications entered, submitted, withdrawn: by whom, when, who is who, and what others get to see of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from jiangheng.chassis.auth import Caller, Grant
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.application import READ, Application, State
from jiangheng.registration.domain.form import ApplicationForm, EvidencePaper, HeldCertificate
from jiangheng.registration.operations import pins
from jiangheng.registration.operations.get_application import get_application
from jiangheng.registration.operations.list_applications import list_applications
from jiangheng.registration.operations.submit_application import submit_application
from jiangheng.registration.operations.withdraw_application import withdraw_application
from jiangheng.registration.store import applications as store
from jiangheng.registration.wire.applications import application_digest
from jiangheng.rules.pack import overlaid

AT_ONCE = 6


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def everything(office: Any) -> tuple[Any, ...]:
    """All that an act on applications can change."""
    kept = (tables.application, tables.review, tables.step)
    return (*(office.rows(table) for table in kept), office.facts())


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


def withdraw(candidates: Any, found: Application, reason: str = "本人放弃") -> Application:
    return withdraw_application(
        candidates.office.runtime, candidates.clerk(), found.id, found.revision, reason
    )


def test_a_draft_may_have_gaps_and_the_same_again_changes_nothing(candidates: Any) -> None:
    office = candidates.office
    blank = candidates.save(1, **vars(ApplicationForm()))
    assert (blank.state, blank.revision) == (State.DRAFT, 1)
    before = everything(office)
    assert candidates.save(1, **vars(ApplicationForm())) == blank
    assert everything(office) == before
    whole = candidates.save(1)
    assert (whole.revision, whole.form) == (2, candidates.form(1))
    assert whole.digest != blank.digest
    assert office.facts(whole.id) == []
    submitted = submit_application(office.runtime, candidates.clerk(), whole.id, whole.revision)
    assert (submitted.state, submitted.revision) == (State.SUBMITTED, 3)
    assert refused(lambda: candidates.save(1, intends=False)).details["state"] == "submitted"


def test_a_submission_asked_for_again_is_answered_and_counted_once(candidates: Any) -> None:
    office = candidates.office
    submitted = candidates.submit()
    before = everything(office)
    assert submit_application(office.runtime, candidates.clerk(), submitted.id, 1) == submitted
    assert everything(office) == before
    other = candidates.clerk("dong")
    problem = refused(lambda: submit_application(office.runtime, other, submitted.id, 1))
    assert problem.details == {"state": "submitted", "revision": "2"}
    assert everything(office) == before


def test_what_is_not_whole_stays_a_draft(candidates: Any) -> None:
    saved = candidates.save(papers=(), promise_digest=b"")
    before = everything(candidates.office)
    by = candidates.clerk()
    problem = refused(lambda: submit_application(candidates.office.runtime, by, saved.id, saved.revision))
    assert (problem.kind, problem.details["faults"]) == (Kind.INVALID, "3")
    assert everything(candidates.office) == before


@pytest.mark.requirement("REG-017")
def test_an_occupation_that_the_batch_does_not_assess_is_refused(candidates: Any) -> None:
    problem = refused(lambda: candidates.submit(occupation_code="6-18-01-01-02"))
    assert (problem.code, problem.rule) == ("out-of-scope", "REG-017")


def test_nobody_enters_candidates_where_they_register_themselves(
    candidates: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = pins.pack_of
    own = {"reg.channel": "own_account"}
    monkeypatch.setattr(pins, "pack_of", lambda tx, found: overlaid(pinned(tx, found), own))
    before = everything(candidates.office)
    problem = refused(candidates.save)
    assert (problem.code, problem.rule) == ("channel-not-offered", "REG-070")
    assert everything(candidates.office) == before
    monkeypatch.undo()
    assert candidates.save().state is State.DRAFT


def test_applications_are_taken_from_the_first_instant_of_registration_to_the_last(candidates: Any) -> None:
    candidates.day("2026-03-08", 23)
    assert refused(candidates.save).code == "registration-not-open"
    assert everything(candidates.office)[0] == []
    candidates.day("2026-03-09", 0)
    candidates.save()
    candidates.day("2026-03-15", 23)
    late = candidates.save(2)
    candidates.day("2026-03-16", 0)
    assert refused(lambda: candidates.save(3)).code == "registration-closed"
    assert refused(lambda: candidates.save(2, intends=False)).code == "registration-closed"
    by = candidates.clerk()
    problem = refused(lambda: submit_application(candidates.office.runtime, by, late.id, late.revision))
    assert (problem.kind, problem.code) == (Kind.WRONG_STATE, "registration-closed")
    assert withdraw(candidates, late).state is State.WITHDRAWN


def test_a_batch_that_is_not_confirmed_takes_nobody(candidates: Any) -> None:
    office = candidates.office
    draft = office.submit_batch(candidates.code, 2)
    before = everything(office)
    problem = refused(lambda: replace(candidates, batch=draft).save())
    assert (problem.kind, problem.details["state"]) == (Kind.WRONG_STATE, "submitted")
    assert everything(office) == before
    ghost = replace(candidates, batch=replace(draft, id=office.batch_id(9)))
    assert refused(ghost.save).kind is Kind.NOT_FOUND


def test_a_person_is_registered_once_for_the_same(candidates: Any) -> None:
    candidates.save(1)
    before = everything(candidates.office)
    same = candidates.form(1)
    problem = refused(lambda: candidates.save(2, **vars(same)))
    assert (problem.kind, problem.code, problem.field) == (
        Kind.EXISTS,
        "registered-twice",
        "form.candidate.number",
    )
    spelt = replace(same.candidate, number=f" {same.candidate.number.lower()} ")
    assert refused(lambda: candidates.save(2, candidate=spelt)).code == "registered-twice"
    assert everything(candidates.office) == before
    other = candidates.save(2)
    assert refused(lambda: candidates.save(2, **vars(same))).code == "registered-twice"
    assert candidates.save(2) == other
    assert candidates.save(2, **{**vars(same), "level": 3}).form.level == 3


def test_of_two_who_enter_one_person_at_once_one_is_told(candidates: Any) -> None:
    same = vars(candidates.form(1))
    results = at_once([lambda n=n: candidates.save(n, **same) for n in range(1, AT_ONCE + 1)])
    won = [result for result in results if isinstance(result, Application)]
    lost = [result.code for result in results if isinstance(result, Problem)]
    assert (len(won), lost) == (1, ["registered-twice"] * (AT_ONCE - 1))
    assert len(candidates.office.rows(tables.application)) == 1


def test_of_two_changed_to_one_person_at_once_one_is_told(candidates: Any) -> None:
    for number in range(1, AT_ONCE + 1):
        candidates.save(number)
    same = vars(candidates.form(99))
    results = at_once([lambda n=n: candidates.save(n, **same) for n in range(1, AT_ONCE + 1)])
    assert sum(isinstance(result, Application) for result in results) == 1
    assert {result.code for result in results if isinstance(result, Problem)} == {"registered-twice"}


@pytest.mark.requirement("REG-076")
def test_one_number_never_stands_under_two_names(candidates: Any) -> None:
    candidates.submit(1)
    other = replace(candidates.form(1).candidate, name="李四")
    problem = refused(lambda: candidates.save(2, candidate=other, level=3, condition="3.1"))
    assert (problem.kind, problem.code) == (Kind.EXISTS, "other-name")
    assert "考生1" not in f"{problem}{problem.zh}"
    assert candidates.save(2, candidate=candidates.form(1).candidate, level=3).state is State.DRAFT


@pytest.mark.requirement("REG-076")
def test_two_names_for_one_number_that_were_saved_at_once_are_never_submitted(candidates: Any) -> None:
    office = candidates.office
    turner = replace(candidates.batch.plan.scopes[0], occupation_code="6-18-01-01-02", level=3)
    batch = office.confirmed_batch(
        candidates.code,
        2,
        scopes=(*candidates.batch.plan.scopes, turner),
        registration_opens="2026-03-10",
    )
    both = replace(candidates, batch=batch)
    both.day("2026-03-10")
    work = replace(both.form().work[0], occupation_code="6-18-01-01-02", begun="2010-01-04")
    first = both.save(1)
    second = both.save(2, occupation_code="6-18-01-01-02", level=3, condition="3.1", work=(work,))
    # As two clerks leave it who both looked before the other had saved.
    one = replace(second.form.candidate, number=first.form.candidate.number)
    with office.runtime.db.write() as tx:
        forged = replace(second, form=replace(second.form, candidate=one))
        store.change(tx, office.runtime.cipher, office.runtime.index, second, forged)
    for each in (first, second):
        by = both.clerk()
        problem = refused(
            lambda each=each, by=by: submit_application(office.runtime, by, each.id, each.revision)
        )
        assert problem.code == "other-name"
    withdraw(both, second)
    assert submit_application(office.runtime, both.clerk(), first.id, 1).state is State.SUBMITTED


@pytest.mark.parametrize("most", [1, 2])
def test_nobody_applies_for_more_occupations_than_the_pack_allows(
    candidates: Any, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    pinned = pins.pack_of
    limit = {"reg.max_occupations_per_application": most}
    monkeypatch.setattr(pins, "pack_of", lambda tx, found: overlaid(pinned(tx, found), limit))
    candidates.submit(1)
    person = candidates.form(1).candidate
    again = {"candidate": person, "level": 3}
    assert candidates.save(2, **again).form.level == 3  # the same occupation, another level
    other = {"candidate": person, "occupation_code": "6-18-01-01-02"}
    if most == 2:
        assert candidates.save(3, **other).state is State.DRAFT
        return
    problem = refused(lambda: candidates.save(3, **other))
    assert (problem.code, problem.rule) == ("too-many-occupations", "REG-077")


def test_who_withdrew_may_be_entered_anew(candidates: Any) -> None:
    submitted = candidates.submit(1)
    gone = withdraw(candidates, submitted, "身份证号码220102199003070031的考生放弃")
    assert (gone.state, gone.withdrawal_reason[:2]) == (State.WITHDRAWN, "身份")
    before = everything(candidates.office)
    again = withdraw(candidates, submitted, "身份证号码220102199003070031的考生放弃")
    assert again == gone
    assert everything(candidates.office) == before
    assert refused(lambda: withdraw(candidates, submitted, "别的原因")).kind is Kind.WRONG_STATE
    assert refused(lambda: withdraw(candidates, submitted, " ")).kind is Kind.INVALID
    fresh = candidates.save(2, **vars(candidates.form(1)))
    assert fresh.state is State.DRAFT
    assert [fact["type"] for fact in candidates.office.facts(submitted.id)] == [
        "application.submitted.v1",
        "application.withdrawn.v1",
    ]


@pytest.mark.requirement("IAM-012")
def test_nobody_enters_or_submits_for_another_institution(candidates: Any) -> None:
    saved = candidates.save()
    before = everything(candidates.office)
    stranger = candidates.office.holder("chen", "registration_clerk", institution=candidates.office.code(2))
    runtime = candidates.office.runtime
    for act in (
        lambda: candidates.save(1, stranger, intends=False),
        lambda: candidates.save(2, stranger),
        lambda: submit_application(runtime, stranger, saved.id, saved.revision),
        lambda: withdraw_application(runtime, stranger, saved.id, saved.revision, "x"),
    ):
        problem = refused(act)
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "IAM-012")
    assert everything(candidates.office) == before


def test_an_id_stays_in_its_batch(candidates: Any) -> None:
    candidates.save()
    batch = candidates.office.confirmed_batch(candidates.code, 2, registration_opens="2026-03-10")
    other = replace(candidates, batch=batch)
    other.day("2026-03-10")
    before = everything(candidates.office)
    problem = refused(other.save)
    assert (problem.kind, problem.field) == (Kind.EXISTS, "application_id")
    assert everything(candidates.office) == before
    assert other.save(2, **vars(other.form(1))).batch_id == batch.id  # another batch, another registration


PERSONAL = (
    "考生1",
    "13900000001",
    "考生所在单位",
    "电气设备维修",
    "Y000022000001185000001",
    "工作证明原件8号",
)


def test_nothing_personal_lies_open_in_the_database_or_in_facts(candidates: Any) -> None:
    office = candidates.office
    form = candidates.form()
    found = candidates.submit(
        1,
        candidate=replace(form.candidate, employer="考生所在单位"),
        work=(replace(form.work[0], employer="考生所在单位"),),
        certificates=(HeldCertificate("6-31-01-03", 5, "2018-06-01", "Y000022000001185000001", "示例机构"),),
        papers=(
            *form.papers,
            EvidencePaper("previous_certificate", "工作证明原件8号", b"d" * 32),
        ),
    )
    withdraw(candidates, found, "考生1已离职，电话13900000001")
    secrets = (*PERSONAL, candidates.number(1), "1990-03-07")
    with office.runtime.db.read() as tx:
        for table in tables.metadata.sorted_tables:
            if table.name in ("institution",):
                continue
            for row in tx.execute(sa.select(table)):
                for secret in secrets:
                    assert secret not in str(tuple(row)), table.name
                    assert secret.encode() not in b"".join(value for value in row if isinstance(value, bytes))


def test_the_digest_is_salted_and_differs_from_one_application_to_the_next(candidates: Any) -> None:
    runtime = candidates.office.runtime
    assert len(store.salt(runtime.index, "a")) == 32
    assert store.salt(runtime.index, "a") != store.salt(runtime.index, "b")
    form = candidates.form()
    assert application_digest(b"a" * 32, "id", "batch", form) != application_digest(
        b"b" * 32, "id", "batch", form
    )
    first = candidates.save(1)
    changed = candidates.save(1, intends=False)
    back = candidates.save(1)
    assert first.digest == back.digest != changed.digest


def test_a_sealed_form_opens_in_no_other_row(candidates: Any) -> None:
    first, second = candidates.save(1), candidates.save(2)
    table, runtime = tables.application, candidates.office.runtime
    with runtime.db.write() as tx:
        stolen = tx.execute(sa.select(table.c.personal).where(table.c.id == first.id)).scalar_one()
        tx.execute(sa.update(table).where(table.c.id == second.id).values(personal=stolen))
    with pytest.raises(Exception, match="not of this place"):
        get_application(runtime, candidates.clerk(), second.id)


def reader(region: str = "22") -> Caller:
    """Somebody who may read applications and neither registers nor samples them."""
    return Caller("person", "feng", (Grant("reader", frozenset({READ}), region=region),))


@pytest.mark.requirement("REG-094")
def test_who_need_not_know_sees_masks(candidates: Any) -> None:
    office = candidates.office
    found = candidates.approve(1)
    for caller in (
        candidates.clerk(),
        candidates.reviewer(),
        office.planner(candidates.code),
        office.centre(),
    ):
        whole = get_application(office.runtime, caller, found.id)
        assert (whole.masked, whole.application.form) == (False, found.form)
        assert whole.reviews[0].items[0].source == "工作证明原件"
    hidden = get_application(office.runtime, reader(), found.id)
    candidate = hidden.application.form.candidate
    assert hidden.masked
    assert (candidate.name, candidate.phone) == ("考**", "139****0001")
    assert candidate.number.startswith("22*")
    assert (candidate.born, candidate.employer) == ("", "")
    for secret in ("考生1", "13900000001", "示例制造", "电气设备维修", "原件", candidates.number(1)):
        assert secret not in repr(hidden)
    assert hidden.finding.met == ("4.1",)
    (listed,) = list_applications(
        office.runtime, reader(), candidates.batch.id, state=None, token="", size=0
    ).applications
    assert listed == hidden


@pytest.mark.requirement("REG-094")
def test_the_list_of_a_batch_has_everybody_once_by_occupation_and_level(candidates: Any) -> None:
    office, batch_id = candidates.office, candidates.batch.id
    turners = [candidates.save(number, occupation_code="6-18-01-01-02", level=3) for number in (1, 4)]
    higher = candidates.save(2, level=3)
    others = [candidates.save(number) for number in (3, 5)]
    done = candidates.submit(6)
    blank = candidates.save(7, occupation_code="", level=0)

    def listed(state: State | None = None, token: str = "", size: int = 2) -> Any:
        by = candidates.clerk()
        return list_applications(office.runtime, by, batch_id, state=state, token=token, size=size)

    seen, token = [], None
    while token != "":
        page = listed(token=token or "")
        seen += [each.application.id for each in page.applications]
        token = page.next_token
    assert seen == [each.id for each in (blank, *turners, higher, *others, done)]
    only = listed(State.SUBMITTED, size=0)
    assert [each.application.id for each in only.applications] == [done.id]
    with pytest.raises(Problem):
        listed(State.DRAFT, listed().next_token)
    with pytest.raises(Problem):
        listed(size=201)


def test_what_the_batch_needs_to_know_of_its_applications(candidates: Any) -> None:
    office, batch_id = candidates.office, candidates.batch.id
    candidates.save(1)
    approved = [candidates.approve(number) for number in (3, 2)]
    candidates.review(candidates.submit(4), candidates.refusal)
    with office.runtime.db.read() as tx:
        assert store.counts(tx, batch_id) == {State.DRAFT: 1, State.APPROVED: 2, State.REFUSED: 1}
        assert store.approved(tx, batch_id) == tuple(sorted((each.id, 3) for each in approved))
        opened = store.approved_applications(tx, office.runtime.cipher, batch_id)
        digest = store.approved_digest(tx, batch_id)
    assert sorted(opened, key=lambda each: each.id) == opened
    assert {each.form.candidate.name for each in opened} == {"考生2", "考生3"}
    candidates.approve(5)
    with office.runtime.db.read() as tx:
        assert store.approved_digest(tx, batch_id) != digest
