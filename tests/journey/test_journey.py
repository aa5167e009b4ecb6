"""The journeys of docs/journeys hold, step by step, on both databases."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from jiangheng.local import story
from jiangheng.local.candidates import FEWEST, Fate, applicants
from jiangheng.local.demo import walk
from jiangheng.local.planning import BATCH
from jiangheng.local.steps import STEPS
from jiangheng.local.suite import Suite
from jiangheng.rules import numbers

DOCUMENTS = Path(__file__).parents[2] / "docs" / "journeys"
CANDIDATES, SEED = 24, 7
TODAY = date(2026, 3, 6)


@pytest.mark.timeout(300)
def test_an_institution_is_filed_and_holds_a_batch_and_anyone_can_check_it(suite: Suite) -> None:
    folder = suite.place.folder
    summary = walk(
        suite.endpoints,
        folder,
        suite.bootstrap_code,
        console=Console(),
        candidates=CANDIDATES,
        seed=SEED,
    )
    assert summary["holds"]
    assert set(summary["seconds"]) == {step.number for step in STEPS}  # type: ignore[call-overload]
    assert Path(str(summary["evidence_file"])).exists()
    assert Path(str(summary["ticket_file"])).read_bytes().startswith(b"%PDF")
    # 2 too short, 1 withdrawn, 1 excluded; everybody else has a ticket and two seats.
    assert (summary["candidates"], summary["refused"], summary["final_candidates"]) == (24, 2, 20)
    assert (summary["tickets"], summary["seats"]) == (20, 40)
    assert_no_personal_data_in_the_clear(folder, date.fromisoformat(str(summary["day"])))


def test_documents_and_driver_number_the_same_steps() -> None:
    text = (DOCUMENTS / "filing.md").read_text() + (DOCUMENTS / "certification.md").read_text()
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == [
        step.number for step in STEPS
    ]
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))


def test_the_same_seed_makes_the_same_candidates_and_another_seed_others() -> None:
    assert applicants(BATCH, CANDIDATES, 1, TODAY) == applicants(BATCH, CANDIDATES, 1, TODAY)
    assert applicants(BATCH, CANDIDATES, 1, TODAY) != applicants(BATCH, CANDIDATES, 2, TODAY)


@pytest.mark.parametrize("count", [FEWEST, 60, 500])
def test_every_fate_happens_to_people_whose_numbers_are_right(count: int) -> None:
    made = applicants(BATCH, count, SEED, TODAY)
    assert {one.fate for one in made} == set(Fate)
    candidates = [one.form.candidate for one in made]
    assert len({candidate.number for candidate in candidates}) == count
    assert not [each for each in candidates if numbers.explain_resident_id(each.number, TODAY)]


def assert_no_personal_data_in_the_clear(folder: Path, day: date) -> None:
    """Names and numbers of the story's persons and candidates are in no database, log or queue file."""
    candidates = [one.form.candidate for one in applicants(BATCH, CANDIDATES, SEED, day)]
    canaries = [text for who in story.CHARACTERS for text in (who.document_number, who.name)]
    canaries += [text for each in candidates for text in (each.number, each.name, each.phone)]
    canaries += ["13900000001", "何静"]
    found = [
        (path.name, canary)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pdf"
        for canary in canaries
        if canary.encode() in path.read_bytes()
    ]
    assert not found
