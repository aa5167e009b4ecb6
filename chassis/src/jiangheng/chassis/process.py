"""The processes of a service: its commands serve, consume, migrate and check-config.

A service states in a Program what is its own; everything else is here and in
serving.py. Exit codes: 0 stopped as asked, 1 the stop took too long (the log
has the stacks of all threads), 2 the configuration or the contracts are wrong,
3 migrations are pending. What one kind of process needs
is imported when it is asked for: `serve` never meets nameko, and `consume`
meets it unpatched.
"""

from __future__ import annotations

import faulthandler
import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Generic

import sqlalchemy as sa
import typer

from jiangheng.chassis import telemetry
from jiangheng.chassis.clocks import LegalClock, MachineClock
from jiangheng.chassis.config import C, ConfigError, Loaded, ServiceConfig, load
from jiangheng.chassis.console import end
from jiangheng.chassis.db import Database, migrate, pending, retryable
from jiangheng.chassis.policy import PolicyError
from jiangheng.chassis.runtime import Runtime

if TYPE_CHECKING:
    from jiangheng.chassis.auth import Owner, TokenVerifier
    from jiangheng.chassis.routes import Route
    from jiangheng.chassis.server import Mounted
    from jiangheng.chassis.worker import Worker

STOPPED, FAULTY, PENDING = 0, 2, 3
DATABASE_PAUSE_SECONDS = 1.0
# Longer than every grace of an orderly stop.
STOP_SECONDS = 25.0

_log = telemetry.get_logger(__name__)
_ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="TOML file; otherwise the one that JIANGHENG_CONFIG names.")
]


@dataclass(frozen=True)
class Serving:
    """What a service brings to its gRPC process.

    `owners` finds the owner of a stored object by kind and id. `verifier` is
    for identity, which has the key set itself; the others ask identity for it.
    """

    runtime: Runtime
    mounted: Sequence[Mounted]
    owners: Mapping[str, Callable[[str], Owner | None]] = field(default_factory=dict)
    workers: Sequence[Worker] = ()
    verifier: TokenVerifier | None = None


@dataclass(frozen=True)
class Consuming:
    """What a service brings to its bus process."""

    runtime: Runtime
    routes: Sequence[Route]


@dataclass(frozen=True)
class Program(Generic[C]):
    """A service, as its __main__.py states it. `migrations` is the package with its versions."""

    name: str
    config_type: type[C]
    build_serving: Callable[[C], Serving]
    build_consuming: Callable[[C], Consuming] | None
    migrations: str

    def load(self, file: Path | None) -> Loaded[C]:
        """The service's configuration; a faulty one ends the process with code 2."""
        try:
            return load(self.config_type, self.name, file)
        except ConfigError as error:
            end(FAULTY, str(error))


def main(program: Program[C]) -> None:
    """Run the command the arguments name."""
    commands(program)()


def commands(program: Program[C]) -> typer.Typer:
    """The service's command line; a service may add commands of its own."""
    app = typer.Typer(
        help=f"The service {program.name}.",
        no_args_is_help=True,
        add_completion=False,
        # Its tracebacks print local variables, secrets among them.
        pretty_exceptions_enable=False,
    )

    @app.command("serve", help="Answer gRPC calls, publish the outbox, do what is due.")
    def _serve(config: _ConfigFile = None) -> None:
        raise typer.Exit(_prepared(program, config, _run_serving))

    if program.build_consuming is not None:

        @app.command("consume", help="Take events from the bus.")
        def _consume(config: _ConfigFile = None) -> None:
            raise typer.Exit(_prepared(program, config, _run_consuming))

    @app.command("migrate", help="Bring the database to this version's tables.")
    def _migrate(config: _ConfigFile = None) -> None:
        loaded = program.load(config).config
        url = (loaded.migration_url or loaded.database_url).get_secret_value()
        migrate(url, program.migrations, runtime_role=loaded.runtime_role)

    @app.command("check-config", help="Print every setting and where it comes from; secrets stay hidden.")
    def _check_config(
        config: _ConfigFile = None, as_json: Annotated[bool, typer.Option("--json")] = False
    ) -> None:
        typer.echo(_settings(program.load(config), as_json=as_json))

    return app


def open_runtime(name: str, config: ServiceConfig) -> Runtime:
    """The surroundings that every service has; a subclass takes them by `**vars(...)`."""
    url = config.database_url.get_secret_value()
    return Runtime(
        name=name,
        db=Database(url, name=name, pool_size=config.database_pool_size),
        legal_clock=LegalClock(config.legal_clock_offset, profile=config.profile),
        machine_clock=MachineClock(),
    )


def _prepared(
    program: Program[C], file: Path | None, run: Callable[[Program[C], C, threading.Event], int]
) -> int:
    """Run a process once its configuration is right and its database is there and up to date."""
    config = program.load(file).config
    telemetry.configure(program.name, config.log_level)
    with _stop_signals() as stop:
        found_pending = _await_database(config, program.migrations, stop)
        if found_pending is None:
            return STOPPED
        if found_pending:
            end(PENDING, f"{program.name}: migrations are pending; run the command migrate first")
        try:
            return run(program, config, stop)
        except (ConfigError, PolicyError) as error:
            end(FAULTY, str(error))


def _run_serving(program: Program[C], config: C, stop: threading.Event) -> int:
    from jiangheng.chassis.serving import serve

    serve(program.name, config, program.build_serving(config), stop)
    return STOPPED


def _run_consuming(program: Program[C], config: C, stop: threading.Event) -> int:
    from jiangheng.chassis import consumer

    if program.build_consuming is None or stop.is_set():
        return STOPPED
    consuming = program.build_consuming(config)
    port = config.consumer_metrics_port
    metrics = telemetry.start_metrics(port) if port is not None else None
    _log.info("consuming", metrics_port=metrics.port if metrics else None)
    runtime, url = consuming.runtime, config.amqp_url.get_secret_value()
    # It ends the process itself.
    return consumer.run(
        program.name,
        consuming.routes,
        runtime.db,
        url,
        runtime.machine_clock,
        tls_ca=config.tls_ca,
        stop=stop,
    )


def _await_database(config: ServiceConfig, migrations: str, stop: threading.Event) -> bool | None:
    """Whether migrations are pending, as soon as the database answers; None if told to stop before."""
    waiting = False
    while not stop.is_set():
        try:
            return pending(config.database_url.get_secret_value(), migrations)
        except sa.exc.SQLAlchemyError as error:
            if not retryable(error):
                raise
            if not waiting:
                _log.warning("waiting for the database", error=type(error).__name__)
            waiting = True
        stop.wait(DATABASE_PAUSE_SECONDS)
    return None


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; a process that does not end afterwards is ended."""
    stop = threading.Event()
    signals = (signal.SIGTERM, signal.SIGINT)

    def told(*_: object) -> None:
        # What hangs shall say where, and a crash at any moment is survivable. Not cancelled: it watches over
        # the interpreter's own end too.
        faulthandler.dump_traceback_later(STOP_SECONDS, exit=True)
        # The main thread, in which this runs, may be inside stop.wait() and hold the lock that set() takes:
        # then it would wait for itself for ever. Another thread can wait for it.
        threading.Thread(target=stop.set).start()

    before = [signal.signal(number, told) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _settings(loaded: Loaded[C], *, as_json: bool) -> str:
    rows = loaded.rows()
    if as_json:
        entries = [{"field": name, "value": value, "origin": origin} for name, value, origin in rows]
        return json.dumps(entries, ensure_ascii=False, indent=2)
    shown = [(name, "-" if value is None else str(value), origin) for name, value, origin in rows]
    wide, long = (max(len(row[column]) for row in shown) for column in (0, 1))
    return "\n".join(f"{name:<{wide}}  {value:<{long}}  {origin}" for name, value, origin in shown)
