"""supervision's composition root: the only place that wires."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.lease import Lease
from jiangheng.chassis.process import Consuming, Program, Serving, open_runtime
from jiangheng.chassis.service_key import load_service_key
from jiangheng.chassis.worker import Worker
from jiangheng.supervision.config import SupervisionConfig
from jiangheng.supervision.events import routes
from jiangheng.supervision.kept import CheckpointFile
from jiangheng.supervision.ledger_runtime import LedgerRuntime
from jiangheng.supervision.operations.find_forgotten import find_forgotten
from jiangheng.supervision.operations.sequence_facts import sequence_facts

NAME = "supervision"
# Looks through the whole log; the list of work is lost by nothing that is known.
FORGOTTEN_SECONDS = 3600.0


def build_ledger(config: SupervisionConfig) -> LedgerRuntime:
    """The surroundings of the ledger's operations. Raises ConfigError if its key or file cannot be used."""
    if not config.checkpoint_file.parent.is_dir():
        raise ConfigError(f"checkpoint_file {config.checkpoint_file}: its folder does not exist")
    return LedgerRuntime(
        **vars(open_runtime(NAME, config)),
        origin=config.ledger_origin,
        key=load_service_key(config.ledger_key_file, setting="ledger_key_file"),
        kept=CheckpointFile(config.checkpoint_file),
    )


def build_serving(config: SupervisionConfig) -> Serving:
    """The gRPC process: answers readers, puts facts on the log, completes them from the feeds."""
    # Here, because `consume` imports this file too, and what listens to events never reaches gRPC.
    from jiangheng.supervision import api
    from jiangheng.supervision.feeds import readers

    ledger = build_ledger(config)
    reading = [
        _leased(ledger, f"read the feed of {source}", config.reconcile_seconds, reader.run_once)
        for source, reader in readers(ledger, config)
    ]
    return Serving(ledger, [api.mounted(ledger)], workers=[*_sequencing(ledger, config), *reading])


def build_consuming(config: SupervisionConfig) -> Consuming:
    """The bus process."""
    runtime = open_runtime(NAME, config)
    return Consuming(runtime, routes(runtime.machine_clock))


def _sequencing(ledger: LedgerRuntime, config: SupervisionConfig) -> list[Worker]:
    return [
        _leased(ledger, "sequencer", config.sequence_seconds, partial(sequence_facts, ledger)),
        _leased(ledger, "find forgotten", FORGOTTEN_SECONDS, partial(find_forgotten, ledger)),
    ]


def _leased(ledger: LedgerRuntime, name: str, seconds: float, run: Callable[[], object]) -> Worker:
    """A worker whose turns only one replica takes."""
    return Worker(name, seconds, run, lease=Lease(ledger.db, name))


PROGRAM = Program(
    name=NAME,
    config_type=SupervisionConfig,
    build_serving=build_serving,
    build_consuming=build_consuming,
    migrations="jiangheng.supervision.migrations",
)
