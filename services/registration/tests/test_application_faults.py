"""Applications without IO: faults of a form, what the rules find, which act leads where, and when."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain import batch as batches
from jiangheng.registration.domain.application import (
    COURSE,
    Act,
    Finding,
    ReviewItem,
    State,
    Verdict,
    act_of,
)
from jiangheng.registration.domain.application_faults import Setting, refuse_incomplete, refuse_unstorable
from jiangheng.registration.domain.application_times import refuse_untimely
from jiangheng.registration.domain.batch import Batch, BatchPlan, BatchScope, Part
from jiangheng.registration.domain.evidence import conditions_of, decided_on, finding_of
from jiangheng.registration.domain.form import (
    ApplicationForm,
    Apprenticeship,
    Education,
    EvidencePaper,
    HeldCertificate,
    IdentityPaper,
    Title,
    WorkPeriod,
)
from jiangheng.registration.domain.review_faults import Opinion, refuse_unfounded
from jiangheng.registration.domain.review_faults import refuse_unstorable as refuse_opinion
from jiangheng.registration.standards import BadStandard, read_standards, standard_for
from jiangheng.rules.eligibility.standard import Standard, example_standard
from jiangheng.rules.pack import Pack, overlaid, pack_named

ID = "00000000-0000-4000-9000-000000000001"
ELECTRICIAN = "6-31-01-03"
MONDAY = date(2026, 3, 9)
FILE = hashlib.sha256(b"a file").digest()
Form = Callable[..., ApplicationForm]


@pytest.fixture
def plan(batch_plan: BatchPlan) -> BatchPlan:
    every = tuple(BatchScope(ELECTRICIAN, level, (Part.THEORY, Part.SKILL)) for level in (5, 4, 3))
    return replace(batch_plan, scopes=every)


@pytest.fixture
def setting(plan: BatchPlan) -> Setting:
    return Setting(plan, pack_named("jilin"), standard_for({}, ELECTRICIAN), MONDAY)


def faults_of(form: ApplicationForm, setting: Setting) -> list[str]:
    """The fields that are refused, in order; empty if the form passes."""
    try:
        refuse_incomplete(form, setting)
    except Problem as problem:
        more = [text for name, text in sorted(problem.details.items()) if name.startswith("fault.")]
        return [problem.field, *(text.split(" ")[0] for text in more)]
    return []


def problem_of(act: Callable[[], object]) -> Problem | None:
    try:
        act()
    except Problem as problem:
        return problem
    return None


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def person(form: ApplicationForm, **changes: Any) -> ApplicationForm:
    return replace(form, candidate=replace(form.candidate, **changes))


def test_a_whole_form_has_no_fault(application_form: Form, setting: Setting) -> None:
    assert faults_of(application_form(), setting) == []


@pytest.mark.requirement("REG-076")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"paper": None}, "paper"),
        ({"number": ""}, "number"),
        ({"number": "220102199003070031"}, "number"),
        ({"number": "22010219900307003x"}, "number"),
        ({"born": "1990-03-08"}, "born"),
        ({"sex": "女"}, "sex"),
        ({"sex": "M"}, "sex"),
        ({"name": " "}, "name"),
        ({"born": "7 March 1990"}, "born"),
        ({"born": "2026-03-10"}, "born"),
        ({"phone": "none"}, "phone"),
        ({"phone": ""}, "phone"),
    ],
)
def test_who_applies_must_be_told_rightly(
    application_form: Form, setting: Setting, changes: dict[str, Any], field: str
) -> None:
    problem = refused(lambda: refuse_incomplete(person(application_form(), **changes), setting))
    assert problem.field == f"form.candidate.{field}"
    assert problem.zh
    assert problem.en
    assert problem.clause


@pytest.mark.requirement("REG-076")
def test_a_pack_that_names_the_papers_takes_no_other(application_form: Form, setting: Setting) -> None:
    passport = person(application_form(), paper=IdentityPaper.FOREIGN_PASSPORT, number="X1234567")
    assert faults_of(passport, setting) == []  # Jilin: another identity paper, no list
    xinjiang = replace(setting, pack=pack_named("xinjiang-inner-mongolia"))
    assert "form.candidate.paper" in faults_of(passport, xinjiang)
    assert "form.candidate.paper" not in faults_of(application_form(), xinjiang)
    assert IdentityPaper.FOREIGN_PASSPORT.value in pack_named("shandong-social").choices("reg.id_types")


@pytest.mark.requirement("REG-017")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"occupation_code": "6-18-01-01-02"}, "form.occupation_code"),
        ({"level": 2, "condition": "2.1"}, "form.occupation_code"),
        ({"parts": (Part.COMPREHENSIVE,)}, "form.parts"),
        ({"parts": ()}, "form.parts"),
        ({"parts": (Part.SKILL, Part.SKILL)}, "form.parts"),
        ({"parts": (None,)}, "form.parts"),
    ],
)
def test_nobody_applies_for_what_the_batch_does_not_assess(
    application_form: Form, setting: Setting, changes: dict[str, Any], field: str
) -> None:
    assert faults_of(application_form(**changes), setting) == [field]


def test_one_part_alone_may_be_applied_for(application_form: Form, setting: Setting) -> None:
    assert faults_of(application_form(parts=(Part.SKILL,)), setting) == []


@pytest.mark.requirement("REG-084")
def test_every_paper_that_the_claims_need_is_asked_for(application_form: Form, setting: Setting) -> None:
    form = application_form(
        papers=(),
        certificates=(HeldCertificate(ELECTRICIAN, 5, "2018-06-01", "Y000022000001185000001", "示例机构"),),
        education=(Education("technical_school", graduated="2012-07-01"),),
        titles=(Title("junior", "电气工程", "2020-01-01"),),
    )
    problem = refused(lambda: refuse_incomplete(form, setting))
    said = " ".join([problem.zh, *problem.details.values()])
    for name in ("工作证明", "学历证明", "上一职业资格", "社保证明", "相关佐证材料"):
        assert name in said
    assert (problem.rule, problem.clause, problem.details["faults"]) == ("REG-084", "000 A1 7", "5")
    newcomer = application_form(level=5, condition="5.1", work=(), papers=())
    assert faults_of(newcomer, setting) == []


@pytest.mark.requirement("REG-083")
def test_an_online_check_stands_for_a_paper_only_where_the_pack_says_so(
    application_form: Form, setting: Setting
) -> None:
    online = tuple(
        EvidencePaper(kind, network_check="省社保系统") for kind in ("work_proof", "social_insurance")
    )
    form = application_form(papers=online)
    assert faults_of(form, setting) == []
    silent = replace(setting, pack=overlaid(setting.pack, {"reg.network_check_replaces_paper": None}))
    assert faults_of(form, silent) == ["form.papers[0].digest", "form.papers[1].digest", *["form.papers"] * 2]
    blank = application_form(papers=tuple(replace(paper, network_check=" ") for paper in online))
    assert "form.papers" in faults_of(blank, setting)


@pytest.mark.requirement("REG-084")
def test_years_of_work_are_proved_by_what_the_pack_takes_for_them(
    application_form: Form, setting: Setting
) -> None:
    pack = overlaid(
        setting.pack,
        {"reg.required_papers": ["work_years_proof"], "reg.work_years_proof": ["employer_certificate"]},
    )
    under = replace(setting, pack=pack)
    assert faults_of(application_form(papers=()), under) == ["form.papers"]
    for kind, missing in (("employer_certificate", []), ("social_insurance", ["form.papers"])):
        form = application_form(papers=(EvidencePaper(kind, "证明", FILE),))
        assert faults_of(form, under) == missing


def test_a_paper_of_no_known_kind_or_without_a_file_is_refused(
    application_form: Form, setting: Setting
) -> None:
    papers = (*application_form().papers, EvidencePaper("selfie", "照片", FILE), EvidencePaper("work_proof"))
    assert faults_of(application_form(papers=papers), setting) == [
        "form.papers[2].kind",
        "form.papers[3].digest",
    ]


def test_without_the_candidates_promise_nothing_is_submitted(
    application_form: Form, setting: Setting
) -> None:
    problem = refused(lambda: refuse_incomplete(application_form(promise_digest=b""), setting))
    assert (problem.field, problem.clause) == ("form.promise_digest", "000 A1 9")
    for day in ("", "2026-03-10", "yesterday"):
        assert faults_of(application_form(promised_on=day), setting) == ["form.promised_on"]
    by_school = overlaid(
        setting.pack, {"reg.commitments_required": ["institution"], "reg.required_papers": []}
    )
    unpromised = application_form(promise_digest=b"", promised_on="")
    assert faults_of(unpromised, replace(setting, pack=by_school)) == []


@pytest.mark.requirement("REG-087")
def test_nobody_below_the_least_age_on_the_last_day_of_registration(
    application_form: Form, setting: Setting, identity_number: Callable[..., str]
) -> None:
    def of(born: str, level: int = 5) -> list[str]:
        number = identity_number(1, born.replace("-", ""))
        form = application_form(level=level, condition=f"{level}.1", work=(), papers=())
        return faults_of(person(form, born=born, number=number), setting)

    assert of("2010-03-15") == []  # sixteen on the very last day
    assert of("2010-03-16") == ["form.candidate.born"]
    older = replace(setting, pack=overlaid(setting.pack, {"reg.min_age": {"years": 18, "source": "fixed"}}))
    form = person(
        application_form(level=5, condition="5.1", work=(), papers=()),
        born="2010-03-15",
        number=identity_number(1, "20100315"),
    )
    assert faults_of(form, older) == ["form.candidate.born"]
    elsewhere = overlaid(setting.pack, {"reg.min_age": {"source": "national_standard"}})
    assert faults_of(form, replace(setting, pack=replace(elsewhere, conditions={}))) == []


WRONG_CLAIMS = [
    ({"condition": ""}, "form.condition"),
    ({"condition": "3.1"}, "form.condition"),
    ({"condition": "4.9"}, "form.condition"),
    ({"work": (WorkPeriod("电工", "2016-01-04", "", "厂", "维修"),)}, "form.work[0].occupation_code"),
    ({"work": (WorkPeriod(ELECTRICIAN, "2026-03-10", "", "厂", "维修"),)}, "form.work[0].begun"),
    ({"work": (WorkPeriod(ELECTRICIAN, "2016-02-30", "", "厂", "维修"),)}, "form.work[0].begun"),
    ({"work": (WorkPeriod(ELECTRICIAN, "2016-01-04", "2015-01-04", "厂", "维修"),)}, "form.work[0].ended"),
    ({"work": (WorkPeriod(ELECTRICIAN, "2016-01-04", "2027-01-04", "厂", "维修"),)}, "form.work[0].ended"),
    ({"work": (WorkPeriod(ELECTRICIAN, "2016-01-04", "", "厂", ""),)}, "form.work[0].employer"),
    ({"work": (WorkPeriod(ELECTRICIAN, "2016-01-04", "", "", "维修"),)}, "form.work[0].employer"),
    ({"apprenticeships": (Apprenticeship(ELECTRICIAN, ""),)}, "form.apprenticeships[0].completed"),
    ({"titles": (Title("chief", "电气", "2020-01-01"),)}, "form.titles[0].grade"),
    ({"titles": (Title("junior", " ", "2020-01-01"),)}, "form.titles[0].specialty"),
    ({"titles": (Title("junior", "电气", "2027-01-01"),)}, "form.titles[0].issued"),
    ({"education": (Education("kindergarten"),)}, "form.education[0].school"),
    ({"education": (Education("technical_school", class_kind="a"),)}, "form.education[0].class_kind"),
    ({"education": (Education("technical_school", enrolled="2010"),)}, "form.education[0].enrolled"),
    ({"education": (Education("technical_school", graduated="2027-07-01"),)}, "form.education[0].graduated"),
    (
        {"certificates": (HeldCertificate("6", 5, "2018-06-01", "1", "厂"),)},
        "form.certificates[0].occupation_code",
    ),
    (
        {"certificates": (HeldCertificate(ELECTRICIAN, 0, "2018-06-01", "1", "厂"),)},
        "form.certificates[0].level",
    ),
    ({"certificates": (HeldCertificate(ELECTRICIAN, 5, "", "1", "厂"),)}, "form.certificates[0].issued"),
    (
        {"certificates": (HeldCertificate(ELECTRICIAN, 5, "2018-06-01", "", "厂"),)},
        "form.certificates[0].number",
    ),
]


@pytest.mark.parametrize(("changes", "field"), WRONG_CLAIMS)
def test_every_wrong_claim_is_named(
    application_form: Form, setting: Setting, changes: dict[str, Any], field: str
) -> None:
    assert field in faults_of(application_form(**changes), setting)


def test_all_faults_are_told_at_once_and_none_repeats_a_value(
    application_form: Form, setting: Setting
) -> None:
    form = person(application_form(), number="220102199003070031", name="", phone="13812345678x")
    problem = refused(lambda: refuse_incomplete(replace(form, papers=(), promise_digest=b""), setting))
    assert problem.details["faults"] == "6"
    told = f"{problem} {problem.zh} {dict(problem.details)}"
    for secret in ("22010219900307", "13812345678"):
        assert secret not in told


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"condition": "x" * 101}, "form.condition"),
        ({"condition": "4\x00.1"}, "form.condition"),
        ({"level": 6}, "form.level"),
        ({"level": 2**31}, "form.level"),
        ({"parts": (Part.SKILL,) * 4}, "form.parts"),
        ({"papers": (EvidencePaper("work_proof", "x" * 201),)}, "form.papers[0].title"),
        ({"papers": (EvidencePaper("work_proof"),) * 101}, "form.papers"),
        ({"work": (WorkPeriod("", "", "", "x" * 201),)}, "form.work[0].employer"),
        ({"work": (WorkPeriod("", ""),) * 51}, "form.work"),
        ({"certificates": (HeldCertificate("", 2**31, ""),)}, "form.certificates[0].level"),
    ],
)
def test_what_cannot_even_be_a_draft(application_form: Form, changes: dict[str, Any], field: str) -> None:
    assert refused(lambda: refuse_unstorable(ID, application_form(**changes))).field == field
    refuse_unstorable(ID, ApplicationForm())
    assert refused(lambda: refuse_unstorable("1", ApplicationForm())).field == "application_id"


def finding(form: ApplicationForm, pack: Pack | None = None, on: date = MONDAY) -> Finding:
    standard = standard_for({}, ELECTRICIAN)
    return finding_of(form, conditions_of(pack or pack_named("jilin"), standard), standard, on)


@pytest.mark.requirement("REG-097")
def test_the_finding_tells_of_every_condition_of_the_level(application_form: Form) -> None:
    found = finding(application_form())
    assert found.eligible
    assert found.met == ("4.1",)
    assert [each.condition for each in found.tried] == ["4.1", "4.2", "4.3"]
    assert all(each.zh and each.en and each.clause.startswith("000 A1 附") for each in found.tried)
    short = application_form(work=(WorkPeriod(ELECTRICIAN, "2021-03-16", "", "厂", "维修"),))
    waits = finding(short)
    assert (waits.eligible, waits.from_day) == (False, date(2026, 3, 16))
    assert "尚差" in waits.tried[0].zh[0]
    assert finding(short, on=date(2026, 3, 16)).eligible


def test_each_kind_of_evidence_reaches_the_rules(application_form: Form) -> None:
    bare = application_form(work=())
    assert not finding(bare).eligible
    work = (WorkPeriod(ELECTRICIAN, "2018-01-01", "2021-12-31", "厂", "维修"),)
    level_5 = (HeldCertificate(ELECTRICIAN, 5, "2018-06-01", "1", "厂"),)
    assert finding(replace(bare, work=work, certificates=level_5)).met == ("4.2",)
    school = Education("technical_school", "电气自动化设备安装与维修", graduated="2012-07-01")
    assert finding(replace(bare, education=(school,))).met == ("4.3",)
    graduating = replace(school, graduated="", graduating_from="2025-09-01", expected_until="2026-07-31")
    assert finding(replace(bare, education=(graduating,))).met == ("4.3",)
    other = replace(school, major="烹饪")
    assert not finding(replace(bare, education=(other,))).eligible
    assert finding(replace(bare, level=5)).met == ("5.1",)
    assert not finding(replace(bare, level=5, intends=False)).eligible
    named = Standard(ELECTRICIAN, specialties=frozenset({"电气工程"}))
    titled = replace(bare, level=3, work=work, titles=(Title("junior", "电气工程", "2018-01-01"),))
    conditions = conditions_of(pack_named("jilin"), named)
    assert finding_of(titled, conditions, named, MONDAY).met == ("3.3",)


def test_where_nobody_gave_the_conditions_the_finding_says_so(application_form: Form) -> None:
    found = finding(application_form(), pack_named("shandong-social"))
    assert not found.eligible
    assert found.met == ()
    (only,) = found.tried
    assert (only.condition, only.met) == ("", False)
    assert "未提供" in only.zh[0]
    assert not finding(replace(application_form(), level=0)).eligible


def test_the_day_of_the_decision_is_the_last_of_registration_or_before_it_today() -> None:
    closes = date(2026, 3, 15)
    assert decided_on(date(2026, 3, 9), closes) == date(2026, 3, 9)
    assert decided_on(date(2026, 3, 20), closes) == closes
    assert decided_on(date(2026, 3, 20), None) == date(2026, 3, 20)


def test_standards_of_the_agency_come_first_and_serve_trades_too(tmp_path: Any) -> None:
    head = '[standard]\noccupation = "{}"\nzh = "标准"\nen = "a standard"\nmajors = ["机电"]\n'
    (tmp_path / "electrician.toml").write_text(head.format(ELECTRICIAN), "utf-8")
    (tmp_path / "notes.txt").write_text("not a standard", "utf-8")
    known = read_standards(tmp_path)
    assert standard_for(known, ELECTRICIAN).majors == {"机电"}
    assert standard_for(known, f"{ELECTRICIAN}-01").majors == {"机电"}
    assert standard_for({}, ELECTRICIAN) == example_standard(ELECTRICIAN)
    assert standard_for(known, "6-18-01-01-02") == Standard("6-18-01-01-02")
    (tmp_path / "twin.toml").write_text(head.format(ELECTRICIAN), "utf-8")
    with pytest.raises(BadStandard, match=r"twin.toml: a second standard"):
        read_standards(tmp_path)
    (tmp_path / "twin.toml").write_text("[standard]\nname = 1\n", "utf-8")
    with pytest.raises(BadStandard, match=r"twin.toml"):
        read_standards(tmp_path)


# The whole course, written out a second time.
LEADS = {
    ("draft", "save"): "draft",
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
    ("submitted", "approve"): "approved",
    ("submitted", "refuse"): "refused",
    ("submitted", "doubt"): "further_check",
    ("submitted", "propose"): "second_review",
    ("submitted", "exclude"): "excluded",
    ("further_check", "save"): "further_check",
    ("further_check", "submit"): "submitted",
    ("further_check", "withdraw"): "withdrawn",
    ("further_check", "approve"): "approved",
    ("further_check", "refuse"): "refused",
    ("further_check", "propose"): "second_review",
    ("further_check", "exclude"): "excluded",
    ("second_review", "withdraw"): "withdrawn",
    ("second_review", "agree"): "approved",
    ("second_review", "disagree"): "refused",
    ("second_review", "exclude"): "excluded",
    ("approved", "withdraw"): "withdrawn",
    ("approved", "return"): "returned",
    ("returned", "save"): "returned",
    ("returned", "submit"): "submitted",
    ("returned", "withdraw"): "withdrawn",
    ("returned", "exclude"): "excluded",
}


def test_what_is_not_in_the_course_is_refused() -> None:
    for state, act in product(State, Act):
        target = LEADS.get((state.value, act.value))
        if target:
            assert COURSE.after(state, 3, act, 3) is State(target)
        else:
            problem = refused(lambda state=state, act=act: COURSE.after(state, 3, act, 3))
            assert problem.details["state"] == state.value
    assert set(COURSE.states_zh) == set(State)
    assert set(COURSE.scopes) == set(Act)


def test_a_verdict_is_the_act_that_fits_the_state() -> None:
    for state, against in product((State.SUBMITTED, State.FURTHER_CHECK), (True, False)):
        approve = Act.PROPOSE if against else Act.APPROVE
        assert act_of(Verdict.APPROVE, state, against=against) is approve
        assert act_of(Verdict.REFUSE, state, against=against) is Act.REFUSE
        assert act_of(Verdict.FURTHER_CHECK, state, against=against) is Act.DOUBT
    for against in (True, False):
        assert act_of(Verdict.APPROVE, State.SECOND_REVIEW, against=against) is Act.AGREE
        assert act_of(Verdict.REFUSE, State.SECOND_REVIEW, against=against) is Act.DISAGREE


def batch(plan: BatchPlan, state: batches.State = batches.State.CONFIRMED, late: str = "") -> Batch:
    return Batch("b", "c", "220102", plan, state, 3, b"", late_reason=late)


def days(plan: BatchPlan) -> Iterator[tuple[str, date]]:
    yield from {
        "before": date(2026, 3, 8),
        "first": date(2026, 3, 9),
        "last": date(2026, 3, 15),
        "after": date(2026, 3, 16),
        "reviewed": date(2026, 3, 20),
        "over": date(2026, 3, 21),
    }.items()


@pytest.mark.requirement("REG-098")
def test_registration_and_review_are_open_on_their_days_only(plan: BatchPlan) -> None:
    open_days = {
        (Act.SAVE, State.DRAFT): {"first", "last"},
        (Act.SUBMIT, State.DRAFT): {"first", "last"},
        (Act.SAVE, State.FURTHER_CHECK): {"first", "last", "after", "reviewed"},
        (Act.SUBMIT, State.FURTHER_CHECK): {"first", "last", "after", "reviewed"},
        (Act.APPROVE, State.SUBMITTED): {"first", "last", "after", "reviewed"},
        (Act.AGREE, State.SECOND_REVIEW): {"first", "last", "after", "reviewed"},
        (Act.WITHDRAW, State.APPROVED): {"before", "first", "last", "after", "reviewed", "over"},
    }
    for (act, state), allowed in open_days.items():
        for name, day in days(plan):
            problem = problem_of(lambda a=act, s=state, d=day: refuse_untimely(a, s, batch(plan), d))
            assert (problem is None) == (name in allowed)
            if problem:
                assert problem.kind is Kind.WRONG_STATE
                assert problem.code in ("registration-not-open", "registration-closed", "review-closed")
                assert plan.registration_closes in problem.zh
    late = batch(plan, late="地震")
    refuse_untimely(Act.APPROVE, State.SUBMITTED, late, date(2026, 3, 21))
    with pytest.raises(Problem):
        refuse_untimely(Act.SUBMIT, State.DRAFT, late, date(2026, 3, 21))


def test_with_the_centre_only_what_it_gave_back_moves(plan: BatchPlan) -> None:
    uploaded, over = batch(plan, batches.State.UPLOADED), date(2026, 4, 1)
    for act, state in (
        (Act.RETURN, State.APPROVED),
        (Act.SAVE, State.RETURNED),
        (Act.SUBMIT, State.RETURNED),
        (Act.APPROVE, State.SUBMITTED),
        (Act.AGREE, State.SECOND_REVIEW),
        (Act.WITHDRAW, State.RETURNED),
        (Act.EXCLUDE, State.RETURNED),
    ):
        refuse_untimely(act, state, uploaded, over)
        for other in set(batches.State) - {batches.State.UPLOADED, batches.State.CONFIRMED}:
            with pytest.raises(Problem) as raised:
                refuse_untimely(act, state, batch(plan, other), over)
            assert raised.value.code == "batch-state"
    for act, state in ((Act.SAVE, State.DRAFT), (Act.SUBMIT, State.DRAFT), (Act.WITHDRAW, State.APPROVED)):
        with pytest.raises(Problem):
            refuse_untimely(act, state, uploaded, over)
    for act in (Act.RETURN, Act.EXCLUDE):
        with pytest.raises(Problem):
            refuse_untimely(act, State.APPROVED, batch(plan), MONDAY)


@pytest.mark.requirement("REG-096")
def test_an_approval_looks_at_every_matter_and_each_has_its_source(
    application_form: Form, setting: Setting, approval: Opinion
) -> None:
    form = application_form()
    found = finding(form)

    def approve(items: tuple[ReviewItem, ...]) -> str:
        opinion = replace(approval, items=items)
        problem = problem_of(lambda: refuse_opinion(opinion)) or problem_of(
            lambda: refuse_unfounded(opinion, State.SUBMITTED, form, found, setting.pack)
        )
        assert problem is None or problem.rule == "REG-096"
        return problem.field if problem else ""

    assert approve(approval.items) == ""
    for place in range(len(approval.items)):
        without = approval.items[:place] + approval.items[place + 1 :]
        assert approve(without) == "items"
        failed = (*without, replace(approval.items[place], passed=False))
        assert approve(failed) == "items[2].passed"
        assert approve((*without, replace(approval.items[place], source=" "))) == "items[2].source"
    assert approve((*approval.items, approval.items[0])) == "items[0].kind"
    assert approve((*approval.items, ReviewItem("looks", True, "看"))) == "items[3].kind"


@pytest.mark.requirement("REG-099")
def test_a_refusal_or_doubt_gives_its_reason(refusal: Opinion, doubt: Opinion) -> None:
    for opinion in (refusal, doubt):
        refuse_opinion(opinion)
        problem = refused(lambda opinion=opinion: refuse_opinion(replace(opinion, note=" ")))
        assert (problem.code, problem.field) == ("no-reason", "note")
        long = replace(opinion, note="长" * 2001)
        assert refused(lambda long=long: refuse_opinion(long)).field == "note"


@pytest.mark.requirement("REG-097")
def test_no_condition_is_lowered_in_silence(
    application_form: Form, setting: Setting, approval: Opinion
) -> None:
    short = application_form(work=(WorkPeriod(ELECTRICIAN, "2021-03-16", "", "厂", "维修"),))

    def judge(opinion: Opinion, form: ApplicationForm, state: State = State.SUBMITTED) -> None:
        refuse_unfounded(opinion, state, form, finding(form), setting.pack)

    problem = refused(lambda: judge(approval, short))
    assert (problem.code, problem.rule, problem.clause) == ("not-eligible", "REG-097", "000 A1 6-7")
    assert "尚差" in problem.zh
    against = replace(approval, against_finding="在另一单位的工作年限未计入")
    judge(against, short)
    judge(approval, short, State.SECOND_REVIEW)  # the first has said what is wrong
    assert refused(lambda: judge(against, application_form())).code == "finding-agrees"
