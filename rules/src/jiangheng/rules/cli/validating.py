"""validate: everything that is wrong in a pack, in a folder of packs, in one file, or in the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from jiangheng.rules.checking import condition_faults, head_faults, value_faults
from jiangheng.rules.cli.options import NO, USAGE, AsJson, Packs, end, folders, print_faults
from jiangheng.rules.eligibility.reading import faults as eligibility_faults
from jiangheng.rules.eligibility.source import integers_of
from jiangheng.rules.faults import BadPack, Fault
from jiangheng.rules.library import BASE, WHEEL, Library
from jiangheng.rules.loading import CONDITIONS, HEAD
from jiangheng.rules.pack import resolved
from jiangheng.rules.schema import UNITS, read_schema, schema
from jiangheng.rules.toml_file import read_toml


def add(app: typer.Typer) -> None:
    """The command of this module."""
    app.command(epilog="Example: jiangheng-rules validate packs/heilongjiang")(validate)


def validate(
    place: Annotated[
        Path,
        typer.Argument(
            exists=True, metavar="FILE_OR_FOLDER", help="A pack's folder, a folder of packs, or one *.toml."
        ),
    ],
    own: Packs = None,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong, with file, line and key: 校验. Exit code 1 if anything is."""
    found = tuple(sorted(set(_faults(place, folders(own)))))
    if found or as_json:
        print_faults(found, as_json)
    if found:
        raise typer.Exit(NO)
    if not as_json:
        typer.echo(f"{place}: 无误 no faults")


def _faults(place: Path, places: tuple[Path, ...]) -> Iterator[Fault]:
    if place.is_file():
        yield from _file_faults(place)
    elif (place / UNITS).exists():
        yield from _schema_faults(place)
    elif (place / HEAD).exists():
        yield from _pack_faults(place, places)
    else:
        inside = sorted(head.parent for head in place.glob(f"*/{HEAD}"))
        if not inside:
            end(f"{place}: 没有规则包 there is no pack (no {HEAD})", USAGE)
        for folder in inside:
            yield from _pack_faults(folder, places)


def _pack_faults(folder: Path, places: tuple[Path, ...]) -> Iterator[Fault]:
    """Those of a pack and of what it extends, which may lie beside it; of its conditions, what they mean."""
    beside = folder.resolve().parent
    known = {WHEEL.resolve(), *(each.resolve() for each in places)}
    asked = None
    try:
        library = Library(places if beside in known else (*places, folder.parent))
        asked = integers_of(resolved(library.layers(folder.resolve().name), library.layer(BASE)))
    except BadPack as bad:
        yield from bad.faults
    if (folder / CONDITIONS).exists():
        yield from eligibility_faults(read_toml(folder / CONDITIONS), asked)


def _schema_faults(folder: Path) -> Iterator[Fault]:
    try:
        read_schema(folder)
    except BadPack as bad:
        yield from bad.faults


def _file_faults(path: Path) -> Iterator[Fault]:
    if (path.parent / UNITS).exists():
        yield from (fault for fault in _schema_faults(path.parent) if fault.file == str(path))
        return
    file = read_toml(path)
    if path.name == HEAD:
        yield from head_faults(file, path.resolve().parent.name, schema())
    elif path.name == CONDITIONS:
        yield from condition_faults(file)
        yield from eligibility_faults(file)
    else:
        yield from value_faults(file, schema())
