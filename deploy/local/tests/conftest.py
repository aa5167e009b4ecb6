"""Looking at the machine: which processes does a folder still have?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

LivingIn = Callable[[Path], list[int]]


def _mentions(process: Path, folder: Path) -> bool:
    try:
        said = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        return f"{folder}".encode() in said
    except OSError:  # gone meanwhile, or somebody else's
        return False


@pytest.fixture
def living_in() -> LivingIn:
    """Process ids of all whose command line or environment names a folder; the dead have neither."""
    return lambda folder: [int(path.name) for path in Path("/proc").glob("[0-9]*") if _mentions(path, folder)]
