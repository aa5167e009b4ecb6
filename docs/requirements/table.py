"""Writes README.md beside it: which requirement is proved by which test (`make requirements`).

Sources: the catalogue, and the `requirement` markers of every test, read without running one. --check only
compares. A marker with an id that the catalogue does not have fails.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = HERE / "README.md"
ROW = re.compile(r"^\| ([A-Z]{3}-\d+[a-z]?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
AREA = re.compile(r"^## ([A-Z]{3}) — (.+)$", re.MULTILINE)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

HEAD = """\
# Which requirement is proved by which test

`make requirements` writes this page from [the catalogue](catalogue.md) and the markers of the tests. A test
bears a requirement's id when it fails as soon as that requirement is broken.
"""


def test_files() -> list[Path]:
    """Every test module that git knows or would take in."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*test_*.py"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    return [ROOT / name for name in sorted(filter(None, names)) if (ROOT / name).exists()]


def markers(path: Path) -> Iterator[tuple[str, str]]:
    """(requirement, test) for each marker of a module, also those within parameters."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    place = path.relative_to(ROOT).as_posix()
    for node in tree.body:
        test = f"{place}::{node.name}" if isinstance(node, Definition) else place
        yield from _within(node, test)


def _within(node: ast.AST, test: str) -> Iterator[tuple[str, str]]:
    yield from ((found, test) for found in _named(node))
    for child in ast.iter_child_nodes(node):
        inside = f"{test}::{child.name}" if isinstance(child, Definition) and "::" in test else test
        yield from _within(child, inside)


def _named(node: ast.AST) -> list[str]:
    """The ids, when this is the call `pytest.mark.requirement("…")`."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement":
        return [str(ast.literal_eval(argument)) for argument in node.args]
    return []


def proofs() -> dict[str, list[str]]:
    """By requirement, the tests that prove it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in test_files():
        for requirement, test in markers(path):
            found[requirement].add(test)
    return {requirement: sorted(tests) for requirement, tests in sorted(found.items())}


def page(catalogue: str, proved: dict[str, list[str]]) -> str:
    texts = {requirement: text for requirement, text, _ in ROW.findall(catalogue)}
    return "\n".join([HEAD, *_areas(catalogue, texts, proved), "", *_rows(texts, proved)]) + "\n"


def _areas(catalogue: str, texts: dict[str, str], proved: dict[str, list[str]]) -> Iterator[str]:
    yield "| Area | Requirements | Proved |"
    yield "|---|---|---|"
    all_of, proved_of = (Counter(requirement[:3] for requirement in some) for some in (texts, proved))
    for area, name in AREA.findall(catalogue):
        yield f"| {area} {name} | {all_of[area]} | {proved_of[area]} |"
    yield f"| **All** | {len(texts)} | {len(proved)} |"


def _rows(texts: dict[str, str], proved: dict[str, list[str]]) -> Iterator[str]:
    yield "| ID | Requirement | Proved by |"
    yield "|---|---|---|"
    for requirement, tests in proved.items():
        yield f"| {requirement} | {texts[requirement]} | {'<br>'.join(f'`{test}`' for test in tests)} |"


def main() -> int:
    catalogue = (HERE / "catalogue.md").read_text(encoding="utf-8")
    proved = proofs()
    known = {row[0] for row in ROW.findall(catalogue)}
    unknown = [f"{id_}: not in the catalogue: {', '.join(proved[id_])}" for id_ in proved if id_ not in known]
    if unknown:
        print("\n".join(unknown), file=sys.stderr)
        return 1
    new = page(catalogue, proved)
    if "--check" in sys.argv[1:]:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != new
        print(
            "docs/requirements is stale, run `make requirements`"
            if stale
            else "docs/requirements is up to date"
        )
        return int(stale)
    PAGE.write_text(new, encoding="utf-8")
    print(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
