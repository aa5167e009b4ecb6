"""A candidate's evidence as a file, and what is said of one that is wrong."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jiangheng.rules.eligibility.application import BadApplication, read_application
from jiangheng.rules.eligibility.evidence import (
    Apprenticeship,
    Certificate,
    Education,
    Evidence,
    Title,
    WorkPeriod,
)

OWN = "6-31-01-03"
HEAD = f"""\
[application]
occupation = "{OWN}"
level = 3

[candidate]
born = 1990-02-28
intends = true
"""
WHOLE = (
    HEAD
    + f"""
[[certificate]]
occupation = "{OWN}"
level = 4
issued = 2020-03-01

[[work]]
occupation = "{OWN}-01"
begun = "2012-01"
ended = "2014-02"

[[work]]
occupation = "{OWN}"
begun = "2015-06-15"

[[education]]
school = "technician_college"
major = "电气技术应用"
class_kind = "technician"
enrolled = "2023-09"
graduating_from = 2025-09-01
expected_until = "2026-06"
approved = false

[[title]]
grade = "junior"
specialty = "电气工程"
issued = 2019-01-01
kind = "qualification"

[[apprenticeship]]
occupation = "{OWN}"
completed = 2013-01-01
"""
)


def written(tmp_path: Path, text: str, name: str = "candidate.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def faults(path: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(BadApplication) as bad:
        read_application(path)
    assert str(path) in str(bad.value)
    return [(each.line, each.key, each.kind) for each in bad.value.faults]


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    found = read_application(written(tmp_path, WHOLE))
    assert (found.occupation, found.level) == (OWN, 3)
    assert found.evidence == Evidence(
        born=date(1990, 2, 28),
        intends=True,
        certificates=(Certificate(OWN, 4, date(2020, 3, 1)),),
        work=(
            WorkPeriod(f"{OWN}-01", date(2012, 1, 1), date(2014, 2, 28)),
            WorkPeriod(OWN, date(2015, 6, 15)),
        ),
        education=(
            Education(
                "technician_college",
                "电气技术应用",
                "technician",
                enrolled=date(2023, 9, 1),
                graduating_from=date(2025, 9, 1),
                expected_until=date(2026, 6, 30),
            ),
        ),
        titles=(Title("junior", "电气工程", date(2019, 1, 1), "qualification"),),
        apprenticeships=(Apprenticeship(OWN, date(2013, 1, 1)),),
    )


def test_json_is_the_same(tmp_path: Path) -> None:
    said = {
        "application": {"occupation": OWN, "level": 3},
        "candidate": {"born": "1990-02-28"},
        "work": [{"occupation": OWN, "begun": "2015-06", "ended": "2016-02"}],
    }
    found = read_application(written(tmp_path, json.dumps(said), "candidate.json"))
    assert found.evidence == Evidence(
        born=date(1990, 2, 28), work=(WorkPeriod(OWN, date(2015, 6, 1), date(2016, 2, 29)),)
    )


def test_no_evidence_is_an_application_too(tmp_path: Path) -> None:
    text = HEAD.split("[candidate]", maxsplit=1)[0]
    assert read_application(written(tmp_path, text)).evidence == Evidence()


WRONG = [
    (HEAD.replace("level = 3", "level = 6"), (3, "application.level", "unknown_option")),
    (HEAD.replace("level = 3", "level = true"), (3, "application.level", "unknown_option")),
    (HEAD.replace("level = 3\n", ""), (1, "application", "missing_field")),
    (HEAD.replace(OWN, "电工"), (2, "application.occupation", "not_an_occupation")),
    (HEAD.replace("1990-02-28", "1990"), (6, "candidate.born", "not_a_day")),
    (HEAD.replace("1990-02-28", '"1990-13"'), (6, "candidate.born", "not_a_day")),
    (HEAD.replace("1990-02-28", "1990-02-28T00:00:00"), (6, "candidate.born", "not_a_day")),
    (HEAD.replace("intends = true", "intends = 1"), (7, "candidate.intends", "wrong_type")),
    (HEAD + 'name = "x"\n', (8, "candidate.name", "unknown_field")),
    (HEAD + "[honours]\n", (8, "honours", "unknown_field")),
    (HEAD + "[work]\n", (8, "work", "wrong_type")),
    ("work = [1]\n" + HEAD, (1, "work", "wrong_type")),
    ("candidate = 1\n" + HEAD.split("[candidate]", maxsplit=1)[0], (1, "candidate", "wrong_type")),
    (WHOLE.replace('"2014-02"', '"2011-12"'), (17, "work.[1].ended", "ends_before")),
    (WHOLE.replace("2025-09-01", "2026-09-01"), (29, "education.[1].expected_until", "ends_before")),
    (WHOLE.replace('"junior"', '"high"'), (33, "title.[1].grade", "unknown_option")),
    (WHOLE.replace('"qualification"', '"licence"'), (36, "title.[1].kind", "unknown_option")),
    (WHOLE.replace('"technician"', '"class"'), (26, "education.[1].class_kind", "unknown_option")),
    (WHOLE.replace("completed = 2013-01-01\n", ""), (38, "apprenticeship.[1]", "missing_field")),
    ("[application", (1, "candidate.toml", "syntax")),
]


@pytest.mark.parametrize(("text", "fault"), WRONG, ids=[f"{row[1][1]}-{row[1][2]}" for row in WRONG])
def test_what_is_wrong_is_named_with_its_line(text: str, fault: tuple[int, str, str], tmp_path: Path) -> None:
    assert faults(written(tmp_path, text)) == [fault]


@pytest.mark.parametrize(
    ("text", "line", "kind"),
    [("{\n1", 2, "syntax"), ("[]", 1, "wrong_type"), ('{"work": []}', 1, "missing_field")],
)
def test_json_that_is_none(text: str, line: int, kind: str, tmp_path: Path) -> None:
    found = faults(written(tmp_path, text, "candidate.json"))
    assert {(each[0], each[2]) for each in found} == {(line, kind)}


def test_json_that_is_not_even_text(tmp_path: Path) -> None:
    path = tmp_path / "candidate.json"
    path.write_bytes(b"\xff\xfe")
    assert [kind for _, _, kind in faults(path)] == ["syntax"]
