"""jiangheng-identity person …, grant …"""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.chassis.clocks import SHANGHAI
from jiangheng.identity.commands import session
from jiangheng.identity.commands.console import Console, moment, secret
from jiangheng.identity.moments import moment as moment_of
from jiangheng.identity.moments import timestamp

DocumentType = Annotated[
    Literal["resident-id", "passport", "residence-permit"],
    typer.Option("--document-type", help="The kind of document."),
]
PersonId = Annotated[str, typer.Argument(help="The person's id.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why; goes on record.", show_default=False)]

persons = typer.Typer(no_args_is_help=True, help="Persons: one per document.")
grants = typer.Typer(no_args_is_help=True, help="Roles: who may do what, where, from when to when.")


def document_type(kind: str) -> pb.DocumentType.ValueType:
    """The contract's value of an option."""
    return pb.DocumentType.Value(f"DOCUMENT_TYPE_{kind.replace('-', '_').upper()}")


def document_number(from_stdin: bool) -> str:
    """Asked for like a password: arguments stay in the shell's history."""
    return secret("证件号码 Document number", "JIANGHENG_DOCUMENT_NUMBER", from_stdin=from_stdin)


@persons.command("add")
def add(
    context: typer.Context,
    login: Annotated[str, typer.Option("--login", help="How the person will log in.", show_default=False)],
    name: Annotated[str, typer.Option("--name", help="As in the document.", show_default=False)],
    kind: DocumentType = "resident-id",
    number_stdin: Annotated[
        bool, typer.Option("--number-stdin", help="Read the number from standard input.")
    ] = False,
) -> None:
    """Register a person; asks for the document number (or JIANGHENG_DOCUMENT_NUMBER).

    Prints a code with which the person sets his password within 24 hours. It is
    shown once: hand it over in person.
    """
    console: Console = context.obj
    request = pb.RegisterPersonRequest(
        login=login,
        name=name,
        document_type=document_type(kind),
        document_number=document_number(number_stdin),
    )
    answer = session.call(console, "AdministrationService/RegisterPerson", request)
    console.show(
        answer, [f"人员 person: {answer.person_id}", f"激活码 activation code: {answer.activation_code}"]
    )


@persons.command("show")
def show(context: typer.Context, person_id: PersonId) -> None:
    """Show a person with all grants there ever were; the document number masked."""
    console: Console = context.obj
    request = pb.GetPersonRequest(person_id=person_id)
    person = session.call(console, "AdministrationService/GetPerson", request).person
    console.show(person, [_person_line(person), *(f"  {_grant_line(grant)}" for grant in person.grants)])


@persons.command("list")
def list_persons(context: typer.Context) -> None:
    """List the persons in your area."""
    console: Console = context.obj
    found, page = pb.ListPersonsResponse(), ""
    while True:
        request = pb.ListPersonsRequest(page_token=page, page_size=200)
        answer: pb.ListPersonsResponse = session.call(console, "AdministrationService/ListPersons", request)
        found.persons.extend(answer.persons)
        page = answer.next_page_token
        if not page:
            break
    console.show(found, [_person_line(person) for person in found.persons])


@persons.command("reset")
def reset(context: typer.Context, person_id: PersonId) -> None:
    """End a person's password and log-ins, lift a lock-out; prints a new activation code, shown once."""
    console: Console = context.obj
    request = pb.ResetCredentialRequest(person_id=person_id)
    answer = session.call(console, "AdministrationService/ResetCredential", request)
    console.show(answer, [f"激活码 activation code: {answer.activation_code}"])


@grants.command("give")
def give(
    context: typer.Context,
    person_id: PersonId,
    role: Annotated[str, typer.Argument(help="E.g. filing_officer.", show_default=False)],
    institution: Annotated[str, typer.Option("--institution", help="Its unified social credit code.")] = "",
    region: Annotated[
        str, typer.Option("--region", help="2, 4 or 6 digits of a division; 00: the whole country.")
    ] = "",
    start: Annotated[str, typer.Option("--from", help="2026-03-02 (China); now if not given.")] = "",
    end: Annotated[str, typer.Option("--until", help="Not included; a year if not given.")] = "",
) -> None:
    """Give a role. The role decides whether --institution or --region is asked for.

    Refused, with the rule's name, for yourself and where it conflicts with what
    the person holds at any time of it.
    """
    console: Console = context.obj
    first, last = moment(start, "from"), moment(end, "until")
    request = pb.GrantRoleRequest(
        person_id=person_id,
        role=role,
        institution=institution,
        region=region,
        valid_from=timestamp(first) if first else None,
        valid_until=timestamp(last) if last else None,
    )
    grant = session.call(console, "AdministrationService/GrantRole", request).grant
    console.show(grant, [_grant_line(grant)])


@grants.command("end")
def end_grant(
    context: typer.Context,
    grant_id: Annotated[str, typer.Argument(help="The grant's id.", show_default=False)],
    reason: Reason,
) -> None:
    """End a grant now; it stays in the history."""
    console: Console = context.obj
    session.call(
        console, "AdministrationService/EndGrant", pb.EndGrantRequest(grant_id=grant_id, reason=reason)
    )
    console.show({}, [f"已终止 ended: {grant_id}"])


def _person_line(person: pb.Person) -> str:
    locked = "  已锁定 locked" if person.locked else ""
    return f"{person.person_id}  {person.login}  {person.name}  {person.document_number_masked}{locked}"


def _grant_line(grant: pb.Grant) -> str:
    period = f"{_day(grant, 'valid_from')} – {_day(grant, 'valid_until')}"
    return f"{grant.grant_id}  {grant.role}  {grant.institution or grant.region}  {period}"


def _day(grant: pb.Grant, field: str) -> str:
    return moment_of(getattr(grant, field)).astimezone(SHANGHAI).isoformat(timespec="minutes")
