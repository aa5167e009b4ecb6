"""supervision's composition root: the only place that wires."""

from __future__ import annotations

from jiangheng.api.supervision.v1 import ledger_pb2
from jiangheng.api.supervision.v1.ledger_pb2_grpc import add_LedgerServiceServicer_to_server
from jiangheng.chassis.server import Mounted
from jiangheng.supervision.api import LedgerApi
from jiangheng.supervision.ledger_runtime import LedgerRuntime

_LEDGER = ledger_pb2.DESCRIPTOR.services_by_name["LedgerService"]


def ledger_service(runtime: LedgerRuntime) -> Mounted:
    """The ledger's gRPC service."""
    return Mounted(_LEDGER, add_LedgerServiceServicer_to_server, LedgerApi(runtime))
