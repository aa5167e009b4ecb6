"""`jiangheng-rules number`: one answer for each value, and why."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from jiangheng.rules.cli import numbering

RIGHT = "Y000022000001263000001"


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    numbering.add(app)
    app.callback()(lambda: None)
    return app


def test_a_right_code_is_read_part_by_part(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["number", "certificate", RIGHT.lower()], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert "14–15" in done.stdout
    assert "16–16" not in done.stdout
    for meaning in ("用人单位", "吉林省", "三级/高级工"):
        assert meaning in done.stdout


def test_a_wrong_code_says_why_and_ends_with_1(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["number", "certificate", RIGHT[:15] + "9000001"], env={"COLUMNS": "200"})
    assert done.exit_code == 1
    assert "第16位" in done.stdout
    assert "Character 16" in done.stdout


def test_a_number_can_come_from_standard_input_and_is_not_repeated(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["number", "resident_identity_card", "-"], input="110105194912310021\n")
    assert done.exit_code == 1
    assert "110105" not in done.stdout


def test_what_programs_get(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["number", "occupation", "6-31-01-03", "--json"])
    assert json.loads(done.stdout) == {"kind": "occupation", "right": True, "reasons": []}
    done = CliRunner().invoke(app, ["number", "division", "990102", "--json"])
    (reason,) = json.loads(done.stdout)["reasons"]
    assert reason["rule"] == "GB/T 2260"


def test_the_day_counts(app: typer.Typer) -> None:
    arguments = ["number", "resident_identity_card", "11010519491231002X", "--on"]
    assert CliRunner().invoke(app, [*arguments, "1949-12-31"]).exit_code == 0
    assert CliRunner().invoke(app, [*arguments, "1949-12-30"]).exit_code == 1


def test_an_unknown_kind_is_wrong_usage(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["number", "shoe", "42"])
    assert done.exit_code == 2
    assert "certificate" in done.stderr
