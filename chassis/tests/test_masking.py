"""Nothing personal and no secret passes the masks, wherever it hides."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.masking import MASK, is_sensitive, mask_text, mask_value

digits = st.integers(0, 9).map(str)
identity_18 = st.builds(
    "{:06d}{:%Y%m%d}{:03d}{}".format,
    st.integers(110000, 659999),
    st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    st.integers(0, 999),
    st.sampled_from("0123456789Xx"),
)
identity_15 = st.integers(110000000000000, 659999999999999).map(str)
phones = st.builds("1{}{:09d}".format, st.sampled_from("3456789"), st.integers(0, 999_999_999))
personal = identity_18 | identity_15 | phones
# Anything but a digit may stand beside a number in a text.
beside = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=8)


@given(beside, personal, beside)
def test_numbers_in_free_text(before: str, number: str, after: str) -> None:
    masked = mask_text(f"{before}{number}{after}")
    assert number not in masked
    assert MASK in masked


@given(personal, personal)
def test_two_numbers_side_by_side(one: str, other: str) -> None:
    masked = mask_text(f"{one},{other}")
    assert one not in masked
    assert other not in masked


@given(identity_18, st.sampled_from([" ", "-"]))
def test_numbers_written_in_groups(number: str, mark: str) -> None:
    assert mask_text(mark.join((number[:6], number[6:14], number[14:]))) == MASK


@pytest.mark.parametrize("text", ["138-1234-5678", "138 1234 5678", "+86 13812345678", "8613812345678"])
def test_telephones_written_in_groups(text: str) -> None:
    assert mask_text(text).removeprefix("+") == MASK


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T19:04:34.571319Z",
        "position 1234567890 of stream main.22",
        "credit code 91110000600037341L",
        "certificate Y0000220000012610000001",
        "event 0190c2f4-1111-7a3b-8c4d-aabbccddeeff",
        "postgresql+psycopg://localhost:5432/identity",
        "institution.filed.v1.22 took 1763664000123 ms",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert mask_text(text) == text


SECRET = "Zt7-very/secret+value"


@pytest.mark.parametrize(
    "text",
    [
        f"amqp://guest:{SECRET}@localhost:5672/",
        f"postgresql+psycopg://app:{SECRET}@db/identity failed",
        f"amqp://user:p@{SECRET}@localhost/",
        f"host=db password={SECRET} dbname=x",
        f"{{'new_password': '{SECRET}', 'login': 'x'}}",
        f'{{"refresh_token": "{SECRET}"}}',
        f"Authorization: Bearer {SECRET}",
        f"private_key={SECRET}",
        f"activation_code: {SECRET}",
        f"1 validation error [type=x, input_value='{SECRET}', input_type=str]",
        f"[SQL: INSERT INTO person]\n[parameters: ('{SECRET}', [1, 2])]\n(Background on this error)",
        f"[parameters: {{'a': ['{SECRET}']}}]",
        f"DETAIL:  Failing row contains (1, {SECRET}, (2)).",
        f"DETAIL:  Key (document_index)=({SECRET}) already exists.",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
        f'name: "{SECRET}"\nlogin: "{SECRET}"',
        f"Person(name='{SECRET}', phone='{SECRET}')",
    ],
)
def test_secrets_and_names_in_free_text(text: str) -> None:
    masked = mask_text(text)
    assert SECRET not in masked
    assert "secret+value" not in masked
    assert MASK in masked


def test_a_token_alone() -> None:
    token = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwMSJ9.c2lnbmF0dXJl"
    assert mask_text(f"got {token}.") == f"got {MASK}."


def test_what_a_database_says_around_a_row_stays() -> None:
    text = "IntegrityError: UNIQUE\n[SQL: INSERT INTO person]\n[parameters: ('张三',)]\n(Background on this)"
    assert mask_text(text) == text.replace("('张三',)", MASK)


@pytest.mark.parametrize(
    "name", ["password", "Password", "new_password", "refresh-token", "name", "document_number"]
)
def test_names_whose_values_are_never_logged(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize(
    "name", ["credit_code", "status_code", "queue_name", "tokens_left", "rolename", "event"]
)
def test_names_whose_values_are(name: str) -> None:
    assert not is_sensitive(name)


def nested(inner: Any) -> Any:
    return st.recursive(
        inner,
        lambda value: (
            st.lists(value, min_size=1, max_size=3)
            | st.tuples(value)
            | st.dictionaries(st.sampled_from(["a", "b", "items"]), value, min_size=1, max_size=3)
        ),
        max_leaves=8,
    )


@given(st.data())
def test_numbers_at_any_depth(data: st.DataObject) -> None:
    number = data.draw(personal)
    value = data.draw(nested(st.just(number) | st.just(f"证件{number}") | st.just({number: 1})))
    assert number not in json.dumps(mask_value(value), ensure_ascii=False)


@given(st.data())
def test_sensitive_members_at_any_depth(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["name", "password", "access_token", "document_number", "login"]))
    inner = data.draw(st.sampled_from([SECRET, [SECRET], {"x": SECRET}, SECRET.encode(), 5]))
    value = data.draw(nested(st.just({name: inner})))
    masked = json.dumps(mask_value(value))
    assert SECRET not in masked
    assert MASK in masked


def test_a_number_that_is_no_text() -> None:
    assert mask_value(110105194912310021) == MASK
    assert mask_value({"at": 13812345678}) == {"at": MASK}


class Colour(Enum):
    RED = "13812345678"


class Opaque:
    def __repr__(self) -> str:
        return SECRET


def test_every_kind_of_value_has_a_plain_form() -> None:
    identifier = UUID("0190c2f4-1111-7a3b-8c4d-aabbccddeeff")
    value = {
        "none": None,
        "flag": True,
        "ratio": 0.25,
        "count": 7,
        "id": identifier,
        "path": Path("a/b"),
        "at": datetime(2026, 11, 20, tzinfo=UTC),
        "colour": Colour.RED,
        "set": {1},
        "error": ValueError("no 13812345678"),
        "bytes": SECRET.encode(),
        "opaque": Opaque(),
    }
    assert mask_value(value) == {
        "none": None,
        "flag": True,
        "ratio": 0.25,
        "count": 7,
        "id": str(identifier),
        "path": "a/b",
        "at": "2026-11-20 00:00:00+00:00",
        "colour": "RED",
        "set": [1],
        "error": f"ValueError: no {MASK}",
        "bytes": "<bytes>",
        "opaque": "<Opaque>",
    }


def test_a_value_that_holds_itself_ends() -> None:
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    assert "…" in json.dumps(mask_value(loop), ensure_ascii=False)


def test_half_a_character_does_not_break_the_line() -> None:
    assert mask_text("a\ud800") == "a\\ud800"
