"""What all our commands share at a terminal: options, JSON, refusals in both languages, how they end."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from jiangheng.chassis.errors import Problem

TOKEN_VARIABLE = "JIANGHENG_TOKEN"  # noqa: S105
_NAMED = ("code", "field", "rule", "clause", "zh", "en")

Ca = Annotated[Path | None, typer.Option(help="PEM file of the authority of the service's certificate.")]
TokenFile = Annotated[
    Path | None, typer.Option(help=f"File with the access token; otherwise ${TOKEN_VARIABLE}.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


def end(code: int, message: str) -> NoReturn:
    """End the command with a message to whoever started it."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def access_token(file: Path | None) -> str:
    """The person's token: from the file, else from the environment, else none. Raises OSError, ValueError."""
    if file is None:
        return os.environ.get(TOKEN_VARIABLE, "")
    return file.read_text(encoding="ascii").strip()


def members(message: Message, *, every: bool = False) -> dict[str, Any]:
    """A message as JSON has it, names as in the contract; with `every` also fields that say nothing."""
    return MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=every
    )


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON of a value or message; Chinese stays readable."""
    content = members(value) if isinstance(value, Message) else value
    return json.dumps(content, ensure_ascii=False, indent=indent)


def problem_members(problem: Problem) -> dict[str, Any]:
    """A refusal as JSON has it."""
    return {**{name: getattr(problem, name) for name in _NAMED}, "details": dict(problem.details)}


def refusal(problem: Problem) -> str:
    """A refusal in both languages; each further fault that it names on a line of its own."""
    more = [text for name, text in sorted(problem.details.items()) if name.startswith("fault.")]
    return "\n".join([f"{problem.zh} {problem}", *(f"    {text}" for text in more)])
