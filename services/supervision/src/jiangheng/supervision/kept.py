"""The checkpoint file: what the ledger has said of itself, kept outside its database.

One line of JSON for each signed checkpoint, oldest first. A database that was
restored from an old copy, or whose log was rewritten, falls short of the last
line and is noticed before anything is added to it. Copy the file elsewhere
(runbook): it is as good as the number of places that hold it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_TAIL_BYTES = 64 * 1024


class CheckpointFile:
    """An append-only file of signed notes, on disk before `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> str | None:
        """The last note that was written whole; None if there is none yet.

        Raises ValueError if the line is no line of this file: it was damaged or edited.
        """
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            return _last_note(file)

    def append(self, note: str) -> None:
        """Write a note behind the others; half a line that a crash left there is cut off first."""
        with self._opened() as file:
            file.seek(_end_of_whole_lines(file))
            file.truncate()
            file.write(json.dumps({"note": note}, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        fresh = not self.path.exists()
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if fresh:
                _sync_folder(self.path.parent)
            yield file


def _end_of_whole_lines(file: BinaryIO) -> int:
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - _TAIL_BYTES)
    file.seek(start)
    return start + file.read().rfind(b"\n") + 1


def _last_note(file: BinaryIO) -> str | None:
    end = _end_of_whole_lines(file)
    start = max(0, end - _TAIL_BYTES)
    file.seek(start)
    lines = file.read(end - start).splitlines()
    if not lines:
        return None
    try:
        return str(json.loads(lines[-1])["note"])
    except (ValueError, KeyError, TypeError):
        raise ValueError("the last line of the checkpoint file is no checkpoint") from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
