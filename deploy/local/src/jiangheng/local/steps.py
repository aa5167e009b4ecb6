"""The numbered steps of docs/journeys/filing.md, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jiangheng.local import filing, people, proof
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
    Step(4, "签名密钥", "a signing key under four eyes", people.signing_key),
    Step(5, "提交备案", "submission", filing.submission),
    Step(6, "退回与补正", "returned and mended", filing.returned_and_mended),
    Step(7, "越权被拒", "those who may not", filing.walls),
    Step(8, "受理", "acceptance", filing.acceptance),
    Step(9, "备案", "filing", filing.filing),
    Step(10, "账本完整", "the ledger is complete", proof.completeness),
    Step(11, "核验", "verification", proof.verification),
    Step(12, "外人核验", "an outsider", proof.outsider),
)
