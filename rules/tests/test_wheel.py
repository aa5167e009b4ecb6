"""The wheel as it is built: whoever installs it has the data, and the command."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from jiangheng.rules.library import WHEEL

RULES = Path(__file__).parents[1]


def test_every_table_and_pack_is_in_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=RULES, check=True, capture_output=True)
    (built,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(built).namelist()
    data = {path.relative_to(RULES / "src").as_posix() for path in WHEEL.parent.rglob("*.toml")}
    assert len(data) > 50
    assert sorted(data - set(names)) == []
    scripts = zipfile.ZipFile(built).read(next(name for name in names if name.endswith("entry_points.txt")))
    assert b"jiangheng-rules = jiangheng.rules.cli.main:main" in scripts
