"""The command as a whole. A module with further commands has a function `add`, and a place in COMMANDS."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module

import typer

# By module of this package. Only the one that is asked for is loaded: all together take a second.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "parameters": ("list", "show", "explain"),
    "comparing": ("diff",),
    "validating": ("validate",),
    "eligible": ("eligible", "check-conditions"),
    "numbering": ("number",),
    "clocks": ("deadlines", "due", "calendar"),
}

_HELP = (
    "The rules as data: what each jurisdiction says of every parameter, and where it says so. 规则参数查询。",
    "A pack 规则包 holds what one jurisdiction regulates; where it is silent the base `national` answers, and"
    " where both are silent nothing does. Find a key with `list WORD`, read it with `show KEY`, trace it with"
    " `explain KEY`.",
    "jiangheng-rules list 公示\n\njiangheng-rules show result.publicity_working_days\n\n"
    "jiangheng-rules diff jilin shandong-social --in bank.\n\njiangheng-rules validate ./heilongjiang",
    "Exit codes: 0 done; 1 the answer is no (faults were found, two packs differ, there is no such key or"
    " pack); 2 wrong usage.",
)


def build(command: str = "") -> typer.Typer:
    """The command with the module that has this one, or with all if none has it."""
    app = typer.Typer(
        help="\n\n".join(_HELP), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback()(_nothing_first)  # keeps a single command from taking the place of the whole
    for module in [name for name, commands in COMMANDS.items() if command in commands] or COMMANDS:
        import_module(f"{__package__}.{module}").add(app)
    return app


def main() -> None:
    """The command's entry point."""
    build(" ".join(sys.argv[1:2]))()


def _nothing_first() -> None:
    return None
