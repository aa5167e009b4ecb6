"""`jiangheng-registration application …`: candidates' applications (报名) and their review (资格审核)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.chassis.console import end
from jiangheng.registration.command import folder, layout
from jiangheng.registration.command.desk import Desk
from jiangheng.registration.command.layout import row, rows, when, wide, yes
from jiangheng.registration.command.shared import REFUSED, BatchId, Noun, Reason, Revision
from jiangheng.registration.domain.application import STATE_ZH, State, Verdict

VERDICT_ZH = {
    pb.VERDICT_APPROVE: "通过 approved",
    pb.VERDICT_REFUSE: "不通过 refused",
    pb.VERDICT_FURTHER_CHECK: "待核实 to be checked further",
}
ApplicationId = Annotated[str, typer.Argument(help="The application's id (UUID).", show_default=False)]


def page(found: pb.Application) -> str:
    """The whole application, what the rules say to it, and its reviews."""
    return "\n".join(
        [
            *_heading(found),
            *_evidence(found.form),
            *_finding(found.finding),
            *(text for review in found.reviews for text in _review(review)),
        ]
    )


def line(found: pb.Application) -> str:
    """One application on one line of a list."""
    eligible = "符合 eligible" if found.finding.eligible else "不符合 not eligible"
    named = wide(found.form.candidate.name, 10)
    return f"{found.application_id}  {named}  {wide(_state(found), 24)}  {eligible}"


applications = Noun("application", "Applications 报名.", page, line)


@applications.command
def save(
    desk: Desk,
    batch: BatchId,
    path: Annotated[
        Path, typer.Argument(help="An application (TOML), or a folder of them.", show_default=False)
    ],
    submit: Annotated[bool, typer.Option("--submit", help="Submit each at once.")] = False,
) -> object:
    """Enter the application in a file, or all those in a folder; once more does no harm 录入."""
    entered = folder.enter(desk, batch, folder.paths_of(path), submit=submit)
    told = "\n".join(folder.summary(entered))
    if not all(each.ok for each in entered):
        end(REFUSED, told)
    if path.is_dir():
        return told
    return stands(desk, entered[0].application_id)


@applications.command
def submit(desk: Desk, application: ApplicationId, revision: Revision = None) -> object:
    """Submit an application for review 提交."""
    on = revision or stands(desk, application).revision
    return desk.ask(pb.SubmitApplicationRequest(application_id=application, revision=on)).application


@applications.command
def withdraw(desk: Desk, application: ApplicationId, reason: Reason, revision: Revision = None) -> object:
    """Take an application back for the candidate 撤回."""
    on = revision or stands(desk, application).revision
    request = pb.WithdrawApplicationRequest(application_id=application, revision=on, reason=reason)
    return desk.ask(request).application


@applications.command
def review(
    desk: Desk,
    application: ApplicationId,
    verdict: Annotated[Verdict, typer.Argument(help="What you decide.", show_default=False)],
    checked: Annotated[
        list[str] | None,
        typer.Option(help="kind=where it was checked; found well. May be repeated."),
    ] = None,
    failed: Annotated[
        list[str] | None, typer.Option(help="kind=where it was checked; not well. May be repeated.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why; the candidate reads why he is refused.")] = "",
    against_finding: Annotated[
        str, typer.Option(help="What is wrong in what the rules find, if you decide against it.")
    ] = "",
    revision: Revision = None,
) -> object:
    """Approve an application, refuse it or have it checked further 审核."""
    request = pb.ReviewApplicationRequest(
        application_id=application,
        revision=revision or stands(desk, application).revision,
        verdict=layout.wanted(verdict, pb.Verdict),  # type: ignore[arg-type]
        items=[*_items(checked, passed=True), *_items(failed, passed=False)],
        note=note,
        against_finding=against_finding,
    )
    return desk.ask(request).application


@applications.command
def return_(desk: Desk, application: ApplicationId, reason: Reason, revision: Revision = None) -> object:
    """Give an uploaded application back to the institution 退回."""
    on = revision or stands(desk, application).revision
    request = pb.ReturnApplicationRequest(application_id=application, revision=on, reason=reason)
    return desk.ask(request).application


@applications.command
def show(desk: Desk, application: ApplicationId) -> object:
    """Show one application, what the rules say to it, and its reviews 查看."""
    return stands(desk, application)


@applications.command
def list_(
    desk: Desk,
    batch: BatchId,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
) -> object:
    """List a batch's applications; with --json one object on each line 列表."""
    wanted = layout.wanted(state, pb.ApplicationState)
    request = pb.ListApplicationsRequest(batch_id=batch, state=wanted)  # type: ignore[arg-type]
    return desk.every(request, "applications")


def stands(desk: Desk, application: str) -> pb.Application:
    """The application as it stands."""
    found: pb.Application = desk.ask(pb.GetApplicationRequest(application_id=application)).application
    return found


def _items(said: list[str] | None, *, passed: bool) -> Iterator[pb.ReviewItem]:
    for each in said or ():
        kind, separator, source = each.partition("=")
        if not separator:
            raise ValueError(f"{each!r}: write kind=where it was checked")
        yield pb.ReviewItem(kind=kind, passed=passed, source=source)


def _heading(found: pb.Application) -> list[str]:
    form, candidate = found.form, found.form.candidate
    masked = "  （部分隐去 masked）" if found.masked else ""
    return rows(
        ("报名 application", found.application_id),
        ("批次 batch", found.batch_id),
        ("状态 state", _state(found)),
        ("版本 revision", found.revision),
        ("退回原因 returned because", found.return_reason),
        ("姓名 name", f"{candidate.name}  {candidate.sex}  {candidate.born}{masked}"),
        ("证件 identity paper", f"{pb.IdentityPaper.Name(candidate.paper)[15:].lower()}  {candidate.number}"),
        ("电话 phone", candidate.phone),
        ("工作单位 employer", candidate.employer),
        ("申报 applies for", f"{form.occupation_code}  {form.level}级  {layout.parts(form.parts)}"),
        ("申报条件 condition", form.condition),
        ("承诺 promised", form.promised_on),
    )


def _evidence(form: pb.ApplicationForm) -> Iterator[str]:
    yield "申报材料 evidence"
    for held in form.certificates:
        yield f"    证书 certificate  {held.occupation_code}  {held.level}级  {held.issued}  {held.number}"
    for work in form.work:
        yield f"    工作 work  {work.occupation_code}  {work.begun} – {work.ended}  {work.employer}"
    for course in form.education:
        until = course.graduated or course.expected_until
        yield f"    学历 education  {course.school}  {course.major}  {until}"
    for title in form.titles:
        yield f"    职称 title  {title.grade}  {title.specialty}  {title.issued}"
    for served in form.apprenticeships:
        yield f"    学徒 apprenticeship  {served.occupation_code}  {served.completed}"
    for paper in form.papers:
        yield f"    {paper.kind}  {paper.title}  {paper.network_check or paper.digest.hex()[:16] + '…'}"


def _finding(found: pb.Finding) -> Iterator[str]:
    since = f"  {found.from_day}" if found.from_day else ""
    yield row("规则判定 finding", f"{'符合' if found.eligible else '不符合'} {yes(found.eligible)}{since}")
    for tried in found.tried:
        mark = "符合" if tried.met else "不符合"
        yield f"    {tried.condition}  {mark}  [{tried.clause}]"
        yield from (f"        {text}" for pair in zip(tried.zh, tried.en, strict=False) for text in pair)


def _review(found: pb.Review) -> Iterator[str]:
    yield row("审核 review", f"{VERDICT_ZH.get(found.verdict, '?')}  {when(found.at)}  {found.reviewer}")
    for item in found.items:
        yield f"    {item.kind}  {'合格' if item.passed else '不合格'}  {item.source}"
    for label, text in (("说明 note", found.note), ("不同于判定 against it", found.against_finding)):
        if text:
            yield f"    {label}: {text}"


def _state(found: pb.Application) -> str:
    return layout.state(found.state, pb.ApplicationState, STATE_ZH)
