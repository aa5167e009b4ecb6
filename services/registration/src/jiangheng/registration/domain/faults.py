"""Everything that can be wrong with a dossier (002 6-8, form 一, 三).

Two questions are asked: may it be stored (`refuse_unstorable`: sizes and
characters, asked of a draft as well) and may it be submitted
(`refuse_incomplete`: every part, promise and signature). Both look for all
faults before they speak.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain.dossier import Dossier, Paper, PaperKind, Scope
from jiangheng.registration.domain.refusal import DIGEST_BYTES, explained, refuse, text_faults, too_many
from jiangheng.rules import filing, numbers

MAX_SCOPES = 200
MAX_PAPERS = 500

# 002 form 一: field, most characters, Chinese, English. All are demanded on submission.
_TEXTS = (
    ("name", 200, "机构名称", "the institution's name"),
    ("address", 300, "机构地址", "the institution's address"),
    ("legal_representative", 100, "法定代表人", "the legal representative"),
    ("contact_name", 100, "联系人姓名", "the contact's name"),
    ("contact_phone", 30, "联系电话", "the contact's telephone"),
)
_MAX_TITLE = 200
_MAX_OCCUPATION = 100
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,28}[0-9]")


def refuse_unstorable(credit_code: str, dossier: Dossier) -> None:
    """Raise Problem INVALID if it cannot even be a draft: whose it is, where, sizes, characters."""
    refuse(_unstorable(credit_code, dossier))


def refuse_incomplete(credit_code: str, dossier: Dossier) -> None:
    """Raise Problem INVALID unless all that 002 6-8 demand is there (REG-006, REG-008, REG-009)."""
    refuse([*_unstorable(credit_code, dossier), *_incomplete(dossier)])


def _unstorable(credit_code: str, dossier: Dossier) -> Iterator[Problem]:
    yield from explained("credit_code", numbers.check_credit_code(credit_code))
    if dossier.division:
        yield from explained("dossier.division", numbers.check_division(dossier.division))
    yield from too_many("dossier.scopes", len(dossier.scopes), MAX_SCOPES)
    yield from too_many("dossier.papers", len(dossier.papers), MAX_PAPERS)
    yield from text_faults(_all_texts(dossier))


def _all_texts(dossier: Dossier) -> Iterator[tuple[str, str, int]]:
    for name, limit, _, _ in _TEXTS:
        yield f"dossier.{name}", getattr(dossier, name), limit
    for index, scope in enumerate(dossier.scopes[:MAX_SCOPES]):
        yield f"dossier.scopes[{index}].occupation_code", scope.occupation_code, _MAX_OCCUPATION
        yield f"dossier.scopes[{index}].occupation_name", scope.occupation_name, _MAX_OCCUPATION
    for index, paper in enumerate(dossier.papers[:MAX_PAPERS]):
        yield f"dossier.papers[{index}].title", paper.title, _MAX_TITLE
        yield f"dossier.papers[{index}].occupation_code", paper.occupation_code, _MAX_OCCUPATION


def _incomplete(dossier: Dossier) -> Iterator[Problem]:
    attached = [
        filing.AttachedPaper(paper.kind.value, paper.occupation_code)
        for paper in dossier.papers
        if paper.kind
    ]
    for missing in filing.missing_papers(attached, dossier.occupations):
        yield from explained("dossier.papers", missing)
    yield from _unconfirmed(dossier)
    yield from _blank_form(dossier)
    yield from _scope_faults(dossier)
    for index, paper in enumerate(dossier.papers):
        yield from _paper_faults(f"dossier.papers[{index}]", paper, dossier.occupations)


def _unconfirmed(dossier: Dossier) -> Iterator[Problem]:
    if not dossier.truth_promised:
        zh, en = "未对材料的真实性作出承诺。", "the truth of the papers is not promised"
        yield invalid("dossier.truth_promised", zh, en, rule="REG-009", clause="002 7")
    if not dossier.signed_by_legal_representative:
        zh, en = "法定代表人未签字确认。", "the legal representative has not signed"
        yield invalid("dossier.signed_by_legal_representative", zh, en, rule="REG-009", clause="002 8")


def _blank_form(dossier: Dossier) -> Iterator[Problem]:
    for name, _, zh, en in _TEXTS:
        if not getattr(dossier, name).strip():
            yield _form_fault(f"dossier.{name}", f"未填写{zh}。", f"{en} is missing")
    if dossier.contact_phone.strip() and not PHONE.fullmatch(dossier.contact_phone):
        yield _form_fault("dossier.contact_phone", "联系电话有误。", "not a telephone number")
    if dossier.kind is None:
        yield _form_fault(
            "dossier.kind", "未选择机构类别。", "the kind of institution is missing", rule="REG-001"
        )
    if not dossier.division:
        yield _form_fault("dossier.division", "未填写所在地。", "the division is missing", rule="REG-004")


def _scope_faults(dossier: Dossier) -> Iterator[Problem]:
    if not dossier.scopes:
        yield _scope_fault("dossier.scopes", "至少申报一个职业（工种）。", "no occupation is applied for")
    twice = Counter((scope.occupation_code, scope.level) for scope in dossier.scopes)
    for index, scope in enumerate(dossier.scopes):
        at = f"dossier.scopes[{index}]"
        yield from _one_scope_faults(at, scope)
        if twice[scope.occupation_code, scope.level] > 1:
            yield _scope_fault(at, "同一职业等级重复申报。", "the occupation is named twice at this level")


def _one_scope_faults(at: str, scope: Scope) -> Iterator[Problem]:
    yield from explained(f"{at}.occupation_code", numbers.check_occupation_code(scope.occupation_code))
    if not scope.occupation_name.strip():
        yield _scope_fault(f"{at}.occupation_name", "未填写职业名称。", "the occupation's name is missing")
    if not 1 <= scope.level <= 5:
        yield _scope_fault(f"{at}.level", "等级应为5至1级。", "a level is 5 (lowest) to 1")


def _paper_faults(at: str, paper: Paper, occupations: frozenset[str]) -> Iterator[Problem]:
    if paper.kind is None:
        yield _paper_fault(f"{at}.kind", "未选择材料类别。", "the kind of paper is missing")
    if not paper.title.strip():
        yield _paper_fault(f"{at}.title", "未填写材料名称。", "the paper's title is missing")
    if len(paper.digest) != DIGEST_BYTES:
        yield _paper_fault(f"{at}.digest", "应为文件的SHA-256摘要。", "not the SHA-256 of a file")
    if paper.kind is PaperKind.ASSESSMENT_PLAN and paper.occupation_code not in occupations:
        zh, en = "考核方案未对应所申报的职业。", "an assessment plan for no occupation applied for"
        yield _paper_fault(f"{at}.occupation_code", zh, en, rule="REG-008", clause="002 6(2)")


def _form_fault(field: str, zh: str, en: str, *, rule: str = "REG-007") -> Problem:
    return invalid(field, zh, en, rule=rule, clause="002 annex 一")


def _scope_fault(field: str, zh: str, en: str) -> Problem:
    return invalid(field, zh, en, rule="REG-001", clause="002 annex 三")


def _paper_fault(field: str, zh: str, en: str, *, rule: str = "REG-006", clause: str = "002 6, 8") -> Problem:
    return invalid(field, zh, en, rule=rule, clause=clause)
