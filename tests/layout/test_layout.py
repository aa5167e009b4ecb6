"""What no tool checks about the files of the project."""

from __future__ import annotations

import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Whoever builds this without the outside world has a registry of his own: none is named in any file. The
# names are put together here, because this is a file as well.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("npmmirror", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("gcr", "io"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
        ("conda", "anaconda", "org"),
        ("repo", "maven", "apache", "org"),
    )
]
# PEP 420 namespaces, shared by the wheels: an __init__.py in one of them would hide the others.
NAMESPACES = ("jiangheng/__init__.py", "jiangheng/api/__init__.py")


@cache
def files() -> list[str]:
    """Every file that git knows or would take in."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_the_namespace_belongs_to_no_wheel() -> None:
    assert [name for name in files() if name.endswith(NAMESPACES)] == []
    assert [name for name in files() if "jiangheng/api/" in name and name.endswith("/v1/__init__.py")] == []


def test_every_package_says_what_it_is() -> None:
    """A package without __init__.py would be taken for part of the namespace, and its typos for modules."""
    modules = [name for name in files() if "/src/jiangheng/" in name and name.endswith(".py")]
    packages = {
        name.split("/src/jiangheng/")[0] + "/src/jiangheng/" + name.split("/src/jiangheng/")[1].split("/")[0]
        for name in modules
    }
    assert len(packages) > 5
    missing = [
        name
        for name in sorted(packages)
        if not name.endswith("/api") and name + "/__init__.py" not in files()
    ]
    assert missing == []


@pytest.mark.parametrize("registry", REGISTRIES)
def test_no_file_names_a_registry(registry: str) -> None:
    assert [name for name in files() if registry.encode() in (ROOT / name).read_bytes()] == []


def test_every_wheel_is_held_by_the_import_contracts_and_checked_for_types() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = (ROOT / ".importlinter").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for name in files():
        if "/src/jiangheng/" not in name or "/src/jiangheng/api/" in name:
            continue
        wheel, _, inside = name.partition("/src/jiangheng/")
        package = inside.split("/")[0]
        assert f"{wheel}/src" in tools["tool"]["mypy"]["mypy_path"]
        assert f"    jiangheng.{package}\n" in contracts
        assert package in makefile


def test_every_wheel_s_tests_are_run() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = {
        str(path.relative_to(ROOT))
        for pattern in tools["tool"]["pytest"]["ini_options"]["testpaths"]
        for path in ROOT.glob(pattern)
    }
    lost = [
        name
        for name in files()
        if Path(name).name.startswith("test_")
        and name.endswith(".py")
        and not any(name.startswith(folder + "/") for folder in run)
    ]
    assert lost == []
