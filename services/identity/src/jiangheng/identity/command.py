"""`jiangheng-identity`: what administrators, key approvers and every person do with identity."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.errors import Problem
from jiangheng.identity.commands import account, keys, people
from jiangheng.identity.commands.console import EXIT_HELP, Console
from jiangheng.identity.commands.session import default_file

USAGE = 2


class Commands(TyperGroup):
    """Ends a command that was refused with the refusal's text and exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            ctx.exit(ctx.obj.tell(problem))
        except ConfigError as error:
            typer.echo(str(error), err=True)
            ctx.exit(USAGE)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    # Its tracebacks print local variables, passwords among them.
    pretty_exceptions_enable=False,
    help="Persons, roles, signing keys and log-ins. Passwords and codes are asked for, read from the "
    f"environment or from standard input, never from arguments. {EXIT_HELP}",
)


@app.callback()
def common(
    context: typer.Context,
    target: Annotated[
        str, typer.Option(help="identity's host:port; a log-in remembers it.", envvar="JIANGHENG_TARGET")
    ] = "",
    ca: Annotated[
        Path | None,
        typer.Option(help="PEM file of the authority of its certificate.", envvar="JIANGHENG_CA"),
    ] = None,
    session: Annotated[
        Path | None,
        typer.Option(
            help="File that keeps the log-in, mode 0600; by default in your state folder.",
            envvar="JIANGHENG_SESSION",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answers and refusals as JSON.")] = False,
) -> None:
    """Options that stand before the command's name."""
    context.obj = Console(target, ca, session or default_file(), as_json)


app.command("bootstrap")(account.bootstrap)
app.command("login")(account.log_in)
app.command("logout")(account.log_out)
app.command("activate")(account.activate)
app.command("password")(account.change_password)
app.command("token")(account.token)
app.add_typer(people.persons, name="person")
app.add_typer(people.grants, name="grant")
app.add_typer(keys.keys, name="key")
app.add_typer(keys.services, name="service")


def main() -> None:
    """The console script."""
    app()
