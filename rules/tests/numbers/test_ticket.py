"""Numbers of admission tickets: 16 digits with a check digit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules import numbers

PROVINCES = sorted(numbers.provinces())
tickets = st.builds(
    numbers.TicketNumber,
    st.integers(0, 99),
    st.sampled_from(PROVINCES),
    st.integers(1, 999_999),
    st.integers(1, 99_999),
)


@settings(deadline=None)
@given(tickets)
def test_a_number_gives_its_parts_again(ticket: numbers.TicketNumber) -> None:
    number = str(ticket)
    assert len(number) == 16
    assert number.isdigit()
    assert numbers.parse_ticket(number) == ticket


@settings(deadline=None)
@given(tickets, tickets)
def test_two_candidates_never_share_a_number(one: numbers.TicketNumber, other: numbers.TicketNumber) -> None:
    assert (str(one) == str(other)) is (one == other)


@settings(deadline=None)
@given(tickets, st.integers(0, 15), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_caught(ticket: numbers.TicketNumber, place: int, digit: str) -> None:
    number = str(ticket)
    wrong = number[:place] + digit + number[place + 1 :]
    assert wrong == number or numbers.explain_ticket(wrong)


@settings(deadline=None)
@given(tickets, st.integers(0, 14))
def test_neighbours_changed_over_are_always_caught(ticket: numbers.TicketNumber, place: int) -> None:
    number = str(ticket)
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert wrong == number or numbers.explain_ticket(wrong)


def test_the_number_as_it_is_written() -> None:
    number = numbers.ticket_number(2026, "22", 17, 3)
    assert number[:-1] == "262200001700003"
    assert number == numbers.ticket_number(26, "22", 17, 3)


def test_a_wrong_check_digit_is_named() -> None:
    number = numbers.ticket_number(2026, "22", 17, 3)
    (fault,) = numbers.explain_ticket(number[:-1] + str((int(number[-1]) + 1) % 10))
    assert fault.zh.startswith("第16位")


def test_candidates_sort_as_they_are_counted() -> None:
    issued = [numbers.ticket_number(2026, "22", 17, candidate) for candidate in range(1, 200)]
    assert issued == sorted(issued)


@pytest.mark.parametrize(
    "parts", [(2026, "99", 1, 1), (2026, "22", 0, 1), (2026, "22", 1, 0), (2026, "22", 1_000_000, 1)]
)
def test_no_number_is_made_of_wrong_parts(parts: tuple[int, str, int, int]) -> None:
    with pytest.raises(ValueError, match="no code"):
        numbers.ticket_number(*parts)


@pytest.mark.parametrize("number", ["", "2622000017000031", "26220000170000３1"])
def test_what_is_no_ticket_number(number: str) -> None:
    right = numbers.ticket_number(2026, "22", 17, 3)
    assert number != right
    assert numbers.explain_ticket(number)
    with pytest.raises(ValueError, match="not a ticket number"):
        numbers.parse_ticket(number)
