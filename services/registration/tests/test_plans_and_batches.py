"""Annual plans and batches up to their confirmation: what changes, is stated, is refused."""

from __future__ import annotations

import json
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
from jiangheng.chassis.canonical import digest as sha256
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.batch import Batch, BatchPlan, BatchScope, Part, Sitting, State
from jiangheng.registration.domain.dossier import InstitutionKind, Scope
from jiangheng.registration.domain.plan import Plan, PlanLine
from jiangheng.registration.domain.plan import State as PlanState
from jiangheng.registration.operations.get_batch import get_batch, get_pack
from jiangheng.registration.operations.get_plan import get_plan
from jiangheng.registration.operations.list_batches import list_batches
from jiangheng.registration.operations.return_batch import return_batch
from jiangheng.registration.operations.return_plan import return_plan
from jiangheng.registration.operations.save_batch import save_batch
from jiangheng.registration.operations.submit_batch import submit_batch
from jiangheng.registration.operations.submit_plan import submit_plan
from jiangheng.registration.store import batches as store
from jiangheng.registration.store import steps
from jiangheng.rules.pack import PACKS_VARIABLE, Pack, pack_named

AT_ONCE = 6


@pytest.fixture
def code(office: Any) -> str:
    """A filed institution."""
    filed = str(office.code())
    office.file(filed)
    return filed


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def everything(office: Any) -> tuple[Any, ...]:
    """All that an act could have changed."""
    kept = (tables.plan, tables.batch, tables.pinned_pack, tables.sample, tables.step)
    return (*(office.rows(table) for table in kept), office.facts())


def unchanged(office: Any, act: Callable[[], object]) -> Problem:
    """The act is refused and leaves no trace."""
    before = everything(office)
    problem = refused(act)
    assert everything(office) == before
    return problem


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


def problems(results: Sequence[Any]) -> list[Problem]:
    return [result for result in results if isinstance(result, Problem)]


def plan_of(office: Any, code: str) -> Plan:
    return get_plan(office.runtime, code, 2026)


def batch_of(office: Any, number: int = 1) -> Batch:
    return get_batch(office.runtime, office.batch_id(number)).batch


def stated(office: Any, kind: str) -> list[Any]:
    return [fact for fact in office.facts() if fact["type"] == kind]


# --- annual plans


def test_an_annual_plan_all_the_way(office: Any, code: str, lines: tuple[PlanLine, ...]) -> None:
    saved = office.save_plan(code, lines[:1])
    assert (saved.state, saved.revision, saved.division) == (PlanState.DRAFT, 1, "220102")
    submitted = office.submit_plan(code, lines[:1])
    assert (submitted.state, submitted.revision) == (PlanState.SUBMITTED, 2)
    returned = return_plan(office.runtime, office.plan_officer(), code, 2026, 2, " 缺少车工 ")
    assert (returned.state, returned.return_reason) == (PlanState.RETURNED, "缺少车工")
    again = office.submit_plan(code, lines)
    assert (again.state, again.revision, again.return_reason) == (PlanState.SUBMITTED, 5, "")
    confirmed = office.confirm_plan(again)
    assert (confirmed.state, confirmed.lines) == (PlanState.CONFIRMED, lines)
    assert confirmed.confirmed.at == office.clock.now()
    assert plan_of(office, code) == confirmed
    acts = [(row["act"], row["person"], row["revision"]) for row in office.rows(tables.step)]
    assert [act for act in acts if act[0] in ("return", "confirm")] == [
        ("return", "sun", 2),
        ("confirm", "sun", 5),
    ]
    subject = f"{code}-2026"
    assert [fact["type"] for fact in office.facts(subject)] == [
        "plan.submitted.v1",
        "plan.returned.v1",
        "plan.submitted.v1",
        "plan.confirmed.v1",
    ]
    fact = office.facts(subject)[-1]
    assert (fact["region"], fact["actor"], fact["data"]["revision"]) == ("220102", "person:sun", "5")
    assert fact["data"]["signature"]["key_id"] == "key-1"


def test_the_same_draft_again_changes_nothing_and_another_is_a_new_revision(
    office: Any, code: str, lines: tuple[PlanLine, ...]
) -> None:
    office.save_plan(code)
    before = everything(office)
    assert office.save_plan(code).revision == 1
    assert everything(office) == before
    assert office.save_plan(code, lines[:1]).revision == 2
    # Back to what it was is a change as well.
    assert office.save_plan(code).revision == 3


def test_a_changed_plan_has_to_be_confirmed_anew(office: Any, code: str, lines: tuple[PlanLine, ...]) -> None:
    confirmed = office.confirm_plan(office.submit_plan(code))
    assert office.save_plan(code) == confirmed  # nothing changes, it stays confirmed
    changed = office.save_plan(code, lines[:1])
    assert (changed.state, changed.confirmed) == (PlanState.DRAFT, None)
    again = office.submit_plan(code, lines[:1])
    assert office.confirm_plan(again).state is PlanState.CONFIRMED


@pytest.mark.requirement("REG-017")
@pytest.mark.parametrize("line", [("6-31-01-03", 3), ("6-18-01-01-02", 4), ("6-29-02-06", 4)])
def test_nothing_beyond_the_filed_scope_is_planned(
    line: tuple[str, int], office: Any, code: str, lines: tuple[PlanLine, ...]
) -> None:
    beyond = replace(lines[0], occupation_code=line[0], level=line[1])
    saved = office.save_plan(code, (lines[0], beyond))
    by = office.planner(code)
    problem = unchanged(office, lambda: submit_plan(office.runtime, by, code, 2026, saved.revision))
    assert (problem.rule, problem.field, problem.code) == ("REG-017", "lines[1]", "out-of-scope")
    batch = office.save_batch(code, scopes=(BatchScope(*line, (Part.THEORY, Part.SKILL)),))
    problem = unchanged(office, lambda: submit_batch(office.runtime, by, batch.id, batch.revision))
    assert (problem.rule, problem.field, problem.code) == ("REG-017", "plan.scopes[0]", "out-of-scope")


@pytest.mark.requirement("REG-017")
def test_who_is_not_filed_plans_nothing(office: Any) -> None:
    code = office.code(7)
    saved = office.submit(code)
    office.save_plan(code)
    office.save_batch(code)
    for bring in (lambda: None, lambda: office.accept(saved)):
        bring()
        for act in (lambda: office.submit_plan(code), lambda: office.submit_batch(code)):
            problem = unchanged(office, act)
            assert (problem.kind, problem.code, problem.rule) == (Kind.WRONG_STATE, "not-filed", "REG-017")


def test_there_is_no_plan_of_an_institution_that_is_not_there(office: Any) -> None:
    for act in (lambda: office.save_plan(office.code(9)), lambda: office.save_batch(office.code(9))):
        assert unchanged(office, act).kind is Kind.NOT_FOUND
    assert refused(lambda: get_plan(office.runtime, office.code(), 2026)).code == "no-plan"
    assert refused(lambda: get_batch(office.runtime, office.batch_id())).code == "no-batch"


def test_the_officer_confirms_what_he_signed_for_and_nothing_else(
    office: Any, code: str, lines: tuple[PlanLine, ...]
) -> None:
    earlier = office.save_plan(code, lines[:1])
    submitted = office.submit_plan(code)
    for digest in (earlier.digest, b"x" * 32, submitted.digest[:31], b""):
        problem = unchanged(
            office, lambda digest=digest: office.confirm_plan(replace(submitted, digest=digest))
        )
        assert (problem.field, problem.code, problem.rule) == ("digest", "other-content", "REG-038")
    assert office.confirm_plan(submitted).state is PlanState.CONFIRMED


@pytest.mark.parametrize("reason", ["", " \n", "x" * 2001, "缺\x00页"])
def test_a_return_needs_a_reason(reason: str, office: Any, code: str) -> None:
    office.submit_plan(code)
    batch = office.submit_batch(code)
    officer = office.plan_officer()
    for act in (
        lambda: return_plan(office.runtime, officer, code, 2026, 2, reason),
        lambda: return_batch(office.runtime, officer, batch.id, 2, reason),
    ):
        problem = unchanged(office, act)
        assert (problem.kind, problem.field) == (Kind.INVALID, "reason")


def test_reasons_travel_without_what_is_personal(office: Any, code: str) -> None:
    office.submit_plan(code)
    batch = office.submit_batch(code)
    reason = "请联系13900000001"
    return_plan(office.runtime, office.plan_officer(), code, 2026, 2, reason)
    back = return_batch(office.runtime, office.plan_officer(), batch.id, 2, reason)
    assert back.return_reason == reason
    for fact in (*stated(office, "plan.returned.v1"), *stated(office, "batch.returned.v1")):
        assert "13900000001" not in str(fact["data"])


# --- asked again


def steps_of_a_plan(office: Any, code: str) -> list[Callable[[], Plan]]:
    officer = office.plan_officer()
    return [
        lambda: submit_plan(office.runtime, office.planner(code), code, 2026, 1),
        lambda: return_plan(office.runtime, officer, code, 2026, 2, "缺页"),
        lambda: submit_plan(office.runtime, office.planner(code), code, 2026, 3),
        lambda: office.confirm_plan(replace(plan_of(office, code), revision=4)),
    ]


def steps_of_a_batch(office: Any, code: str) -> list[Callable[[], Batch]]:
    id, officer = office.batch_id(), office.plan_officer()
    return [
        lambda: submit_batch(office.runtime, office.planner(code), id, 1),
        lambda: return_batch(office.runtime, officer, id, 2, "缺页"),
        lambda: submit_batch(office.runtime, office.planner(code), id, 3),
        lambda: office.confirm_batch(replace(batch_of(office), revision=4)),
    ]


@pytest.mark.parametrize("steps_of", [steps_of_a_plan, steps_of_a_batch])
def test_every_step_asked_for_again_is_answered_and_counted_once(
    steps_of: Callable[[Any, str], list[Callable[[], Any]]], office: Any, code: str
) -> None:
    office.save_plan(code)
    office.save_batch(code)
    for number, act in enumerate(steps_of(office, code)):
        first = act()
        before = everything(office)
        assert act() == first
        for earlier in steps_of(office, code)[:number]:
            assert earlier() == first  # how things stand, not how they stood
        assert everything(office) == before


def test_another_person_is_not_answered_as_if_he_had_done_it(office: Any, code: str) -> None:
    plan, batch = office.submit_plan(code), office.submit_batch(code)
    office.confirm_plan(plan)
    office.confirm_batch(batch)
    li = office.plan_officer(person="li")
    for act in (lambda: office.confirm_plan(plan, li), lambda: office.confirm_batch(batch, li)):
        problem = unchanged(office, act)
        assert problem.kind is Kind.WRONG_STATE
        assert problem.details == {"state": "confirmed", "revision": "3"}


# --- batches


def test_a_batch_all_the_way_to_its_confirmation(office: Any, code: str) -> None:
    saved = office.save_batch(code)
    assert (saved.state, saved.revision, saved.division) == (State.DRAFT, 1, "220102")
    assert saved.plan.sittings[0].starts_at == datetime(2026, 4, 11, 1, 0, tzinfo=UTC)
    submitted = office.submit_batch(code)
    back = return_batch(office.runtime, office.plan_officer(), saved.id, submitted.revision, "缺考点")
    assert (back.state, back.return_reason) == (State.RETURNED, "缺考点")
    mended = office.save_batch(code, name="2026年第1期电工")
    assert (mended.state, mended.return_reason) == (State.RETURNED, "缺考点")
    again = office.submit_batch(code, name="2026年第1期电工")
    assert (again.state, again.return_reason, again.pack) == (State.SUBMITTED, "", None)
    confirmed = office.confirm_batch(again)
    assert (confirmed.state, confirmed.revision) == (State.CONFIRMED, 6)
    assert confirmed.confirmed.signature == b"s" * 64
    assert batch_of(office) == confirmed
    assert [fact["type"] for fact in office.facts(saved.id)] == [
        "batch.submitted.v1",
        "batch.returned.v1",
        "batch.submitted.v1",
        "batch.confirmed.v1",
    ]
    fact = office.facts(saved.id)[-1]
    assert (fact["actor"], fact["region"], fact["data"]["revision"]) == ("person:sun", "220102", "5")
    assert fact["data"]["test"] is True


def test_only_the_authority_brings_a_plan_on_and_only_a_confirmed_one_takes_applications(
    office: Any, code: str, batch_plan: BatchPlan
) -> None:
    submitted = office.submit_batch(code)
    for by in (office.planner(code), office.head(code), office.centre(), office.plan_officer("37")):
        problem = unchanged(office, lambda by=by: office.confirm_batch(submitted, by))
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "IAM-011")
    # Nobody rewrites what the authority has, nor what it has confirmed.
    for bring in (lambda: None, lambda: office.confirm_batch(submitted)):
        bring()
        for content in ({}, {"name": "另一期"}):
            problem = unchanged(office, lambda content=content: office.save_batch(code, **content))
            assert (problem.kind, problem.rule) == (Kind.WRONG_STATE, "REG-052")
    assert batch_of(office).plan == batch_plan


def test_the_same_draft_of_a_batch_again_changes_nothing(office: Any, code: str) -> None:
    office.save_batch(code)
    before = everything(office)
    assert office.save_batch(code).revision == 1
    assert everything(office) == before
    assert office.save_batch(code, name="x").revision == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x"},
        {"year": 2027},
        {"number": 9},
        {"pack_id": "shandong-social"},
        {"registration_opens": "2026-03-10"},
        {"registration_closes": "2026-03-16"},
        {"review_closes": "2026-03-21"},
        {"scopes": (BatchScope("6-31-01-03", 4, (Part.SKILL, Part.THEORY)),)},
        {"documents": ()},
        {"sittings": ("turn_minutes", 45)},
        {"sittings": ("site_id", "another")},
        {"sittings": ("part", Part.SKILL)},
        {"sittings": ("ends_at", datetime(2026, 4, 11, 3, 0, tzinfo=UTC))},
    ],
)
def test_the_digest_covers_the_whole_plan_and_the_whole_plan_is_kept(
    changes: dict[str, Any], office: Any, code: str, batch_plan: BatchPlan
) -> None:
    first = office.save_batch(code)
    if "sittings" in changes:
        field, value = changes["sittings"]
        changes = {"sittings": (replace(batch_plan.sittings[0], **{field: value}), batch_plan.sittings[1])}
    second = office.save_batch(code, **changes)
    assert second.digest != first.digest
    assert batch_of(office).plan == replace(batch_plan, **changes)


def test_an_id_of_another_institution_is_not_taken_over(
    office: Any, code: str, batch_plan: BatchPlan
) -> None:
    other = office.code(2)
    office.file(other)
    saved = office.save_batch(code)
    stranger = office.planner(other)
    problem = unchanged(
        office, lambda: save_batch(office.runtime, stranger, saved.id, other, replace(batch_plan, name="x"))
    )
    assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "IAM-012")
    both = Caller("person", "zhao", (*office.planner(code).grants, *stranger.grants))
    problem = unchanged(office, lambda: save_batch(office.runtime, both, saved.id, other, batch_plan))
    assert (problem.kind, problem.rule) == (Kind.EXISTS, "IAM-012")


def test_acts_on_what_another_has_seen_are_refused(office: Any, code: str) -> None:
    submitted = office.submit_batch(code)
    for revision in (0, 1, 3, 2**64 - 1):
        stale = replace(submitted, revision=revision)
        for act in (
            lambda stale=stale: office.confirm_batch(stale),
            lambda stale=stale: return_batch(
                office.runtime, office.plan_officer(), stale.id, stale.revision, "缺页"
            ),
        ):
            problem = unchanged(office, act)
            assert problem.kind is Kind.WRONG_STATE
            assert problem.details["revision"] == "2"


def test_whoever_ever_prepared_a_plan_does_not_decide_on_it(office: Any, code: str) -> None:
    """Also where the grants would allow it, and where somebody else handed it in."""
    both = Caller(
        "person", "zhao", (*office.planner(code).grants, *office.plan_officer(person="zhao").grants)
    )
    office.save_plan(code)
    office.save_batch(code)
    qi = office.planner(code, "qi")
    plan = submit_plan(office.runtime, qi, code, 2026, 1)
    batch = submit_batch(office.runtime, qi, office.batch_id(), 1)
    for act in (
        lambda: office.confirm_plan(plan, both),
        lambda: return_plan(office.runtime, both, code, 2026, 2, "缺页"),
        lambda: office.confirm_batch(batch, both),
        lambda: return_batch(office.runtime, both, batch.id, 2, "缺页"),
    ):
        problem = unchanged(office, act)
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, "PLAN-SELF")
    assert office.confirm_batch(batch).state is State.CONFIRMED


@pytest.mark.requirement("REG-055")
def test_a_number_is_given_once_in_the_year(office: Any, code: str) -> None:
    office.submit_batch(code, 1)
    office.save_batch(code, 2, number=1)  # a draft may
    by, id = office.planner(code), office.batch_id(2)
    problem = unchanged(office, lambda: submit_batch(office.runtime, by, id, 1))
    assert (problem.kind, problem.rule, problem.field) == (Kind.EXISTS, "REG-055", "plan.number")
    assert office.submit_batch(code, 2, number=2).state is State.SUBMITTED
    # Another institution counts for itself, and so does another year.
    other = office.code(2)
    office.file(other)
    office.submit_batch(other, 3, number=1)
    later = timedelta(days=365)
    sittings = tuple(
        replace(each, starts_at=each.starts_at + later, ends_at=each.ends_at + later)
        for each in batch_of(office).plan.sittings
    )
    office.submit_batch(code, 4, number=1, year=2027, sittings=sittings)


def test_a_returned_batch_keeps_its_number_until_it_takes_another(office: Any, code: str) -> None:
    submitted = office.submit_batch(code, 1)
    return_batch(office.runtime, office.plan_officer(), submitted.id, 2, "缺页")
    assert refused(lambda: office.submit_batch(code, 2, number=1)).kind is Kind.EXISTS
    office.save_batch(code, 1, number=5)
    assert office.submit_batch(code, 2, number=1).state is State.SUBMITTED
    assert refused(lambda: office.submit_batch(code, 1, number=1)).kind is Kind.EXISTS


@pytest.mark.requirement("REG-042")
def test_a_batch_beside_the_annual_plan_is_warned_of_until_the_plan_says_so(
    office: Any, code: str, lines: tuple[PlanLine, ...]
) -> None:
    batch = office.save_batch(code)

    def warned() -> list[str]:
        return [why.rule for why in get_batch(office.runtime, batch.id).warnings]

    assert warned() == ["REG-042"]  # there is no plan
    submitted = office.submit_plan(code)
    assert warned() == ["REG-042"]  # it is not confirmed
    office.confirm_plan(submitted)
    assert warned() == []
    office.confirm_plan(office.submit_plan(code, lines[1:]))
    assert warned() == ["REG-042"]
    # It is a warning: the batch may go on.
    assert office.confirm_batch(office.submit_batch(code)).state is State.CONFIRMED


def test_while_a_plan_is_changed_batches_follow_the_one_that_was_confirmed(
    office: Any, code: str, lines: tuple[PlanLine, ...]
) -> None:
    office.confirm_plan(office.submit_plan(code))
    batch = office.save_batch(code)
    office.save_plan(code, lines[1:])
    assert get_batch(office.runtime, batch.id).warnings == ()
    submitted = office.submit_plan(code, lines[1:])
    assert get_batch(office.runtime, batch.id).warnings == ()
    office.confirm_plan(submitted)
    assert len(get_batch(office.runtime, batch.id).warnings) == 1


def test_the_plan_is_judged_again_when_it_is_confirmed(office: Any, code: str) -> None:
    submitted = office.submit_batch(code)
    # Its registration is over before anybody confirmed it.
    office.clock.advance(datetime(2026, 3, 15, 16, 0, tzinfo=UTC) - office.clock.now())
    problem = unchanged(office, lambda: office.confirm_batch(submitted))
    assert (problem.field, problem.rule) == ("plan.registration_closes", "REG-053")
    back = return_batch(office.runtime, office.plan_officer(), submitted.id, 2, "已过报名期")
    assert back.state is State.RETURNED


def test_the_institutions_term_does_not_bind_the_officer_who_confirms(office: Any) -> None:
    code, name = office.code(3), "济南示例职业技能评价有限公司"
    officer = office.officer("37")
    division = {"division": "370102", "kind": InstitutionKind.SOCIAL_ORGANISATION, "name": name}
    office.complete(office.accept(office.submit(code, **division), officer), officer)
    plan = {
        "name": f"20260411{name}第1期社会化评价",
        "pack_id": "shandong-social",
        "registration_opens": "2026-03-12",
        "registration_closes": "2026-03-18",
        "review_closes": "2026-03-20",
    }
    submitted = office.submit_batch(code, **plan)
    office.clock.advance(timedelta(days=4))  # two days before registration opens: the five days are over
    assert refused(
        lambda: office.submit_batch(code, 2, **{**plan, "name": plan["name"].replace("1期", "2期")})
    )
    confirmed = office.confirm_batch(submitted, office.plan_officer("37"))
    assert (confirmed.state, confirmed.test, confirmed.pack.status) == (State.CONFIRMED, False, "trial")


# --- the pack a batch is bound to


@pytest.mark.requirement("REG-036")
@pytest.mark.parametrize("demo", [False, True])
def test_a_batch_under_a_draft_pack_is_a_test_and_one_in_force_is_not(
    demo: bool, office: Any, code: str
) -> None:
    office.runtime = replace(office.runtime, demo=demo)
    assert office.confirmed_batch(code).test is True
    assert (batch_of(office).test, batch_of(office).pack.status) == (True, "draft")
    other, officer = office.code(2), office.officer("65")
    accepted = office.accept(office.submit(other, division="650102"), officer)
    office.complete(accepted, officer)
    submitted = office.submit_batch(other, 2, pack_id="xinjiang-inner-mongolia")
    confirmed = office.confirm_batch(submitted, office.plan_officer("65"))
    assert (confirmed.test, confirmed.pack.status) == (demo, "in_force")
    told = {fact["subject"]: fact["data"].get("test", False) for fact in stated(office, "batch.confirmed.v1")}
    assert told == {office.batch_id(1): True, office.batch_id(2): demo}


@pytest.mark.parametrize("pack_id", ["", "national", "jiangsu", "../jilin", "jilin\x00", "JILIN"])
def test_what_is_no_pack_is_refused(pack_id: str, office: Any, code: str) -> None:
    if "\x00" in pack_id:
        assert unchanged(office, lambda: office.save_batch(code, pack_id=pack_id)).field == "plan.pack_id"
        return
    saved = office.save_batch(code, pack_id=pack_id)
    by = office.planner(code)
    problem = unchanged(office, lambda: submit_batch(office.runtime, by, saved.id, 1))
    assert (problem.field, problem.code, problem.rule) == ("plan.pack_id", "no-such-pack", "REG-035")


def agency_pack(folder: Path, name: str, lead: int, documents: str) -> Path:
    """A folder with a pack of an agency's own that rests on Jilin's and differs in two values."""
    own = folder / "changchun"
    own.mkdir(parents=True, exist_ok=True)
    (own / "pack.toml").write_text(
        f"""[pack]
id = "changchun"
zh = "{name}"
en = "{name}"
extends = ["jilin"]
source = "000"
issuer = {{ zh = "长春市", en = "Changchun" }}
interpreter = {{ zh = "长春市", en = "Changchun" }}
status = "in_force"
replaces = []
version = "{name}"
provinces = ["22"]
kinds = ["employer"]
""",
        encoding="utf-8",
    )
    (own / "batch.toml").write_text(
        f"""["batch.plan.lead_before_exam_working_days"]
value = {lead}
cite = ["000 A3 11"]

["batch.upload_documents"]
value = {{ required = [{documents}] }}
cite = ["000 A3 11"]
""",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def agency(tmp_path: Path) -> tuple[Path, Path]:
    """The agency's folder before and after it changed its pack."""
    return (
        agency_pack(tmp_path / "before", "2026.1", 10, '"exam_affairs_plan"'),
        agency_pack(tmp_path / "after", "2026.2", 200, '"exam_affairs_plan", "implementation_plan"'),
    )


@pytest.mark.requirement("REG-035")
def test_a_batch_keeps_the_pack_it_was_confirmed_under_whatever_becomes_of_it(
    office: Any, code: str, agency: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = agency
    monkeypatch.setenv(PACKS_VARIABLE, str(before))
    confirmed = office.confirmed_batch(code, pack_id="changchun")
    pinned, document = get_pack(office.runtime, confirmed.id)
    assert (pinned.version, pinned.status, confirmed.test) == ("2026.1", "in_force", False)
    assert pinned.digest == sha256(document.encode()) == bytes.fromhex(pack_named("changchun").digest)
    for folder in (str(after), ""):  # the agency changes its pack, then gives it up
        monkeypatch.setenv(PACKS_VARIABLE, folder)
        assert get_pack(office.runtime, confirmed.id) == (pinned, document)
        assert batch_of(office) == confirmed
    assert refused(lambda: pack_named_or_refused(office, code)).code == "no-such-pack"


def pack_named_or_refused(office: Any, code: str) -> Batch:
    submitted: Batch = office.submit_batch(code, 2, pack_id="changchun")
    return submitted


@pytest.mark.requirement("REG-035")
def test_an_officer_who_saw_another_pack_confirms_nothing(
    office: Any, code: str, agency: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = agency
    monkeypatch.setenv(PACKS_VARIABLE, str(before))
    submitted = office.submit_batch(code, pack_id="changchun")
    seen = bytes.fromhex(pack_named("changchun").digest)
    monkeypatch.setenv(PACKS_VARIABLE, str(after))
    for digest in (seen, bytes.fromhex(pack_named("jilin").digest), b""):
        problem = unchanged(office, lambda digest=digest: office.confirm_batch(submitted, pack_digest=digest))
        assert (problem.field, problem.code, problem.rule) == ("pack_digest", "other-content", "REG-035")
    problem = unchanged(office, lambda: office.confirm_batch(submitted, digest=b"x" * 32))
    assert (problem.field, problem.rule) == ("digest", "REG-052")
    confirmed = office.confirm_batch(submitted)
    assert confirmed.pack.version == "2026.2"


def test_two_batches_under_one_content_keep_it_once_and_each_its_own_version(
    office: Any, code: str, agency: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, folder in enumerate((agency[0], agency[0], agency[1]), start=1):
        monkeypatch.setenv(PACKS_VARIABLE, str(folder))
        office.confirmed_batch(code, number, pack_id="changchun")
    kept = office.rows(tables.pinned_pack)
    assert sorted(row["version"] for row in kept) == ["2026.1", "2026.2"]
    assert [batch_of(office, number).pack.version for number in (1, 2, 3)] == ["2026.1", "2026.1", "2026.2"]
    for row in kept:
        assert sha256(row["document"].encode()) == row["digest"]


def test_rules_are_read_from_what_was_kept(office: Any, code: str) -> None:

    confirmed = office.confirmed_batch(code)
    _, document = get_pack(office.runtime, confirmed.id)
    assert Pack.from_document(json.loads(document)).digest == confirmed.pack.digest.hex()


def test_a_batch_is_bound_to_nothing_before_it_is_confirmed(office: Any, code: str) -> None:
    submitted = office.submit_batch(code)
    problem = refused(lambda: get_pack(office.runtime, submitted.id))
    assert (problem.kind, problem.rule) == (Kind.WRONG_STATE, "REG-035")
    assert office.rows(tables.pinned_pack) == []


# --- the database itself


def test_the_database_itself_refuses_what_may_not_be(office: Any, code: str) -> None:
    office.submit_plan(code)
    office.confirmed_batch(code)
    for act in (
        tables.batch.update().values(pack_digest=None),
        tables.batch.update().values(state="gone"),
        tables.batch.update().values(state="draft"),
        tables.batch.update().values(pack_digest=b"x" * 32),
        tables.plan.update().values(state="gone"),
        tables.plan.insert().from_select(
            list(tables.plan.c.keys()),
            sa.select(
                *(
                    sa.literal("another").label("id") if column.name == "id" else column
                    for column in tables.plan.c
                )
            ),
        ),
        tables.pinned_pack.update().values(document="{}"),
        tables.pinned_pack.delete(),
        tables.step.update().values(person="nobody"),
        tables.step.delete(),
    ):
        with pytest.raises((sa.exc.IntegrityError, sa.exc.DatabaseError)), office.runtime.db.write() as tx:
            tx.execute(act)


def test_what_was_read_before_another_changed_it_is_not_written_back(office: Any, code: str) -> None:
    stale = office.save_batch(code)
    office.submit_batch(code)
    with pytest.raises(Problem) as told, office.runtime.db.write() as tx:
        store.change(tx, stale, replace(stale, revision=2))
    assert told.value.kind is Kind.CONFLICT
    assert batch_of(office).state is State.SUBMITTED


def test_an_act_that_fails_at_its_end_leaves_nothing(
    office: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = office.submit_batch(code)
    before = everything(office)
    with monkeypatch.context() as broken:
        broken.setattr(steps, "record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            office.confirm_batch(submitted)
    assert everything(office) == before


# --- several at once


def test_of_officers_who_decide_at_once_one_wins_and_the_others_learn_it(office: Any, code: str) -> None:
    plan, batch = office.submit_plan(code), office.submit_batch(code)
    officers = [office.plan_officer(person=f"officer-{number}") for number in range(AT_ONCE)]
    for kind, acts in (
        ("plan", [lambda by=by: office.confirm_plan(plan, by) for by in officers]),
        ("batch", [lambda by=by: office.confirm_batch(batch, by) for by in officers]),
    ):
        told = problems(at_once(acts))
        assert [(each.kind, each.details["state"]) for each in told] == [(Kind.WRONG_STATE, "confirmed")] * (
            AT_ONCE - 1
        )
        assert len(stated(office, f"{kind}.confirmed.v1")) == 1


def test_confirming_and_returning_at_once_leaves_one_of_the_two(office: Any, code: str) -> None:
    batch = office.submit_batch(code)
    li = office.plan_officer(person="li")
    results = at_once(
        [
            lambda: office.confirm_batch(batch),
            lambda: return_batch(office.runtime, li, batch.id, batch.revision, "缺页"),
        ]
    )
    assert len(problems(results)) == 1
    found = batch_of(office)
    assert (found.state in (State.CONFIRMED, State.RETURNED), found.revision) == (True, 3)
    assert (found.pack is not None) == (found.state is State.CONFIRMED)


def test_one_officer_who_sends_the_same_twice_at_once_is_answered_twice(office: Any, code: str) -> None:
    batch = office.submit_batch(code)
    results = at_once([lambda: office.confirm_batch(batch)] * AT_ONCE)
    assert problems(results) == []
    assert len(stated(office, "batch.confirmed.v1")) == 1


def test_of_batches_with_one_number_that_are_submitted_at_once_one_is_taken(office: Any, code: str) -> None:
    numbers = range(1, AT_ONCE + 1)
    for number in numbers:
        office.save_batch(code, number, number=1)
    by = office.planner(code)
    ids = [office.batch_id(number) for number in numbers]
    results = at_once([lambda id=id: submit_batch(office.runtime, by, id, 1) for id in ids])
    assert [each.kind for each in problems(results)] == [Kind.EXISTS] * (AT_ONCE - 1)
    assert sum(row["state"] == "submitted" for row in office.rows(tables.batch)) == 1


def test_a_draft_saved_while_it_is_submitted_is_submitted_whole_or_not_at_all(office: Any, code: str) -> None:
    saved = office.save_batch(code)
    by = office.planner(code)
    results = at_once(
        [
            lambda: submit_batch(office.runtime, by, saved.id, saved.revision),
            *(lambda n=n: office.save_batch(code, name=f"第{n}稿") for n in range(AT_ONCE)),
        ]
    )
    found = batch_of(office)
    if isinstance(results[0], Problem):
        assert (results[0].kind, found.state) == (Kind.WRONG_STATE, State.DRAFT)
        return
    # What was submitted is what was looked at.
    assert (found.state, found.digest, found.revision) == (State.SUBMITTED, saved.digest, 2)
    assert stated(office, "batch.submitted.v1")[0]["data"]["digest"]
    assert all(each.kind is Kind.WRONG_STATE for each in problems(results))


def test_first_drafts_saved_at_once_are_one_case(office: Any, code: str) -> None:
    acts = [lambda n=n: office.save_batch(code, name=f"第{n}稿") for n in range(AT_ONCE)]
    assert problems(at_once(acts)) == []
    assert batch_of(office).revision == AT_ONCE
    history = [row["revision"] for row in office.rows(tables.step) if row["noun"] == "batch"]
    assert sorted(history) == list(range(AT_ONCE))


# --- lists


@pytest.mark.parametrize("size", [1, 2, 200])
def test_everybody_lists_what_is_his_page_by_page(size: int, office: Any, code: str) -> None:
    other = office.code(2)
    officer = office.officer("37")
    office.complete(office.accept(office.submit(other, division="370102"), officer), officer)
    for number in range(1, 6):
        office.save_batch(code if number % 2 else other, number)
    office.submit_batch(code, 3)

    def listed(caller: Caller, state: State | None = None) -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            page = list_batches(office.runtime, caller, state=state, token=token, size=size)
            found += [one.id for one in page.batches]
            token = page.next_token
            if not token:
                return found

    ids = [office.batch_id(number) for number in range(6)]
    assert listed(office.planner(code)) == [ids[1], ids[3], ids[5]]
    assert listed(office.planner(other)) == listed(office.plan_officer("3701")) == [ids[2], ids[4]]
    assert listed(office.plan_officer("00")) == ids[1:]
    assert listed(office.plan_officer("22"), State.SUBMITTED) == [ids[3]]
    assert listed(office.holder("nobody", "institution_head", institution=office.code(5))) == []
    # A token opens nothing: it is the caller's own reach that counts.
    first = list_batches(office.runtime, office.plan_officer("00"), state=None, token="", size=1)
    page = list_batches(office.runtime, office.planner(other), state=None, token=first.next_token, size=size)
    assert {one.credit_code for one in page.batches} <= {other}
    for token, state in ((first.next_token, State.DRAFT), ("x", None)):
        problem = refused(
            lambda token=token, state=state: list_batches(
                office.runtime, office.planner(other), state=state, token=token, size=size
            )
        )
        assert problem.field == "page_token"


def test_a_page_holds_no_more_than_an_answer_does(office: Any, code: str, batch_plan: BatchPlan) -> None:
    one = batch_plan.sittings[0]
    many = tuple(
        Sitting(f"{number:03}" + "场" * 190, one.part, "点" * 200, one.starts_at, one.ends_at)
        for number in range(200)
    )
    for number in range(1, 19):
        office.save_batch(code, number, sittings=many)
    page = list_batches(office.runtime, office.planner(code), state=None, token="", size=200)
    assert 0 < len(page.batches) < 18
    rest = list_batches(office.runtime, office.planner(code), state=None, token=page.next_token, size=200)
    assert len(page.batches) + len(rest.batches) == 18


def test_scopes_are_those_that_were_filed(office: Any) -> None:
    code = office.code(4)
    office.file(code, scopes=(Scope("6-31-01-03", "电工", 4),), papers=papers_for(office, "6-31-01-03"))
    assert office.submit_batch(code).state is State.SUBMITTED
    assert refused(lambda: office.submit_plan(code)).rule == "REG-017"


def papers_for(office: Any, occupation: str) -> tuple[Any, ...]:
    return tuple(paper for paper in office.dossier.papers if paper.occupation_code in ("", occupation))
