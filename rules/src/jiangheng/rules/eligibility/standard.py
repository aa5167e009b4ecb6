"""Which occupations, majors and titles a standard names as related to an occupation (000 A1 附 notes 2-4).

That is said by the national standard of each occupation. The wheel brings one
example; an agency writes the others in the same form (docs/rules.md).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jiangheng.rules.eligibility.conditions import Conditions
from jiangheng.rules.eligibility.reading import conditions_from

_EXAMPLES = Path(__file__).parent / "standards"
_TRADE_OF = 4


@dataclass(frozen=True)
class Standard:
    """What counts for an occupation. None: the standard's list was not given, so that nobody can say.

    `occupation` and `related_occupations` are codes of the classification; a trade of an
    occupation counts as that occupation. `specialties` are those of titles.
    `conditions` are the standard's own, if it was given with them.
    """

    occupation: str
    zh: str = ""
    en: str = ""
    cite: tuple[str, ...] = ()
    example: bool = False
    related_occupations: frozenset[str] | None = None
    majors: frozenset[str] | None = None
    specialties: frozenset[str] | None = None
    conditions: Conditions | None = None

    @cached_property
    def counting(self) -> frozenset[str]:
        """The occupation itself and those related to it, without trades."""
        return frozenset(map(same_occupation, (self.occupation, *(self.related_occupations or ()))))


@cache
def same_occupation(code: str) -> str:
    """The occupation to which a code belongs: the code without the trade."""
    return "-".join(code.split("-")[:_TRADE_OF])


def standard_from(raw: Mapping[str, Any]) -> Standard:
    """The standard of a table as tomllib reads it. Raises ValueError for another form."""
    head = raw.get("standard")
    if not isinstance(head, dict) or not _is_head(head):
        raise ValueError(f"a standard has a table [standard] with {', '.join(sorted(_FIELDS))}")
    said = {name: head[name] for name in ("occupation", "zh", "en", "example") if name in head}
    return Standard(
        **said,
        cite=tuple(head.get("cite", ())),
        related_occupations=_listed(head, "related_occupations"),
        majors=_listed(head, "majors"),
        specialties=_listed(head, "specialties"),
        conditions=conditions_from(raw) if "conditions" in raw else None,
    )


@cache
def example_standard(occupation: str) -> Standard | None:
    """The standard that comes with the wheel as an example (6-31-01-03), or None."""
    place = _EXAMPLES / f"{occupation}.toml"
    return standard_from(tomllib.loads(place.read_text("utf-8"))) if place.is_file() else None


_FIELDS = frozenset(
    {"occupation", "zh", "en", "cite", "example", "note", "related_occupations", "majors", "specialties"}
)


def _is_head(head: Mapping[str, Any]) -> bool:
    return head.keys() <= _FIELDS and isinstance(head.get("occupation"), str)


def _listed(head: Mapping[str, Any], name: str) -> frozenset[str] | None:
    if name not in head:
        return None
    if not isinstance(head[name], list) or not all(isinstance(each, str) for each in head[name]):
        raise ValueError(f"{name} is a list of texts")
    return frozenset(head[name])
