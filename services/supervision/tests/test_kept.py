"""The checkpoint file: whole notes only, whatever a crash left behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiangheng.supervision.kept import CheckpointFile

NOTE = "ledger.example/test\n3\nroot\n\n— ledger.example/test signature\n"


@pytest.fixture
def file(tmp_path: Path) -> CheckpointFile:
    return CheckpointFile(tmp_path / "checkpoints.jsonl")


def test_a_file_that_is_not_there_holds_nothing(file: CheckpointFile) -> None:
    assert file.last() is None


def test_the_last_note_is_given_back_as_it_was(file: CheckpointFile) -> None:
    file.append("first\n")
    file.append(NOTE)
    assert file.last() == NOTE
    assert len(file.path.read_text().splitlines()) == 2


@settings(deadline=None)
@given(cut=st.integers(min_value=1))
def test_half_a_line_counts_for_nothing_and_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    file = CheckpointFile(tmp_path_factory.mktemp("kept") / "checkpoints.jsonl")
    file.append("first\n")
    whole = file.path.stat().st_size
    file.append(NOTE)
    with file.path.open("rb+") as torn:
        torn.truncate(whole + cut % (file.path.stat().st_size - whole))
    assert file.last() == "first\n"
    file.append("third\n")
    assert file.last() == "third\n"
    assert len(file.path.read_text().splitlines()) == 2


def test_a_first_line_that_was_cut_counts_for_nothing(file: CheckpointFile) -> None:
    file.path.write_bytes(b'{"note": "ha')
    assert file.last() is None
    file.append(NOTE)
    assert file.last() == NOTE


@pytest.mark.parametrize("line", [b"nonsense", b"[]", b'{"size": 3}', b"\xff"])
def test_a_damaged_line_is_said_and_not_passed_over(file: CheckpointFile, line: bytes) -> None:
    file.append(NOTE)
    with file.path.open("ab") as damaged:
        damaged.write(line + b"\n")
    with pytest.raises(ValueError, match="no checkpoint"):
        file.last()


def test_a_long_file_is_read_from_its_end(file: CheckpointFile) -> None:
    file.path.write_bytes(b'{"note": "old"}\n' * 20_000)
    file.append(NOTE)
    assert file.last() == NOTE


def test_writers_at_once_write_whole_lines(file: CheckpointFile) -> None:
    def write() -> None:
        for _ in range(25):
            file.append(NOTE)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.last() == NOTE
    assert len(set(file.path.read_bytes().splitlines())) == 1
    assert len(file.path.read_bytes().splitlines()) == 100
