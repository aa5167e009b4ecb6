"""`make test`: every test, in four runs side by side, each with servers of its own.

Most of a test's time is waiting for real brokers, databases and processes, so that four runs on two cores
take little longer than the longest. The rules have a run of their own, which fails unless their tests go
through every branch. With arguments it is pytest, once, with these arguments.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
FAILURE = "tests/failure"
RULES = "rules/tests"
EVERY_BRANCH = [
    "--cov=jiangheng.rules",
    "--cov-branch",
    "--cov-fail-under=100",
    "--cov-report=term-missing:skip-covered",
    # A branch that only a lucky example reaches is to be found here, not on another machine.
    "--hypothesis-seed=1",
]


def main(arguments: list[str]) -> int:
    """Exit code 0 only if all runs passed; Ctrl-C reaches all of them and each cleans up."""
    if arguments:
        return subprocess.call([*PYTEST, *arguments], cwd=ROOT)
    whole_suite = [path for path in _folders("tests/*", "deploy/*/tests") if path != FAILURE]
    with ExitStack() as stack:
        runs = ([FAILURE], whole_suite, [RULES, *EVERY_BRANCH])
        beside = [stack.enter_context(_beside(arguments)) for arguments in runs]
        try:
            wheels = [path for path in _folders("*/tests", "services/*/tests") if path != RULES]
            codes = [subprocess.call([*PYTEST, *wheels], cwd=ROOT)]
            print("\nthe other wheels' own tests are done; waiting for the rest", flush=True)
            codes += [run.wait() for run, _ in beside]
        except KeyboardInterrupt:
            for run, _ in beside:
                run.wait()
            return 130
        for _, said in beside:
            said.seek(0)
            print(said.read())
    return max(abs(code) for code in codes)


def _folders(*patterns: str) -> list[str]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_dir()}
    return sorted(str(path.relative_to(ROOT)) for path in found if not path.name.startswith("_"))


@contextmanager
def _beside(arguments: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], IO[str]]]:
    """A run whose output is kept until it has ended."""
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen([*PYTEST, *arguments], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT) as run,
    ):
        yield run, said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
