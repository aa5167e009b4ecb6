"""Steps 15 to 17 of the journey: upload, sampling, seats and admission tickets."""

from __future__ import annotations

import time
from collections import Counter
from uuid import UUID, uuid5

import jwt

from jiangheng.api.registration.v1 import application_pb2 as applications
from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.api.registration.v1 import seating_pb2 as seating
from jiangheng.local import enrolment, planning, story
from jiangheng.local.candidates import Fate, mended
from jiangheng.local.driver import DoesNotHold
from jiangheng.local.journey import Journey

SAMPLED_IN = 10  # one in so many, three at least

# 15


def upload(journey: Journey) -> str:
    found = journey.ask(story.SHEN, pb.GetBatchRequest(batch_id=planning.BATCH))
    request = pb.UploadBatchRequest(
        batch_id=planning.BATCH,
        revision=found.batch.revision,
        documents=found.batch.plan.documents,
        applications_digest=found.applications_digest,
    )
    journey.refused("IAM-002", story.CHEN, request)
    journey.refused("act-signature", story.SHEN, request)
    journey.sign(story.SHEN, request)
    journey.happened("batch.uploaded.v1", planning.BATCH)
    return (
        f"{journey.results['approved']} applications, signed by the head: {found.applications_digest.hex()}"
    )


# 16


def sampling(journey: Journey) -> str:
    size = max(3, int(journey.results["approved"]) // SAMPLED_IN)
    sample_id = str(uuid5(UUID(planning.BATCH), "sample"))
    draw = pb.DrawSampleRequest(batch_id=planning.BATCH, size=size, sample_id=sample_id)
    journey.refused("IAM-002", story.SHEN, draw)
    journey.refused("IAM-011", story.YOU, draw)
    journey.refused("token-expired", story.ZHU, draw, token=_expired(journey.old_token))
    drawn = journey.ask(story.ZHU, draw).sample
    journey.happened("batch.sampled.v1", planning.BATCH)
    # One approved against the finding would need two reviewers again: the story does not return it.
    plain = [one for one in enrolment.everybody(journey) if one.fate in (Fate.PLAIN, Fate.DOUBTED)]
    mend, drop = [one for one in plain if one.application_id in set(drawn.application_ids)][:2]
    for one in (mend, drop):
        _give_back(journey, one.application_id)
    enrolment.enter(journey, mend.application_id, mended(mended(mend.form)), story.CHU)
    journey.ask(story.WEI, enrolment.approval(journey, mend))
    journey.happened("application.approved.v1", mend.application_id)
    clear = pb.ClearBatchRequest(batch_id=planning.BATCH, revision=planning.batch(journey).revision)
    journey.refused("IAM-002", story.SHEN, clear)
    journey.ask(story.ZHU, clear)
    journey.happened("application.excluded.v1", drop.application_id)
    journey.happened("batch.cleared.v1", planning.BATCH)
    final = len(_approved(journey))
    journey.results |= {"sampled": size, "excluded": 1, "final_candidates": final}
    return f"{size} drawn; one returned and mended, one returned and excluded; {final} candidates are final"


def _expired(token: str) -> str:
    """The token taken at step 7, once its time is over (the demo's tokens live for seconds)."""
    expires = float(jwt.decode(token, options={"verify_signature": False})["exp"])
    time.sleep(max(0.0, expires - time.time() + 1.0))
    return token


def _give_back(journey: Journey, application_id: str) -> None:
    found = enrolment.stands(journey, application_id)
    request = applications.ReturnApplicationRequest(
        application_id=application_id, revision=found.revision, reason="社会保险缴费记录不清晰"
    )
    journey.ask(story.ZHU, request)
    journey.happened("application.returned.v1", application_id)


def _approved(journey: Journey) -> list[applications.Application]:
    request = applications.ListApplicationsRequest(
        batch_id=planning.BATCH, state=applications.APPLICATION_STATE_APPROVED, page_size=200
    )
    found: list[applications.Application] = []
    while True:
        answer = journey.ask(story.CHEN, request)
        found += answer.applications
        if not answer.next_page_token:
            return found
        request.page_token = answer.next_page_token


# 17


def seats_and_tickets(journey: Journey) -> str:
    arrange = seating.ArrangeSeatsRequest(batch_id=planning.BATCH, revision=planning.batch(journey).revision)
    journey.refused("IAM-012", story.QIN, arrange)
    arranged = journey.ask(story.CHEN, arrange).arrangement
    journey.happened("batch.seated.v1", planning.BATCH)
    journey.refused("IAM-002", story.CHU, seating.ListSeatsRequest(batch_id=planning.BATCH))
    rooms, turns = _assert_everybody_seated(journey, _seats(journey))
    journey.happened("seating.read.v1", planning.BATCH)
    issue = seating.IssueTicketsRequest(batch_id=planning.BATCH, revision=planning.batch(journey).revision)
    tickets = journey.ask(story.CHEN, issue).tickets
    journey.happened("batch.ticketed.v1", planning.BATCH)
    path, number = _save_ticket(journey)
    journey.results |= {"seats": arranged.seats, "tickets": tickets, "ticket_file": path}
    return (
        f"{arranged.seats} seats: theory in {rooms} rooms, skills in {turns} turns, by seed "
        f"{arranged.seed.hex()[:16]}…; {tickets} tickets, {number} saved"
    )


def _seats(journey: Journey) -> list[seating.Seat]:
    request, found = seating.ListSeatsRequest(batch_id=planning.BATCH, page_size=500), []
    while True:
        answer = journey.ask(story.CHEN, request)
        found += answer.seats
        if not answer.next_page_token:
            return found
        request.page_token = answer.next_page_token


def _assert_everybody_seated(journey: Journey, seats: list[seating.Seat]) -> tuple[int, int]:
    """Everybody once in each part, no seat twice; in how many theory rooms and turns."""
    final = {each.application_id for each in _approved(journey)}
    wanted = {(id, sitting) for id in final for sitting in (planning.THEORY, planning.SKILL)}
    if Counter((seat.application_id, seat.sitting_id) for seat in seats) != Counter(wanted):
        raise DoesNotHold("not everybody has one seat in each part")
    theory = [(seat.room_id, seat.seat) for seat in seats if seat.sitting_id == planning.THEORY]
    if len(set(theory)) != len(theory):
        raise DoesNotHold("a seat is given to two candidates")
    rooms = {room for room, _ in theory}
    turns = {seat.turn for seat in seats if seat.sitting_id == planning.SKILL}
    if len(rooms) < 2 or len(turns) < 2:
        raise DoesNotHold(f"theory in {len(rooms)} rooms, skills in {len(turns)} turns")
    return len(rooms), len(turns)


def _save_ticket(journey: Journey) -> tuple[str, str]:
    one = min(each.application_id for each in _approved(journey))
    answer = journey.ask(story.CHEN, seating.GetTicketRequest(application_id=one))
    journey.happened("ticket.issued.v1", one)
    if not answer.pdf.startswith(b"%PDF"):
        raise DoesNotHold("the admission ticket is no PDF")
    path = journey.folder / f"{answer.ticket_number}.pdf"
    path.write_bytes(answer.pdf)
    return str(path), answer.ticket_number
