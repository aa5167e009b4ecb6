"""`jiangheng-registration`: what applicants and filing officers do, from a terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.service_key import load_service_key
from jiangheng.registration import dossier_file, present
from jiangheng.registration.desk import Desk, NotAsShown

REFUSED, USAGE = 1, 2
TOKEN_VARIABLE = "JIANGHENG_TOKEN"  # noqa: S105

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
institution = typer.Typer(
    no_args_is_help=True,
    help="Filing of institutions 机构备案. Exit codes: 0 done, 1 refused, 2 the command was wrong.",
)
app.add_typer(institution, name="institution")


@app.callback()
def _root() -> None:
    """Registration, for applicants and filing officers."""


class ListedState(StrEnum):
    """States that a list can be narrowed to."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    FILED = "filed"


Target = Annotated[str, typer.Option(help="The service: host:port.", envvar="JIANGHENG_REGISTRATION")]
Ca = Annotated[Path | None, typer.Option(help="PEM file of the authority of the service's certificate.")]
TokenFile = Annotated[
    Path | None, typer.Option(help=f"File with the access token; otherwise ${TOKEN_VARIABLE}.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
CreditCode = Annotated[str, typer.Argument(help="Unified social credit code.", show_default=False)]
Revision = Annotated[
    int | None, typer.Option(help="The revision you looked at; without it, the one that stands now.", min=1)
]


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
            _end("--target is missing: which service?", USAGE)
        try:
            with Desk.at(self.target, self._token(), self.ca) as desk:
                yield desk
        except Problem as problem:
            _end(_refusal(problem, as_json=self.as_json), REFUSED)
        except NotAsShown as error:
            _end(f"未签名 not signed: {error}", REFUSED)
        except (ConfigError, OSError, ValueError, dossier_file.DossierFileError) as error:
            _end(str(error), USAGE)

    def show(self, found: pb.Institution) -> None:
        """Print an institution as asked for."""
        typer.echo(_json(found) if self.as_json else present.page(found, present.today()))

    def _token(self) -> str:
        if self.token_file is None:
            return os.environ.get(TOKEN_VARIABLE, "")
        return self.token_file.read_text(encoding="ascii").strip()


@institution.command()
def draft(
    file: Annotated[Path, typer.Argument(help="The dossier, TOML.", show_default=False)],
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Save the dossier in a file as the institution's draft 保存草稿."""
    place = Place(target, ca, token_file, as_json)
    with place.open() as desk:
        place.show(desk.do("SaveDraft", dossier_file.read(file)))


@institution.command()
def submit(
    credit_code: CreditCode,
    revision: Revision = None,
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Submit the draft to the authority 提交备案."""
    place = Place(target, ca, token_file, as_json)
    with place.open() as desk:
        on = revision or desk.stands(credit_code).revision
        request = pb.SubmitFilingRequest(credit_code=credit_code, revision=on)
        place.show(desk.do("SubmitFiling", request))


@institution.command("return")
def return_(
    credit_code: CreditCode,
    reason: Annotated[str, typer.Option(help="What is wrong; the applicant reads it.", show_default=False)],
    revision: Revision = None,
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Give the dossier back with a reason 退回."""
    place = Place(target, ca, token_file, as_json)
    with place.open() as desk:
        on = revision or desk.stands(credit_code).revision
        request = pb.ReturnFilingRequest(credit_code=credit_code, revision=on, reason=reason)
        place.show(desk.do("ReturnFiling", request))


@institution.command()
def accept(
    credit_code: CreditCode,
    revision: Revision = None,
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Accept the dossier; five working days begin 受理."""
    place = Place(target, ca, token_file, as_json)
    with place.open() as desk:
        on = revision or desk.stands(credit_code).revision
        request = pb.AcceptFilingRequest(credit_code=credit_code, revision=on)
        place.show(desk.do("AcceptFiling", request))


@institution.command()
def complete(
    credit_code: CreditCode,
    key_file: Annotated[Path, typer.Option(help="Your signing key: PEM, Ed25519, mode 0600.")],
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking again.")] = False,
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the accepted dossier, sign it with your own key and complete the filing 完成备案."""
    place = Place(target, ca, token_file, as_json)
    with place.open() as desk:
        key = load_service_key(key_file, setting="--key-file")
        shown = desk.stands(credit_code)
        request = desk.completion(shown, key)
        if not yes:
            typer.echo(present.page(shown, present.today()), err=True)
            typer.confirm("签名并备案 sign and file", abort=True, err=True)
        place.show(desk.do("CompleteFiling", request))


@institution.command()
def show(
    credit_code: CreditCode,
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Show one institution 查看."""
    place = Place(target, ca, token_file, as_json)
    with place.open() as desk:
        place.show(desk.stands(credit_code))


@institution.command()
def receipt(
    credit_code: CreditCode, target: Target = "", ca: Ca = None, token_file: TokenFile = None
) -> None:
    """Print the receipt of a completed filing 备案回执."""
    with Place(target, ca, token_file, False).open() as desk:
        found = desk.stands(credit_code)
        if not found.receipt_number:
            _end(f"{credit_code}: 尚未备案 not filed yet", REFUSED)
        typer.echo(present.receipt(found))


@institution.command("list")
def list_(
    state: Annotated[ListedState | None, typer.Option(help="Only those in this state.")] = None,
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """List the institutions within your grants; with --json one object on each line 列表."""
    wanted = f"INSTITUTION_STATE_{state.name if state else 'UNSPECIFIED'}"
    with Place(target, ca, token_file, as_json).open() as desk:
        for found in desk.every(pb.InstitutionState.Value(wanted)):
            typer.echo(_json(found, indent=None) if as_json else present.line(found, present.today()))


def main() -> None:
    """Run the command the arguments name."""
    app()


def _refusal(problem: Problem, *, as_json: bool) -> str:
    if not as_json:
        more = [text for name, text in sorted(problem.details.items()) if name.startswith("fault.")]
        return "\n".join([f"{problem.zh} {problem}", *(f"    {text}" for text in more)])
    fields = ("code", "field", "rule", "clause", "zh", "en")
    content = {name: getattr(problem, name) for name in fields} | {"details": dict(problem.details)}
    return json.dumps({"problem": content}, ensure_ascii=False, indent=2)


def _json(message: Message, indent: int | None = 2) -> str:
    content = MessageToDict(message, preserving_proto_field_name=True)
    return json.dumps(content, ensure_ascii=False, indent=indent)


def _end(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
