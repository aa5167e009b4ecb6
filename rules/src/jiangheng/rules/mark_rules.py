"""What a pack says of marks: full mark, pass mark, how many markers, how their marks combine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jiangheng.rules.pack import Pack
from jiangheng.rules.tables import table


@dataclass(frozen=True)
class MarkRules:
    """What the pack says of marks, with the clause.

    `disagreement` is how far marks of a module may lie apart; None where no
    source regulates it: then only a dispute that somebody raises goes to the
    leader. `markers` is the least number of markers of a module, `spot_markers`
    of one that is marked on the spot. `mean_cite` is where the mean stands.
    """

    full: Decimal
    pass_mark: Decimal
    cite: tuple[str, ...] = ()
    markers: int = 1
    spot_markers: int = 1
    mean_cite: tuple[str, ...] = ()
    disagreement: Decimal | None = None


def mark_rules(part: str, pack: Pack, *, disagreement: Decimal | None = None) -> MarkRules:
    """What the pack says of the marks of a part.

    No source has a threshold for marks far apart (policies, gaps): an
    institution may pass its own as `disagreement`. Raises NotRegulated if the
    pack and the base name no full mark or pass mark, LookupError for an unknown part.
    """
    markers = _markers(part, pack)
    return MarkRules(
        full=Decimal(pack.integer("score.full")),
        pass_mark=Decimal(pack.integer("score.pass_mark")),
        cite=pack.answer("score.pass_mark").cite,
        markers=markers,
        spot_markers=1 if _one_alone_on_the_spot(pack) else markers,
        mean_cite=_mean_cite(part, pack),
        disagreement=disagreement,
    )


def part_row(part: str) -> dict[str, Any]:
    """What marks.toml says of a part. Raises LookupError."""
    row: dict[str, Any] = table("marks")["parts"][part]
    return row


def _markers(part: str, pack: Pack) -> int:
    """The least number of markers of a module; 1 where no number is laid down."""
    key = part_row(part).get("markers", "")
    least = pack.record(key).get("min", 1) if key and pack.regulates(key) else 1
    return least if isinstance(least, int) else 1


def _one_alone_on_the_spot(pack: Pack) -> bool:
    """True if the pack reads 独自 as one examiner alone; our packs read it as each on his own (I07a)."""
    key = "score.single_scorer_items"
    return pack.regulates(key) and pack.record(key).get("scorers") == "one_alone"


def _mean_cite(part: str, pack: Pack) -> tuple[str, ...]:
    """Where the pack says that the mean is taken; empty if it does not say how marks combine."""
    key = part_row(part).get("aggregate", "")
    if not key or not pack.regulates(key):
        return ()
    answer = pack.answer(key)
    said = answer.value.get("aggregate") if isinstance(answer.value, Mapping) else answer.value
    return tuple(answer.cite) if said else ()
