"""Logins and names."""

from __future__ import annotations

import pytest

from jiangheng.chassis.errors import Problem
from jiangheng.identity.domain.person import checked_login, checked_name


def test_logins_that_look_alike_are_one() -> None:
    assert {checked_login(text) for text in ("Wu.Xiao", " wu.xiao ", "ｗｕ.xiao")} == {"wu.xiao"}


@pytest.mark.parametrize("login", ["", "ab", "1abc", "wu xiao", "吴晓", "a" * 33, "wu\x00xiao", "ѡu.xiao"])
def test_what_cannot_be_a_login_is_refused(login: str) -> None:
    with pytest.raises(Problem) as refused:
        checked_login(login)
    assert refused.value.field == "login"


@pytest.mark.parametrize("name", ["吴晓", "买买提·艾力", "𬭼䶮", "Jean-Luc O'Neill", "\ue863"])
def test_names_people_have_are_taken(name: str) -> None:
    assert checked_name(f" {name} ") == name


@pytest.mark.parametrize("name", ["", "   ", "吴\n晓", "吴\u202e晓", "吴" * 65])
def test_what_no_name_holds_is_refused(name: str) -> None:
    with pytest.raises(Problem) as refused:
        checked_name(name)
    assert refused.value.field == "name"
