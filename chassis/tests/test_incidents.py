"""incidents: a log says what went wrong and where, and quotes nobody."""

from __future__ import annotations

from jiangheng.chassis.errors import forbidden
from jiangheng.chassis.incidents import describe


def caught(error: Exception) -> Exception:
    try:
        try:
            raise ValueError("a row with 220102198503120019")
        except ValueError as cause:
            raise error from cause
    except Exception as raised:
        return raised


def test_types_and_places_are_told_and_no_text() -> None:
    told = describe(caught(RuntimeError("张三")))
    assert told["error"] == "RuntimeError from ValueError"
    assert "test_incidents.py" in told["frames"]
    assert "problem" not in told
    assert not any("220102" in value or "张三" in value for value in told.values())


def test_a_problem_adds_its_code_and_rule_but_not_its_words() -> None:
    told = describe(caught(forbidden("IAM-002", "张三不可", "not Zhang San", code="scope-missing")))
    assert told["problem"] == "scope-missing IAM-002"
    assert not any("Zhang" in value for value in told.values())
