"""The standards of occupations that an agency maintains itself (000 main 17; docs/rules.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from jiangheng.rules.eligibility.standard import Standard, example_standard, same_occupation, standard_from


class BadStandard(Exception):
    """A file of the folder that is none, or one of two for the same occupation."""


def read_standards(folder: Path) -> Mapping[str, Standard]:
    """Every *.toml of the folder, by the occupation it is for.

    Raises BadStandard naming the file, OSError if the folder cannot be read.
    """
    found: dict[str, Standard] = {}
    for path in sorted(each for each in folder.iterdir() if each.suffix == ".toml"):
        try:
            standard = standard_from(tomllib.loads(path.read_text("utf-8")))
        except ValueError as error:
            raise BadStandard(f"{path.name}: {error}") from None
        if standard.occupation in found:
            raise BadStandard(f"{path.name}: a second standard for {standard.occupation}")
        found[standard.occupation] = standard
    return found


def standard_for(known: Mapping[str, Standard], occupation: str) -> Standard:
    """The standard of an occupation or, for a trade, of the occupation to which it belongs.

    The agency's comes first, then the example that comes with the rules. Without either nothing is known but
    the occupation itself: then conditions on majors and titles cannot be met by the rules' finding.
    """
    for code in (occupation, same_occupation(occupation)):
        standard = known.get(code) or example_standard(code)
        if standard is not None:
            return standard
    return Standard(occupation)
