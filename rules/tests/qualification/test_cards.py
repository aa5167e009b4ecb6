"""The 18 characters of cards (001 D4 16, D4-card 5, D5 13)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.numbers import institution_code
from jiangheng.rules.pack import pack_named
from jiangheng.rules.qualification.cards import (
    ExaminerCode,
    SupervisorCode,
    examiner_code,
    explain_examiner_code,
    explain_supervisor_code,
    is_numbered_so,
    parse_examiner_code,
    parse_supervisor_code,
    supervisor_code,
)
from jiangheng.rules.qualification.grades import GRADES, POSTS, Grade

INSTITUTION = "S000065019001"
institutions = st.builds(
    institution_code, st.sampled_from("YS"), st.sampled_from(["22", "65", "37"]), st.integers(1, 999_999)
)


def wrong(code: str, of: str = "examiner") -> list[str]:
    """The first words of each fault of a code."""
    explain = explain_examiner_code if of == "examiner" else explain_supervisor_code
    return [fault.en.split(" (")[0] for fault in explain(code)]


def test_the_manuals_examples() -> None:
    assert examiner_code(INSTITUTION, "senior", 1) == INSTITUTION + "10001"
    assert examiner_code(INSTITUTION, "examiner", 1) == INSTITUTION + "20001"
    assert supervisor_code(INSTITUTION, 1) == INSTITUTION + "00001"
    assert {len(examiner_code(INSTITUTION, grade, 9999)) for grade in GRADES} == {18}


def test_the_rule_is_the_manuals() -> None:
    manual = pack_named("xinjiang-inner-mongolia")
    rule = manual.record("examiner.card.code")
    assert is_numbered_so("examiner", manual)
    assert is_numbered_so("supervisor", manual)
    assert examiner_code(INSTITUTION, "examiner", 1)[13] == str(rule["code_examiner"])
    assert examiner_code(INSTITUTION, "senior", 1)[13] == str(rule["code_senior"])
    for pack in ("jilin", "jilin-filing"):
        assert not any(is_numbered_so(post, pack_named(pack)) for post in POSTS)


@given(institutions, st.sampled_from(GRADES), st.integers(1, 9999))
def test_an_examiners_number_is_read_as_it_was_made(institution: str, grade: Grade, serial: int) -> None:
    code = examiner_code(institution, grade, serial)
    assert parse_examiner_code(code) == ExaminerCode(institution, grade, serial)
    assert str(parse_examiner_code(code)) == code
    assert explain_examiner_code(code) == ()


@given(institutions, st.integers(1, 99_999))
def test_a_supervisors_number_is_read_as_it_was_made(institution: str, serial: int) -> None:
    code = supervisor_code(institution, serial)
    assert parse_supervisor_code(code) == SupervisorCode(institution, serial)
    assert str(parse_supervisor_code(code)) == code
    assert explain_supervisor_code(code) == ()


def test_every_part_that_is_wrong_is_named() -> None:
    length = ["The number of a card has 18 characters, capital letters and digits."]
    assert wrong(INSTITUTION + "2001") == wrong(INSTITUTION + "2001", "supervisor") == length
    assert wrong("s000065019001" + "20001") == length
    assert wrong("X000065019001" + "30000") == [
        "Characters 1-13 are no institution's code.",
        "Character 14",
        "Characters 15-18",
    ]
    assert wrong(INSTITUTION + "2000A") == ["Characters 15-18"]
    assert wrong("X000065019001" + "00000", "supervisor") == [
        "Characters 1-13 are no institution's code.",
        "Characters 14-18",
    ]
    assert wrong(INSTITUTION + "0000A", "supervisor") == ["Characters 14-18"]


@pytest.mark.parametrize("serial", [0, 10_000])
def test_a_serial_that_does_not_fit_makes_no_number(serial: int) -> None:
    with pytest.raises(ValueError, match=r"serial|18 characters"):
        examiner_code(INSTITUTION, "examiner", serial)


def test_what_is_no_number_has_no_parts() -> None:
    with pytest.raises(ValueError, match="grade"):
        parse_examiner_code(INSTITUTION + "30001")
    with pytest.raises(ValueError, match="serial"):
        parse_supervisor_code(INSTITUTION + "00000")
