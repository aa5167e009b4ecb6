"""Sealed fields, blind indexes, key files, masks."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis import privacy
from jiangheng.chassis.privacy import BlindIndex, FieldCipher, PrivacyError, UnknownKey

OLD, NEW = os.urandom(32), os.urandom(32)
CIPHER = FieldCipher({"2026a": OLD, "2026b": NEW}, "2026b")
PLACE = b"identity.person.document_number:p1"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(texts, st.binary(max_size=20))
def test_what_is_sealed_opens_at_its_place(text: str, context: bytes) -> None:
    assert CIPHER.open(CIPHER.seal(text, context), context) == text


@given(texts, st.binary(max_size=20), st.binary(max_size=20))
def test_it_opens_at_no_other_place(text: str, context: bytes, other: bytes) -> None:
    if context != other:
        with pytest.raises(PrivacyError):
            CIPHER.open(CIPHER.seal(text, context), other)


@given(st.data())
def test_any_changed_bit_is_noticed(data: st.DataObject) -> None:
    sealed = CIPHER.seal("11010519491231002X", PLACE)
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    wrong = (int.from_bytes(sealed, "big") ^ 1 << bit).to_bytes(len(sealed), "big")
    with pytest.raises(PrivacyError):
        CIPHER.open(wrong, PLACE)


@given(st.integers(0, 51))
def test_a_field_cut_short_is_noticed(length: int) -> None:
    sealed = CIPHER.seal("11010519491231002X", PLACE)
    assert length < len(sealed)
    with pytest.raises(PrivacyError):
        CIPHER.open(sealed[:length], PLACE)


def test_the_form_names_version_algorithm_and_key() -> None:
    sealed = CIPHER.seal("张三", PLACE)
    assert sealed[:8] == b"\x01\x01\x052026b"
    assert len(sealed) == 8 + 12 + len("张三".encode()) + 16
    assert "张三".encode() not in sealed
    assert privacy.key_id_of(sealed) == "2026b"


def test_no_two_sealings_are_alike() -> None:
    assert len({CIPHER.seal("x", PLACE) for _ in range(100)}) == 100


def test_keys_are_rotated_without_a_day_of_darkness() -> None:
    before = FieldCipher({"2026a": OLD}, "2026a")
    sealed = before.seal("张三", PLACE)
    assert CIPHER.open(sealed, PLACE) == "张三"
    assert not CIPHER.is_current(sealed)
    renewed = CIPHER.seal(CIPHER.open(sealed, PLACE), PLACE)
    assert CIPHER.is_current(renewed)
    with pytest.raises(UnknownKey) as caught:
        before.open(renewed, PLACE)
    assert caught.value.key_id == "2026b"


def test_another_key_of_the_same_name_does_not_open() -> None:
    other = FieldCipher({"2026b": OLD}, "2026b")
    with pytest.raises(PrivacyError):
        other.open(CIPHER.seal("x", PLACE), PLACE)


@pytest.mark.parametrize(
    "sealed", [b"", b"\x02\x01\x00", b"\x01\x02\x01a", b"\x01\x01\x01\xff", b"\x01\x01\x05202"]
)
def test_what_was_never_sealed_here(sealed: bytes) -> None:
    with pytest.raises(PrivacyError):
        CIPHER.open(sealed, PLACE)


@pytest.mark.parametrize(("key_id", "key"), [("", NEW), ("a b", NEW), ("x" * 65, NEW), ("a", NEW[:16])])
def test_keys_that_are_none(key_id: str, key: bytes) -> None:
    with pytest.raises(PrivacyError):
        FieldCipher({key_id: key}, key_id)


def test_the_current_key_must_be_there() -> None:
    with pytest.raises(UnknownKey):
        FieldCipher({"2026a": OLD}, "2026b")


@given(texts, texts)
def test_an_index_is_equal_for_equal_values_only(one: str, other: str) -> None:
    index = BlindIndex(OLD)
    assert (index.of("resident_id", one) == index.of("resident_id", other)) is (one == other)


def test_an_index_depends_on_kind_and_key() -> None:
    values = {
        BlindIndex(OLD).of("resident_id", "1"),
        BlindIndex(OLD).of("passport", "1"),
        BlindIndex(NEW).of("resident_id", "1"),
    }
    assert len(values) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in values)


def test_an_index_key_has_32_bytes() -> None:
    with pytest.raises(PrivacyError):
        BlindIndex(OLD[:31])


def test_a_new_key_file_is_the_owners_only_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "field.keys"
    privacy.write_new_keys(path, "2026a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys = privacy.load_keys(path)
    assert keys.cipher().open(keys.cipher().seal("x", PLACE), PLACE) == "x"
    assert keys.blind_index().of("a", "b") == privacy.load_keys(path).blind_index().of("a", "b")
    with pytest.raises(FileExistsError):
        privacy.write_new_keys(path, "2026b")


def test_keys_are_not_in_the_repr(tmp_path: Path) -> None:
    path = tmp_path / "field.keys"
    privacy.write_new_keys(path, "2026a")
    keys = privacy.load_keys(path)
    assert repr(keys) == "FieldKeys(current='2026a')"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "field.keys"
    privacy.write_new_keys(path, "2026a")
    path.chmod(mode)
    with pytest.raises(PrivacyError, match="0600"):
        privacy.load_keys(path)


HEX = NEW.hex()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not toml",
        f'current = "a"\n[keys]\na = "{HEX}"',
        f'current = "b"\nindex = "{HEX}"\n[keys]\na = "{HEX}"',
        f'current = "a"\nindex = "{HEX}"\n[keys]\na = "{HEX[:-2]}"',
        f'current = "a"\nindex = "{HEX}"\n[keys]\na = "zz"',
        f'current = "a"\nindex = "{HEX}"\nkeys = "{HEX}"',
        f'current = "a"\nindex = 5\n[keys]\na = "{HEX}"',
    ],
)
def test_a_key_file_of_another_form_is_refused_without_its_content(tmp_path: Path, content: str) -> None:
    path = tmp_path / "field.keys"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(PrivacyError) as caught:
        privacy.load_keys(path)
    assert HEX[:-2] not in str(caught.value)
