"""docs/tutorials/own-pack.md, done to the letter: files written, commands run, output compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "own-pack.md"
_BLOCK = re.compile(r"(?:`([^`\n]+)`:\n\n)?```(toml|sh|python|text)\n(.*?)```", re.DOTALL)
_EXIT = re.compile(r"# exit code (\d)")


@dataclass(frozen=True)
class Block:
    """A block of the page; `file` is the name that stands above it."""

    file: str
    language: str
    text: str


def blocks() -> Iterator[Block]:
    yield from (Block(*found) for found in _BLOCK.findall(PAGE.read_text("utf-8")))


def run(block: Block, folder: Path) -> str:
    """Runs a command in the folder as a reader would; its output, and the exit code that the page says."""
    command = ["bash", "-c", block.text] if block.language == "sh" else [sys.executable, "-c", block.text]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "160",
        **({"JIANGHENG_PACKS": "my-packs"} if block.language == "python" else {}),
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    said = _EXIT.search(block.text)
    assert done.returncode == (int(said[1]) if said else 0), done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    output, compared = "", 0
    for block in blocks():
        if block.language == "toml":
            path = tmp_path / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif block.language == "text":
            for line in block.text.splitlines():
                assert line in output, f"{line!r} is not in:\n{output}"
                compared += 1
        else:
            output = run(block, tmp_path)
    assert compared > 15


def test_every_block_of_the_page_is_done() -> None:
    assert PAGE.read_text("utf-8").count("```") == 2 * len(list(blocks()))
    assert all(block.file for block in blocks() if block.language == "toml")
