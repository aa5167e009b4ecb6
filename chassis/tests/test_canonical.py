"""Canonical JSON: one byte form for one value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.api.identity.v1.events_pb2 import GrantGiven
from jiangheng.chassis.canonical import canonical_json, digest, message_json

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_it_is_json_of_the_same_value(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(texts, values, max_size=6), st.randoms())
def test_the_order_of_members_does_not_matter(value: dict[str, Any], random: Any) -> None:
    names = list(value)
    random.shuffle(names)
    assert canonical_json({name: value[name] for name in names}) == canonical_json(value)


def test_its_very_bytes() -> None:
    value = {"b": [1, True, None], "a": '匠"\n', "Ā": (2,)}
    assert canonical_json(value) == '{"a":"匠\\"\\n","b":[1,true,null],"Ā":[2]}'.encode()


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), [0.5], {"a": {"b": 1.5}}, {1: "a"}, {"a": b"x"}, {"a": {1, 2}}, datetime.now(UTC)],
)
def test_what_has_no_one_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="canonical JSON"):
        canonical_json(value)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical_json("\ud800")


def test_a_message_by_its_field_names_without_what_is_unset() -> None:
    message = GrantGiven(person_id="p1", role="auditor")
    message.valid_from.FromDatetime(datetime(2026, 11, 20, tzinfo=UTC))
    expected = b'{"person_id":"p1","role":"auditor","valid_from":"2026-11-20T00:00:00Z"}'
    assert message_json(message) == expected


def test_a_message_that_travelled_has_the_same_digest() -> None:
    message = GrantGiven(person_id="匠", role="auditor")
    again = GrantGiven.FromString(message.SerializeToString())
    assert digest(message_json(again)) == digest(message_json(message))


def test_the_digest_is_sha_256() -> None:
    # FIPS 180-2, appendix B.1
    assert digest(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
