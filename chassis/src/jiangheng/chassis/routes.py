"""Which facts a service listens to, and the queues they wait in.

A service's events.py ends with a table of routes. The same table serves the bus (consumer.py) and the feed
(reconcile.py), so that both lead to the same effects.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis.envelope import routing_key
from jiangheng.chassis.inbox import Handle

DEAD = ".dead"
EVERY_NOUN = "all"
# A broker refuses to declare a queue again with other arguments, and the consumer would try for ever:
# whoever changes queue_arguments raises this, and empties the old queues.
_ARGUMENTS_VERSION = "v1"
# A look at a dead letter counts as a delivery, and RabbitMQ 4 drops a message after 20 unless told otherwise.
_LOOKS_AT_A_DEAD_LETTER = 1_000_000
_SERVICE = re.compile(r"[a-z][a-z0-9_-]*")
_PATTERN = re.compile(r"#|[a-z][a-z_]*(?:\.(?:[a-z0-9_]+|\*|#))+")


@dataclass(frozen=True)
class Route:
    """Facts of one service that match a topic pattern, and what they cause.

    `pattern` is "<noun>.#", "#" for every noun, or narrower, e.g. "certificate.issued.v1.22". `ordered` facts
    are applied by the version of their subject without a gap; hence they need a pattern that lets none of a
    noun out. `handle` works in the transaction it is given and calls no other service.
    """

    source: str
    pattern: str
    handle: Handle
    ordered: bool = True

    @property
    def noun(self) -> str:
        """The noun the pattern begins with, "all" for the pattern "#"."""
        return EVERY_NOUN if self.pattern == "#" else self.pattern.split(".")[0]

    @property
    def whole(self) -> bool:
        """Whether the pattern lets through every fact about its noun."""
        return self.pattern in ("#", f"{self.noun}.#")

    def takes(self, envelope: Envelope) -> bool:
        """Whether the broker would bring this fact to this route."""
        return envelope.source == self.source and _matches(
            self.pattern.split("."), routing_key(envelope).split(".")
        )


def check(consumer: str, routes: Sequence[Route]) -> None:
    """Raise ValueError naming every fault of a service's table of routes."""
    faults = [] if _SERVICE.fullmatch(consumer) else [f"{consumer!r} is not a name of a service"]
    if not routes:
        faults.append("there are no routes")
    for route in routes:
        faults += _faults(route)
    faults += _overlaps(routes)
    if faults:
        raise ValueError(f"routes of {consumer}: " + "; ".join(faults))


def queue_name(consumer: str, source: str, noun: str) -> str:
    """The queue in which a service's events about a noun of another service wait."""
    return f"{consumer}.{source}.{noun}.{_ARGUMENTS_VERSION}"


def dead_queue_name(queue: str) -> str:
    """Where events go that the queue's consumer rejected or failed on too often."""
    return queue + DEAD


def dead_letter_exchange(consumer: str) -> str:
    """The direct exchange between a service's queues and their dead-letter queues."""
    return consumer + DEAD


def queue_arguments(consumer: str, queue: str, delivery_limit: int) -> dict[str, Any]:
    """How RabbitMQ is to keep a queue: replicated, and losing nothing on the way to the dead letters."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": delivery_limit,
        "x-dead-letter-exchange": dead_letter_exchange(consumer),
        "x-dead-letter-routing-key": dead_queue_name(queue),
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",  # what at-least-once demands
    }


def dead_queue_arguments() -> dict[str, Any]:
    """How RabbitMQ is to keep dead letters: replicated, until somebody replays or discards them."""
    return {"x-queue-type": "quorum", "x-delivery-limit": _LOOKS_AT_A_DEAD_LETTER}


def _faults(route: Route) -> list[str]:
    where = f"{route.source} {route.pattern}"
    faults = []
    if not _SERVICE.fullmatch(route.source):
        faults.append(f"{where}: {route.source!r} is not a name of a service")
    if not _PATTERN.fullmatch(route.pattern):
        faults.append(f"{where}: the pattern must be '#' or begin with a noun, e.g. 'institution.#'")
    elif route.ordered and not route.whole:
        faults.append(
            f"{where}: an ordered route must bind the whole noun ('{route.noun}.#'),"
            " or it would wait for ever for the events it does not see"
        )
    return faults


def _overlaps(routes: Sequence[Route]) -> list[str]:
    """An event applied by one route is a duplicate for the other, so no event may reach two."""
    per_noun = Counter((route.source, route.noun) for route in routes)
    per_source = Counter(route.source for route in routes)
    faults = [f"{source} {noun}: has {n} routes" for (source, noun), n in per_noun.items() if n > 1]
    alone = {route.source for route in routes if route.noun == EVERY_NOUN}
    return faults + [f"{source}: '#' is not the only route" for source in alone if per_source[source] > 1]


def _matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """The rule of AMQP topics: "*" is one word, "#" any number of words."""
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_matches(pattern[1:], words[skipped:]) for skipped in range(len(words) + 1))
    return bool(words) and pattern[0] in ("*", words[0]) and _matches(pattern[1:], words[1:])
