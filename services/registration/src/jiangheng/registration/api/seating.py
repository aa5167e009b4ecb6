"""SeatingService: seats and admission tickets."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.api.registration.v1 import seating_pb2_grpc as pb_grpc
from jiangheng.chassis.server import Mounted
from jiangheng.registration.api.calls import Context, caller
from jiangheng.registration.operations.arrange_seats import arrange_seats
from jiangheng.registration.operations.get_ticket import get_ticket
from jiangheng.registration.operations.issue_tickets import issue_tickets
from jiangheng.registration.operations.list_seats import list_seats
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.wire import seats as wire
from jiangheng.registration.wire.batches import warning_to_wire

_SERVICE: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["SeatingService"]


def mounted(runtime: RegistrationRuntime) -> Mounted:
    """SeatingService, for the server to mount."""
    return Mounted(_SERVICE, pb_grpc.add_SeatingServiceServicer_to_server, SeatingServicer(runtime))


class SeatingServicer(pb_grpc.SeatingServiceServicer):
    """SeatingService over one runtime."""

    def __init__(self, runtime: RegistrationRuntime) -> None:
        self._runtime = runtime

    def ArrangeSeats(self, request: pb.ArrangeSeatsRequest, context: Context) -> pb.ArrangeSeatsResponse:
        made = arrange_seats(self._runtime, caller(), request.batch_id, request.revision)
        return pb.ArrangeSeatsResponse(arrangement=wire.arrangement_to_wire(made))

    def ListSeats(self, request: pb.ListSeatsRequest, context: Context) -> pb.ListSeatsResponse:
        page = list_seats(
            self._runtime, caller(), request.batch_id, token=request.page_token, size=request.page_size
        )
        return pb.ListSeatsResponse(
            arrangement=wire.arrangement_to_wire(page.arrangement),
            seats=[wire.seat_to_wire(each) for each in page.seats],
            next_page_token=page.next_token,
        )

    def IssueTickets(self, request: pb.IssueTicketsRequest, context: Context) -> pb.IssueTicketsResponse:
        out = issue_tickets(self._runtime, caller(), request.batch_id, request.revision)
        return pb.IssueTicketsResponse(
            tickets=out.tickets, warnings=[warning_to_wire(each) for each in out.warnings]
        )

    def GetTicket(self, request: pb.GetTicketRequest, context: Context) -> pb.GetTicketResponse:
        printed = get_ticket(self._runtime, caller(), request.application_id, request.reissue_reason)
        return pb.GetTicketResponse(ticket_number=printed.number, pdf=printed.pdf)
