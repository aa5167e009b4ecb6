"""Which packs there are, what they extend, and what keeps them from being laid over each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jiangheng.rules.faults import BadPack
from jiangheng.rules.library import Library
from jiangheng.rules.schema import Schema

Writes = Callable[[dict[str, str]], Path]
Head = Callable[..., str]


def chain(library: Library, name: str) -> list[str]:
    return [layer.head.id for layer in library.layers(name)]


def test_a_pack_stands_over_what_it_extends(write: Writes, small_schema: Schema, head_text: Head) -> None:
    folder = write(
        {
            "p/a/pack.toml": head_text("a", "b", "c"),
            "p/b/pack.toml": head_text("b", "d"),
            "p/c/pack.toml": head_text("c"),
            "p/d/pack.toml": head_text("d"),
        }
    )
    library = Library(wheel=folder / "p", known=small_schema)
    assert chain(library, "a") == ["d", "b", "c", "a"]
    assert library.names == ("a", "b", "c", "d")


def test_packs_may_extend_those_of_another_folder(
    write: Writes, small_schema: Schema, head_text: Head
) -> None:
    folder = write({"wheel/a/pack.toml": head_text("a"), "own/b/pack.toml": head_text("b", "a")})
    library = Library((folder / "own",), folder / "wheel", small_schema)
    assert chain(library, "b") == ["a", "b"]


def test_a_circle_is_told_with_its_way(write: Writes, small_schema: Schema, head_text: Head) -> None:
    folder = write({f"{a}/pack.toml": head_text(a, b) for a, b in ("ab", "bc", "ca")})
    with pytest.raises(BadPack) as bad:
        Library(wheel=folder, known=small_schema).layers("a")
    (fault,) = bad.value.faults
    assert (fault.kind, fault.key, fault.line) == ("circular_extends", "pack.extends", 10)
    assert Path(fault.file).parent.name == "c"
    assert "a → b → c → a" in fault.en


def test_a_pack_that_extends_itself(write: Writes, small_schema: Schema, head_text: Head) -> None:
    library = Library(wheel=write({"a/pack.toml": head_text("a", "a")}), known=small_schema)
    with pytest.raises(BadPack, match="a → a"):
        library.layers("a")


def test_a_pack_that_extends_what_is_not_there(write: Writes, small_schema: Schema, head_text: Head) -> None:
    with pytest.raises(BadPack) as bad:
        Library(wheel=write({"a/pack.toml": head_text("a", "b")}), known=small_schema).layers("a")
    assert [(each.kind, each.key, each.line) for each in bad.value.faults] == [
        ("unknown_extends", "pack.extends", 10)
    ]


def test_faults_of_all_that_is_extended_are_told_at_once(
    write: Writes, small_schema: Schema, head_text: Head
) -> None:
    folder = write(
        {
            "a/pack.toml": head_text("a", "b", "c", "gone"),
            "b/pack.toml": head_text("b").replace("1.0", "x"),
            "c/pack.toml": head_text("c"),
            "c/v.toml": '["t.flag"]\nvalue = 1\ncite = ["1"]\n',
        }
    )
    with pytest.raises(BadPack) as bad:
        Library(wheel=folder, known=small_schema).layers("a")
    assert [each.kind for each in bad.value.faults] == ["unknown_extends", "not_a_version", "wrong_type"]


def test_no_pack_replaces_another_of_its_name_unseen(
    write: Writes, small_schema: Schema, head_text: Head
) -> None:
    folder = write({"wheel/a/pack.toml": head_text("a"), "own/a/pack.toml": head_text("a")})
    with pytest.raises(BadPack, match="in another folder already"):
        Library((folder / "own",), folder / "wheel", small_schema).layers("a")


def test_the_same_folder_named_twice_is_no_second_pack(
    write: Writes, small_schema: Schema, head_text: Head
) -> None:
    folder = write({"own/a/pack.toml": head_text("a")}) / "own"
    assert chain(Library((folder,), folder, small_schema), "a") == ["a"]


def test_a_pack_that_is_not_there(write: Writes, small_schema: Schema) -> None:
    with pytest.raises(BadPack, match="There is no pack “a”"):
        Library(wheel=write({}), known=small_schema).layers("a")
