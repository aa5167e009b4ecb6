"""A private PostgreSQL node: own folder, one port on loopback, passwords, no socket file.

PostgreSQL refuses to run as root. Then it runs as another user, and where that user cannot reach the folder
(a clone below /root), the data lie in a folder of their own that the given one points to.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from glob import glob
from pathlib import Path

import psycopg
from psycopg import sql

from jiangheng.local.files import write_private
from jiangheng.local.processes import Child, NotReady, free_port, leashed, wait_until

PROGRAMS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin")
OTHER_USERS = ("postgres", "nobody")
START_SECONDS = 120
ADMINISTRATOR = "postgres"


def _children(pid: int) -> list[str]:
    """The process ids of a process's children; none if it does not run."""
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def programs() -> Path | None:
    """The folder with this machine's newest postgres and initdb."""
    folders = [Path(path) for pattern in PROGRAMS for path in glob(pattern)]
    on_path = shutil.which("postgres")
    folders += [Path(on_path).resolve().parent] if on_path else []
    complete = [path for path in folders if (path / "postgres").exists() and (path / "initdb").exists()]
    return max(complete, key=_version, default=None)


def _version(folder: Path) -> tuple[int, ...]:
    digits = "".join(letter if letter.isdigit() else " " for letter in str(folder)).split()
    return tuple(int(part) for part in digits)


class PostgreSQL:
    """One node. Its data outlive stop() and kill9(); start() brings them back on the same port."""

    can_restart = True
    keeps_data = True

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.binaries = binaries
        self._port = free_port()
        self._user = _other_user() if os.geteuid() == 0 else ""
        self._password = self._kept_password()
        self._data = self._data_folder()
        # A dead owner means "immediate": the postmaster takes its own children and shared memory with it.
        self._node = Child(
            "postgresql",
            [str(binaries / "postgres"), "-D", str(self._data), *self._settings()],
            self.folder / "output.log",
            user=self._user,
            folder=Path("/"),
            death=signal.SIGQUIT,
            stop_signal=signal.SIGINT,
        )

    @property
    def url(self) -> str:
        """The administrator's own database, with credentials."""
        return self.url_of("postgres")

    def url_of(self, database: str, user: str = ADMINISTRATOR, password: str = "") -> str:
        """SQLAlchemy's address of `database` for `user`."""
        return f"postgresql+psycopg://{user}:{password or self._password}@127.0.0.1:{self._port}/{database}"

    @property
    def pid(self) -> int:
        return self._node.pid

    def alive(self) -> bool:
        return self._node.alive()

    def start(self) -> None:
        """Create the data folder at first, start, and wait until clients are served."""
        try:
            if not (self._data / "PG_VERSION").exists():
                self._initialise()
            self._node.start()
            self._node.wait_ready(lambda: answers(self.url), START_SECONDS)
        except BaseException:
            self.kill9()
            raise

    def stop(self) -> None:
        self._node.stop()

    def kill9(self) -> None:
        """Kill the postmaster and wait until its children have noticed and left: while one holds the shared
        memory, no new postmaster starts."""
        children = [Path(f"/proc/{pid}") for pid in _children(self._node.pid)]
        self._node.kill9()
        wait_until(lambda: not any(child.exists() for child in children), 30, "the old server processes gone")

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop and delete the data."""
        self.kill9()
        remove_data(self.folder)

    def _kept_password(self) -> str:
        kept = self.folder / "password"
        if not kept.exists():
            write_private(kept, secrets.token_urlsafe(18))
        return kept.read_text()

    def _data_folder(self) -> Path:
        data = self.folder / "data"
        if not self._user or data.exists():
            return data.resolve()
        owner = pwd.getpwnam(self._user)
        if not _reachable(self.folder, owner):
            data.symlink_to(tempfile.mkdtemp(prefix="jiangheng-postgresql-", dir="/var/tmp"))
        data.mkdir(mode=0o700, exist_ok=True)
        os.chown(data, owner.pw_uid, owner.pw_gid)
        return data.resolve()

    def _initialise(self) -> None:
        """initdb; it reads the password from a file that only it can read and that is gone afterwards."""
        options = [
            "--username",
            ADMINISTRATOR,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
        ]
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(self._password)
            password.flush()
            if self._user:
                os.chown(password.name, pwd.getpwnam(self._user).pw_uid, -1)
            command = [
                str(self.binaries / "initdb"),
                "-D",
                str(self._data),
                "--pwfile",
                password.name,
                *options,
            ]
            self._run(command)

    def _run(self, command: list[str]) -> None:
        leash = leashed(command, user=self._user)
        done = subprocess.run(leash, capture_output=True, text=True, cwd="/", start_new_session=True)
        if done.returncode:
            raise NotReady(f"{Path(command[0]).name}: {done.stderr.strip()}")

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "logging_collector": "off",
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _other_user() -> str:
    """Whom root becomes to run PostgreSQL."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in OTHER_USERS if name in known)


def _reachable(folder: Path, owner: pwd.struct_passwd) -> bool:
    """Whether `owner` may pass through every folder above and including `folder`."""
    return all(_may_pass(path.stat(), owner) for path in (folder, *folder.parents))


def _may_pass(status: os.stat_result, owner: pwd.struct_passwd) -> bool:
    if status.st_uid == owner.pw_uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == owner.pw_gid else 0o001))


def remove_data(folder: Path) -> None:
    """Delete what a node that runs no more kept in its folder, and what that points to."""
    shutil.rmtree((folder / "data").resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def conninfo(url: str) -> str:
    """SQLAlchemy's address as libpq's."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def answers(url: str) -> bool:
    """Whether a client can log in at `url`."""
    try:
        psycopg.connect(conninfo(url), connect_timeout=5).close()
    except psycopg.Error:
        return False
    return True


def create_database(url: str, name: str) -> str:
    """An empty database on the node at `url`, encoded and sorted alike everywhere; its address."""
    statement = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    return url.rpartition("/")[0] + "/" + name


def drop_database(url: str, name: str) -> None:
    """Remove a database together with whoever is still connected to it."""
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
