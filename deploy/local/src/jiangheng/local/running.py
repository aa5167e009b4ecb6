"""Backing servers and suite together, in one process that holds them until it is told to stop."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from jiangheng.local import backing
from jiangheng.local.postgresql import remove_data
from jiangheng.local.provision import Place, Settings
from jiangheng.local.suite import Suite, Tell

AMQP_URL = "JIANGHENG_AMQP_URL"
POSTGRESQL_URL = "JIANGHENG_POSTGRESQL_URL"


class Running:
    """A suite with its broker and, on request, its PostgreSQL. Whatever it started ends with it."""

    def __init__(self, folder: Path, database: str, tell: Tell, settings: Settings | None = None) -> None:
        self.folder = folder
        self._tell = tell
        self._settings = settings or {}
        self.broker = backing.broker(folder / "rabbitmq", url=os.environ.get(AMQP_URL, ""))
        self.database = _database(folder) if database == "postgresql" else None
        self.suite: Suite | None = None

    def start(self) -> Suite:
        """Servers first, then the suite; whatever fails or interrupts, nothing stays behind."""
        try:
            for name, server in self._servers():
                self._tell(f"starting {name}")
                server.start()
                if not server.keeps_data:
                    self._tell(f"{name} runs in a container: what it keeps goes with it")
            url = self.database.url if self.database else None
            self.suite = Suite(Place(self.folder, self.broker.url, url, self._settings), self._tell)
            self.suite.start()
        except BaseException:
            self.stop()
            raise
        return self.suite

    def stop(self, *, keep: bool = True) -> None:
        """Stop all; without `keep` the servers' data go as well, which needs no patience."""
        if self.suite:
            self._tell("stopping the suite")
            self.suite.stop()
        for name, server in reversed(self._servers()):
            self._tell(f"stopping {name}")
            server.stop() if keep and server.keeps_data else server.remove()

    def revive(self) -> None:
        """Start again what died; supervisord sees to the suite's own processes."""
        for name, server in self._servers():
            if server.can_restart and not server.alive():
                self._tell(f"{name} died and is started again")
                server.start()
        if self.suite and not self.suite.supervisor.alive():
            self._tell("supervisord died and is started again")
            self.suite.supervisor.start()

    def write_state(self, suite: Suite) -> None:
        """run.json: where everything is, for people and programs; no secret is in it."""
        endpoints = {**suite.endpoints.targets, "ledger_key": str(suite.endpoints.ledger_key)}
        state = {
            "pid": os.getpid(),
            "database": "postgresql" if self.database else "sqlite",
            "endpoints": endpoints,
            "processes": [state.name for state in suite.states()],
        }
        path = self.folder / "run.json"
        path.with_suffix(".new").write_text(json.dumps(state, indent=2) + "\n")
        path.with_suffix(".new").rename(path)

    def _servers(self) -> list[tuple[str, backing.Server]]:
        named: list[tuple[str, backing.Server | None]]
        named = [("RabbitMQ", self.broker), ("PostgreSQL", self.database)]
        return [(name, server) for name, server in named if server is not None]


def remove(folder: Path) -> None:
    """Delete the folder of a run that has ended, and the data that its PostgreSQL kept elsewhere."""
    remove_data(folder / "postgresql")
    shutil.rmtree(folder, ignore_errors=True)


def _database(folder: Path) -> backing.Server:
    return backing.database(folder / "postgresql", url=os.environ.get(POSTGRESQL_URL, ""))
