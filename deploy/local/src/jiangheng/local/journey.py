"""A journey under way: what later steps need of earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from jiangheng.local.driver import Actor, Driver
from jiangheng.local.story import Character

Item = TypeVar("Item")
Result = TypeVar("Result")

AT_ONCE = 6  # clerks and reviewers work side by side
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
    # How many apply, and what they are made of.
    candidates: int = 60
    seed: int = 1

    def actor(self, character: Character) -> Actor:
        return self.actors[character.login]

    def ask(self, character: Character, request: Message) -> Any:
        """A call of registration by a person of the story."""
        return self.driver.ask(self.actor(character), request)

    def sign(self, character: Character, request: Message) -> Any:
        """The same with his signature."""
        actor = self.actor(character)
        return self.driver.ask(actor, self.driver.sign(actor, request))

    def refused(self, rule: str, character: Character, request: Message, *, token: str = "") -> None:
        """The person is refused under this rule, which goes on record."""
        actor = self.actor(character)
        self.driver.refused(rule, lambda: self.driver.ask(actor, request, token=token), caller=actor.name)

    def happened(self, fact: str, *subjects: str) -> None:
        """What the suite has acknowledged of these subjects."""
        self.driver.record.facts += [(fact, subject) for subject in subjects]

    def together(self, act: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """The act on every item, several at a time; the results in order."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(act, items))
