"""A private RabbitMQ node: own folder, own ports on loopback, own epmd, nothing shared with the machine's.

The settings by which a packaged RabbitMQ runs beside others, as root or not, were tried one by one; leaving
one out makes it write to /var or listen on every address.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from glob import glob
from pathlib import Path

from jiangheng.local.amqp import BrokerApi, answers
from jiangheng.local.files import write_private
from jiangheng.local.processes import Child, NotReady, free_port, listening, wait_until

# rabbitmqctl and rabbitmq-server on the PATH of Debian refuse ordinary users; these are the programs behind.
PROGRAMS = (
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server",
    "/usr/local/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server",
    "/opt/rabbitmq*/sbin/rabbitmq-server",
)
START_SECONDS = 120
LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"
# Busy waiting of idle schedulers would take the cores from everything else on a small machine.
QUIET = "+sbwt none +sbwtdcpu none +sbwtdio none"


def program() -> Path | None:
    """The newest rabbitmq-server of this machine, if it also has Erlang's epmd."""
    found = sorted(path for pattern in PROGRAMS for path in glob(pattern))
    return Path(found[-1]) if found and shutil.which("epmd") else None


class RabbitMQ:
    """One node. Its data outlive stop() and kill9(); start() brings them back on the same ports."""

    can_restart = True
    keeps_data = True

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._ports = {name: free_port() for name in ("amqp", "api", "dist", "epmd")}
        self._password = self._kept_password()
        self._write_configuration()
        environment = self._environment()
        log = self.folder / "output.log"
        epmd = [shutil.which("epmd") or "epmd", "-port", str(self._ports["epmd"]), "-address", "127.0.0.1"]
        self._epmd = Child("epmd", epmd, log, environment, folder=self.folder)
        self._node = Child("rabbitmq", [str(server), "-noinput"], log, environment, folder=self.folder)

    @property
    def url(self) -> str:
        """The node's default virtual host, with credentials."""
        return f"amqp://jiangheng:{self._password}@127.0.0.1:{self._ports['amqp']}/%2F"

    @property
    def pid(self) -> int:
        return self._node.pid

    @property
    def api(self) -> BrokerApi:
        return BrokerApi(f"http://127.0.0.1:{self._ports['api']}", "jiangheng", self._password)

    def alive(self) -> bool:
        return self._node.alive()

    def start(self) -> None:
        """Start and wait until clients are served; NotReady with the log otherwise."""
        try:
            self._epmd.start()
            self._epmd.wait_ready(lambda: listening(self._ports["epmd"]), 10)
            self._node.start()
            self._node.wait_ready(lambda: answers(self.url) and self.api.answers(), START_SECONDS)
        except BaseException:
            self._kill_both()
            raise

    def stop(self) -> None:
        self._node.stop()
        self._epmd.stop()

    def remove(self) -> None:
        """Stop and delete the data."""
        self._kill_both()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kill_both(self) -> None:
        self._node.kill9()
        self._epmd.kill9()

    def kill9(self) -> None:
        """Kill the broker, not the port mapper: what a crash of the node looks like.

        A single node of RabbitMQ 3.10 that dies within half a second of a quorum queue's declaration never
        serves that queue again. That flaw is not ours to test: the kill waits until the node's register of
        queues is on disk, as it nearly always is.
        """
        if self.alive():
            with suppress(NotReady):
                wait_until(self._register_on_disk, 5, "register of queues")
        self._node.kill9()

    def _register_on_disk(self) -> bool:
        """Erlang keeps it in dets files; the word at byte 8 is 1 when everything has been written."""
        registers = self.folder.glob("data/*/quorum/*/*.dets")
        return all(path.read_bytes()[8:12] == b"\0\0\0\1" for path in registers)

    def restart(self) -> None:
        self._node.stop()
        self.start()

    def _kept_password(self) -> str:
        kept = self.folder / "password"
        if not kept.exists():
            write_private(kept, secrets.token_urlsafe(18))
        return kept.read_text()

    def _write_configuration(self) -> None:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        cookie = home / ".erlang.cookie"
        if not cookie.exists():
            write_private(cookie, secrets.token_hex(16), mode=0o400)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "advanced.config").write_text("[].\n")
        lines = {
            "default_user": "jiangheng",
            "default_pass": self._password,
            "loopback_users.jiangheng": "true",
            "listeners.tcp.default": f"127.0.0.1:{self._ports['amqp']}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": str(self._ports["api"]),
            "log.console": "false",
            "log.file": str(self.folder / "broker.log"),
        }
        text = "".join(f"{key} = {value}\n" for key, value in lines.items())
        write_private(self.folder / "rabbitmq.conf", text)

    def _environment(self) -> Mapping[str, str]:
        here = self.folder
        rabbit = {
            "NODENAME": "n1@localhost",
            "NODE_PORT": str(self._ports["amqp"]),
            "NODE_IP_ADDRESS": "127.0.0.1",
            "DIST_PORT": str(self._ports["dist"]),
            "CONF_ENV_FILE": "/dev/null",
            "CONFIG_FILE": str(here / "rabbitmq.conf"),
            "ADVANCED_CONFIG_FILE": str(here / "advanced.config"),
            "ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "MNESIA_BASE": str(here / "data"),
            "LOG_BASE": str(here),
            "PID_FILE": str(here / "pid"),
            "GENERATED_CONFIG_DIR": str(here / "generated"),
            "SCHEMA_DIR": str(here / "schema"),
            # Makes the start script become erl instead of a shell that waits for it: the child is the broker.
            "ALLOW_INPUT": "1",
            "SERVER_ADDITIONAL_ERL_ARGS": f"{LOOPBACK_ONLY} {QUIET}",
            "CTL_ERL_ARGS": LOOPBACK_ONLY,
        }
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(here / "home"),
            "ERL_EPMD_PORT": str(self._ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            **{f"RABBITMQ_{name}": value for name, value in rabbit.items()},
        }
