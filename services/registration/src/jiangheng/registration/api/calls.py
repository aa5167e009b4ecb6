"""What every method of the edge needs: who calls, and what he signed."""

from __future__ import annotations

import grpc

from jiangheng.api.policy.v1.policy_pb2 import ActSignature
from jiangheng.chassis import policy
from jiangheng.chassis.auth import Caller
from jiangheng.registration.operations.decision import Signature

Context = grpc.ServicerContext


def caller() -> Caller:
    """The caller of the RPC that runs, as the Guard has proved."""
    return policy.current().caller


def signature_of(message: ActSignature) -> Signature:
    """The caller's own signature, which the Guard has verified."""
    return Signature(message.key_id, message.signature)
