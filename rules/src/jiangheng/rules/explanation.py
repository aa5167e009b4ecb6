"""Why a rule says no, for people and for the record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """One reason, in Chinese and English.

    `rule` names the requirement or standard ("REG-006", "GB 11643"), `clause`
    where it stands ("002 6(2)"). It holds nothing of the value that was judged,
    so that it can be logged.
    """

    zh: str
    en: str
    rule: str
    clause: str
