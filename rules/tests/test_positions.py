"""On which line a key stands, however awkwardly the file is written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.rules.positions import Positions

AWKWARD = Path(__file__).with_name("awkward.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("not_regulated",), 2),
        (("a.b",), 7),
        (("a.b", "value"), 8),
        (("a.b", "value", "unit"), 8),
        (("a.b", "cite"), 9),
        (("a.b", "note", "zh"), 12),
        (("a.b", "note", "en"), 15),
        (("a.b", "missing"), 7),
        (("c", "d"), 16),
        (("c", "d", "value", "[2]", "theory"), 19),
        (("list", "[1]", "n"), 22),
        (("list", "[2]", "n"), 26),
        (("e", "f.g", "value"), 28),
        (("e", "f.g", "last"), 29),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_the_line_of_a_key_or_of_what_holds_it(path: tuple[str, ...], line: int) -> None:
    tomllib.loads(AWKWARD)
    assert Positions(AWKWARD).line(path) == line


@pytest.mark.parametrize(("word", "line"), [("one", 3), ("two", 4), ("three", 5), ("four", 2)])
def test_the_line_of_a_word_in_a_list(word: str, line: int) -> None:
    assert Positions(AWKWARD).line(("not_regulated",), word) == line


def test_nothing_is_found_in_nothing() -> None:
    assert Positions("").line(("a",)) == 1
    assert Positions("# only a comment").twice() == ()


def test_what_is_given_twice_and_where_first() -> None:
    found = Positions('[a]\nx = 1\n\n["a"]\nx = 1\n[b]\nx = 1\n').twice()
    assert [(again.path, again.line, first.line) for again, first in found] == [
        (("a",), 4, 1),
        (("a", "x"), 5, 2),
    ]


def test_what_is_no_key_is_not_stumbled_over() -> None:
    assert Positions("[a\nvalue = = 3\n]\n= 2\n").line(("x",)) == 1


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1), unique=True))
def test_keys_with_any_characters_are_found(keys: list[str]) -> None:
    quoted = ['"' + "".join(f"\\U{ord(letter):08x}" for letter in key) + '"' for key in keys]
    text = "".join(f"[{key}]\nvalue = 1\n" for key in quoted)
    positions = Positions(text)
    assert [positions.line((key,)) for key in keys] == [1 + 2 * n for n in range(len(keys))]


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    positions = Positions(text)
    assert positions.line(("a",)) >= 1
    assert isinstance(positions.twice(), tuple)
