"""Seats and tickets on each database and over the wire: arranged, read on record, issued once, handed out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.api.registration.v1.seating_pb2_grpc import SeatingServiceStub
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.canonical import digest
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.arranging import arrange
from jiangheng.registration.domain.batch import Batch, Part, State
from jiangheng.registration.domain.seating import Arrangement
from jiangheng.registration.domain.site import Site, SitePlan
from jiangheng.registration.domain.ticket import USUAL, printed_fields
from jiangheng.registration.operations.approve_site import approve_site
from jiangheng.registration.operations.arrange_seats import arrange_seats
from jiangheng.registration.operations.clear_batch import clear_batch
from jiangheng.registration.operations.decision import Signature
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.draw_sample import draw_sample
from jiangheng.registration.operations.get_ticket import PrintedTicket, get_ticket
from jiangheng.registration.operations.issue_tickets import TicketsOut, issue_tickets
from jiangheng.registration.operations.list_seats import list_seats
from jiangheng.registration.operations.save_site import save_site
from jiangheng.registration.operations.step import stored
from jiangheng.registration.operations.suspend_site import suspend_site
from jiangheng.registration.operations.upload_batch import SignedUpload, upload_batch
from jiangheng.registration.operations.venues import venues_of
from jiangheng.registration.store import applications, seats
from jiangheng.registration.store.tickets import keep
from jiangheng.registration.wire.seats import seats_digest
from jiangheng.rules.numbers import explain_ticket, parse_ticket
from jiangheng.rules.pack import overlaid, pack_named

SERVICE = pb.DESCRIPTOR.services_by_name["SeatingService"]
SAMPLE = "00000000-0000-4000-a000-000000000001"


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


class Hall:
    """A cleared batch of six candidates with an approved site, and the officer who seats it."""

    def __init__(self, candidates: Any, venue: SitePlan, *, number: int = 6) -> None:
        self.office, self.code, self.batch_id = candidates.office, candidates.code, candidates.batch.id
        self.candidates, self.venue = candidates, venue
        self.runtime = self.office.runtime
        self.seater = self.office.holder("tan", "exam_affairs_officer", institution=self.code)
        self.site_id = candidates.batch.plan.sittings[0].site_id
        self.describe(venue)
        for serial in range(1, number + 1):
            candidates.approve(serial)
        self.clear(candidates)

    def describe(self, plan: SitePlan) -> Site:
        found = save_site(self.runtime, self.office.planner(self.code), self.site_id, self.code, plan)
        if found.state.value != "approved":
            officer = self.office.plan_officer()
            found = approve_site(self.runtime, officer, found.id, found.revision, found.digest)
        return found

    def clear(self, candidates: Any) -> None:
        candidates.day("2026-03-21")
        batch = self.batch()
        with self.runtime.db.read() as tx:
            known = applications.approved_digest(tx, batch.id)
        signed = SignedUpload(batch.plan.documents, known, Signature("key-1", b"s" * 64))
        upload_batch(self.runtime, self.office.head(self.code), batch.id, batch.revision, signed)
        draw_sample(self.runtime, self.office.centre(), batch.id, SAMPLE, 1)
        clear_batch(self.runtime, self.office.centre(), batch.id, batch.revision + 1)

    def batch(self) -> Batch:
        with self.runtime.db.read() as tx:
            return stored(self.runtime, tx, BATCHES, self.batch_id)

    def arrange(self, revision: int | None = None, caller: Caller | None = None) -> Arrangement:
        at = self.batch().revision if revision is None else revision
        return arrange_seats(self.runtime, caller or self.seater, self.batch_id, at)

    def issue(self, revision: int | None = None, caller: Caller | None = None) -> TicketsOut:
        at = self.batch().revision if revision is None else revision
        return issue_tickets(self.runtime, caller or self.seater, self.batch_id, at)

    def ticket(self, serial: int = 1, reason: str = "", caller: Caller | None = None) -> PrintedTicket:
        return get_ticket(self.runtime, caller or self.seater, self.candidates.id(serial), reason)

    def records(self) -> tuple[Any, ...]:
        facts = [fact for fact in self.office.facts() if fact["type"] != "refusal.recorded.v1"]
        kept = (
            tables.batch,
            tables.step,
            tables.arrangement,
            tables.seat,
            tables.room_use,
            tables.ticket,
            tables.ticket_handout,
            tables.ticket_serial,
        )
        return (*(self.office.rows(table) for table in kept), facts)


@pytest.fixture
def hall(candidates: Any, venue: SitePlan) -> Hall:
    return Hall(candidates, venue)


def text_of(pdf: bytes) -> str:
    """The text of a one-page A4 document, without the spaces that its setting puts between words."""
    (page,) = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    return "".join(page.extract_text().split())


@pytest.mark.requirement("REG-113")
def test_a_cleared_batch_is_seated_from_a_kept_seed(hall: Hall) -> None:
    made = hall.arrange()
    assert hall.batch().state is State.SEATED
    page = list_seats(hall.runtime, hall.seater, hall.batch_id, token="", size=0)
    assert page.arrangement == made
    assert (made.seats, len(page.seats), len(made.seed)) == (12, 12, 32)
    assert seats_digest(page.seats) == made.digest
    with hall.runtime.db.write() as tx:
        sessions = venues_of(hall.runtime, tx, hall.batch()).sessions()
        again = arrange(seats.candidates(tx, hall.batch_id), sessions, made.seed)
    assert again == page.seats
    theory = [seat for seat in page.seats if seat.sitting_id == "T1"]
    skill = [seat for seat in page.seats if seat.sitting_id == "S1"]
    assert [seat.seat for seat in theory] == [1, 2, 3, 4, 5, 6]
    assert sorted(seat.turn for seat in skill) == [1, 1, 1, 1, 2, 2]
    fact = next(fact for fact in hall.office.facts() if fact["type"] == "batch.seated.v1")
    assert made.seed.hex() not in json.dumps(fact["data"])
    assert fact["data"]["seats"] == 12


def test_seats_are_arranged_anew_until_tickets_are_out(hall: Hall) -> None:
    first = hall.arrange()
    assert hall.arrange(first.revision) == first
    second = hall.arrange()
    assert second.seed != first.seed
    assert [row["revision"] for row in hall.office.rows(tables.arrangement)] == [
        first.revision,
        second.revision,
    ]
    hall.issue()
    before = hall.records()
    assert refused(hall.arrange).kind is Kind.WRONG_STATE
    assert hall.records() == before


def test_before_the_batch_is_cleared_there_are_no_seats(candidates: Any, venue: SitePlan) -> None:
    office, batch = candidates.office, candidates.batch
    seater = office.holder("tan", "exam_affairs_officer", institution=candidates.code)
    problem = refused(lambda: arrange_seats(office.runtime, seater, batch.id, batch.revision))
    assert (problem.kind, problem.details["state"]) == (Kind.WRONG_STATE, "confirmed")
    listing = refused(lambda: list_seats(office.runtime, seater, batch.id, token="", size=0))
    assert listing.code == "not-seated"
    assert refused(lambda: get_ticket(office.runtime, seater, candidates.id(1), "")).code == "no-ticket"
    assert office.rows(tables.arrangement) == []


@pytest.mark.requirement("REG-106")
@pytest.mark.requirement("REG-028")
def test_a_site_that_may_not_be_used_keeps_the_batch_unseated(hall: Hall) -> None:
    before = hall.records()
    site = hall.describe(hall.venue)
    officer = hall.office.plan_officer()
    suspended = suspend_site(hall.runtime, officer, site.id, site.revision, "消防整改")
    assert refused(hall.arrange).code == "site-not-approved"
    approve_site(hall.runtime, officer, site.id, suspended.revision, suspended.digest)
    hall.describe(replace(hall.venue, functional_rooms=hall.venue.functional_rooms[:1]))
    lacking = refused(hall.arrange)
    assert (lacking.rule, lacking.field) == ("REG-108", "plan.sittings[0].site_id")
    # A theory room with seats too near takes nobody, so the places do not suffice.
    tight = replace(hall.venue.rooms[0], spacing_cm=60)
    hall.describe(replace(hall.venue, rooms=(tight, *hall.venue.rooms[1:])))
    short = refused(hall.arrange)
    assert (short.code, short.details) == ("places-short", {"theory.wanted": "6", "theory.missing": "6"})
    assert hall.records()[2:-1] == before[2:-1]
    hall.describe(hall.venue)
    assert hall.arrange().seats == 12


@pytest.mark.requirement("REG-122")
def test_whoever_reads_the_seats_is_on_record(hall: Hall) -> None:
    made = hall.arrange()
    first = list_seats(hall.runtime, hall.seater, hall.batch_id, token="", size=5)
    rest = list_seats(hall.runtime, hall.seater, hall.batch_id, token=first.next_token, size=500)
    assert (len(first.seats), len(rest.seats), rest.next_token) == (5, 7, "")
    read = [fact for fact in hall.office.facts() if fact["type"] == "seating.read.v1"]
    assert [(fact["actor"], fact["data"]["seats"]) for fact in read] == [("person:tan", 5), ("person:tan", 7)]
    hall.arrange(made.revision + 1)
    for token in (first.next_token, "nonsense"):
        problem = refused(
            lambda token=token: list_seats(hall.runtime, hall.seater, hall.batch_id, token=token, size=5)
        )
        assert problem.field == "page_token"
    assert (
        refused(lambda: list_seats(hall.runtime, hall.seater, hall.batch_id, token="", size=501)).field
        == "page_size"
    )


@pytest.mark.requirement("REG-106")
def test_a_room_in_use_by_another_batch_is_not_given_twice(candidates: Any, venue: SitePlan) -> None:
    """Two batches of one institution at the same site at the same time: the second needs rooms of its own."""
    second = replace(candidates, batch=candidates.office.confirmed_batch(candidates.code, 2))
    second.approve(11)
    hall = Hall(candidates, venue, number=2)
    other = Hall(second, venue, number=0)
    hall.arrange()
    problem = refused(other.arrange)
    assert (problem.code, problem.details["theory.missing"], problem.details["skill.missing"]) == (
        "places-short",
        "1",
        "1",
    )
    more = tuple(replace(room, room_id=f"{room.room_id}B") for room in venue.rooms)
    other.describe(replace(venue, rooms=(*venue.rooms, *more)))
    other.arrange()
    used = {(row["batch_id"], row["room_id"]) for row in hall.office.rows(tables.room_use)}
    assert used == {
        (hall.batch_id, "301"),
        (hall.batch_id, "W1"),
        (other.batch_id, "301B"),
        (other.batch_id, "W1B"),
    }
    hall.arrange()  # its own rooms are still its own


@pytest.mark.requirement("REG-117")
def test_everybody_gets_one_ticket_with_a_number_of_his_own(hall: Hall) -> None:
    assert refused(lambda: hall.issue()).kind is Kind.WRONG_STATE
    hall.arrange()
    at = hall.batch().revision
    assert hall.issue().tickets == 6
    assert hall.batch().state is State.TICKETED
    before = hall.records()
    assert hall.issue(at).tickets == 6
    assert hall.records() == before
    rows = hall.office.rows(tables.ticket)
    numbers = [row["number"] for row in rows]
    assert len(set(numbers)) == 6
    assert not any(explain_ticket(number) for number in numbers)
    assert {(parsed.year, parsed.province, parsed.batch) for parsed in map(parse_ticket, numbers)} == {
        (26, "22", 1)
    }
    fact = next(fact for fact in hall.office.facts() if fact["type"] == "batch.ticketed.v1")
    assert (fact["data"]["tickets"], fact["subject"]) == (6, hall.batch_id)


@pytest.mark.requirement("REG-117")
def test_tickets_wait_for_seats_that_still_hold(hall: Hall) -> None:
    hall.arrange()
    changed = replace(hall.venue, address="长春市南关区示例路9号")
    hall.describe(changed)
    before = hall.records()
    assert refused(hall.issue).code == "arrange-again"
    assert hall.records() == before
    hall.arrange()
    hall.issue()
    assert "示例路9号" in text_of(hall.ticket().pdf)


def test_of_many_who_issue_at_once_the_tickets_are_issued_once(hall: Hall) -> None:
    hall.arrange()
    at = hall.batch().revision
    with ThreadPoolExecutor(6) as pool:
        outs = list(pool.map(lambda _: hall.issue(at), range(6)))
    assert {out.tickets for out in outs} == {6}
    assert len(hall.office.rows(tables.ticket)) == 6
    assert [row["last"] for row in hall.office.rows(tables.ticket_serial)] == [1]
    assert sum(fact["type"] == "batch.ticketed.v1" for fact in hall.office.facts()) == 1


def test_a_batch_whose_tickets_fail_halfway_has_none(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.arrange()
    before = hall.records()

    def half(tx: Any, cipher: Any, issued: Any) -> None:
        keep(tx, cipher, list(issued)[:3])
        raise RuntimeError("the process dies here")

    monkeypatch.setattr("jiangheng.registration.operations.issue_tickets.tickets.keep", half)
    with pytest.raises(RuntimeError):
        hall.issue()
    monkeypatch.undo()
    assert hall.records() == before
    assert hall.issue().tickets == 6


@pytest.mark.requirement("REG-118")
@pytest.mark.parametrize(("days", "late"), [(None, False), (21, False), (22, True)])
def test_tickets_that_come_too_late_by_the_pack_are_warned_of(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, days: int | None, late: bool
) -> None:
    """It is 21 March, the exam on 11 April; Jilin's own pack names no term."""
    term = {"from": "before_exam", "lead": {"length": days, "unit": "calendar_day"}} if days else None
    pack = overlaid(pack_named("jilin"), {"batch.ticket.available_before_exam": term})
    monkeypatch.setattr("jiangheng.registration.operations.issue_tickets.pack_of", lambda _tx, _found: pack)
    hall.arrange()
    at = hall.batch().revision
    assert [why.rule for why in hall.issue().warnings] == ["REG-118"] * late
    hall.office.clock.advance(timedelta(days=10))
    # Asked again when the term is over: they were issued when they were.
    assert [why.rule for why in hall.issue(at).warnings] == ["REG-118"] * late
    fact = next(fact for fact in hall.office.facts() if fact["type"] == "batch.ticketed.v1")
    assert fact["data"].get("late", False) is late
    assert ("due" in fact["data"]) is (days is not None)


@pytest.mark.requirement("REG-117")
@pytest.mark.requirement("REG-120")
def test_the_ticket_says_what_the_pack_wants_on_it(hall: Hall) -> None:
    hall.arrange()
    hall.issue()
    printed = hall.ticket(3)
    text = text_of(printed.pdf)
    for said in (
        "2026年第1期职业技能等级认定",
        "准考证",
        "考生3",
        hall.candidates.number(3),
        "长春示例制造有限公司",
        printed.number,
        "电工（6-31-01-03）",
        "四级/中级工",
        "2026年4月11日",
        "09:00—10:30",
        "示例实训基地",
        "长春市南关区示例路1号",
        "主楼三层第一考场（301）",
        "号座位",
        "批次",
        "同时使用方为有效",
        "开始30分钟后不得入场",
    ):
        assert said in text, said
    assert ("测试件" in text) == hall.batch().test
    assert pack_named("jilin").status != "draft" or hall.batch().test


@pytest.mark.requirement("REG-118a")
def test_a_ticket_is_handed_out_again_only_with_a_reason_and_keeps_its_number(hall: Hall) -> None:
    hall.arrange()
    hall.issue()
    first = hall.ticket()
    assert hall.ticket() == first  # the answer was lost on the way: the same handing out
    before = hall.records()
    other = hall.office.holder("guo", "exam_affairs_officer", institution=hall.code)
    problem = refused(lambda: hall.ticket(caller=other))
    assert (problem.field, problem.rule) == ("reissue_reason", "REG-118a")
    assert hall.records() == before
    hall.office.clock.advance(timedelta(days=1))
    assert refused(lambda: hall.ticket()).field == "reissue_reason"
    again = hall.ticket(reason="遗失，已核对身份证220102199003070012")
    assert again == first
    told = [
        (fact["type"], fact["data"]["pdf_digest"])
        for fact in hall.office.facts(hall.candidates.id(1))
        if fact["type"].startswith("ticket.")
    ]
    assert [type for type, _ in told] == ["ticket.issued.v1", "ticket.reissued.v1"]
    handed = hall.office.rows(tables.ticket_handout)
    assert [(row["number"], row["person"]) for row in handed] == [(1, "tan"), (2, "tan")]
    assert {row["pdf_digest"] for row in handed} == {digest(first.pdf)}
    assert "220102199003070012" not in json.dumps(hall.office.facts(), default=str)


def test_what_a_ticket_says_is_frozen(hall: Hall) -> None:
    hall.arrange()
    hall.issue()
    first = hall.ticket()
    hall.office.clock.advance(timedelta(days=3))
    hall.describe(replace(hall.venue, name="别的名称"))
    assert hall.ticket(reason="遗失").pdf == first.pdf
    for table in (tables.ticket, tables.ticket_handout, tables.arrangement, tables.seat, tables.room_use):
        with pytest.raises(sa.exc.IntegrityError), hall.runtime.db.write() as tx:
            tx.execute(sa.delete(table))


def test_nothing_personal_lies_open(hall: Hall) -> None:
    hall.arrange()
    hall.issue()
    hall.ticket(reason="考生1领取")
    kept = str([hall.office.rows(table) for table in (tables.ticket, tables.ticket_handout, tables.seat)])
    facts = json.dumps(hall.office.facts(), default=str, ensure_ascii=False)
    for personal in ("考生1", hall.candidates.number(1)):
        assert personal not in kept
        assert personal not in facts


def test_a_sealed_ticket_moved_to_another_row_does_not_open(hall: Hall) -> None:
    hall.arrange()
    hall.issue()
    one, other = hall.office.rows(tables.ticket)[:2]
    with pytest.raises(Exception, match="not of this place"):
        hall.runtime.cipher.open(
            one["content"], b"registration.ticket.content:" + other["application_id"].encode()
        )


def test_fields_are_the_packs_and_the_usual_ones_where_it_leaves_them_open() -> None:
    assert "employer" in printed_fields(pack_named("jilin"))
    assert "employer" not in printed_fields(pack_named("xinjiang-inner-mongolia"))
    for name in ("shandong-social", "shandong-school", "shandong-enterprise", "jilin-filing"):
        assert printed_fields(pack_named(name)) == USUAL


@pytest.fixture
def stub(counter: Any) -> Iterator[SeatingServiceStub]:
    with channel(counter.target, [SERVICE]) as connection:
        yield SeatingServiceStub(connection)


@pytest.mark.requirement("REG-122")
@pytest.mark.requirement("IAM-002")
def test_over_the_wire_only_the_institutions_exam_affairs_officer_acts(
    counter: Any, stub: SeatingServiceStub, hall: Hall
) -> None:
    office = hall.office

    def call(caller: Caller, method: str, request: Any) -> Any:
        return invoke(getattr(stub, method), request, token=counter.token(caller), timeout=60)

    strangers = [
        (office.holder("li", "exam_affairs_officer", institution=office.code(7)), "IAM-012"),
        (hall.candidates.clerk("li"), "IAM-002"),
        (hall.candidates.reviewer("li"), "IAM-002"),
        (office.head(hall.code, "li"), "IAM-002"),
        (office.plan_officer(person="li"), "IAM-002"),
        (office.centre(person="li"), "IAM-002"),
        (office.holder("li", "auditor", region="00"), "IAM-002"),
    ]

    def only_he(method: str, request: Any) -> Any:
        for caller, rule in strangers:
            before = hall.records()
            problem = refused(lambda caller=caller: call(caller, method, request))
            assert problem.rule == rule, (method, caller)
            assert hall.records() == before
            last = office.facts()[-1]
            assert (last["type"], last["data"]["caller"]) == ("refusal.recorded.v1", "person:li")
        return call(hall.seater, method, request)

    at = hall.batch().revision
    arranged = only_he("ArrangeSeats", pb.ArrangeSeatsRequest(batch_id=hall.batch_id, revision=at))
    listed = only_he("ListSeats", pb.ListSeatsRequest(batch_id=hall.batch_id))
    assert listed.arrangement == arranged.arrangement
    assert len(listed.seats) == arranged.arrangement.seats == 12
    issued = only_he("IssueTickets", pb.IssueTicketsRequest(batch_id=hall.batch_id, revision=at + 1))
    assert (issued.tickets, len(issued.warnings)) == (6, 0)
    ticket = only_he("GetTicket", pb.GetTicketRequest(application_id=hall.candidates.id(2)))
    assert ticket.pdf.startswith(b"%PDF-")
    assert ticket.ticket_number in text_of(ticket.pdf)


def test_parts_are_those_of_the_form(hall: Hall) -> None:
    with hall.runtime.db.read() as tx:
        found = seats.candidates(tx, hall.batch_id)
    assert {each.parts for each in found} == {frozenset({Part.THEORY, Part.SKILL})}
    assert {each.person for each in found} == {""}
