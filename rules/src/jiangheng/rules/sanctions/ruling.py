"""What a ruling is, and how it is put together from ids of measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table
from jiangheng.rules.values import Text
from jiangheng.rules.wording import worded

SCALE = "exam.violation.scale"
LADDER = "sanction.institution_ladder"


class Called(Protocol):
    """Whatever has a name in both languages."""

    @property
    def zh(self) -> str:
        """In Chinese."""

    @property
    def en(self) -> str:
        """In English."""


class UnknownViolation(LookupError):
    """No conduct or ground goes by this name in this pack."""


@dataclass(frozen=True)
class Named:
    """A measure, an office or a standing: its id and what it is called."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True)
class Ruling:
    """What follows, who decides it, what goes on record, and why.

    All of `measures` are taken, and one of `one_of` (from light to grave) by
    gravity; both are empty if the pack leaves them to a paper outside. `state`
    is what the measures make of the result (states of marks.toml), "" if it
    stands or depends on the choice. `raised`: the second step of the scale.
    Deciders are in the order in which they take part.
    """

    measures: tuple[Named, ...]
    one_of: tuple[Named, ...]
    deciders: tuple[Named, ...]
    records: tuple[Text, ...]
    state: str
    raised: bool
    reason: Explanation


def ruling(
    measures: Sequence[str],
    one_of: Sequence[str],
    reason: Explanation,
    *,
    deciders: tuple[Named, ...] = (),
    records: tuple[Text, ...] = (),
    raised: bool = False,
) -> Ruling:
    """All of `measures` and one of `one_of`; the first that changes a result says what it becomes."""
    states = [state for name in measures if (state := effect(name).get("state", ""))]
    return Ruling(
        tuple(measure(name) for name in measures),
        tuple(measure(name) for name in one_of),
        deciders,
        records,
        next(iter(states), ""),
        raised,
        reason,
    )


def said(
    sentence: str, taken: Iterable[str], choice: Iterable[str], cite: Iterable[str], called: Called
) -> Explanation:
    """The sentence of sanctions.toml with the measures in it."""
    each = [measure(name) for name in taken]
    one = [measure(name) for name in choice]
    zh = [*(named.zh for named in each), "或".join(named.zh for named in one)]
    en = [*(named.en for named in each), " or ".join(named.en for named in one)]
    return worded(
        "sanctions",
        sentence,
        cite,
        conduct=called.zh,
        conduct_en=called.en,
        measures="、".join(filter(None, zh)),
        measures_en=", ".join(filter(None, en)),
    )


def options(key: str, field: str) -> Mapping[str, Text]:
    """The options of a field of a parameter, by id."""
    return schema().parameters[key].shape.fields[field].shape.options


def effect(name: str) -> Mapping[str, Any]:
    """What sanctions.toml says of a measure."""
    row: Mapping[str, Any] = table("sanctions")["measures"].get(name, {})
    return row


def measure(name: str) -> Named:
    """The measure of this id, named by sanctions.toml or by the parameters."""
    own = effect(name)
    if "zh" in own:
        return Named(name, own["zh"], own["en"])
    called = options(SCALE, "measures").get(name) or schema().parameters[LADDER].shape.options[name]
    return Named(name, called.zh, called.en)
