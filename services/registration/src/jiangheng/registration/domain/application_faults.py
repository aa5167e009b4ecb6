"""Everything that can be wrong with an application (000 A1 6-10; REG-017, REG-076, REG-084, REG-087).

Two questions, as for a dossier: may it be stored, and may it be submitted under the pack that its batch is
bound to. Both look for all faults before they speak; none repeats anything of the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain import evidence_faults, papers
from jiangheng.registration.domain.batch import BatchPlan, Part
from jiangheng.registration.domain.batch_faults import id_faults
from jiangheng.registration.domain.faults import PHONE
from jiangheng.registration.domain.form import ApplicationForm, Candidate, EvidencePaper
from jiangheng.registration.domain.refusal import (
    DIGEST_BYTES,
    day_of,
    explained,
    refuse,
    text_faults,
    too_many,
)
from jiangheng.rules import numbers
from jiangheng.rules.eligibility.conditions import LEVELS
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.eligibility.tenure import MONTH, position
from jiangheng.rules.pack import Pack

MAX_PAPERS = 100
_NAME, _TEXT = 100, 200


@dataclass(frozen=True)
class Setting:
    """What a form is judged against: the batch's plan, its rules, the occupation's standard, the day."""

    plan: BatchPlan
    pack: Pack
    standard: Standard
    today: date


def refuse_unstorable(id: str, form: ApplicationForm) -> None:
    """Raise Problem INVALID if it cannot even be a draft: its id, sizes, characters."""
    refuse(_unstorable(id, form))


def refuse_incomplete(form: ApplicationForm, setting: Setting) -> None:
    """Raise Problem INVALID unless the form is whole, consistent and backed by papers and promise."""
    refuse(_incomplete(form, setting))


def _unstorable(id: str, form: ApplicationForm) -> Iterator[Problem]:
    yield from id_faults("application_id", id)
    candidate = form.candidate
    texts = (
        ("form.candidate.name", candidate.name, _NAME),
        ("form.candidate.sex", candidate.sex, _NAME),
        ("form.candidate.born", candidate.born, _NAME),
        ("form.candidate.number", candidate.number, _NAME),
        ("form.candidate.phone", candidate.phone, _NAME),
        ("form.candidate.employer", candidate.employer, _TEXT),
        ("form.occupation_code", form.occupation_code, _NAME),
        ("form.condition", form.condition, _NAME),
        ("form.promised_on", form.promised_on, _NAME),
    )
    yield from text_faults(texts)
    if form.level and form.level not in LEVELS:
        yield invalid("form.level", "等级应为5至1级。", "a level is 5 (lowest) to 1", rule="REG-017")
    yield from too_many("form.parts", len(form.parts), len(Part))
    yield from too_many("form.papers", len(form.papers), MAX_PAPERS)
    for at, paper in enumerate(form.papers[:MAX_PAPERS]):
        fields = (("kind", paper.kind), ("title", paper.title), ("network_check", paper.network_check))
        yield from text_faults((f"form.papers[{at}].{name}", text, _TEXT) for name, text in fields)
    yield from evidence_faults.unstorable(form)


def _incomplete(form: ApplicationForm, setting: Setting) -> Iterator[Problem]:
    yield from _scope_faults(form, setting.plan)
    yield from _person_faults(form.candidate, setting.today)
    yield from _document_faults(form.candidate, setting)
    yield from _age_faults(form, setting)
    yield from evidence_faults.incomplete(form, setting.pack, setting.standard, setting.today)
    for at, paper in enumerate(form.papers):
        yield from _paper_faults(f"form.papers[{at}]", paper, setting.pack)
    yield from _missing_papers(form, setting.pack)
    yield from _promise_faults(form, setting)


def _scope_faults(form: ApplicationForm, plan: BatchPlan) -> Iterator[Problem]:
    offered = plan.parts_of(form.occupation_code, form.level)
    if not offered:
        yield invalid(
            "form.occupation_code",
            "本批次不认定该职业、等级。",
            "the batch does not assess this occupation at this level",
            rule="REG-017",
            clause="000 main 7(5), 16; A1 7",
            code="out-of-scope",
        )
        return
    if not form.parts or None in form.parts or len(set(form.parts)) < len(form.parts):
        zh, en = "报考科目缺失、未知或重复。", "the parts are missing, unknown or repeated"
        yield invalid("form.parts", zh, en, rule="REG-124", clause="000 main 11")
    elif not offered.issuperset(form.parts):
        zh, en = "本批次不考核所报科目。", "the batch does not assess a part that is applied for"
        yield invalid("form.parts", zh, en, rule="REG-017", clause="000 main 11", code="out-of-scope")


def _person_faults(candidate: Candidate, today: date) -> Iterator[Problem]:
    if not candidate.name.strip():
        yield _person_fault("name", "未填写姓名。", "the name is missing")
    if candidate.sex not in ("男", "女"):
        yield _person_fault("sex", "性别应为“男”或“女”。", "the sex is 男 or 女")
    born = day_of(candidate.born)
    if born is None or born > today:
        yield _person_fault("born", "出生日期有误（YYYY-MM-DD）。", "not a date of birth (YYYY-MM-DD)")
    if not PHONE.fullmatch(candidate.phone):
        yield _person_fault("phone", "联系电话缺失或有误。", "the telephone number is missing or none")


def _document_faults(candidate: Candidate, setting: Setting) -> Iterator[Problem]:
    """A paper that the pack accepts, with a number that is right for its kind (REG-076)."""
    if candidate.paper is None:
        yield _person_fault("paper", "未选择证件类型。", "the kind of identity paper is missing", "REG-076")
        return
    kind = candidate.paper.value
    yield from explained("form.candidate.paper", numbers.check_accepted(kind, setting.pack))
    wrong = numbers.explain_document(kind, candidate.number, setting.today)
    for why in wrong:
        yield from explained("form.candidate.number", why)
    if not wrong:
        yield from _holder_faults(candidate)


def _holder_faults(candidate: Candidate) -> Iterator[Problem]:
    """Birth date and sex stand in most numbers, and have to agree with the form."""
    holder = numbers.holder_of(candidate.number)
    if holder is None:
        return
    if day_of(candidate.born) not in (None, holder.born):
        zh, en = "出生日期与证件号码不一致。", "not the date of birth in the number of the identity paper"
        yield _person_fault("born", zh, en, "REG-076")
    if candidate.sex in ("男", "女") and (candidate.sex == "男") is not holder.male:
        zh, en = "性别与证件号码不一致。", "not the sex in the number of the identity paper"
        yield _person_fault("sex", zh, en, "REG-076")


def _age_faults(form: ApplicationForm, setting: Setting) -> Iterator[Problem]:
    """The least age at the lowest level, where the pack lays it down, as of the last day of registration."""
    born, closes, key = day_of(form.candidate.born), setting.plan.closes, "reg.min_age"
    if form.level != LEVELS[0] or born is None or closes is None or not setting.pack.regulates(key):
        return
    years = setting.pack.record(key).get("years")
    if isinstance(years, int) and position(closes) < position(born) + 12 * years * MONTH:
        yield invalid(
            "form.candidate.born",
            f"至报名截止日未满{years}周岁。",
            f"not yet {years} years old on the last day of registration",
            rule="REG-087",
            clause="; ".join(setting.pack.answer(key).cite),
            code="too-young",
        )


def _paper_faults(at: str, paper: EvidencePaper, pack: Pack) -> Iterator[Problem]:
    if paper.kind not in papers.known_kinds():
        yield _paper_fault(f"{at}.kind", "未知的材料类别。", "no such kind of paper")
    if not papers.proves(paper, pack):
        zh, en = "应有文件的SHA-256摘要或网络核验结果。", "needs the SHA-256 of a file or an online check"
        yield _paper_fault(f"{at}.digest", zh, en, rule="REG-083", clause="000 A1 8")


def _missing_papers(form: ApplicationForm, pack: Pack) -> Iterator[Problem]:
    for kind in papers.missing(form, pack):
        name = papers.known_kinds()[kind]
        clause = "; ".join(pack.answer(papers.REQUIRED).cite)
        zh, en = f"缺少材料：{name.zh}。", f"a paper is missing: {name.en}"
        yield _paper_fault("form.papers", zh, en, clause=clause)


def _promise_faults(form: ApplicationForm, setting: Setting) -> Iterator[Problem]:
    key = "reg.commitments_required"
    if not setting.pack.regulates(key) or "candidate" not in setting.pack.choices(key):
        return
    clause = "; ".join(setting.pack.answer(key).cite)
    if len(form.promise_digest) != DIGEST_BYTES:
        zh, en = "参评人员未提交承诺书。", "the candidate's promise is missing"
        yield invalid("form.promise_digest", zh, en, rule="REG-078", clause=clause, code="no-promise")
    signed = day_of(form.promised_on)
    if signed is None or signed > setting.today:
        zh, en = "承诺日期缺失或有误。", "the day of the promise is missing or none"
        yield invalid("form.promised_on", zh, en, rule="REG-078", clause=clause)


def _person_fault(name: str, zh: str, en: str, rule: str = "REG-072") -> Problem:
    return invalid(f"form.candidate.{name}", zh, en, rule=rule, clause="000 A1 10-11")


def _paper_fault(field: str, zh: str, en: str, *, rule: str = "REG-084", clause: str = "000 A1 7") -> Problem:
    return invalid(field, zh, en, rule=rule, clause=clause)
