"""SQLite as a service's database: its engine, and turns at its file.

SQLite has no queue of its own: whoever polls at the right moment gets the file, so that one busy thread can
leave the others with nothing for seconds, and so can one busy process. Hence the writers of this process
queue in order, and leave gaps for other processes.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

PATIENCE_SECONDS = 30.0
WRITES = "jiangheng_writes"
_BREATH_SECONDS = 0.0005
_LOOK_SECONDS = (0.0001, 0.0008)


def sqlite_engine(url: str, *, pool_size: int, foreign_keys: bool) -> sa.Engine:
    """An engine whose transactions write only with the execution option `WRITES`, and then lock at once."""
    # isolation_level None: the driver opens no transactions of its own, so DDL is transactional too.
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # an error would quote what a row holds
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"isolation_level": None, "timeout": PATIENCE_SECONDS, "check_same_thread": False},
    )
    settings = ("synchronous=FULL", f"foreign_keys={'ON' if foreign_keys else 'OFF'}")

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        _use_wal(connection)
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    # A new file is switched once, and SQLite does not wait for its lock here.
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin(tx: sa.Connection) -> None:
    writes = bool(tx.get_execution_options().get(WRITES))
    tx.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    if writes:
        _lock(tx.connection.dbapi_connection)
    else:
        tx.exec_driver_sql("BEGIN")


def _lock(connection: Any) -> None:
    """Begin a writing transaction as soon as no other process has one; TimeoutError of SQLAlchemy if never.

    SQLite's own waiting looks every tenth of a second in the end, and so misses the gaps of a busy writer.
    """
    connection.execute("PRAGMA busy_timeout=0")
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _locked(connection):
            if time.monotonic() > deadline:
                raise sa.exc.TimeoutError("waited too long for another process that writes to the file")
            time.sleep(random.uniform(*_LOOK_SECONDS))
    finally:
        connection.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000:.0f}")


def _locked(connection: Any) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


class Turns:
    """A fair lock on a file: first come, first served, with a breath between two holders."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._holder = 0
        self._ended = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the file for the block; raise SQLAlchemy's TimeoutError after waiting in vain."""
        self._take()
        try:
            self._breathe()
            yield
        finally:
            self._ended = time.monotonic()
            self._pass_on()

    def _take(self) -> None:
        me = threading.get_ident()
        with self._mutex:
            if self._holder == me:
                raise RuntimeError("this thread has a writing transaction open already")
            if not self._taken:
                self._taken, self._holder = True, me
                return
            called = threading.Event()
            self._waiting.append(called)
        if not called.wait(PATIENCE_SECONDS):
            self._leave_queue(called)
        self._holder = me

    def _leave_queue(self, called: threading.Event) -> None:
        with self._mutex:
            if called in self._waiting:  # otherwise it was called in the last moment
                self._waiting.remove(called)
                raise sa.exc.TimeoutError("waited too long for other writers of the file")

    def _pass_on(self) -> None:
        with self._mutex:
            self._holder = 0
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    def _breathe(self) -> None:
        """Wait until half a millisecond has passed since the last holder left: the gap others poll for."""
        rest = self._ended + _BREATH_SECONDS - time.monotonic()
        if rest > 0:
            time.sleep(rest)


_files: dict[Path, Turns] = {}
_files_mutex = threading.Lock()


def turns_of(file: str) -> Turns:
    """The queue of a file, the same for every connection pool of this process."""
    with _files_mutex:
        return _files.setdefault(Path(file).resolve(), Turns())
