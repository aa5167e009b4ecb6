"""A consumer to be started as a process of its own by test_consumer.py: what it does is in the event.

Argument: JSON with name, database_url, amqp_url, folder, patterns, limits, metrics_port,
tls_ca.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import telemetry
from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.consumer import Limits, Route, run
from jiangheng.chassis.db import Database, Tx, UtcDateTime
from jiangheng.chassis.errors import invalid

EFFECTS = sa.table(
    "effects",
    *map(sa.column, ("consumer", "event_id", "subject", "version")),
    sa.column("at", UtcDateTime),
)


class Doing:
    """Does to the database what every event does, and then what this one says."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder

    def handle(self, tx: Tx, envelope: Envelope) -> None:
        row = {"consumer": self.name, "event_id": envelope.id, "subject": envelope.subject}
        tx.execute(sa.insert(EFFECTS).values(**row, version=envelope.version, at=MachineClock().now()))
        told = json.loads(envelope.data)
        getattr(self, "_" + told.get("do", "nothing"))(told)

    def _nothing(self, _told: object) -> None:
        pass

    def _refuse(self, _told: object) -> None:
        raise invalid("do", "不可", "never")

    def _fail(self, told: object) -> None:
        raise RuntimeError(f"as told: {told}")

    def _fail_before_go(self, _told: object) -> None:
        if not (self.folder / "go").exists():
            raise RuntimeError("not yet")

    def _hold(self, _told: object) -> None:
        (self.folder / "holding").touch()
        while not (self.folder / "go").exists():
            threading.Event().wait(0.02)


def main(told: dict[str, Any]) -> None:
    telemetry.configure(told["name"])
    if told["metrics_port"]:
        telemetry.start_metrics(told["metrics_port"])
    doing = Doing(told["name"], Path(told["folder"]))
    routes = [
        Route("maker", pattern, doing.handle, ordered=pattern.endswith(".#")) for pattern in told["patterns"]
    ]
    db = Database(told["database_url"], name=told["name"])
    limits = Limits(**told["limits"])
    ca = Path(told["tls_ca"]) if told["tls_ca"] else None
    run(told["name"], routes, db, told["amqp_url"], MachineClock(), limits=limits, tls_ca=ca)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
