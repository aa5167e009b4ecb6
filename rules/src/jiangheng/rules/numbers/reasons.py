"""The reasons that the checks give, from reasons.toml."""

from __future__ import annotations

from typing import Any

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.tables import table


def reason(name: str, /, **places: object) -> Explanation:
    """The reason of this name; `places` fills what the sentence leaves open (a position, never the value)."""
    row: dict[str, Any] = table("numbers/reasons")[name]
    return Explanation(
        zh=row["zh"].format(**places),
        en=row["en"].format(**places),
        rule=row["rule"],
        clause=row["clause"],
    )
