"""The number of an admission ticket (准考证号).

The texts ask for a number and say nothing of its form (000 A3 8; 001 D1 11).
Here it is 16 digits: year 2, province 2, batch 6, candidate 5, check digit 1;
unique within the province if the batch's number is. It says nothing of room or
seat, which are secret until the session (000 A5 4). The check digit is Damm's:
it catches every single wrong digit and every change-over of neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.reasons import reason
from jiangheng.rules.numbers.structures import compose, explain_parts, split


@dataclass(frozen=True)
class TicketNumber:
    """The parts of a ticket's number; `year` is its last two digits, `batch` counts per province and year."""

    year: int
    province: str
    batch: int
    candidate: int

    def __str__(self) -> str:
        return ticket_number(self.year, self.province, self.batch, self.candidate)


def ticket_number(year: int, province: str, batch: int, candidate: int) -> str:
    """The number of a candidate's ticket; the year has two or four digits. Raises ValueError."""
    number = compose(
        "ticket",
        ticket_year=year % 100,
        province=province,
        batch=batch,
        candidate=candidate,
        check=0,
    )
    return number[:-1] + _check_digit(number[:-1])


def explain_ticket(number: str) -> tuple[Explanation, ...]:
    """What is wrong with a ticket's number, every position named; empty if it is right."""
    wrong = explain_parts("ticket", number)
    if wrong:
        return wrong
    return () if _check_digit(number[:-1]) == number[-1] else (reason("ticket_check"),)


def parse_ticket(number: str) -> TicketNumber:
    """The parts of a ticket's number. Raises ValueError if it is none."""
    if explain_ticket(number):
        raise ValueError("not a ticket number")
    parts = split("ticket", number)
    return TicketNumber(
        int(parts["ticket_year"]), parts["province"], int(parts["batch"]), int(parts["candidate"])
    )


def _check_digit(body: str) -> str:
    from stdnum import damm  # here, because it takes longer to import than this whole wheel

    return damm.calc_check_digit(body)
