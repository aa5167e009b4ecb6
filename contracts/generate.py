"""Generates the Python code of the contracts from protos/ (`make protos`).

With --check, generates into a folder of its own and fails if the committed
code differs: what is reviewed is what runs.
"""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
TARGET = ROOT / "contracts" / "src"
GENERATED = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


def generate(target: Path) -> None:
    """Run protoc with the Python, gRPC and mypy plugins into `target`."""
    sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    command = [sys.executable, "-m", "grpc_tools.protoc"]
    command += [f"-I{PROTOS}", f"-I{files('grpc_tools') / '_proto'}"]
    for plugin in ("python", "grpc_python"):
        command.append(f"--{plugin}_out={target}")
    for plugin in ("mypy", "mypy_grpc"):
        program = Path(sys.executable).parent / f"protoc-gen-{plugin}"
        command += [f"--plugin=protoc-gen-{plugin}={program}", f"--{plugin}_out=quiet:{target}"]
    subprocess.run(command + sources, check=True, cwd=PROTOS)


def generated(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for pattern in GENERATED for path in folder.rglob(pattern)}


def drift(fresh: Path) -> list[str]:
    """Committed generated files that are missing, extra or different."""
    names = generated(fresh) | generated(TARGET)
    return sorted(str(name) for name in names if not _same(fresh / name, TARGET / name))


def _same(left: Path, right: Path) -> bool:
    return left.exists() and right.exists() and filecmp.cmp(left, right, shallow=False)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        changed = drift(fresh)
        if "--check" in sys.argv[1:]:
            lines = [f"differs from protos/: contracts/src/{name}" for name in changed]
            print("\n".join(lines) or "generated code is up to date")
            return 1 if changed else 0
        for name in generated(TARGET) - generated(fresh):
            (TARGET / name).unlink()
        shutil.copytree(fresh, TARGET, dirs_exist_ok=True)
    print(f"{len(changed)} generated files changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
