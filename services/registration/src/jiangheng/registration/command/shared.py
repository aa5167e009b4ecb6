"""What the commands share: their options, the desk they work at, how answers are shown and refusals told."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5

import typer
from google.protobuf.message import Message

from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.console import (
    AsJson,
    Ca,
    TokenFile,
    access_token,
    end,
    json_text,
    problem_members,
    refusal,
)
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.service_key import load_service_key
from jiangheng.registration.command.desk import Desk, NotAsShown
from jiangheng.registration.command.files import FileError

REFUSED, USAGE = 1, 2
EXIT_CODES = "Exit codes: 0 done, 1 refused, 2 the command was wrong."
# Ids that commands make of names, so that the same file is the same object whenever it is entered again.
_NAMES = UUID("a3c0f1de-58a4-5d1c-9d29-52f4b2ce6d10")

Target = Annotated[str, typer.Option(help="The service: host:port.", envvar="JIANGHENG_REGISTRATION")]
CreditCode = Annotated[str, typer.Argument(help="Unified social credit code.", show_default=False)]
BatchId = Annotated[str, typer.Argument(help="The batch's id (UUID).", show_default=False)]
Revision = Annotated[
    int | None, typer.Option(help="The revision you looked at; without it, the one that stands now.", min=1)
]
Reason = Annotated[str, typer.Option(help="Why; who it concerns reads it.", show_default=False)]
KeyFile = Annotated[Path, typer.Option(help="Your signing key: PEM, Ed25519, mode 0600.")]
Yes = Annotated[bool, typer.Option("--yes", help="Sign without asking again.")]

Page = Callable[[Any], str]


@dataclass(frozen=True)
class Place:
    """Where the service is and who asks it, as the options say."""

    target: str
    ca: Path | None
    token_file: Path | None
    as_json: bool

    @contextmanager
    def open(self) -> Iterator[Desk]:
        """A desk there; whatever goes wrong at it ends the command with its reason."""
        if not self.target:
            end(USAGE, "--target is missing: which service?")
        try:
            with Desk.at(self.target, access_token(self.token_file), self.ca) as desk:
                yield desk
        except Problem as problem:
            told = json_text({"problem": problem_members(problem)}, indent=2)
            end(REFUSED, told if self.as_json else refusal(problem))
        except NotAsShown as error:
            end(REFUSED, f"未签名 not signed: {error}")
        except (ConfigError, OSError, ValueError, FileError) as error:
            end(USAGE, str(error))


class Noun:
    """The commands about one kind of thing, and how one of them reads on a page and on a line of a list.

    A command's function takes the desk and its own arguments; what it gives is shown: a message, several
    (each on a line), or a text.
    """

    def __init__(self, name: str, text: str, page: Page, line: Page | None = None) -> None:
        self.name = name
        self.app = typer.Typer(no_args_is_help=True, help=text, epilog=EXIT_CODES)
        self._page = page
        self._line = line or page

    def command(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """Make the function a command of its name, with the options that name service and person."""
        own = inspect.signature(act, eval_str=True)
        options = inspect.signature(Place, eval_str=True).parameters

        def run(**given: Any) -> None:
            place = Place(**{name: given.pop(name) for name in options})
            with place.open() as desk:
                self._show(act(desk, **given), as_json=place.as_json)

        parameters = [
            *list(own.parameters.values())[1:],
            *(
                inspect.Parameter(
                    name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=_DEFAULTS[name]
                )
                for name, kind in _OPTIONS.items()
            ),
        ]
        run.__doc__ = act.__doc__
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        self.app.command(act.__name__.strip("_").replace("_", "-"))(run)
        return act

    def _show(self, answer: Message | Iterator[Message] | str, *, as_json: bool) -> None:
        if isinstance(answer, str):
            typer.echo(answer)
        elif isinstance(answer, Message):
            typer.echo(json_text(answer, indent=2) if as_json else self._page(answer))
        else:
            for each in answer:
                typer.echo(json_text(each) if as_json else self._line(each))


_OPTIONS: dict[str, Any] = {"target": Target, "ca": Ca, "token_file": TokenFile, "as_json": AsJson}
_DEFAULTS: dict[str, Any] = {"target": "", "ca": None, "token_file": None, "as_json": False}


def signed(desk: Desk, request: Message, key_file: Path, *, yes: bool, page: str, question: str) -> Any:
    """The request with the person's signature, once he has seen what he signs and agreed."""
    key = load_service_key(key_file, setting="--key-file")
    desk.sign(request, key)
    if not yes:
        typer.echo(page, err=True)
        typer.confirm(question, abort=True, err=True)
    return request


def id_of(*names: object) -> str:
    """The id of what bears these names."""
    return str(uuid5(_NAMES, "/".join(map(str, names))))
