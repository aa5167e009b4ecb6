"""Passwords: each rule is named, and only the one that was broken."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.errors import Problem
from jiangheng.identity.domain.password import LONGEST, SHORTEST, check, normalised


def code(password: str) -> str:
    with pytest.raises(Problem) as refused:
        check(password, login="wu.applicant", name="吴晓")
    assert (refused.value.rule, refused.value.field) == ("IAM-016", "password")
    return refused.value.code


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("short-words", "password-short"),
        ("long" + "er" * 100, "password-long"),
        ("abababababab", "password-uniform"),
        ("xx-Wu.Applicant-77", "password-login"),
        ("我是吴晓没有错误就是本人呀", "password-name"),
        ("我是吴 晓没有错误就是本人呀", "password-name"),
    ],
)
def test_each_rule_is_named(password: str, rule: str) -> None:
    assert code(password) == rule


@pytest.mark.parametrize("password", ["twelve chars", "正确的马电池订书钉一二三", "x" * 8 + "yzab" * 30])
def test_what_keeps_the_rules_is_taken(password: str) -> None:
    check(password, login="wu.applicant", name="吴晓")


def test_the_limits_are_inclusive() -> None:
    text = "abcdefghijklmnopqrstuvwxyz" * 10
    check(text[:SHORTEST], login="someone", name="吴晓")
    check(text[:LONGEST], login="someone", name="吴晓")
    assert code(text[: SHORTEST - 1]) == "password-short"
    assert code(text[: LONGEST + 1]) == "password-long"


@given(st.text())
def test_two_keyboards_make_one_password(text: str) -> None:
    assert normalised(unicodedata.normalize("NFD", text)) == normalised(text)
