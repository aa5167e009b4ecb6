"""Sets this clone up: the Python environment, our wheels, the tools, and the servers behind the suite.

Standard library only, Python 3.11 or later. Whatever is done already is skipped: every step leaves a stamp
in .venv/.stamps with a digest of what it was made from. Nothing outside the clone is changed, unless this
runs as root on Debian or Ubuntu and a server is missing: then apt-get installs it, after saying so, and no
system service is started.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
STAMPS = ENVIRONMENT / ".stamps"
PYTHON = ENVIRONMENT / "bin" / "python"
PACKAGES = {"RabbitMQ": "rabbitmq-server", "PostgreSQL": "postgresql"}
# Certificates, tickets and forms are printed with it (Kai style, with the rare characters of names).
FONT_PACKAGE, FONT_FOLDER = "fonts-lxgw-wenkai", Path("/usr/share/fonts/truetype/lxgw-wenkai")
# Debian asks this program before it starts a service; 101 means "may not".
SERVICE_POLICY = Path("/usr/sbin/policy-rc.d")


class CannotSetUp(Exception):
    """The message says what to do about it."""


def main() -> int:
    options = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _alone():
            set_up(quiet=options.quiet)
    except CannotSetUp as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as problem:
        print(f"\n{' '.join(map(str, problem.cmd))}\nfailed with code {problem.returncode}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


def set_up(*, quiet: bool) -> None:
    """Every step in order; a finished one takes no time."""
    lock = ROOT / "requirements.lock"
    wheels = _wheels()
    tools = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]
    if not PYTHON.exists():  # never there, or the Python it was made from is gone
        shutil.rmtree(STAMPS, ignore_errors=True)
    _step("environment", [], _make_environment, "a virtual environment in .venv")
    _step(
        "packages",
        [lock],
        lambda: _pip("--require-hashes", "-r", lock),
        "Python packages (requirements.lock)",
    )
    _step("wheels", [wheel / "pyproject.toml" for wheel in wheels], lambda: _install(wheels), "our wheels")
    _step("tools", tools, _npm, "buf (package-lock.json)")
    _servers()
    _step("font", [], _font, "a Chinese font")
    if not quiet:
        print("everything is set up; `make` lists what can be done")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing when nothing is to be done")
    if sys.version_info < (3, 11):  # noqa: UP036 (whoever runs this may have an older one)
        found = sys.version.split()[0]
        raise SystemExit(f"Python 3.11 or later is needed, this is {found}; try make PYTHON=python3.12 setup")
    return parser.parse_args()


@contextmanager
def _alone() -> Iterator[None]:
    """Two at once would install into each other: the second waits. The lock ends with the process."""
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _step(name: str, sources: Sequence[Path], act: Callable[[], None], what: str) -> None:
    """Run `act` unless it succeeded before with the same sources."""
    made_from = "\n".join(f"{path.relative_to(ROOT)} {_digest(path)}" for path in sources)
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == made_from:
        return
    print(f"setting up {what}", flush=True)
    act()
    STAMPS.mkdir(exist_ok=True)
    stamp.write_text(made_from)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _make_environment() -> None:
    if not importlib.util.find_spec("ensurepip"):
        _apt("python3-venv", why="This Python cannot make virtual environments (Debian: python3-venv).")
    venv.create(ENVIRONMENT, with_pip=True, clear=not PYTHON.exists(), symlinks=True)


def _wheels() -> list[Path]:
    """The folders of our own packages, so that a new one needs no entry here."""
    patterns = (
        "*/pyproject.toml",
        "services/*/pyproject.toml",
        "clients/*/pyproject.toml",
        "deploy/*/pyproject.toml",
    )
    return sorted(path.parent for pattern in patterns for path in ROOT.glob(pattern))


def _pip(*arguments: str | Path) -> None:
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "install",
    ]
    subprocess.run([*pip, *arguments], check=True, cwd=ROOT)


def _install(wheels: Sequence[Path]) -> None:
    editable = [part for wheel in wheels for part in ("--editable", wheel)]
    _pip("--no-deps", "--no-build-isolation", *editable)


def _npm() -> None:
    """npm and node come from a wheel of the lock."""
    path = f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NODE_DISABLE_COMPILE_CACHE": "1"}  # it would lie in /tmp
    subprocess.run(["npm", "ci", "--loglevel", "error"], check=True, cwd=ROOT, env=environment)


def _servers() -> None:
    """RabbitMQ and PostgreSQL: given, in containers, found, installed, or asked for."""
    stamp = STAMPS / "servers"
    if stamp.exists():
        return
    missing = _missing_servers()
    if missing and _may_install():
        packages = [PACKAGES[name] for name in missing]
        _apt(*packages, why=f"{' and '.join(missing)} cannot be had by URL, Docker engine or programs.")
        missing = _missing_servers()
    if missing:
        # Checks and reading need no server: what does says this again and fails.
        print("\n" + "\n".join(missing.values()) + "\n", file=sys.stderr)
    else:
        stamp.touch()


def _font() -> None:
    """Nothing but printing needs it, so that without it everything else goes on."""
    if FONT_FOLDER.exists():
        return
    if _may_install():
        _apt(FONT_PACKAGE, why="The font that documents are printed with is not there.")
    else:
        print(f"Documents are printed with a font that is not there. As root: apt-get install {FONT_PACKAGE}")


def _missing_servers() -> dict[str, str]:
    """By name of the server, what to do about it."""
    ask = "import json; from jiangheng.local import backing; print(json.dumps(backing.missing()))"
    answer = subprocess.run([PYTHON, "-c", ask], check=True, capture_output=True, text=True).stdout
    found: dict[str, str] = json.loads(answer)
    return found


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(*packages: str, why: str) -> None:
    if not _may_install():
        raise CannotSetUp(f"{why}\nAs root: apt-get install {' '.join(packages)}")
    print(f"{why}\nInstalling with apt-get, without starting any service: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_service_starts():
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            quiet = subprocess.DEVNULL  # its errors go elsewhere
            subprocess.run(["apt-get", "-qq", *command], check=True, env=environment, stdout=quiet)


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Packages that bring a service may not start it; a policy the machine has already is left alone."""
    if SERVICE_POLICY.exists():
        yield
        return
    SERVICE_POLICY.write_text("#!/bin/sh\nexit 101\n")
    SERVICE_POLICY.chmod(0o755)
    try:
        yield
    finally:
        SERVICE_POLICY.unlink()


if __name__ == "__main__":
    sys.exit(main())
