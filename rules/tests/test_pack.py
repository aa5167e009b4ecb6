"""Asking a pack: own layers first, then the base, and never a guess."""

from __future__ import annotations

import pytest

from jiangheng.rules.pack import Pack, UnknownParameter, pack_named, pack_names


@pytest.mark.parametrize("name", pack_names(()))
def test_every_pack_of_the_wheel_is_read_and_comes_back_from_its_document(name: str) -> None:
    pack = pack_named(name, ())
    assert pack.id == name
    assert Pack.from_document(pack.document()) == pack


def test_a_misspelt_key_is_not_taken_for_silence() -> None:
    with pytest.raises(UnknownParameter):
        pack_named("jilin", ()).answer("org.filling")
