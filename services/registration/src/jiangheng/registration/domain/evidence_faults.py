"""What can be wrong with what a candidate claims: certificates, work, education, titles (000 A1 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain.form import ApplicationForm, Education
from jiangheng.registration.domain.refusal import day_of, explained, text_faults, too_many
from jiangheng.rules import numbers
from jiangheng.rules.eligibility.conditions import GRADES, LEVELS
from jiangheng.rules.eligibility.source import conditions_for
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.pack import NotRegulated, Pack
from jiangheng.rules.tables import table

MAX_ENTRIES = 50
_TEXT, _LONG = 200, 1000
_LISTS = ("certificates", "work", "education", "titles", "apprenticeships")
_DAYS = ("enrolled", "graduating_from", "expected_until", "graduated")


def unstorable(form: ApplicationForm) -> Iterator[Problem]:
    """Lists that are too long, texts that are too long or have control characters."""
    for name in _LISTS:
        entries = getattr(form, name)
        yield from too_many(f"form.{name}", len(entries), MAX_ENTRIES)
        for at, entry in enumerate(entries[:MAX_ENTRIES]):
            texts = ((field, text) for field, text in vars(entry).items() if isinstance(text, str))
            yield from text_faults(
                (f"form.{name}[{at}].{field}", text, _LONG if field == "content" else _TEXT)
                for field, text in texts
            )
            if getattr(entry, "level", 0) > LEVELS[0]:
                yield _fault(f"form.{name}[{at}].level", "等级应为5至1级。", "a level is 5 (lowest) to 1")


def incomplete(form: ApplicationForm, pack: Pack, standard: Standard, today: date) -> Iterator[Problem]:
    """Days, words, codes and levels that are none, in every entry; and the condition claimed."""
    yield from _certificates(form, today)
    yield from _work(form, today)
    for at, course in enumerate(form.education):
        yield from _education(f"form.education[{at}]", course, today)
    yield from _titles(form, today)
    for at, each in enumerate(form.apprenticeships):
        yield from _code(f"form.apprenticeships[{at}]", each.occupation_code)
        yield from _past(f"form.apprenticeships[{at}].completed", each.completed, today)
    yield from _condition(form, pack, standard)


def _certificates(form: ApplicationForm, today: date) -> Iterator[Problem]:
    for number, each in enumerate(form.certificates):
        at = f"form.certificates[{number}]"
        yield from _code(at, each.occupation_code)
        yield from _past(f"{at}.issued", each.issued, today)
        if each.level not in LEVELS:
            yield _fault(f"{at}.level", "等级应为5至1级。", "a level is 5 (lowest) to 1")
        if not each.number.strip() or not each.issuer.strip():
            zh, en = "未填写证书编号或发证机构。", "the certificate's number or issuer is missing"
            yield _fault(f"{at}.number", zh, en)


def _work(form: ApplicationForm, today: date) -> Iterator[Problem]:
    """Unit, years and content of each period (000 A1 7)."""
    for number, each in enumerate(form.work):
        at = f"form.work[{number}]"
        yield from _code(at, each.occupation_code)
        yield from _past(f"{at}.begun", each.begun, today)
        if each.ended:
            yield from _past(f"{at}.ended", each.ended, today)
            begun, ended = day_of(each.begun), day_of(each.ended)
            if begun and ended and ended < begun:
                yield _fault(f"{at}.ended", "截止日早于开始日。", "it ends before it begins")
        if not each.employer.strip() or not each.content.strip():
            yield _fault(f"{at}.employer", "未填写单位或工作内容。", "the unit or the content is missing")


def _education(at: str, course: Education, today: date) -> Iterator[Problem]:
    words = table("eligibility/vocabulary")
    if course.school not in words["schools"]:
        yield _fault(f"{at}.school", "未知的学校类别。", "no such kind of school")
    if course.class_kind and course.class_kind not in words["classes"]:
        yield _fault(f"{at}.class_kind", "未知的班级类别。", "no such kind of class")
    for name in _DAYS:
        if getattr(course, name) and day_of(getattr(course, name)) is None:
            yield _fault(f"{at}.{name}", "日期有误（YYYY-MM-DD）。", "not a day (YYYY-MM-DD)")
    graduated = day_of(course.graduated)
    if graduated and graduated > today:
        yield _fault(f"{at}.graduated", "日期不得晚于当日。", "a day in the future")


def _titles(form: ApplicationForm, today: date) -> Iterator[Problem]:
    for number, each in enumerate(form.titles):
        at = f"form.titles[{number}]"
        yield from _past(f"{at}.issued", each.issued, today)
        if each.grade not in GRADES:
            yield _fault(f"{at}.grade", "未知的职称级别。", "no such grade of title")
        if not each.specialty.strip():
            yield _fault(f"{at}.specialty", "未填写职称专业。", "the specialty is missing")


def _condition(form: ApplicationForm, pack: Pack, standard: Standard) -> Iterator[Problem]:
    """He says which condition he claims; it has to be one of the level, where the conditions are known."""
    field = "form.condition"
    if not form.condition.strip():
        yield _fault(field, "未填写所申报的条件。", "the condition claimed is missing", rule="REG-097")
        return
    try:
        known = conditions_for(pack, standard).levels.get(form.level, ())
    except NotRegulated:
        return
    if form.condition not in {condition.id for condition in known}:
        zh, en = "该等级没有所申报的条件。", "the level has no such condition"
        yield _fault(field, zh, en, rule="REG-097")


def _code(at: str, code: str) -> Iterator[Problem]:
    yield from explained(f"{at}.occupation_code", numbers.check_occupation_code(code))


def _past(field: str, text: str, today: date) -> Iterator[Problem]:
    day = day_of(text)
    if day is None:
        yield _fault(field, "日期缺失或有误（YYYY-MM-DD）。", "the day is missing or none (YYYY-MM-DD)")
    elif day > today:
        yield _fault(field, "日期不得晚于当日。", "a day in the future")


def _fault(field: str, zh: str, en: str, *, rule: str = "REG-095") -> Problem:
    return invalid(field, zh, en, rule=rule, clause="000 A1 7, 11")
