"""Signed checkpoints: notes of other makers open, ours come back, and no byte can be changed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis import checkpoint as notes
from jiangheng.chassis.checkpoint import Checkpoint

ORIGIN = "jiangheng.example/ledger"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
ROOT = bytes(range(100, 132))
TIME = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
NOTE = notes.sign(ORIGIN, 42, ROOT, TIME, KEY)

# Facts published by others: a checkpoint of the Go checksum database with its
# key (sum.golang.org), and the example of the C2SP signed-note specification.
FOREIGN = [
    (
        "sum.golang.org",
        "033de0ae",
        "ce3372d75ad1ee5ecdaf8727293d4b111d87eb37531d7c86d4d3003f0eb809fc",
        "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
    ),
    (
        "example.com/foo",
        "530d903a",
        "e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4",
        "This is an example message.\n",
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=",
    ),
]


@pytest.mark.parametrize(("name", "key_id", "key", "text", "signature"), FOREIGN)
def test_notes_of_other_makers_open(name: str, key_id: str, key: str, text: str, signature: str) -> None:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    assert notes.key_id(name, public).hex() == key_id
    assert notes.open_note(f"{text}\n— {name} {signature}\n", name, public) == text


def test_its_very_text() -> None:
    text, signatures = NOTE.split("\n\n")
    root = base64.b64encode(ROOT).decode()
    assert text == f"{ORIGIN}\n42\n{root}\ntime 2026-11-20T08:30:00Z"
    assert signatures.startswith(f"— {ORIGIN} ")
    assert notes.parse_and_verify(NOTE, PUBLIC, ORIGIN) == Checkpoint(ORIGIN, 42, ROOT, TIME)


@given(
    size=st.integers(0, 2**53),
    root=st.binary(min_size=32, max_size=32),
    time=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_is_signed_comes_back(size: int, root: bytes, time: datetime) -> None:
    note = notes.sign(ORIGIN, size, root, time, KEY)
    assert notes.parse_and_verify(note, PUBLIC, ORIGIN) == Checkpoint(ORIGIN, size, root, time)


@given(st.data())
def test_any_changed_character_is_rejected(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(NOTE) - 1))
    character = data.draw(st.characters(max_codepoint=0x2100).filter(lambda other: other != NOTE[place]))
    with pytest.raises(notes.CheckpointError):
        notes.parse_and_verify(NOTE[:place] + character + NOTE[place + 1 :], PUBLIC, ORIGIN)


@given(st.integers(0, len(NOTE) - 1))
def test_a_note_cut_short_is_rejected(length: int) -> None:
    with pytest.raises(notes.CheckpointError):
        notes.parse_and_verify(NOTE[:length], PUBLIC, ORIGIN)


@given(st.text(max_size=200))
def test_anything_else_is_rejected_in_the_same_way(text: str) -> None:
    with pytest.raises(notes.CheckpointError):
        notes.parse_and_verify(text, PUBLIC, ORIGIN)


def signed(text: str, name: str = ORIGIN) -> str:
    return notes.sign_note(text, name, KEY)


def test_another_key_is_not_the_log() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(notes.NotSigned):
        notes.parse_and_verify(notes.sign(ORIGIN, 42, ROOT, TIME, other), PUBLIC, ORIGIN)


def test_another_log_is_not_this_one() -> None:
    with pytest.raises(notes.NotSigned):
        notes.parse_and_verify(notes.sign("other.example", 42, ROOT, TIME, KEY), PUBLIC, ORIGIN)
    body = NOTE.split("\n\n")[0].replace(ORIGIN, "other.example")
    with pytest.raises(notes.WrongOrigin):
        notes.parse_and_verify(signed(f"{body}\n"), PUBLIC, ORIGIN)


def test_signatures_by_unknown_keys_are_passed_over() -> None:
    others = [Ed25519PrivateKey.generate() for _ in range(16)]
    lines = [notes.sign(ORIGIN, 42, ROOT, TIME, key).split("\n\n")[1] for key in others]
    body, own = NOTE.split("\n\n")
    note = "".join([f"{body}\n\n", *lines, own])
    assert notes.parse_and_verify(note, PUBLIC, ORIGIN).size == 42


def test_a_wrong_signature_by_the_known_key_is_not_passed_over() -> None:
    body, own = NOTE.split("\n\n")
    wrong = notes.sign(ORIGIN, 43, ROOT, TIME, KEY).split("\n\n")[1]
    for lines in (wrong + own, own + wrong):
        with pytest.raises(notes.BadSignature):
            notes.parse_and_verify(f"{body}\n\n{lines}", PUBLIC, ORIGIN)


ROOT_LINE = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n042\n{ROOT_LINE}\ntime 2026-11-20T08:30:00Z\n",
        f"{ORIGIN}\n-1\n{ROOT_LINE}\ntime 2026-11-20T08:30:00Z\n",
        f"{ORIGIN}\n４２\n{ROOT_LINE}\ntime 2026-11-20T08:30:00Z\n",
        f"{ORIGIN}\n42\n{ROOT_LINE}\n",
        f"{ORIGIN}\n42\n{ROOT_LINE}\ntime 2026-11-20T08:30:00Z\ntime 2026-11-20T08:30:00Z\n",
        f"{ORIGIN}\n42\n{ROOT_LINE}\ntime 2026-11-20T08:30:00\n",
        f"{ORIGIN}\n42\n{ROOT_LINE}\ntime 2026-11-20T16:30:00+08:00\n",
        f"{ORIGIN}\n42\n{ROOT_LINE}\ntime now\n",
        f"{ORIGIN}\n42\n{ROOT_LINE[:-4]}\ntime 2026-11-20T08:30:00Z\n",
        f"{ORIGIN}\n42\n{ROOT_LINE[:-2]}\ntime 2026-11-20T08:30:00Z\n",
        f"{ORIGIN}\n42\n{ROOT_LINE[:-2]}9=\ntime 2026-11-20T08:30:00Z\n",
        f"{ORIGIN}\n42\n\ntime 2026-11-20T08:30:00Z\n",
        f"{ORIGIN}\n42\n",
        "\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint(text: str) -> None:
    with pytest.raises(notes.Malformed):
        notes.parse_and_verify(signed(text), PUBLIC, ORIGIN)


def test_further_extension_lines_are_allowed() -> None:
    note = signed(f"{ORIGIN}\n42\n{ROOT_LINE}\nfuture: 1\ntime 2026-11-20T08:30:00Z\n")
    assert notes.parse_and_verify(note, PUBLIC, ORIGIN).time == TIME


def test_a_text_may_have_empty_lines() -> None:
    assert notes.open_note(signed("one\n\ntwo\n"), ORIGIN, PUBLIC) == "one\n\ntwo\n"


@pytest.mark.parametrize("name", ["", "with space", "with+plus", "with\nline", "with\u3000space"])
def test_names_that_no_key_has(name: str) -> None:
    with pytest.raises(notes.Malformed):
        notes.sign(name, 1, ROOT, TIME, KEY)


@pytest.mark.parametrize(
    "text", ["no newline", "tab\t\n", "return\r\n", "half \ud800\n", "x" * 70_000 + "\n"]
)
def test_texts_that_no_note_has(text: str) -> None:
    with pytest.raises(notes.Malformed):
        notes.sign_note(text, ORIGIN, KEY)


def test_nothing_is_signed_that_could_not_be_read() -> None:
    with pytest.raises(notes.Malformed):
        notes.sign(ORIGIN, -1, ROOT, TIME, KEY)
    with pytest.raises(notes.Malformed):
        notes.sign(ORIGIN, 1, ROOT[:-1], TIME, KEY)
    with pytest.raises(ValueError, match="zone"):
        notes.sign(ORIGIN, 1, ROOT, TIME.replace(tzinfo=None), KEY)


def test_one_log_signs_one_time_in_one_way() -> None:
    later = notes.sign(ORIGIN, 42, ROOT, TIME + timedelta(seconds=1), KEY)
    assert later != NOTE
    assert notes.sign(ORIGIN, 42, ROOT, TIME, KEY) == NOTE
