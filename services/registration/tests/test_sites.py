"""Sites on each database and over the wire: described, approved, suspended; who may, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.api.registration.v1.seating_pb2_grpc import SiteServiceStub
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.db import schema_drift
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.site import Room, Site, SitePlan, State
from jiangheng.registration.operations.approve_site import approve_site
from jiangheng.registration.operations.get_site import get_site
from jiangheng.registration.operations.save_site import save_site
from jiangheng.registration.operations.suspend_site import suspend_site
from jiangheng.registration.wire import sites as wire

ID = "5c1f0a52-7d35-4b0f-8c6e-1d2e3f4a5b6c"
SERVICE = pb.DESCRIPTOR.services_by_name["SiteService"]


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


class Yard:
    """An institution that is filed, and the people around its sites."""

    def __init__(self, office: Any, venue: SitePlan) -> None:
        self.office, self.venue = office, venue
        self.code = office.file(office.code()).credit_code
        self.keeper = office.holder("ma", "exam_affairs_officer", institution=self.code)
        self.officer = office.holder("lu", "plan_officer", region="2201")

    def save(self, plan: SitePlan | None = None, caller: Caller | None = None, id: str = ID) -> Site:
        return save_site(self.office.runtime, caller or self.keeper, id, self.code, plan or self.venue)

    def approve(self, found: Site, caller: Caller | None = None, digest: bytes | None = None) -> Site:
        by = caller or self.officer
        return approve_site(self.office.runtime, by, found.id, found.revision, digest or found.digest)

    def suspend(self, found: Site, reason: str = "消防整改") -> Site:
        return suspend_site(self.office.runtime, self.officer, found.id, found.revision, reason)

    def stands(self, caller: Caller | None = None) -> Site:
        return get_site(self.office.runtime, caller or self.keeper, ID)

    def records(self) -> tuple[Any, ...]:
        facts = [fact for fact in self.office.facts() if fact["type"] != "refusal.recorded.v1"]
        return (*(self.office.rows(table) for table in (tables.site, tables.step)), facts)


@pytest.fixture
def yard(office: Any, venue: SitePlan) -> Yard:
    return Yard(office, venue)


def test_migrations_and_tables_agree(office: Any) -> None:
    assert schema_drift(office.url, tables.metadata) == []


@pytest.mark.requirement("REG-028")
def test_a_site_is_proposed_approved_changed_suspended(yard: Yard) -> None:
    saved = yard.save()
    assert (saved.state, saved.revision) == (State.PROPOSED, 1)
    approved = yard.approve(saved)
    assert (approved.state, approved.authority) == (State.APPROVED, "2201")
    assert approved.approved_at == yard.office.clock.now()
    assert yard.stands() == approved
    changed = yard.save(replace(yard.venue, name="新名称"))
    assert (changed.state, changed.approved_at, changed.authority) == (State.PROPOSED, None, "")
    suspended = yard.suspend(yard.approve(changed))
    assert (suspended.state, suspended.ground) == (State.SUSPENDED, "消防整改")
    mended = yard.save(replace(yard.venue, name="整改后"))
    assert mended.state is State.SUSPENDED
    assert yard.approve(mended).state is State.APPROVED
    assert [
        (row["act"], row["person"]) for row in yard.office.rows(tables.step) if row["noun"] == "site"
    ] == [
        ("save", "ma"),
        ("approve", "lu"),
        ("save", "ma"),
        ("approve", "lu"),
        ("suspend", "lu"),
        ("save", "ma"),
        ("approve", "lu"),
    ]


def test_facts_tell_what_was_approved_and_why_it_was_suspended(yard: Yard) -> None:
    approved = yard.approve(yard.save())
    yard.suspend(approved, "违规出借，联系人13900000001")
    told = [(fact["type"], fact["region"], fact["actor"]) for fact in yard.office.facts(ID)]
    assert told == [
        ("site.approved.v1", "220102", "person:lu"),
        ("site.suspended.v1", "220102", "person:lu"),
    ]
    assert "13900000001" not in str(yard.office.facts())
    assert "李检" not in str(yard.office.facts())


def test_the_same_again_changes_nothing(yard: Yard) -> None:
    saved = yard.save()
    assert yard.save() == saved
    approved = yard.approve(saved)
    before = yard.records()
    assert yard.approve(saved) == approved
    assert yard.save() == approved
    assert yard.records() == before


@pytest.mark.requirement("REG-028")
def test_the_officer_approves_exactly_what_he_saw(yard: Yard) -> None:
    saved = yard.save()
    before = yard.records()
    assert refused(lambda: yard.approve(saved, digest=b"x" * 32)).code == "other-site"
    assert refused(lambda: yard.approve(replace(saved, revision=2))).kind is Kind.WRONG_STATE
    assert yard.records() == before
    changed = yard.save(replace(yard.venue, name="新名称"))
    assert refused(lambda: yard.approve(saved)).kind is Kind.WRONG_STATE
    assert yard.approve(changed).state is State.APPROVED


@pytest.mark.requirement("REG-028a")
def test_an_uninspected_site_is_not_approved(yard: Yard) -> None:
    saved = yard.save(replace(yard.venue, inspections=()))
    before = yard.records()
    problem = refused(lambda: yard.approve(saved))
    assert (problem.kind, problem.rule) == (Kind.INVALID, "REG-028a")
    assert yard.records() == before
    assert yard.approve(yard.save()).state is State.APPROVED


def test_who_described_it_does_not_decide_on_it(yard: Yard) -> None:
    saved = yard.save()
    both = Caller("person", "ma", (*yard.keeper.grants, *yard.officer.grants))
    before = yard.records()
    assert refused(lambda: yard.approve(saved, both)).rule == "PLAN-SELF"
    assert yard.records() == before
    assert yard.approve(saved).state is State.APPROVED


def test_the_site_of_an_unfiled_institution_is_not_approved(office: Any, venue: SitePlan, yard: Yard) -> None:
    code = office.save(office.code(2)).credit_code
    keeper = office.holder("ma", "exam_affairs_officer", institution=code)
    other = "7d1f0a52-7d35-4b0f-8c6e-1d2e3f4a5b6c"
    saved = save_site(office.runtime, keeper, other, code, venue)
    assert refused(lambda: yard.approve(saved)).code == "institution-not-filed"
    unknown = office.holder("ma", "exam_affairs_officer", institution=office.code(3))
    assert (
        refused(lambda: save_site(office.runtime, unknown, ID, office.code(3), venue)).kind is Kind.NOT_FOUND
    )
    assert (
        refused(lambda: save_site(office.runtime, keeper, ID, code, replace(venue, name=""))).kind
        is Kind.INVALID
    )


def test_an_id_belongs_to_one_institution(office: Any, venue: SitePlan, yard: Yard) -> None:
    yard.save()
    code = office.file(office.code(2)).credit_code
    stranger = office.holder("sun", "exam_affairs_officer", institution=code)
    before = yard.records()
    assert refused(lambda: save_site(office.runtime, stranger, ID, code, venue)).rule == "IAM-012"
    both = Caller("person", "sun", (*stranger.grants, *yard.keeper.grants))
    assert refused(lambda: save_site(office.runtime, both, ID, code, venue)).kind is Kind.EXISTS
    assert yard.records() == before


@pytest.mark.requirement("REG-028a")
def test_inspectors_are_kept_sealed_and_shown_to_those_who_need_them(yard: Yard) -> None:
    saved = yard.save()
    (row,) = yard.office.rows(tables.site)
    assert "李检" not in row["content"]
    assert "李检".encode() not in row["personal"]
    assert yard.stands().plan == saved.plan == yard.venue
    assert yard.stands(yard.officer).plan.inspections[0].inspector == "王验"
    auditor = yard.office.holder("zhou", "auditor", region="00")
    masked = yard.stands(auditor).plan
    assert [each.inspector for each in masked.inspections] == ["王*"]
    assert {each.inspector for room in masked.rooms for each in room.inspections} == {"李*"}


def test_of_two_who_change_it_at_once_one_is_told(yard: Yard) -> None:
    saved = yard.save()

    def act(number: int) -> str:
        try:
            if number % 2:
                yard.approve(saved)
            else:
                yard.suspend(saved, f"理由{number}")
        except Problem as problem:
            return problem.kind.value
        return "done"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(act, range(8)))
    # The same approval by the same person is one approval, however often it arrives.
    acts = [row["act"] for row in yard.office.rows(tables.step) if row["noun"] == "site"]
    assert acts in (["save", "approve"], ["save", "suspend"])
    assert set(ends) <= {"done", "FAILED_PRECONDITION", "ABORTED"}


def test_description_and_message_say_the_same(venue: SitePlan) -> None:
    assert wire.plan_from_wire(wire.plan_to_wire(venue)) == venue
    other = replace(venue, rooms=(replace(venue.rooms[0], room_id="302"), *venue.rooms[1:]))
    assert wire.site_digest(ID, "A", venue) != wire.site_digest(ID, "A", other)
    assert all(isinstance(room, Room) for room in venue.rooms)


@pytest.fixture
def stub(counter: Any) -> Iterator[SiteServiceStub]:
    with channel(counter.target, [SERVICE]) as connection:
        yield SiteServiceStub(connection)


@pytest.mark.requirement("IAM-002")
@pytest.mark.requirement("IAM-011")
def test_over_the_wire_only_the_right_people_act(counter: Any, stub: SiteServiceStub, yard: Yard) -> None:
    office = yard.office

    def call(caller: Caller, method: str, request: Any) -> Any:
        return invoke(getattr(stub, method), request, token=counter.token(caller), timeout=30)

    def wrong(caller: Caller, rule: str, method: str, request: Any) -> None:
        before = yard.records()
        problem = refused(lambda: call(caller, method, request))
        assert rule in (problem.rule, problem.code), (method, caller.id)
        assert yard.records() == before
        last = office.facts()[-1]
        assert (last["type"], last["data"]["caller"]) == ("refusal.recorded.v1", f"person:{caller.id}")

    save = pb.SaveSiteRequest(site_id=ID, credit_code=yard.code, plan=wire.plan_to_wire(yard.venue))
    stranger = office.holder("sun", "exam_affairs_officer", institution=office.code(2))
    wrong(stranger, "IAM-012", "SaveSite", save)
    wrong(yard.officer, "IAM-002", "SaveSite", save)
    saved = call(yard.keeper, "SaveSite", save).site
    approve = pb.ApproveSiteRequest(site_id=ID, revision=saved.revision, digest=saved.digest)
    elsewhere = office.holder("he", "plan_officer", region="37")
    for caller, rule in ((yard.keeper, "IAM-002"), (elsewhere, "IAM-011"), (stranger, "IAM-002")):
        wrong(caller, rule, "ApproveSite", approve)
    wrong(Caller("person", "ma", yard.officer.grants), "PLAN-SELF", "ApproveSite", approve)
    approved = call(yard.officer, "ApproveSite", approve).site
    assert (approved.state, approved.authority) == (pb.SITE_STATE_APPROVED, "2201")
    suspend = pb.SuspendSiteRequest(site_id=ID, revision=approved.revision, reason="整改")
    for caller, rule in ((yard.keeper, "IAM-002"), (elsewhere, "IAM-011")):
        wrong(caller, rule, "SuspendSite", suspend)
    assert call(yard.officer, "SuspendSite", suspend).site.ground == "整改"
    get = pb.GetSiteRequest(site_id=ID)
    assert call(yard.keeper, "GetSite", get).site.plan == wire.plan_to_wire(yard.venue)
    wrong(stranger, "IAM-012", "GetSite", get)
    for odd in ("", "x", ID.upper(), "a" * 5000):
        assert refused(lambda odd=odd: call(yard.keeper, "GetSite", pb.GetSiteRequest(site_id=odd))).kind in (
            Kind.INVALID,
            Kind.NOT_FOUND,
            Kind.FORBIDDEN,
        )
