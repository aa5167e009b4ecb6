"""`jiangheng-registration institution …`: filing (机构备案), for applicants and filing officers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Annotated

import typer

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.console import end
from jiangheng.registration.command import files, layout
from jiangheng.registration.command.desk import Desk, assert_shown
from jiangheng.registration.command.layout import row, rows, today, yes
from jiangheng.registration.command.shared import (
    REFUSED,
    CreditCode,
    KeyFile,
    Noun,
    Reason,
    Revision,
    Yes,
    signed,
)
from jiangheng.registration.domain.dossier import InstitutionKind
from jiangheng.registration.domain.institution import STATE_ZH, State
from jiangheng.registration.wire import institutions as wire

KIND_ZH = {
    InstitutionKind.EMPLOYER: "用人单位",
    InstitutionKind.VOCATIONAL_SCHOOL: "职业院校、技工院校",
    InstitutionKind.SOCIAL_ORGANISATION: "社会培训评价组织",
}


def page(found: pb.Institution) -> str:
    """Everything about one institution, with the list of papers (材料清单)."""
    return "\n".join([*_heading(found), *_form(found), *_scopes(found), *_papers(found)])


def line(found: pb.Institution) -> str:
    """One institution on one line of a list."""
    dossier, number = found.dossier, found.institution_code or "-"
    columns = (found.credit_code, dossier.division, f"{number:13}", f"r{found.revision}", _state(found))
    return "  ".join([*columns, *_urgency(found, today()), dossier.name])


institutions = Noun("institution", "Filing of institutions 机构备案.", page, line)


@institutions.command
def draft(
    desk: Desk, file: Annotated[Path, typer.Argument(help="The dossier, TOML.", show_default=False)]
) -> object:
    """Save the dossier in a file as the institution's draft 保存草稿."""
    return desk.ask(read(file)).institution


@institutions.command
def submit(desk: Desk, credit_code: CreditCode, revision: Revision = None) -> object:
    """Submit the draft to the authority 提交备案."""
    on = revision or _stands(desk, credit_code).revision
    request = pb.SubmitFilingRequest(credit_code=credit_code, revision=on)
    return desk.ask(request).institution


@institutions.command
def return_(desk: Desk, credit_code: CreditCode, reason: Reason, revision: Revision = None) -> object:
    """Give the dossier back with a reason 退回."""
    on = revision or _stands(desk, credit_code).revision
    request = pb.ReturnFilingRequest(credit_code=credit_code, revision=on, reason=reason)
    return desk.ask(request).institution


@institutions.command
def accept(desk: Desk, credit_code: CreditCode, revision: Revision = None) -> object:
    """Accept the dossier; five working days begin 受理."""
    on = revision or _stands(desk, credit_code).revision
    request = pb.AcceptFilingRequest(credit_code=credit_code, revision=on)
    return desk.ask(request).institution


@institutions.command
def complete(desk: Desk, credit_code: CreditCode, key_file: KeyFile, yes: Yes = False) -> object:
    """Show the accepted dossier, sign it with your own key and complete the filing 完成备案."""
    shown = _stands(desk, credit_code)
    request = completion(shown)
    signed(desk, request, key_file, yes=yes, page=page(shown), question="签名并备案 sign and file")
    return desk.ask(request).institution


@institutions.command
def show(desk: Desk, credit_code: CreditCode) -> object:
    """Show one institution 查看."""
    return _stands(desk, credit_code)


@institutions.command
def receipt(desk: Desk, credit_code: CreditCode) -> object:
    """Print the receipt of a completed filing 备案回执."""
    found = _stands(desk, credit_code)
    if not found.receipt_number:
        end(REFUSED, f"{credit_code}: 尚未备案 not filed yet")
    return receipt_page(found)


@institutions.command
def list_(
    desk: Desk,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
) -> object:
    """List the institutions within your grants; with --json one object on each line 列表."""
    wanted = layout.wanted(state, pb.InstitutionState)
    return desk.every(pb.ListInstitutionsRequest(state=wanted), "institutions")  # type: ignore[arg-type]


def read(path: Path) -> pb.SaveDraftRequest:
    """The dossier in a file and whose it is. Raises FileError."""
    content = files.load(path)
    credit_code = files.taken(content, "credit_code", path)
    return pb.SaveDraftRequest(credit_code=credit_code, dossier=files.form(content, pb.Dossier, path))


def completion(shown: pb.Institution) -> pb.CompleteFilingRequest:
    """The request, still to be signed, that files exactly what was shown. Raises NotAsShown."""
    assert_shown(shown.dossier, shown.dossier_digest, f"the dossier of {shown.credit_code}")
    return pb.CompleteFilingRequest(
        credit_code=shown.credit_code, revision=shown.revision, dossier_digest=shown.dossier_digest
    )


def receipt_page(found: pb.Institution) -> str:
    """The receipt of a completed filing, to be printed (002 9; REG-012)."""
    filed = legal_date(found.filed_at.ToDatetime(tzinfo=UTC))
    return "\n".join(
        [
            " " * 16 + "备 案 回 执",
            "",
            row("编号 No.", found.receipt_number),
            row("机构名称 institution", found.dossier.name),
            row("统一社会信用代码 credit code", found.credit_code),
            row("机构代码 institution code", found.institution_code),
            *_scopes(found),
            row("备案机关 authority", found.authority),
            row("备案日期 filed on", filed.isoformat()),
        ]
    )


def _stands(desk: Desk, credit_code: str) -> pb.Institution:
    found: pb.Institution = desk.ask(pb.GetInstitutionRequest(credit_code=credit_code)).institution
    return found


def _heading(found: pb.Institution) -> list[str]:
    return rows(
        ("统一社会信用代码 credit code", found.credit_code),
        ("状态 state", "  ".join([_state(found), *_urgency(found, today())])),
        ("版本 revision", found.revision),
        ("材料摘要 dossier digest", found.dossier_digest.hex()),
        ("退回原因 returned because", found.return_reason),
        ("备案期限 filing due", found.filing_due),
        ("机构代码 institution code", found.institution_code),
        ("备案回执 receipt", found.receipt_number),
        ("备案机关 authority", found.authority),
    )


def _form(found: pb.Institution) -> Iterator[str]:
    dossier = wire.dossier_from_wire(found.dossier)
    yield row("机构名称 name", dossier.name)
    yield row("机构类别 kind", KIND_ZH[dossier.kind] if dossier.kind else "-")
    yield row("所在地 place", f"{dossier.division} {dossier.address}")
    yield row("法定代表人 representative", dossier.legal_representative)
    yield row("联系人 contact", f"{dossier.contact_name} {dossier.contact_phone}")
    yield row("真实性承诺 truth promised", yes(dossier.truth_promised))
    yield row("法定代表人签字 signed", yes(dossier.signed_by_legal_representative))


def _scopes(found: pb.Institution) -> Iterator[str]:
    yield "鉴定范围 scopes"
    for scope in found.dossier.scopes:
        yield f"    {scope.occupation_code:14}  {scope.level}级  {scope.occupation_name}"


def _papers(found: pb.Institution) -> Iterator[str]:
    yield "材料清单 papers"
    for paper in wire.dossier_from_wire(found.dossier).list_of_papers():
        yield f"    {paper}"


def _state(found: pb.Institution) -> str:
    return layout.state(found.state, pb.InstitutionState, STATE_ZH)


def _urgency(found: pb.Institution, today: date) -> list[str]:
    """How an accepted filing stands to its limit; nothing for others (REG-011)."""
    if wire.state_from_wire(found.state) is not State.ACCEPTED:
        return []
    late = (today - date.fromisoformat(found.filing_due)).days
    return [f"超期{late}天 OVERDUE" if late > 0 else f"期限 due {found.filing_due}"]
