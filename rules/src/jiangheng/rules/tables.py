"""Reads the tables that come with this wheel."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """The content of <name>.toml, read once."""
    return tomllib.loads(_HERE.joinpath(f"{name}.toml").read_text("utf-8"))
