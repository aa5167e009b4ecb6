"""The command as a whole. A module with further commands has a function `add`, and a place in COMMANDS."""

from __future__ import annotations

import typer

from jiangheng.rules.cli import clocks, comparing, eligible, numbering, parameters, validating

COMMANDS = (parameters, comparing, validating, eligible, numbering, clocks)

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


def build() -> typer.Typer:
    """The command with everything that COMMANDS adds to it."""
    app = typer.Typer(
        help="\n\n".join(_HELP), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    for module in COMMANDS:
        module.add(app)
    return app


def main() -> None:
    """The command's entry point."""
    build()()
