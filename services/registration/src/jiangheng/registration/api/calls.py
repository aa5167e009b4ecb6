"""What every method of the edge needs: who calls."""

from __future__ import annotations

import grpc

from jiangheng.chassis import policy
from jiangheng.chassis.auth import Caller

Context = grpc.ServicerContext


def caller() -> Caller:
    """The caller of the RPC that runs, as the Guard has proved."""
    return policy.current().caller
