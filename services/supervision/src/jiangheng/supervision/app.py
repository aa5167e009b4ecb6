"""supervision's composition root: the only place that wires."""

from __future__ import annotations

from jiangheng.api.supervision.v1 import ledger_pb2
from jiangheng.api.supervision.v1.ledger_pb2_grpc import add_LedgerServiceServicer_to_server
from jiangheng.chassis.lease import Lease
from jiangheng.chassis.process import Consuming, Program, Serving, open_runtime
from jiangheng.chassis.server import Mounted
from jiangheng.chassis.service_key import load_service_key
from jiangheng.chassis.worker import Worker
from jiangheng.supervision.api import LedgerApi
from jiangheng.supervision.config import SupervisionConfig
from jiangheng.supervision.events import routes
from jiangheng.supervision.kept import CheckpointFile
from jiangheng.supervision.ledger_runtime import LedgerRuntime
from jiangheng.supervision.operations.find_forgotten import find_forgotten
from jiangheng.supervision.operations.sequence_facts import sequence_facts

NAME = "supervision"
FORGOTTEN_SECONDS = 3600.0
_LEDGER = ledger_pb2.DESCRIPTOR.services_by_name["LedgerService"]


def build_runtime(config: SupervisionConfig) -> LedgerRuntime:
    """The surroundings of the ledger's operations."""
    return LedgerRuntime(
        **vars(open_runtime(NAME, config)),
        origin=config.ledger_origin,
        key=load_service_key(config.ledger_key_file, setting="ledger_key_file"),
        kept=CheckpointFile(config.checkpoint_file),
    )


def build_serving(config: SupervisionConfig) -> Serving:
    """The gRPC process, with the sequencer beside it."""
    runtime = build_runtime(config)
    sequencer = Worker(
        "sequencer",
        config.sequence_seconds,
        lambda: sequence_facts(runtime),
        lease=Lease(runtime.db, "sequencer"),
    )
    forgotten = Worker("forgotten", FORGOTTEN_SECONDS, lambda: find_forgotten(runtime))
    return Serving(runtime=runtime, mounted=(ledger_service(runtime),), workers=(sequencer, forgotten))


def build_consuming(config: SupervisionConfig) -> Consuming:
    """The bus process."""
    runtime = open_runtime(NAME, config)
    return Consuming(runtime, routes(runtime.machine_clock))


def ledger_service(runtime: LedgerRuntime) -> Mounted:
    """The ledger's gRPC service."""
    return Mounted(_LEDGER, add_LedgerServiceServicer_to_server, LedgerApi(runtime))


PROGRAM = Program(
    name=NAME,
    config_type=SupervisionConfig,
    build_serving=build_serving,
    build_consuming=build_consuming,
    migrations="jiangheng.supervision.migrations",
)
