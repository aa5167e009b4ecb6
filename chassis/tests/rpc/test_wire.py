"""A Problem says the same on both sides of the wire."""

from __future__ import annotations

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.wire import from_error, to_status

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


class Failed(grpc.RpcError, grpc.Call):
    """What a client sees of a status, without a server."""

    def __init__(self, status: grpc.Status) -> None:
        self._status = status

    def code(self) -> grpc.StatusCode:
        return self._status.code

    def details(self) -> str:
        return self._status.details

    def trailing_metadata(self) -> object:
        return self._status.trailing_metadata


Failed.__abstractmethods__ = frozenset()


@given(st.sampled_from(Kind), st.lists(TEXT, min_size=6, max_size=6), st.dictionaries(TEXT, TEXT, max_size=3))
def test_what_is_said_arrives(kind: Kind, texts: list[str], details: dict[str, str]) -> None:
    code, zh, en, field, rule, clause = texts
    said = Problem(kind, code, zh, en, field=field, rule=rule, clause=clause, details=details)
    heard = from_error(Failed(to_status(said)))
    assert vars(heard) == vars(said)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_status(kind: Kind) -> None:
    status = to_status(Problem(kind, "code", "中文", "English"))
    assert status.code.name == kind.value
    assert status.details == "English"


class Plain(Failed):
    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(grpc.Status())
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "from grpc itself"

    def trailing_metadata(self) -> object:
        return ()


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        (grpc.StatusCode.UNAVAILABLE, Kind.UNAVAILABLE, "unavailable"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Kind.UNAVAILABLE, "timeout"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Kind.EXHAUSTED, "exhausted"),
        (grpc.StatusCode.UNIMPLEMENTED, Kind.INTERNAL, "internal"),
        (grpc.StatusCode.UNKNOWN, Kind.INTERNAL, "internal"),
    ],
)
def test_what_grpc_itself_reports_becomes_a_problem_too(code: grpc.StatusCode, kind: Kind, name: str) -> None:
    heard = from_error(Plain(code))
    assert (heard.kind, heard.code, heard.details["grpc"]) == (kind, name, code.name)
    assert heard.zh
    assert heard.en


def test_a_problem_reads_well() -> None:
    full = Problem(Kind.INVALID, "invalid", "不对", "is wrong", field="a.b", rule="REG-006", clause="002 6")
    assert str(full) == "invalid a.b [REG-006, 002 6]: is wrong"
    assert str(Problem(Kind.CONFLICT, "conflict", "变了", "changed")) == "conflict: changed"
