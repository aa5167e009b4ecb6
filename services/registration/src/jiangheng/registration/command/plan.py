"""`jiangheng-registration plan …`: annual plans (年度认定计划), for institutions and plan officers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.registration.command import files, layout
from jiangheng.registration.command.desk import Desk, assert_shown
from jiangheng.registration.command.layout import rows, when, wide
from jiangheng.registration.command.shared import CreditCode, KeyFile, Noun, Reason, Revision, Yes, signed
from jiangheng.registration.domain.plan import STATE_ZH

Year = Annotated[int, typer.Argument(help="The plan's year, e.g. 2026.", show_default=False)]


def page(found: pb.Plan) -> str:
    """The plan and its lines."""
    heading = rows(
        ("统一社会信用代码 credit code", found.credit_code),
        ("年度 year", found.year),
        ("状态 state", layout.state(found.state, pb.PlanState, STATE_ZH)),
        ("版本 revision", found.revision),
        ("计划摘要 digest", found.digest.hex()),
        ("退回原因 returned because", found.return_reason),
        ("确认时间 confirmed", when(found.confirmed_at)),
    )
    return "\n".join([*heading, "认定计划 lines", *map(_line, found.lines)])


plans = Noun("plan", "Annual plans 年度认定计划.", page)


@plans.command
def save(
    desk: Desk, file: Annotated[Path, typer.Argument(help="The plan, TOML.", show_default=False)]
) -> object:
    """Save the plan in a file as the institution's draft 保存."""
    return desk.ask(files.form(files.load(file), pb.SavePlanRequest, file)).plan


@plans.command
def submit(desk: Desk, credit_code: CreditCode, year: Year, revision: Revision = None) -> object:
    """Submit the draft to the authority 提交."""
    on = revision or _stands(desk, credit_code, year).revision
    return desk.ask(pb.SubmitPlanRequest(credit_code=credit_code, year=year, revision=on)).plan


@plans.command
def return_(
    desk: Desk, credit_code: CreditCode, year: Year, reason: Reason, revision: Revision = None
) -> object:
    """Give the plan back with a reason 退回."""
    on = revision or _stands(desk, credit_code, year).revision
    request = pb.ReturnPlanRequest(credit_code=credit_code, year=year, revision=on, reason=reason)
    return desk.ask(request).plan


@plans.command
def confirm(desk: Desk, credit_code: CreditCode, year: Year, key_file: KeyFile, yes: Yes = False) -> object:
    """Show the plan, sign it with your own key and confirm it 确认."""
    shown = _stands(desk, credit_code, year)
    content = pb.Plan(credit_code=shown.credit_code, year=shown.year, lines=shown.lines)
    assert_shown(content, shown.digest, f"the plan of {credit_code} for {year}")
    request = pb.ConfirmPlanRequest(
        credit_code=credit_code, year=year, revision=shown.revision, digest=shown.digest
    )
    signed(desk, request, key_file, yes=yes, page=page(shown), question="签名并确认 sign and confirm")
    return desk.ask(request).plan


@plans.command
def show(desk: Desk, credit_code: CreditCode, year: Year) -> object:
    """Show the plan of a year 查看."""
    return _stands(desk, credit_code, year)


def _stands(desk: Desk, credit_code: str, year: int) -> pb.Plan:
    found: pb.Plan = desk.ask(pb.GetPlanRequest(credit_code=credit_code, year=year)).plan
    return found


def _line(line: pb.PlanLine) -> str:
    of = f"{line.occupation_code:14}  {line.level}级  {line.candidates:>5}人"
    return f"    {of}  {wide(line.exam_date, 10)}  {line.place}"
