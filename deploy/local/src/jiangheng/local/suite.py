"""The suite on one machine: its processes, from provisioned folder to "everything is healthy", and back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from jiangheng.local.driver import Endpoints
from jiangheng.local.processes import NotReady, leashed, wait_until
from jiangheng.local.provision import FEEDS, SERVICES, Place, provision
from jiangheng.local.supervisor import State, Supervisor

READY_SECONDS = 120

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Process:
    """One row of the table below: `python -m jiangheng.<service> <kind>`."""

    service: str
    kind: str

    @property
    def name(self) -> str:
        return f"{self.service}-{self.kind}"


# In order of need: nobody is let in without identity, nothing is put on record without supervision.
PROCESSES = (
    Process("identity", "serve"),
    Process("registration", "serve"),
    Process("supervision", "serve"),
    Process("supervision", "consume"),
)


class CommandFailed(RuntimeError):
    """A service's own command refused; the message is what it said."""


class Suite:
    """The processes of one run. The backing servers are others' business and must be up before start()."""

    def __init__(self, place: Place, tell: Tell = lambda line: None) -> None:
        self.place = place
        self._tell = tell
        programs = {process.name: self._command(process.service, process.kind) for process in PROCESSES}
        self.supervisor = Supervisor(place.folder, programs)

    @property
    def endpoints(self) -> Endpoints:
        targets = {service: self.place.target(service) for service in SERVICES}
        return Endpoints(targets, self.place.public_key("ledger"))

    def start(self) -> None:
        """Provision, migrate, start and wait until everything is ready."""
        try:
            self._prepare()
            self.supervisor.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self.supervisor.stop()

    def remove(self) -> None:
        """Stop, and delete the run's folder and its database."""
        self.stop()
        if self.place.database:
            self.place.database.drop(SERVICES)
        shutil.rmtree(self.place.folder, ignore_errors=True)

    def bootstrap_code(self) -> str:
        """A new code for the first administrator, as an operator gets it at the console."""
        return self.command("identity", "bootstrap-code").strip()

    def command(self, service: str, *arguments: str) -> str:
        """Run one of a service's commands with its configuration; what it printed."""
        program = leashed(self._command(service, *arguments))
        done = subprocess.run(program, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise CommandFailed(f"{service} {arguments[0]}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until every process runs and every server answers SERVING."""
        for process in PROCESSES:
            self._wait_ready(process, seconds)
            self._tell(f"{process.name} is ready")

    def states(self) -> list[State]:
        return self.supervisor.states()

    def kill9(self, name: str) -> int:
        """Kill a process without warning; it is started again. Returns the process id it had."""
        return self.supervisor.kill9_program(name)

    def _prepare(self) -> None:
        self._tell("provisioning databases, keys and configuration")
        provision(self.place)
        self._tell("migrating databases")
        _all_at_once([partial(self.command, service, "migrate") for service in SERVICES])
        for service in FEEDS:
            key = str(self.place.public_key(service))
            scope = ("--scope", "feed.read")
            self.command("identity", "provision-service", service, "--public-key", key, *scope)

    def _command(self, service: str, *arguments: str) -> list[str]:
        program = [sys.executable, "-m", f"jiangheng.{service}", *arguments]
        return [*program, "--config", str(self.place.config(service))]

    def _wait_ready(self, process: Process, seconds: float) -> None:
        try:
            wait_until(lambda: self._ready(process), seconds, f"{process.name} ready", every=0.2)
        except NotReady as problem:
            log = self.supervisor.log(process.name)
            end = log.read_text(errors="replace").splitlines()[-20:] if log.exists() else []
            raise NotReady("\n".join([str(problem), *end])) from None

    def _ready(self, process: Process) -> bool:
        if self.supervisor.state(process.name).state != "RUNNING":
            return False
        return process.kind != "serve" or serving(self.place.target(process.service))


def serving(target: str) -> bool:
    """Whether the gRPC server says by its health service that it serves."""
    with grpc.insecure_channel(target) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=2)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _all_at_once(tasks: Sequence[Callable[[], object]]) -> None:
    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        for done in [pool.submit(task) for task in tasks]:
            done.result()
