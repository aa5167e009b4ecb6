"""Rows on a terminal: a table where there is room for one, blocks under headings where there is not.

rich is loaded when something is laid out: what is printed for programs starts without it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import typer

from jiangheng.rules.values import decimal_text

if TYPE_CHECKING:
    from rich.console import Console

# Columns of text, each of which should be this wide at least to be read with ease.
_COMFORT = 22


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
    """The first column names the row."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if title:
        console.print(Text(title, style="bold"))
    if console.width >= _COMFORT * len(columns):
        _print_table(console, columns, rows)
    else:
        _print_blocks(console, columns, rows)


def print_text(*lines: str) -> None:
    """Lines as they are, folded to the terminal's width."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        console.print(Text(line))


def print_json(found: object) -> None:
    """For programs; numbers with a fraction as text, so that none is rounded."""
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2, default=_written))


def _print_table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=SIMPLE, pad_edge=False, show_lines=any("\n" in "".join(row) for row in rows))
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _print_blocks(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for row in rows:
        console.print(Text(row[0], style="bold"))
        for column, cell in zip(columns[1:], row[1:], strict=True):
            if cell:
                console.print(Padding(Text(f"{column}: {cell}"), (0, 0, 0, 2)))
        console.print()


def _written(each: Any) -> Any:
    return decimal_text(each) if isinstance(each, Decimal) else str(each)
