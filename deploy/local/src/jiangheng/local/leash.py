"""Becomes another program that is killed as soon as the process that started it is gone.

Run as a script (`python -I -S leash.py PARENT SIGNAL USER program …`), standard library only. It replaces
itself with the program, so the process id is the program's. PARENT is a process id, or "leashed" below a
program that was itself started so. An empty USER keeps the present one. The user is changed first: changing
it clears the signal that Linux sends when a parent dies.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1
LEASHED = "JIANGHENG_LEASHED"


def become(user: str) -> None:
    """Give up the rights of root for those of `user`."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def die_with(parent: int, number: int) -> None:
    """Ask the kernel for signal `number` at the parent's end; leave at once if it has ended already."""
    set_death_signal(number)
    if os.getppid() != parent:
        sys.exit(1)


def set_death_signal(number: int) -> None:
    """Which signal this process gets when its parent ends; 0 for none. Only Linux can."""
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def main(arguments: list[str]) -> None:
    parent, number, user, *program = arguments
    if user:
        become(user)
    die_with(int(os.environ[LEASHED] if parent == "leashed" else parent), signal.Signals[number])
    os.environ[LEASHED] = str(os.getpid())
    os.execvp(program[0], program)  # noqa: S606 (becoming the program is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
