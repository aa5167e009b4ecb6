"""Explanations whose words stand in a table of this wheel and whose clause comes from the pack.

A table `<name>.toml` holds them under `reasons`; {…} is a place that the caller
fills with a number or with the name that a room or group bears in the plan,
never with anything of a person.
"""

from __future__ import annotations

from collections.abc import Iterable

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.tables import table


def worded(of: str, reason: str, cite: Iterable[str] = (), **places: object) -> Explanation:
    """The explanation `reason` of the table `of`; without `cite` the clause that the table names."""
    row = table(of)["reasons"][reason]
    return Explanation(
        zh=row["zh"].format(**places),
        en=row["en"].format(**places),
        rule=row["rule"],
        clause="; ".join(cite) or row["clause"],
    )
