"""number: is this a certificate's code, an identity number, a ticket …, and if not, why not?"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from jiangheng.rules import numbers
from jiangheng.rules.cli.layout import print_json, print_rows, print_text
from jiangheng.rules.cli.options import NO, USAGE, AsJson, end

_VALUE = "The code or number; - reads it from standard input, so that it stands in no history of a shell."


def add(app: typer.Typer) -> None:
    """The command of this module."""
    app.command(epilog="Example: jiangheng-rules number certificate Y000022000001263000001")(number)


def number(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(numbers.number_kinds())}.")],
    value: Annotated[str, typer.Argument(help=_VALUE)],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that counts; today if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a code or number and say what is wrong, position by position: 编码、号码核对."""
    day = (on or datetime.now().astimezone()).date()
    given = sys.stdin.read() if value == "-" else value
    # The hyphens of an occupation's code belong to it.
    text = given.strip() if kind == "occupation" else numbers.normal_form(given)
    try:
        reasons = numbers.explain(kind, text, day)
    except numbers.UnknownKind:
        end(f"没有这种号码 no such kind: {kind}. {', '.join(numbers.number_kinds())}", USAGE)
    if as_json:
        print_json({"kind": kind, "right": not reasons, "reasons": [vars(reason) for reason in reasons]})
    elif reasons:
        print_rows(
            ("说明 reason", "English", "依据 source"), [(why.zh, why.en, why.clause) for why in reasons]
        )
    else:
        _tell_parts(kind, text)
    if reasons:
        raise typer.Exit(NO)


def _tell_parts(kind: str, text: str) -> None:
    print_text("正确 right")
    if kind in numbers.structure_names():
        rows = [
            (_positions(part), f"{part.zh} {part.en}", characters, meaning)
            for part, characters, meaning in numbers.parts_of(kind, text)
        ]
        print_rows(("位次 position", "部分 part", "字符 characters", "含义 meaning"), rows)


def _positions(part: numbers.Part) -> str:
    return str(part.first) if part.length == 1 else f"{part.first}–{part.last}"
