"""Values: from TOML, to typed, to JSON that says what it is, and back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules.values import Duration, Text, decimal_text, decoded, encoded, plain

NAMES = st.text(min_size=1, max_size=8)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    DECIMALS,
    NAMES,
    st.lists(NAMES).map(tuple),
    st.builds(Text, NAMES, NAMES),
    st.builds(Duration, st.integers(0, 999), NAMES),
)
RECORDS = st.dictionaries(NAMES, SCALARS)
VALUES = st.one_of(SCALARS, RECORDS, st.lists(RECORDS).map(tuple))


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_as_json_is_read_back(value: Any) -> None:
    written = json.dumps(encoded(value))
    assert decoded(json.loads(written, parse_float=lambda digits: pytest.fail(f"a float: {digits}"))) == value


@settings(deadline=None)
@given(VALUES, VALUES)
def test_different_values_are_written_differently(one: Any, other: Any) -> None:
    same = type(one) is type(other) and one == other
    if not same and one != other:
        assert encoded(one) != encoded(other)


@pytest.mark.parametrize(("value", "other"), [(True, 1), (5, Decimal(5)), ("5", Decimal(5)), ((), "")])
def test_what_python_takes_for_equal_is_not_written_alike(value: Any, other: Any) -> None:
    assert json.dumps(encoded(value)) != json.dumps(encoded(other))


@settings(deadline=None)
@given(DECIMALS, st.integers(0, 5))
def test_a_number_is_written_in_one_way(number: Decimal, zeros: int) -> None:
    padded = Decimal(format(number, ".4f") + "0" * zeros)
    assert decimal_text(padded) == decimal_text(number)
    assert Decimal(decimal_text(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.50", "1.5"), ("1E+2", "100"), ("-0.0", "0"), ("0E-3", "0"), ("100", "100"), ("0.10", "0.1")],
)
def test_how_a_number_is_written(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text


@pytest.mark.parametrize(
    "written",
    [
        1.5,
        None,
        [],
        {"decimal": 1.5},
        {"text": {"zh": "x"}},
        {"duration": {"length": "3", "unit": "day"}},
        {"list": "ab"},
        {"record": []},
        {"other": 1},
    ],
)
def test_what_nobody_wrote_is_not_read(written: Any) -> None:
    with pytest.raises(ValueError, match="not a value"):
        decoded(written)


def test_as_a_file_would_give_it() -> None:
    assert plain({"a": (Text("甲", "a"), Duration(3, "day")), "b": Decimal("1.5")}) == {
        "a": [{"zh": "甲", "en": "a"}, {"length": 3, "unit": "day"}],
        "b": Decimal("1.5"),
    }
