"""embedded: no writer of a SQLite file starves, be it a thread or a process."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import sqlalchemy as sa

from jiangheng.chassis.db import Database

METADATA = sa.MetaData()
NOTE = sa.Table("note", METADATA, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))

OTHER_PROCESS = """
import sys, time
from jiangheng.chassis.db import Database
database = Database(sys.argv[1], name="other")
commits, end = 0, time.monotonic() + 4
while time.monotonic() < end:
    with database.write() as tx:
        tx.exec_driver_sql("INSERT INTO note (text) VALUES ('other')")
    commits += 1
print(commits)
"""


def busy_writers(url: str, number: int, stop: Event) -> tuple[list[Thread], list[int]]:
    """Threads that write without a pause, and how often each has committed."""
    database = Database(url, name="test")
    with database.write() as tx:
        METADATA.create_all(tx)
    commits = [0] * number

    def write(which: int) -> None:
        while not stop.is_set():
            with database.write() as tx:
                tx.execute(sa.insert(NOTE), [{"text": "x"}] * 50)
            commits[which] += 1

    threads = [Thread(target=write, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    return threads, commits


def test_threads_take_turns(tmp_path: Path) -> None:
    stop = Event()
    threads, commits = busy_writers(f"sqlite:///{tmp_path / 'test.db'}", 4, stop)
    deadline = time.monotonic() + 20
    while sum(commits) < 400 and time.monotonic() < deadline:
        threads[0].join(0.01)
    stop.set()
    for thread in threads:
        thread.join()
    assert sum(commits) >= 400
    assert min(commits) > 0.5 * max(commits)


def test_another_process_gets_its_turn_beside_a_busy_one(tmp_path: Path) -> None:
    """With SQLite's own way of waiting it commits once where the busy one commits a hundred times."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    stop = Event()
    (thread,), commits = busy_writers(url, 1, stop)
    try:
        other = subprocess.run(
            [sys.executable, "-c", OTHER_PROCESS, url], capture_output=True, text=True, timeout=60, check=True
        )
    finally:
        stop.set()
        thread.join()
    assert int(other.stdout) > 0.3 * commits[0]
