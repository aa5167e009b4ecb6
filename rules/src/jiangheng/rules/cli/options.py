"""What the commands share: options, exit codes, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from jiangheng.rules.cli.layout import print_json
from jiangheng.rules.faults import BadPack, Fault
from jiangheng.rules.pack import PACKS_VARIABLE, Pack, agency_folders, pack_named, pack_names
from jiangheng.rules.schema import Parameter, schema

NO, USAGE = 1, 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Packs = Annotated[
    list[Path] | None,
    typer.Option(
        "--packs",
        metavar="DIR",
        exists=True,
        file_okay=False,
        help=f"A folder with packs of your own, besides those of ${PACKS_VARIABLE}; may be repeated.",
    ),
]
Key = Annotated[str, typer.Argument(help="A parameter's key, e.g. result.publicity_working_days.")]


def folders(given: list[Path] | None) -> tuple[Path, ...]:
    """Where packs of an agency's own are looked for: the environment's folders, then those given."""
    return tuple(dict.fromkeys((*agency_folders(), *(given or ()))))


def parameter(key: str) -> Parameter:
    """The parameter of this key; the command ends if there is none, and says which are like it."""
    known = schema().parameters
    if key not in known:
        like = [each for each in known if key in each] or get_close_matches(key, known, n=5, cutoff=0.5)
        hint = f" 相近 similar: {', '.join(like[:8])}" if like else ""
        end(f"没有参数 no parameter {key}.{hint}")
    return known[key]


def packs(chosen: list[str] | None, given: list[Path] | None) -> list[Pack]:
    """The packs named, or all."""
    places = folders(given)
    return [pack_named(name, places) for name in chosen or pack_names(places)]


@contextmanager
def telling_faults(as_json: bool) -> Iterator[None]:
    """Prints what is wrong in a pack that was needed, and ends."""
    try:
        yield
    except BadPack as bad:
        print_faults(bad.faults, as_json)
        raise typer.Exit(NO) from None


def print_faults(faults: tuple[Fault, ...], as_json: bool) -> None:
    """One line each, or JSON."""
    if as_json:
        print_json([vars(fault) for fault in faults])
    else:
        for fault in faults:
            typer.echo(str(fault), err=True)


def end(message: str, code: int = NO) -> NoReturn:
    """Say why, and leave."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
