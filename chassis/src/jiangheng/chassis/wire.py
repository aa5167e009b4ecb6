"""A Problem on the wire: a gRPC status with the Problem of error/v1 as its detail.

Mapped here once, in both directions. The status message is the English text;
both languages travel in the detail.
"""

from __future__ import annotations

import grpc
from google.protobuf import any_pb2
from google.rpc import status_pb2
from grpc_status import rpc_status

from jiangheng.api.error.v1 import problem_pb2
from jiangheng.chassis.errors import Kind, Problem

# What a status without our detail means: it comes from gRPC itself, not from a service.
_PLAIN = {
    grpc.StatusCode.UNAVAILABLE: (Kind.UNAVAILABLE, "unavailable", "服务暂不可用。", "The service is away."),
    grpc.StatusCode.DEADLINE_EXCEEDED: (
        Kind.UNAVAILABLE,
        "timeout",
        "服务未及时答复。",
        "No answer in time.",
    ),
    grpc.StatusCode.CANCELLED: (Kind.UNAVAILABLE, "cancelled", "调用已取消。", "The call was cancelled."),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (Kind.EXHAUSTED, "exhausted", "超出限制。", "A limit is exceeded."),
}
_OTHER = (Kind.INTERNAL, "internal", "内部错误。", "Internal error.")


def to_status(problem: Problem) -> grpc.Status:
    """The gRPC status that says this Problem."""
    detail = any_pb2.Any()
    detail.Pack(_message(problem))
    code = grpc.StatusCode[problem.kind.value]
    status = status_pb2.Status(code=code.value[0], message=problem.en, details=[detail])
    answer: grpc.Status = rpc_status.to_status(status)
    return answer


def from_error(error: grpc.RpcError) -> Problem:
    """The Problem that a failed call says; what gRPC itself reports becomes one too."""
    code = _code(error)
    message = _detail(error)
    if message is None:
        kind, name, zh, en = _PLAIN.get(code, _OTHER)
        return Problem(kind, name, zh, en, details={"grpc": code.name})
    return Problem(
        _kind(code),
        message.code,
        message.message_zh,
        message.message_en,
        field=message.field,
        rule=message.rule,
        clause=message.clause,
        details=dict(message.details),
    )


def _message(problem: Problem) -> problem_pb2.Problem:
    return problem_pb2.Problem(
        code=problem.code,
        field=problem.field,
        rule=problem.rule,
        clause=problem.clause,
        message_zh=problem.zh,
        message_en=problem.en,
        details=dict(problem.details),
    )


def _detail(error: grpc.RpcError) -> problem_pb2.Problem | None:
    try:
        status = rpc_status.from_call(error)
    except ValueError:  # trailers that contradict the status: not ours
        return None
    for detail in status.details if status else ():
        message = problem_pb2.Problem()
        if detail.Unpack(message):
            return message
    return None


def _code(error: object) -> grpc.StatusCode:
    return error.code() if isinstance(error, grpc.Call) else grpc.StatusCode.UNKNOWN


def _kind(code: grpc.StatusCode) -> Kind:
    return Kind(code.name) if code.name in {kind.value for kind in Kind} else Kind.INTERNAL
