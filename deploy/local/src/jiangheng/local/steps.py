"""The numbered steps of docs/journeys/filing.md and certification.md, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jiangheng.local import enrolment, filing, handover, people, planning, proof
from jiangheng.local.journey import Journey


@dataclass(frozen=True)
class Step:
    """One numbered step: what it is called and what it does."""

    number: int
    zh: str
    en: str
    act: Callable[[Journey], str]


STEPS = (
    Step(1, "第一位管理员", "the first administrator", people.first_administrator),
    Step(2, "人员登记", "persons", people.persons),
    Step(3, "授权", "roles", people.roles),
    Step(4, "签名密钥", "signing keys under four eyes", people.signing_keys),
    Step(5, "提交备案", "submission", filing.submission),
    Step(6, "退回与补正", "returned and mended", filing.returned_and_mended),
    Step(7, "越权被拒", "those who may not", filing.walls),
    Step(8, "受理", "acceptance", filing.acceptance),
    Step(9, "备案", "filing", filing.filing),
    Step(10, "考点审验", "a site", planning.site),
    Step(11, "年度计划", "the annual plan", planning.annual_plan),
    Step(12, "认定计划", "the batch and its rules", planning.batch_plan),
    Step(13, "报名", "applications", enrolment.applications),
    Step(14, "资格审核", "review", enrolment.review),
    Step(15, "上报", "upload", handover.upload),
    Step(16, "抽查与核定", "sampling", handover.sampling),
    Step(17, "编排与准考证", "seats and admission tickets", handover.seats_and_tickets),
    Step(18, "账本完整", "the ledger is complete", proof.completeness),
    Step(19, "核验", "verification", proof.verification),
    Step(20, "外人核验", "an outsider", proof.outsider),
)
