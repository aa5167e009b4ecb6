"""What a form says, as the rules of eligibility read it, and what they find (000 A1 6-7; REG-087 to 092)."""

from __future__ import annotations

from datetime import date

from jiangheng.registration.domain.application import Finding, TriedCondition
from jiangheng.registration.domain.form import ApplicationForm, Education, WorkPeriod
from jiangheng.registration.domain.refusal import day_of
from jiangheng.rules.eligibility import evidence as rules
from jiangheng.rules.eligibility.conditions import GRADES, LEVELS, Conditions
from jiangheng.rules.eligibility.decide import Attempt, decide
from jiangheng.rules.eligibility.source import conditions_for
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import NotRegulated, Pack

_NO_LEVEL = Explanation(
    zh="尚未选择等级。", en="No level is applied for yet.", rule="REG-097", clause="000 A1 附"
)


def conditions_of(pack: Pack, standard: Standard) -> Conditions | Explanation:
    """The conditions that decide for an occupation or, where nobody gave them, what is to be said."""
    try:
        return conditions_for(pack, standard)
    except NotRegulated as silent:
        return silent.explanation


def finding_of(
    form: ApplicationForm, conditions: Conditions | Explanation, standard: Standard, on: date
) -> Finding:
    """What the conditions say on a day; where there are none to go by, that is what is said (REG-097)."""
    if isinstance(conditions, Explanation):
        return _nothing_tried((conditions,))
    if form.level not in LEVELS:
        return _nothing_tried((_NO_LEVEL,))
    decision = decide(conditions, evidence_of(form), form.level, standard, on)
    if not decision.attempts:
        return _nothing_tried(decision.explanations)
    tried = tuple(_tried(attempt) for attempt in decision.attempts)
    return Finding(decision.eligible, decision.from_day, tried)


def decided_on(today: date, closes: date | None) -> date:
    """The day that a decision is for: the last day of registration or, before it, today.

    Conditions are those of whoever registers (000 A1 6: 参评人员的申报条件), so what comes after the
    registration does not help; what has not come yet does not count.
    """
    return min(today, closes) if closes else today


def evidence_of(form: ApplicationForm) -> rules.Evidence:
    """The evidence in a form. What has no day, or one that is none, is left out: it counts for nothing."""
    return rules.Evidence(
        born=day_of(form.candidate.born),
        intends=form.intends,
        certificates=tuple(
            rules.Certificate(each.occupation_code, each.level, issued)
            for each in form.certificates
            if (issued := day_of(each.issued))
        ),
        work=tuple(period for each in form.work if (period := _work(each))),
        education=tuple(_education(each) for each in form.education),
        titles=tuple(
            rules.Title(
                each.grade,
                each.specialty,
                issued,
                "qualification" if each.qualification else "title",
            )
            for each in form.titles
            if each.grade in GRADES and (issued := day_of(each.issued))
        ),
        apprenticeships=tuple(
            rules.Apprenticeship(each.occupation_code, completed)
            for each in form.apprenticeships
            if (completed := day_of(each.completed))
        ),
    )


def _work(each: WorkPeriod) -> rules.WorkPeriod | None:
    begun, ended = day_of(each.begun), day_of(each.ended)
    if begun is None or (each.ended and ended is None):
        return None
    return rules.WorkPeriod(each.occupation_code, begun, ended)


def _education(each: Education) -> rules.Education:
    return rules.Education(
        school=each.school,
        major=each.major,
        class_kind=each.class_kind,
        enrolled=day_of(each.enrolled),
        graduating_from=day_of(each.graduating_from),
        expected_until=day_of(each.expected_until),
        graduated=day_of(each.graduated),
        approved=each.approved,
    )


def _tried(attempt: Attempt) -> TriedCondition:
    condition = attempt.condition
    said = (condition,) if attempt.met else attempt.explanations
    zh, en = tuple(each.zh for each in said), tuple(each.en for each in said)
    return TriedCondition(condition.id, attempt.met, condition.clause, zh, en)


def _nothing_tried(why: tuple[Explanation, ...]) -> Finding:
    tried = tuple(TriedCondition("", False, each.clause, (each.zh,), (each.en,)) for each in why)
    return Finding(False, None, tried)
