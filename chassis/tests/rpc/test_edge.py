"""What a caller hears when something goes wrong, what the log has of it, and how long a call may last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import grpc
import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from jiangheng.api.identity.v1 import identity_pb2
from jiangheng.chassis import telemetry
from jiangheng.chassis.client import invoke
from jiangheng.chassis.errors import Kind, Problem, wrong_state
from jiangheng.chassis.server import MAX_REQUEST_BYTES, Mounted, Server

TOKENS = identity_pb2.DESCRIPTOR.services_by_name["TokenService"]
LOG_IN = "/jiangheng.api.identity.v1.TokenService/LogIn"
SECRET = "correct horse battery staple"

LogIn = Callable[..., Any]


@pytest.fixture
def log_in(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    call: Callable[..., Any],
) -> Callable[..., LogIn]:
    """Starts a server whose LogIn behaves as told; gives what calls it."""

    def run(behave: Callable[[str, Any], Any], **options: Any) -> LogIn:
        method = call(connect(start(mounted(TOKENS, behave), **options)), TOKENS.methods_by_name["LogIn"])
        return lambda **given: invoke(method, identity_pb2.LogInRequest(password=SECRET), **given)

    return run


def raising(error: BaseException) -> Callable[[str, Any], None]:
    def behave(_name: str, _request: Any) -> None:
        raise error

    return behave


def test_a_problem_arrives_whole(log_in: Callable[..., LogIn]) -> None:
    said = wrong_state("filed", "已备案。", "It is filed.", rule="REG-031", clause="002 9")
    with pytest.raises(Problem) as raised:
        log_in(raising(said))()
    assert vars(raised.value) == vars(said)
    cause = raised.value.__cause__
    assert isinstance(cause, grpc.Call)
    assert (cause.code(), cause.details()) == (grpc.StatusCode.FAILED_PRECONDITION, "It is filed.")


def test_an_unexpected_exception_tells_an_incident_and_nothing_else(
    log_in: Callable[..., LogIn], capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure("toy")
    try:
        raise KeyError(f"zhang san {SECRET}")
    except KeyError as inner:
        error = RuntimeError(f"cannot read {SECRET}")
        error.__cause__ = inner
    with pytest.raises(Problem) as raised:
        log_in(raising(error))()
    problem, log = raised.value, capsys.readouterr().err
    assert (problem.kind, problem.code) == (Kind.INTERNAL, "internal")
    assert problem.details["incident"] in log
    assert problem.details["incident"] in problem.zh
    assert "RuntimeError from KeyError" in log
    assert "test_edge.py" in log
    assert SECRET not in log + str(problem) + problem.zh + str(problem.details) + str(problem.__cause__)


def test_a_store_that_is_away_is_said_to_be_away(log_in: Callable[..., LogIn]) -> None:
    lost = sa.exc.OperationalError("INSERT", {"password": SECRET}, ConnectionError(SECRET))
    with pytest.raises(Problem) as raised:
        log_in(raising(lost))()
    assert raised.value.kind is Kind.UNAVAILABLE
    assert SECRET not in str(raised.value.__cause__)


def test_a_request_beyond_one_mebibyte_is_refused(
    mounted: Callable[..., Mounted], start: Callable[..., Server], connect: Callable[..., grpc.Channel]
) -> None:
    seen: list[int] = []
    to = connect(start(mounted(TOKENS, lambda name, request: seen.append(len(request.password)))))
    method = to.unary_unary(LOG_IN, lambda message: message.SerializeToString())
    fits, huge = (identity_pb2.LogInRequest(password="x" * (MAX_REQUEST_BYTES - less)) for less in (10, 0))
    method(fits, timeout=5)
    with pytest.raises(grpc.RpcError) as raised:
        method(huge, timeout=5)
    assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert seen == [MAX_REQUEST_BYTES - 10]


def test_more_calls_than_it_can_hold_are_refused(log_in: Callable[..., LogIn]) -> None:
    go_on, arrived = threading.Event(), threading.Semaphore(0)

    def wait(_name: str, _request: Any) -> None:
        arrived.release()
        go_on.wait(20)

    ask = log_in(wait, workers=1)
    answers: list[str] = []
    callers = [threading.Thread(target=lambda: answers.append(code_of(ask, timeout=20))) for _ in range(16)]
    for caller in callers:
        caller.start()
    assert arrived.acquire(timeout=10)
    # One runs and seven wait for the only worker; the others hear at once that it is too much.
    while len(answers) < 8:
        assert all(answer == "exhausted" for answer in answers)
        threading.Event().wait(0.01)
    go_on.set()
    for caller in callers:
        caller.join(20)
    assert sorted(answers) == [""] * 8 + ["exhausted"] * 8


def code_of(ask: LogIn, **given: Any) -> str:
    try:
        ask(**given)
    except Problem as problem:
        return problem.code
    return ""


def test_a_call_without_an_end_is_ended(log_in: Callable[..., LogIn]) -> None:
    go_on = threading.Event()
    ask = log_in(lambda name, request: go_on.wait(20) and None, call_seconds=0.2)
    with pytest.raises(Problem) as raised:
        ask(timeout=None)
    go_on.set()
    assert raised.value.code == "cancelled"


def test_a_caller_does_not_wait_beyond_his_deadline(log_in: Callable[..., LogIn]) -> None:
    go_on = threading.Event()
    ask = log_in(lambda name, request: go_on.wait(20) and None)
    with pytest.raises(Problem) as raised:
        ask(timeout=0.2)
    go_on.set()
    assert (raised.value.kind, raised.value.code) == (Kind.UNAVAILABLE, "timeout")


def test_calls_are_counted_by_method_and_outcome(log_in: Callable[..., LogIn]) -> None:
    def count(code: str) -> float:
        labels = {"method": LOG_IN, "code": code}
        return REGISTRY.get_sample_value("jiangheng_calls_total", labels) or 0.0

    before = count("OK"), count("FAILED_PRECONDITION")
    log_in(lambda name, request: None)()
    with pytest.raises(Problem):
        log_in(raising(wrong_state("filed", "否。", "no")))()
    assert (count("OK"), count("FAILED_PRECONDITION")) == (before[0] + 1, before[1] + 1)
