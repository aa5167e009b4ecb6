"""Unified social credit codes (GB 32100)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules import numbers


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43"])
def test_right_credit_codes(code: str) -> None:
    assert numbers.check_credit_code(code) is None


@pytest.mark.parametrize(
    "code",
    [
        "",
        "91110000600037341M",
        "91110000600037341l",
        "9111 0000600037341L",
        "000000000000000000",
        "9111000060003734IL",
        "91110000600037341",
    ],
)
def test_wrong_credit_codes(code: str) -> None:
    assert numbers.check_credit_code(code)


ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(body: str) -> str:
    """The code of these 17 characters as GB 32100-2015 5 computes it, independent of the code under test."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return body + ALPHABET[-total % 31]


bodies = st.builds(
    "{}{}{:06d}{}".format,
    st.sampled_from("123456789ANY"),
    st.sampled_from(ALPHABET),
    st.integers(0, 999_999),
    st.text(ALPHABET, min_size=9, max_size=9),
)


@settings(deadline=None)
@given(bodies)
def test_a_right_code_passes(body: str) -> None:
    assert numbers.check_credit_code(credit_code(body)) is None


@settings(deadline=None)
@given(bodies, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_caught(body: str, place: int, character: str) -> None:
    code = credit_code(body)
    wrong = code[:place] + character + code[place + 1 :]
    assert wrong == code or numbers.check_credit_code(wrong)


@settings(deadline=None)
@given(bodies, st.integers(0, 16))
def test_neighbours_changed_over_are_always_caught(body: str, place: int) -> None:
    code = credit_code(body)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert wrong == code or numbers.check_credit_code(wrong)
