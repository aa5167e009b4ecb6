"""A journey under way: what later steps need of earlier ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jiangheng.local.driver import Actor, Driver
from jiangheng.local.story import Character

SETTLES = 60.0  # seconds within which what was acknowledged must have taken effect everywhere


@dataclass
class Journey:
    """`folder` takes the files a user would keep; `bootstrap_code` asks the operator for one."""

    driver: Driver
    folder: Path
    bootstrap_code: Callable[[], str]
    actors: dict[str, Actor] = field(default_factory=dict)
    results: dict[str, str | int] = field(default_factory=dict)
    old_token: str = ""

    def actor(self, character: Character) -> Actor:
        return self.actors[character.login]
