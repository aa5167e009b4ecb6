"""What every operation is handed first: the service's name, store and clocks."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis import outbox
from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.db import Database, Tx
from jiangheng.chassis.outbox import Fact


@dataclass(frozen=True)
class Runtime:
    """The service's surroundings; a service adds what else it needs in a subclass.

    `legal_clock` is for deadlines and dates of law, `machine_clock` for tokens,
    leases, timeouts and the time an event carries.
    """

    name: str
    db: Database
    legal_clock: Clock
    machine_clock: Clock

    def state(self, tx: Tx, fact: Fact, actor: str) -> str:
        """State a fact in the transaction that makes it true; returns the event's id.

        `actor` is who did it: "person:<id>", "service:<name>" or "system".
        """
        return outbox.append(tx, fact, actor=actor, at=self.machine_clock.now())
