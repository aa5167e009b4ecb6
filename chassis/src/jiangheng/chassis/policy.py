"""The wall in front of every method: who may call it, as its contract declares."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor

from jiangheng.api.policy.v1.policy_pb2 import MethodPolicy
from jiangheng.chassis.auth import Caller


@dataclass(frozen=True)
class Method:
    """One RPC as its contract declares it; `full_name` is "/package.Service/Method"."""

    full_name: str
    policy: MethodPolicy
    request_descriptor: Descriptor


@dataclass(frozen=True)
class Call:
    """What the Guard found out about the call in hand."""

    caller: Caller
    method: str
    policy: MethodPolicy


_CALL: ContextVar[Call] = ContextVar("jiangheng_call")


def current() -> Call:
    """The admitted call this thread works on; LookupError outside of one."""
    return _CALL.get()
