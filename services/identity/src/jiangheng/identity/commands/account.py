"""jiangheng-identity bootstrap, login, logout, activate, password, token."""

from __future__ import annotations

from typing import Annotated

import typer

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.identity.commands import session
from jiangheng.identity.commands.console import Console, secret
from jiangheng.identity.commands.people import DocumentType, document_number, document_type

PASSWORD, CODE, NEW_PASSWORD = "JIANGHENG_PASSWORD", "JIANGHENG_CODE", "JIANGHENG_NEW_PASSWORD"

Login = Annotated[str, typer.Option("--login", help="The login.", show_default=False)]
FromStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        help="Read what is secret from standard input, one line each, in the order it would be asked for.",
    ),
]


def bootstrap(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option("--name", help="Your name, as in the document.", show_default=False)],
    kind: DocumentType = "resident-id",
    password_stdin: FromStdin = False,
) -> None:
    """Make yourself the first administrator. Works once.

    Asks for: the code (printed on the server by `python -m jiangheng.identity
    bootstrap-code`; or JIANGHENG_CODE), your document number (or
    JIANGHENG_DOCUMENT_NUMBER) and a new password (or JIANGHENG_PASSWORD).
    """
    console: Console = context.obj
    request = pb.BootstrapRequest(
        code=secret("初始化码 Code", CODE, from_stdin=password_stdin),
        login=login,
        name=name,
        document_type=document_type(kind),
        document_number=document_number(password_stdin),
        password=secret("新密码 New password", PASSWORD, from_stdin=password_stdin, confirm=True),
    )
    answer = session.open_call(console, "AdministrationService/Bootstrap", request)
    console.show(
        answer, [f"首任管理员 first administrator: {answer.person_id}", f"next: login --login {login}"]
    )


def log_in(context: typer.Context, login: Login, password_stdin: FromStdin = False) -> None:
    """Log in with your password (or JIANGHENG_PASSWORD); what follows is done as you, for 12 hours."""
    console: Console = context.obj
    password = secret("密码 Password", PASSWORD, from_stdin=password_stdin)
    opened = session.log_in(console, login, password)
    console.show({"person_id": opened.person_id}, [f"已登录 logged in: {login} ({opened.person_id})"])


def log_out(context: typer.Context) -> None:
    """End the log-in and forget its tokens."""
    console: Console = context.obj
    ended = session.log_out(console)
    console.show({"ended": ended}, ["已退出 logged out" if ended else "未登录 nobody was logged in"])


def activate(context: typer.Context, login: Login, password_stdin: FromStdin = False) -> None:
    """Set your password with the one-time code you were given (or JIANGHENG_CODE, JIANGHENG_PASSWORD)."""
    console: Console = context.obj
    request = pb.ActivateCredentialRequest(
        login=login,
        code=secret("激活码 Code", CODE, from_stdin=password_stdin),
        password=secret("新密码 New password", PASSWORD, from_stdin=password_stdin, confirm=True),
    )
    session.open_call(console, "AccountService/ActivateCredential", request)
    console.show({}, [f"密码已设置 password set; next: login --login {login}"])


def change_password(context: typer.Context, password_stdin: FromStdin = False) -> None:
    """Change your own password (JIANGHENG_PASSWORD, JIANGHENG_NEW_PASSWORD); every log-in of yours ends."""
    console: Console = context.obj
    request = pb.ChangePasswordRequest(
        old_password=secret("原密码 Old password", PASSWORD, from_stdin=password_stdin),
        new_password=secret("新密码 New password", NEW_PASSWORD, from_stdin=password_stdin, confirm=True),
    )
    session.call(console, "AccountService/ChangePassword", request)
    console.show({}, ["密码已更改，请重新登录 password changed; log in again"])


def token(
    context: typer.Context,
    audience: Annotated[str, typer.Option("--audience", help="The service it is for, e.g. supervision.")],
) -> None:
    """Print an access token for another service's command, good for ten minutes.

    For instance: JIANGHENG_TOKEN=$(jiangheng-identity token --audience supervision)
    """
    console: Console = context.obj
    text = session.token_for(console, audience)
    console.show({"access_token": text}, [text])
