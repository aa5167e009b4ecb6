"""docs/rules.md says where things are: they are there, and nothing that people look for is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from jiangheng.rules.cli.main import build
from jiangheng.rules.library import WHEEL
from jiangheng.rules.values import TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
RULES = WHEEL.parent
TABLE = PAGE[PAGE.index("| I look for") : PAGE.index("The commands are those")]
# What holds others up, and reads data rather than being about a rule.
BELOW = """checking deadline_rows explanation faults layer library loading pack_document places positions
posts provenance records room_words tables toml_file values wording"""


@pytest.mark.parametrize(
    "place", sorted(set(re.findall(r"`([a-z_]+(?:/[a-z_*]+)*(?:/|\.py|\.toml))`", TABLE)))
)
def test_what_the_table_names_is_there(place: str) -> None:
    assert list(RULES.glob(place)), place


def test_every_module_with_a_rule_is_in_the_table() -> None:
    modules = {path.stem for path in RULES.glob("*.py")} | {
        path.parent.name for path in RULES.glob("*/__init__.py")
    }
    named = set(re.findall(r"`([a-z_]+)(?:\.py|/)", TABLE))
    assert sorted(modules - named - set(BELOW.split()) - {"__init__", "cli"}) == []
    assert sorted(set(BELOW.split()) - modules) == []


def test_every_command_is_in_the_table() -> None:
    commands = typer.main.get_group(build()).commands
    assert [
        name for name in commands if f"`{name}" not in PAGE and f"jiangheng-rules {name}" not in PAGE
    ] == []


def test_every_type_is_explained() -> None:
    assert [name for name in TYPES if f"`{name}`" not in PAGE] == []
