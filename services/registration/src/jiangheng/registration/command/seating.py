"""`jiangheng-registration seating …`: seats (考场编排) and admission tickets (准考证)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.registration.command.batch import stands, warning
from jiangheng.registration.command.desk import Desk
from jiangheng.registration.command.layout import rows, when
from jiangheng.registration.command.shared import BatchId, Noun, Revision


def page(found: pb.Arrangement) -> str:
    """How the seats were arranged; who has the seed can arrange them again."""
    return "\n".join(
        rows(
            ("编排座位 seats", found.seats),
            ("编排时间 arranged", when(found.arranged_at)),
            ("随机种子 seed", found.seed.hex()),
            ("座次摘要 digest", found.digest.hex()),
        )
    )


def line(found: pb.Seat) -> str:
    """Where one candidate sits one part."""
    where = f"座位 seat {found.seat}" if found.seat else f"第{found.turn}批 turn"
    return f"{found.sitting_id:4}  {found.room_id:6}  {where:12}  {found.application_id}"


seating = Noun("seating", "Seats 考场编排 and admission tickets 准考证.", page, line)


@seating.command
def arrange(desk: Desk, batch: BatchId, revision: Revision = None) -> object:
    """Seat every candidate of a cleared batch by a drawn seed; again, as long as no ticket is out 编排."""
    on = revision or stands(desk, batch).revision
    return desk.ask(pb.ArrangeSeatsRequest(batch_id=batch, revision=on)).arrangement


@seating.command
def list_(desk: Desk, batch: BatchId) -> object:
    """List the seats; that you read them is on record 座次表."""
    return desk.every(pb.ListSeatsRequest(batch_id=batch), "seats")


@seating.command
def tickets(desk: Desk, batch: BatchId, revision: Revision = None) -> object:
    """Issue the admission tickets; the seats stay as they are from then on 核发准考证."""
    on = revision or stands(desk, batch).revision
    answer: pb.IssueTicketsResponse = desk.ask(pb.IssueTicketsRequest(batch_id=batch, revision=on))
    return "\n".join([f"准考证 tickets: {answer.tickets}", *map(warning, answer.warnings)])


@seating.command
def ticket(
    desk: Desk,
    application: Annotated[str, typer.Argument(help="The application's id (UUID).", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="The PDF to write; otherwise <number>.pdf.")] = None,
    reissue: Annotated[str, typer.Option(help="Why it is handed out again; goes on record.")] = "",
) -> object:
    """Write a candidate's admission ticket into a file 准考证."""
    request = pb.GetTicketRequest(application_id=application, reissue_reason=reissue)
    answer: pb.GetTicketResponse = desk.ask(request)
    path = out or Path(f"{answer.ticket_number}.pdf")
    path.write_bytes(answer.pdf)
    return f"准考证 ticket {answer.ticket_number}: {path}"
