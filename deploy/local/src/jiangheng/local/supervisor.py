"""supervisord over a set of programs: its configuration, its life, and what it says about them.

It is started on a leash, and so is every program below it: it stops them in order when its owner dies, and
they are killed when it is killed itself.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from jiangheng.local.processes import Child, leashed, wait_until

# What the kernel takes as the path of a socket.
LONGEST_SOCKET_PATH = 107
STOP_SECONDS = 25

_HEAD = """\
[supervisord]
nodaemon = true
silent = true
logfile = %(here)s/log/supervisord.log
pidfile = %(here)s/supervisord.pid
childlogdir = %(here)s/log
{user}
[unix_http_server]
file = %(here)s/supervisor.sock
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://%(here)s/supervisor.sock
"""

# `startretries`: what fails while starting is tried again with growing pauses for about half an hour.
_PROGRAM = """
[program:{name}]
command = {command}
priority = {priority}
autorestart = true
startsecs = 1
startretries = 60
stopsignal = TERM
stopwaitsecs = {stop_seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = %(here)s/log/{name}.log
stdout_logfile_maxbytes = 50MB
stdout_logfile_backups = 2
"""


@dataclass(frozen=True)
class State:
    """One program as supervisord sees it; `pid` is 0 while it does not run."""

    name: str
    state: str
    pid: int
    since: int


class Supervisor:
    """Runs `programs` (name → command) in that order and stops them in the reverse order."""

    def __init__(self, folder: Path, programs: Mapping[str, Sequence[str]]) -> None:
        self.folder = folder.resolve()
        self._socket = self.folder / "supervisor.sock"
        if len(str(self._socket)) > LONGEST_SOCKET_PATH:
            raise ValueError(f"the path of {self.folder} is too long for a socket in it: use a shorter one")
        self._programs = programs
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JIANGHENG_")}
        configuration = self.folder / "supervisord.conf"
        self._child = Child(
            "supervisord",
            [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)],
            self.folder / "log" / "supervisord.output.log",
            environment,
            death=signal.SIGTERM,
        )

    @property
    def pid(self) -> int:
        return self._child.pid

    def alive(self) -> bool:
        return self._child.alive()

    def start(self) -> None:
        """Start supervisord and wait until it answers; its programs are then under way."""
        (self.folder / "log").mkdir(parents=True, exist_ok=True)
        (self.folder / "supervisord.conf").write_text(self._configuration())
        self._socket.unlink(missing_ok=True)
        self._child.start()
        self._child.wait_ready(self._answers, 20)

    def stop(self) -> None:
        """Stop every program, then supervisord; both are killed when they do not listen."""
        self._child.stop(STOP_SECONDS * len(self._programs) + 10)

    def kill9(self) -> None:
        self._child.kill9()

    def states(self) -> list[State]:
        """Every program, in order of start."""
        found = {info["name"]: info for info in self._ask("getAllProcessInfo")}
        return [
            State(name, found[name]["statename"], found[name]["pid"], found[name]["start"])
            for name in self._programs
        ]

    def state(self, name: str) -> State:
        return next(state for state in self.states() if state.name == name)

    def kill9_program(self, name: str) -> int:
        """Kill one program without warning; supervisord starts it again. Returns the process id it had."""
        pid = self.state(name).pid
        if pid:
            os.kill(pid, signal.SIGKILL)
        return pid

    def stop_program(self, name: str) -> None:
        with suppress(Fault):  # not running is as good
            self._ask("stopProcess", name)

    def start_program(self, name: str) -> None:
        with suppress(Fault):  # running is as good
            self._ask("startProcess", name)

    def await_replaced(self, name: str, pid: int, seconds: float = 30) -> int:
        """Wait until another process runs in place of `pid`; its process id."""
        wait_until(lambda: self.state(name).pid not in (0, pid), seconds, f"{name} started again")
        return self.state(name).pid

    def log(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"

    def _configuration(self) -> str:
        # Said aloud, because supervisord warns root otherwise.
        text = _HEAD.format(user="user = root\n" if os.geteuid() == 0 else "")
        for priority, (name, command) in enumerate(self._programs.items(), start=1):
            line = " ".join(_quoted(part) for part in leashed(command, parent="leashed"))
            text += _PROGRAM.format(name=name, command=line, priority=priority, stop_seconds=STOP_SECONDS)
        return text

    def _answers(self) -> bool:
        try:
            return bool(self._ask("getState")["statename"] == "RUNNING")
        except OSError:
            return False

    def _ask(self, method: str, *arguments: str) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)


def _quoted(part: str) -> str:
    """For supervisord's command line: shell quotes, and its own percent sign doubled."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
