"""Scratch folders and private files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jiangheng.local import files

OWNER = """
import os, signal
from jiangheng.local.files import scratch
with scratch() as folder:
    (folder / "rest").write_text("left behind")
    print(folder, flush=True)
    signal.pause()
"""


def test_a_scratch_folder_is_gone_afterwards() -> None:
    with files.scratch() as folder:
        (folder / "something").mkdir()
    assert not folder.exists()


def test_what_a_crash_left_is_cleared_and_what_lives_is_not() -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip())
    files.clear_orphans()
    assert (folder / "rest").exists()
    owner.kill()
    owner.communicate()
    files.clear_orphans()
    assert not folder.exists()


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_replaces_one_that_was_not(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_text("before")
    path.chmod(0o644)
    files.write_private(path, "after", mode)
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == mode
