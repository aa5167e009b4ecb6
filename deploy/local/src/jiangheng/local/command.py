"""`jiangheng-local`: the suite on this machine, kept running (`up`) or shown once (`demo`)."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Annotated, Any, Literal, NoReturn

import typer

from jiangheng.local.backing import NotAvailable
from jiangheng.local.candidates import FEWEST
from jiangheng.local.leash import set_death_signal
from jiangheng.local.postgresql import remove_data
from jiangheng.local.processes import NotReady, leashed, wait_until
from jiangheng.local.running import Running, remove
from jiangheng.local.suite import CommandFailed
from jiangheng.local.supervisor import State, Supervisor

FAILED, NOT_RUNNING = 1, 3
FOLDER = Path(".run")
STOP_SECONDS = 180

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Its tracebacks print local variables, secrets among them.
    pretty_exceptions_enable=False,
    help="Runs the suite on this machine. Exit codes: 0 done, 1 failed, 3 not running.",
)

Database = Annotated[
    Literal["sqlite", "postgresql"], typer.Option(help="What the services keep their rows in.")
]
Folder = Annotated[Path, typer.Option(help="Where the run keeps everything; another one for a second suite.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


@app.command()
def up(database: Database = "sqlite", folder: Folder = FOLDER / "up", as_json: AsJson = False) -> None:
    """Start the suite and leave it running; what it kept from last time is still there."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if _held(folder):
        _end(f"a suite is running in {folder} already")
    (folder / "run.json").unlink(missing_ok=True)
    holder = _start_holder(folder, database)
    state = _follow_start(folder, holder)
    typer.echo(json.dumps(state) if as_json else _where(state))


@app.command()
def down(folder: Folder = FOLDER / "up") -> None:
    """Stop the suite; its data stay."""
    folder = folder.resolve()
    if not _held(folder):
        _end(f"nothing runs in {folder}", NOT_RUNNING)
    with suppress(ProcessLookupError):
        os.kill(int((folder / "lock").read_text()), signal.SIGTERM)
    wait_until(lambda: not _held(folder), STOP_SECONDS, "the suite stopped")


@app.command("remove")
def remove_run(folder: Folder = FOLDER / "up") -> None:
    """Stop the suite if it runs, and delete its folder with all its data."""
    folder = folder.resolve()
    if _held(folder):
        down(folder)
    remove(folder)


@app.command()
def status(folder: Folder = FOLDER / "up", as_json: AsJson = False) -> None:
    """Say which processes run and where they answer."""
    folder = folder.resolve()
    file = folder / "run.json"
    if not _held(folder) or not file.exists():
        _end(f"nothing runs in {folder}", NOT_RUNNING)
    state = json.loads(file.read_text())
    states = Supervisor(folder, dict.fromkeys(state["processes"], ())).states()
    if as_json:
        typer.echo(json.dumps({**state, "processes": [vars(one) for one in states]}))
    else:
        typer.echo("\n".join([*map(_line, states), _where(state)]))
    if any(one.state != "RUNNING" for one in states):
        raise typer.Exit(FAILED)


@app.command()
def logs(
    process: Annotated[str, typer.Argument(help="E.g. identity-serve; none means all.")] = "",
    folder: Folder = FOLDER / "up",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on printing what is added.")] = False,
) -> None:
    """Print the end of the log files."""
    found = sorted((folder / "log").glob(f"{process or '*'}.log"))
    if not found:
        _end(f"no log of {process or 'anything'} in {folder}")
    tail = ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, found)]
    os.execvp(tail[0], tail)  # noqa: S606 (tail does all of it)


@app.command()
def demo(
    database: Database = "sqlite",
    folder: Folder = FOLDER / "demo",
    candidates: Annotated[int, typer.Option(help="How many apply for the batch.", min=FEWEST, max=2000)] = 60,
    seed: Annotated[int, typer.Option(help="What the candidates are made from.")] = 1,
) -> None:
    """Start a suite of its own, walk a filing and a batch up to its tickets, verify it all, stop."""
    from jiangheng.local.demo import run

    folder = folder.resolve()
    with _ended_by_signals():
        _take(folder, fresh=True)
        running = Running(folder, database, _say)
        try:
            suite = running.start()
            code = run(suite.endpoints, folder, suite.bootstrap_code, candidates=candidates, seed=seed)
        finally:
            running.stop(keep=False)
    raise typer.Exit(code)


@app.command(hidden=True)
def hold(database: Database, folder: Folder) -> None:
    """Hold a suite until SIGTERM; `up` starts this."""
    stop = threading.Event()
    with _ended_by_signals():
        _take(folder)
        running = Running(folder, database, _say)
        running.write_state(running.start())
        # From here on the end of `up` is none of our business.
        set_death_signal(0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # Not here: the interrupted thread may be inside stop.wait() and hold the lock that set() takes.
            signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())
        while not stop.wait(1):
            running.revive()
        running.stop()


def _start_holder(folder: Path, database: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "jiangheng.local", "hold"]
    command += ["--database", database, "--folder", str(folder)]
    with (folder / "up.log").open("wb") as log:
        return subprocess.Popen(
            leashed(command, death=signal.SIGTERM),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _follow_start(folder: Path, holder: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Print the holder's progress until it is ready; an interrupted or failed start leaves nothing."""
    state = folder / "run.json"
    with (folder / "up.log").open() as log, _ended_by_signals():
        try:
            while not state.exists() and holder.poll() is None:
                _print_news(log)
                time.sleep(0.1)
            _print_news(log)
        except BaseException:
            holder.terminate()
            holder.wait(STOP_SECONDS)
            raise
    if not state.exists():
        _end("the suite did not start")
    found: dict[str, Any] = json.loads(state.read_text())
    return found


def _print_news(log: IO[str]) -> None:
    typer.echo(log.read(), nl=False, err=True)


def _take(folder: Path, *, fresh: bool = False) -> None:
    """Make the folder ours until this process has ended: its file `lock` is locked and names us."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)  # closed by the end of the process only
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _end(f"a suite is running in {folder} already; --folder takes another one")
    if fresh:
        _empty(folder)
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())


def _empty(folder: Path) -> None:
    """Delete what an earlier run left, all but the lock that we hold."""
    for path in folder.iterdir():
        if path.is_dir():
            remove_data(path) if path.name == "postgresql" else shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def _held(folder: Path) -> bool:
    """Whether some process holds a suite in that folder."""
    lock = folder / "lock"
    if not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end us as Ctrl-C does; what is wrong is said without a traceback."""
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    except KeyboardInterrupt:
        _end("interrupted", 130)
    except (NotAvailable, NotReady, CommandFailed) as problem:
        _end(str(problem))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(line: str) -> None:
    typer.echo(f"  {line}", err=True)


def _line(state: State) -> str:
    return f"{state.name:<22} {state.state:<10} pid {state.pid}"


def _where(state: dict[str, Any]) -> str:
    return "\n".join(f"{name:<22} {value}" for name, value in state["endpoints"].items())


def _end(message: str, code: int = FAILED) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def main() -> None:
    """The entry point of the command."""
    app()
