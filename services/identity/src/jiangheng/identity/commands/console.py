"""The operator's side of a command: what it prints, what it asks for, how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from google.protobuf.message import Message

from jiangheng.chassis.clocks import SHANGHAI
from jiangheng.chassis.console import json_text, members, problem_members, refusal
from jiangheng.chassis.errors import Kind, Problem, invalid

EXIT_CODES = {
    Kind.INVALID: 7,
    Kind.NOT_FOUND: 5,
    Kind.EXISTS: 6,
    Kind.WRONG_STATE: 6,
    Kind.CONFLICT: 6,
    Kind.UNAUTHENTICATED: 3,
    Kind.FORBIDDEN: 4,
    Kind.EXHAUSTED: 8,
    Kind.UNAVAILABLE: 8,
    Kind.INTERNAL: 1,
}
EXIT_HELP = (
    "Exit codes: 0 done, 1 failed inside, 2 wrong usage, 3 not logged in or refused at log-in, "
    "4 forbidden (the rule is named), 5 no such object, 6 the object's state does not allow it, "
    "7 a value is wrong (the field is named), 8 the service is away or busy."
)


@dataclass(frozen=True)
class Console:
    """What every command is told before its own name."""

    target: str
    ca: Path | None
    session_file: Path
    as_json: bool

    def show(self, shown: Message | dict[str, Any], lines: Sequence[str]) -> None:
        """Print the answer: the message as JSON with --json, else the lines."""
        if self.as_json:
            typer.echo(json_text(members(shown, every=True) if isinstance(shown, Message) else shown))
        else:
            typer.echo("\n".join(lines))

    def tell(self, problem: Problem) -> int:
        """Print why it was refused, to standard error; the exit code."""
        if self.as_json:
            typer.echo(json_text(problem_members(problem)), err=True)
        else:
            typer.echo(refusal(problem), err=True)
        return EXIT_CODES[problem.kind]


def secret(what: str, variable: str, *, from_stdin: bool, confirm: bool = False) -> str:
    """A password or code: from the environment, else the next line of standard input, else typed unseen.

    Never an argument: other users of the machine can read those.
    """
    if variable in os.environ:
        return os.environ[variable]
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt(what, hide_input=True, confirmation_prompt=confirm, err=True)
    return typed


def moment(text: str, field: str) -> datetime | None:
    """A date (its first moment in China) or an ISO 8601 time; without an offset it is China's. "" is None."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(
            field, "时间格式应为 2026-03-02 或 2026-03-02T08:00。", "Write 2026-03-02 or 2026-03-02T08:00."
        ) from None
    return (read if read.tzinfo else read.replace(tzinfo=SHANGHAI)).astimezone(UTC)
