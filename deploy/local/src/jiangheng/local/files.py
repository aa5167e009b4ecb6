"""Files of a run: private ones, and scratch folders that the next run clears away when a crash left them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "jiangheng-scratch-"


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file that nobody else may read, from its first byte."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for this process alone, gone at the end.

    Its lock file is held open: when another run can take the lock, the owner was killed and the folder goes.
    Others may pass through it, because PostgreSQL may run as another user; what is secret in it is private.
    """
    clear_orphans()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    with (folder / "new").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "new").rename(folder / "lock")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def clear_orphans() -> None:
    """Remove the scratch folders whose owners are gone."""
    for folder in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with suppress(OSError), (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
