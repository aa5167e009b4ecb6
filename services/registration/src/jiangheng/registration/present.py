"""Institutions as people read them: a page, a line of a list, the receipt (备案回执)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.chassis.clocks import legal_date
from jiangheng.registration.domain.dossier import InstitutionKind
from jiangheng.registration.domain.institution import STATE_ZH, State
from jiangheng.registration.wire import institutions as wire

KIND_ZH = {
    InstitutionKind.EMPLOYER: "用人单位",
    InstitutionKind.VOCATIONAL_SCHOOL: "职业院校、技工院校",
    InstitutionKind.SOCIAL_ORGANISATION: "社会培训评价组织",
}


def page(found: pb.Institution, today: date) -> str:
    """Everything about one institution, with the list of papers (材料清单)."""
    return "\n".join([*_heading(found, today), *_form(found), *_scopes(found), *_papers(found)])


def line(found: pb.Institution, today: date) -> str:
    """One institution on one line of a list."""
    dossier, number = found.dossier, found.institution_code or "-"
    columns = (found.credit_code, dossier.division, f"{number:13}", f"r{found.revision}", _state(found))
    return "  ".join([*columns, *_urgency(found, today), dossier.name])


def receipt(found: pb.Institution) -> str:
    """The receipt of a completed filing, to be printed (002 9; REG-012)."""
    filed = legal_date(found.filed_at.ToDatetime(tzinfo=UTC))
    return "\n".join(
        [
            " " * 16 + "备 案 回 执",
            "",
            _row("编号 No.", found.receipt_number),
            _row("机构名称 institution", found.dossier.name),
            _row("统一社会信用代码 credit code", found.credit_code),
            _row("机构代码 institution code", found.institution_code),
            *_scopes(found),
            _row("备案机关 authority", found.authority),
            _row("备案日期 filed on", filed.isoformat()),
        ]
    )


def today() -> date:
    """The date of law now."""
    return legal_date(datetime.now(UTC))


def _heading(found: pb.Institution, today: date) -> Iterator[str]:
    yield _row("统一社会信用代码 credit code", found.credit_code)
    yield _row("状态 state", "  ".join([_state(found), *_urgency(found, today)]))
    yield _row("版本 revision", str(found.revision))
    yield _row("材料摘要 dossier digest", found.dossier_digest.hex())
    for label, value in (
        ("退回原因 returned because", found.return_reason),
        ("备案期限 filing due", found.filing_due),
        ("机构代码 institution code", found.institution_code),
        ("备案回执 receipt", found.receipt_number),
        ("备案机关 authority", found.authority),
    ):
        if value:
            yield _row(label, value)


def _form(found: pb.Institution) -> Iterator[str]:
    dossier = wire.dossier_from_wire(found.dossier)
    yield _row("机构名称 name", dossier.name)
    yield _row("机构类别 kind", KIND_ZH[dossier.kind] if dossier.kind else "-")
    yield _row("所在地 place", f"{dossier.division} {dossier.address}")
    yield _row("法定代表人 representative", dossier.legal_representative)
    yield _row("联系人 contact", f"{dossier.contact_name} {dossier.contact_phone}")
    yield _row("真实性承诺 truth promised", _yes(dossier.truth_promised))
    yield _row("法定代表人签字 signed", _yes(dossier.signed_by_legal_representative))


def _scopes(found: pb.Institution) -> Iterator[str]:
    yield "鉴定范围 scopes"
    for scope in found.dossier.scopes:
        yield f"    {scope.occupation_code:14}  {scope.level}级  {scope.occupation_name}"


def _papers(found: pb.Institution) -> Iterator[str]:
    yield "材料清单 papers"
    for paper in wire.dossier_from_wire(found.dossier).list_of_papers():
        yield f"    {paper}"


def _state(found: pb.Institution) -> str:
    state = wire.state_from_wire(found.state)
    return f"{STATE_ZH[state]} {state.value}" if state else "?"


def _urgency(found: pb.Institution, today: date) -> list[str]:
    """How an accepted filing stands to its limit; nothing for others (REG-011)."""
    if wire.state_from_wire(found.state) is not State.ACCEPTED:
        return []
    late = (today - date.fromisoformat(found.filing_due)).days
    return [f"超期{late}天 OVERDUE" if late > 0 else f"期限 due {found.filing_due}"]


def _row(label: str, value: str) -> str:
    """Label and value in columns; a Chinese character takes two."""
    width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in label)
    return f"{label}{' ' * max(2, 34 - width)}{value}"


def _yes(value: bool) -> str:
    return "是 yes" if value else "否 no"
