"""A small schema and packs on disk, for tests of how packs are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from jiangheng.rules.schema import Schema, read_schema

# The rules' tests run beside others, under coverage: how long one case takes says nothing of it.
settings.register_profile("beside-others", deadline=None)
settings.load_profile("beside-others")

UNITS = """\
[day]
zh = "日"
en = "days"
time = true
[month]
zh = "月"
en = "months"
time = true
[percent]
zh = "%"
en = "%"
"""
GROUP = """\
[group]
id = "trial"
order = 1
zh = "试"
en = "trial"

["t.flag"]
zh = "是否"
en = "yes or no"
type = "flag"

["t.integer"]
zh = "天数"
en = "days"
type = "integer"
unit = "day"
min = 1
max = 10

["t.decimal"]
zh = "系数"
en = "factor"
type = "decimal"
min = 0.5

["t.choice"]
zh = "选项"
en = "option"
type = "choice"
[ "t.choice".options ]
a = { zh = "甲", en = "first" }
b = { zh = "乙", en = "second" }

["t.choices"]
zh = "选项"
en = "options"
type = "choices"
[ "t.choices".options ]
a = { zh = "甲", en = "first" }
b = { zh = "乙", en = "second" }

["t.text"]
zh = "文字"
en = "text"
type = "text"

["t.duration"]
zh = "期限"
en = "duration"
type = "duration"
max = 100

["t.months"]
zh = "月数"
en = "months"
type = "duration"
unit = "month"

["t.record"]
zh = "一组"
en = "fields"
type = "record"
[ "t.record".fields ]
size = { zh = "数", en = "size", type = "integer", min = 0 }
[ "t.record".fields.way ]
zh = "法"
en = "way"
type = "choice"
options = { x = { zh = "丙", en = "third" } }
optional = true

["t.records"]
zh = "多组"
en = "sets of fields"
type = "records"
[ "t.records".fields ]
size = { zh = "数", en = "size", type = "integer" }
"""
HEAD = """\
[pack]
id = "{id}"
zh = "试用"
en = "trial"
source = "900"
issuer = {{ zh = "某厅", en = "an authority" }}
interpreter = {{ zh = "某厅", en = "an authority" }}
status = "draft"
version = "1.0"
extends = {extends}
"""

Writes = Callable[[dict[str, str]], Path]


def head(id_: str, *extends: str) -> str:
    """The text of a sound pack.toml."""
    return HEAD.format(id=id_, extends=list(extends))


@pytest.fixture
def write(tmp_path: Path) -> Writes:
    """Writes files by name under one folder, and gives that."""

    def written(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path

    return written


@pytest.fixture
def small_schema(write: Writes) -> Schema:
    """One parameter of each type."""
    return read_schema(write({"schema/units.toml": UNITS, "schema/trial.toml": GROUP}) / "schema")


@pytest.fixture
def head_text() -> Callable[..., str]:
    """Writes the head of a pack: its id, and what it extends."""
    return head
