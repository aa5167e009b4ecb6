"""What is shown of personal data."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules import numbers

KINDS = sorted(numbers.mask_kinds())
EXAMPLES = [
    (numbers.masked_name, "张三", "张*"),
    (numbers.masked_name, "欧阳修远", "欧***"),
    (numbers.masked_name, "张", "*"),
    (numbers.masked_name, "", ""),
    (numbers.masked_identity_number, "11010519491231002X", "11**************2X"),
    (numbers.masked_identity_number, "12345678", "******78"),
    (numbers.masked_identity_number, "E123456", "*******"),
    (numbers.masked_telephone, "13812345678", "138****5678"),
    (numbers.masked_telephone, "84567890", "****7890"),
    (numbers.masked_telephone, "12345", "*****"),
    (numbers.masked_certificate_code, "Y000022000001263000001", "Y000022***********0001"),
]
values = st.text(st.characters(exclude_characters="*"), max_size=40)


@pytest.mark.parametrize(("masked", "value", "shown"), EXAMPLES)
def test_examples(masked: object, value: str, shown: str) -> None:
    assert callable(masked)
    assert masked(value) == shown


@settings(deadline=None)
@given(st.sampled_from(KINDS), values)
def test_no_more_is_shown_than_the_table_allows(kind: str, value: str) -> None:
    row = numbers.mask_kinds()[kind]
    shown = numbers.mask(kind, value)
    assert len(shown) == len(value)
    places = [place for place, character in enumerate(shown) if character != numbers.MASK]
    assert all(place < row.head or place >= len(value) - row.tail for place in places)
    assert all(shown[place] == value[place] for place in places)
    if places:
        assert shown.count(numbers.MASK) >= row.hidden


@settings(deadline=None)
@given(st.sampled_from(KINDS), values.filter(bool), values)
def test_a_masked_value_is_never_taken_for_a_whole_one(kind: str, value: str, other: str) -> None:
    assert numbers.mask(kind, value) != other


@settings(deadline=None)
@given(st.sampled_from(KINDS), values, values)
def test_values_of_two_lengths_never_look_alike(kind: str, value: str, other: str) -> None:
    if len(value) != len(other):
        assert numbers.mask(kind, value) != numbers.mask(kind, other)


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.text(max_size=20), st.text(max_size=20))
def test_a_value_with_a_mask_in_it_is_hidden_whole(kind: str, before: str, after: str) -> None:
    value = f"{before}*{after}"
    assert numbers.mask(kind, value) == "*" * len(value)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(LookupError):
        numbers.mask("shoe size", "42")
