"""Whose conditions decide: the pack's, the standard's or the employer's (`reg.conditions_source`)."""

from __future__ import annotations

from jiangheng.rules.eligibility.conditions import Conditions
from jiangheng.rules.eligibility.reading import SOURCES, Parameter, conditions_from, sources
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import NotRegulated, Pack
from jiangheng.rules.tables import table

OWN = frozenset({"enterprise_conditions", "filed_conditions"})
"""Sources whose conditions an employer writes himself."""
_RULE = "REG-093"


class ConditionsNotSupplied(NotRegulated):
    """The rules point to conditions that stand elsewhere, and nobody has given them."""

    def __init__(self, pack: str, said: Explanation) -> None:
        super().__init__(SOURCES, pack, said.zh, said.en)
        self._said = said

    @property
    def explanation(self) -> Explanation:
        """What is missing, for people."""
        return self._said


class NotASource(ValueError):
    """These rules do not decide by conditions of this source."""

    def __init__(self, said: Explanation) -> None:
        super().__init__(said.en)
        self.explanation = said


def conditions_for(pack: Pack, standard: Standard | None = None, own: Conditions | None = None) -> Conditions:
    """The conditions that decide under a pack.

    An employer's `own` decide where the pack lets employers set theirs: whether they are
    below the standard is another question (`compare`). Otherwise the first source of the
    pack's list that was given: the standard's own conditions, the pack's table. Raises
    ConditionsNotSupplied, NotASource, NotRegulated.
    """
    named = pack.choices(SOURCES)
    if own is not None:
        if own.source not in named or own.source not in OWN:
            raise NotASource(_said("not_a_source", pack, _name(own.source)))
        return own
    given = _given(pack, standard)
    if given:
        return min(given, key=lambda each: named.index(each.source))
    raise ConditionsNotSupplied(pack.id, _said("not_supplied", pack, _missing(pack)))


def pack_conditions(pack: Pack) -> Conditions | None:
    """The table that comes with a pack; None if it has none."""
    return conditions_from(pack.conditions, integers_of(pack)) if pack.conditions else None


def integers_of(pack: Pack) -> Parameter:
    """Reads an integer by the parameter's name, or by that of a record and its field: reg.min_age.years."""

    def integer(name: str) -> int:
        key, _, field = name.rpartition(".")
        value = pack.record(key)[field] if key in pack.answers else pack.integer(name)
        if type(value) is not int:
            raise ValueError(f"{name} is not an integer")
        return value

    return integer


def _given(pack: Pack, standard: Standard | None) -> list[Conditions]:
    """Those that are there and that the pack names as a source."""
    there = [standard.conditions if standard else None, pack_conditions(pack)]
    return [each for each in there if each and each.source in pack.choices(SOURCES)]


def _missing(pack: Pack) -> dict[str, str]:
    head = pack.conditions.get("conditions")
    return dict(head) if head else _name(pack.choices(SOURCES)[0])


def _name(source: str) -> dict[str, str]:
    return dict(sources()[source])


def _said(kind: str, pack: Pack, names: dict[str, str]) -> Explanation:
    said = table("eligibility/gaps")[kind]
    clause = "; ".join(pack.answer(SOURCES).cite)
    return Explanation(
        zh=said["zh"].format(source=names["zh"]),
        en=said["en"].format(source=names["en"]),
        rule=_RULE,
        clause=clause,
    )
