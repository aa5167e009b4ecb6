"""Who in this wheel asks for a parameter: every module and table that names its key."""

from __future__ import annotations

from pathlib import Path

WHEEL = Path(__file__).parent.parent
# They say what parameters are and what packs say of them, and use none.
_NOT_USERS = {"parameters", "packs"}


def used_by(key: str) -> list[str]:
    """Files, with the lines on which the key stands in quotes or as an attribute of a table."""
    quoted = (f'"{key}"', f"'{key}'")
    found = []
    for path in sorted(each for kind in ("*.py", "*.toml") for each in WHEEL.rglob(kind)):
        place = path.relative_to(WHEEL)
        if place.parts[0] in _NOT_USERS:
            continue
        lines = path.read_text("utf-8").splitlines()
        hits = [number for number, line in enumerate(lines, 1) if any(each in line for each in quoted)]
        found += [f"{place.as_posix()}:{','.join(map(str, hits))}"] if hits else []
    return found
