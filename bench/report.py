"""What a benchmark says: a rate, the raw limit beside it, and the ratio that counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Result:
    """`rate` and `raw` per second, from the same run; `floor` and `aim` are for their ratio.

    Absolute rates belong to one machine on one day; a result without a raw limit has no ratio.
    """

    name: str
    rate: float
    raw_name: str = ""
    raw: float = 0.0
    floor: float = 0.0
    aim: float = 0.0

    @property
    def ratio(self) -> float | None:
        return self.rate / self.raw if self.raw else None

    @property
    def verdict(self) -> str:
        if self.ratio is None or not self.floor:
            return ""
        if self.ratio < self.floor:
            return "below the floor"
        return "aim reached" if self.aim and self.ratio >= self.aim else "above the floor"


def print_json(results: Sequence[Result]) -> None:
    rows = [asdict(result) | {"ratio": result.ratio, "verdict": result.verdict} for result in results]
    print(json.dumps(rows, indent=2))


def print_table(results: Sequence[Result]) -> None:
    table = Table("measured", "per second", "raw limit", "per second", "ratio", "floor", "aim", "")
    for result in results:
        table.add_row(
            result.name,
            f"{result.rate:,.0f}",
            result.raw_name,
            f"{result.raw:,.0f}" if result.raw else "",
            f"{result.ratio:.2f}" if result.ratio is not None else "",
            f"{result.floor:g}" if result.floor else "",
            f"{result.aim:g}" if result.aim else "",
            result.verdict,
        )
    Console().print(table)
