"""`make test`: the wheels' own tests and those of the whole suite side by side, each with servers of its own.

Most of a test's time is waiting for real brokers, databases and processes, so two runs on two cores take
little longer than one. With arguments it is pytest, once, with these arguments.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
WHOLE_SUITE = ["deploy/local/tests", "tests"]


def main(arguments: list[str]) -> int:
    """Exit code 0 only if both runs passed; Ctrl-C reaches both and both clean up."""
    if arguments:
        return subprocess.call([*PYTEST, *arguments], cwd=ROOT)
    wheels = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("*/tests")) if path.is_dir()]
    wheels += [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("services/*/tests"))]
    with ExitStack() as stack:
        kept = stack.enter_context(tempfile.TemporaryFile("w+"))
        beside = stack.enter_context(
            subprocess.Popen([*PYTEST, *WHOLE_SUITE], cwd=ROOT, stdout=kept, stderr=subprocess.STDOUT)
        )
        try:
            code = subprocess.call([*PYTEST, *wheels], cwd=ROOT)
            print("\nthe wheels' own tests are done; waiting for those of the whole suite", flush=True)
            beside_code = beside.wait()
        except KeyboardInterrupt:
            beside.wait()
            return 130
        kept.seek(0)
        print(kept.read())
    return code or beside_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
