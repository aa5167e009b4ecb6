"""The journey of docs/journeys/filing.md holds, step by step, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from jiangheng.local.demo import walk
from jiangheng.local.steps import STEPS
from jiangheng.local.suite import Suite


@pytest.mark.timeout(300)
def test_an_institution_is_filed_and_anyone_can_check_it(suite: Suite) -> None:
    folder = suite.place.folder
    summary = walk(suite.endpoints, folder, suite.bootstrap_code, console=Console())
    assert summary["holds"]
    assert set(summary["seconds"]) == {step.number for step in STEPS}  # type: ignore[call-overload]
    assert Path(str(summary["evidence_file"])).exists()
    assert_no_personal_data_in_the_clear(folder)


def assert_no_personal_data_in_the_clear(folder: Path) -> None:
    """Names and numbers of the story's persons are in no database, log or queue file of the run."""
    from jiangheng.local import story

    canaries = [c.document_number for c in story.CHARACTERS] + [c.name for c in story.CHARACTERS]
    canaries += ["13900000001", "何静"]
    found = [
        (path.name, canary)
        for path in folder.rglob("*")
        if path.is_file()
        for canary in canaries
        if canary.encode() in path.read_bytes()
    ]
    assert not found
