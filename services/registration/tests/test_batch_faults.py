"""Everything that can be wrong with the plan of a batch, without IO."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.batch import BatchPlan, BatchScope, Document, Part, Sitting
from jiangheng.registration.domain.batch_faults import (
    document_faults,
    refuse_incomplete,
    refuse_unstorable,
    warnings,
)
from jiangheng.registration.domain.dossier import InstitutionKind
from jiangheng.registration.domain.plan import PlanLine
from jiangheng.registration.domain.sitting_faults import MAX_DAYS, Setting
from jiangheng.rules.calendar import PUBLISHED, Calendar
from jiangheng.rules.pack import overlaid, pack_named, pack_names
from jiangheng.rules.terms import SHANGHAI

ID = "00000000-0000-4000-8000-000000000001"
ORGANISATION = "济南示例职业技能评价有限公司"


def china(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


JILIN = Setting(
    pack=pack_named("jilin").for_kind("employer"),
    institution="长春示例制造有限公司",
    kind=InstitutionKind.EMPLOYER,
    division="220102",
    filed={("6-31-01-03", 4), ("6-18-01-01-02", 3)},
    calendar=PUBLISHED,
    now=china(2026, 3, 6, 18),
)
SOCIAL = replace(
    JILIN,
    kind=InstitutionKind.SOCIAL_ORGANISATION,
    pack=pack_named("jilin").for_kind("social_organisation"),
)
SHANDONG = replace(
    JILIN,
    pack=pack_named("shandong-social"),
    institution=ORGANISATION,
    kind=InstitutionKind.SOCIAL_ORGANISATION,
    division="370102",
)


def fault(plan: BatchPlan, setting: Setting = JILIN) -> Problem:
    with pytest.raises(Problem) as raised:
        refuse_incomplete(plan, setting)
    assert raised.value.kind is Kind.INVALID
    return raised.value


def fields(problem: Problem) -> set[str]:
    """The fields of all faults that one refusal tells."""
    listed = [text.split(" ")[0] for key, text in problem.details.items() if key.startswith("fault.")]
    return {problem.field, *listed}


def held_on(plan: BatchPlan, starts: datetime, ends: datetime) -> BatchPlan:
    """The plan with its theory at this time."""
    return replace(
        plan, sittings=(replace(plan.sittings[0], starts_at=starts, ends_at=ends), *plan.sittings[1:])
    )


@pytest.fixture
def shandong(batch_plan: BatchPlan) -> BatchPlan:
    """A plan as Shandong wants it of a social organisation: named by rule, open for seven days."""
    return replace(
        batch_plan,
        name=f"20260411{ORGANISATION}第1期社会化评价",
        pack_id="shandong-social",
        registration_opens="2026-03-20",
        registration_closes="2026-03-26",
        review_closes="2026-03-29",
    )


def test_plans_with_nothing_wrong(batch_plan: BatchPlan, shandong: BatchPlan) -> None:
    refuse_unstorable(ID, batch_plan)
    refuse_incomplete(batch_plan, JILIN)
    refuse_incomplete(shandong, SHANDONG)


def test_a_draft_may_be_empty_but_is_not_submitted_so() -> None:
    refuse_unstorable(ID, BatchPlan())
    told = fault(BatchPlan())
    assert fields(told) == {"plan.name", "plan.number", "plan.scopes", "plan.registration_opens"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "长" * 201}, "plan.name"),
        ({"name": "长春\x00"}, "plan.name"),
        ({"pack_id": "x" * 201}, "plan.pack_id"),
        ({"registration_opens": "2026-03-09\n"}, "plan.registration_opens"),
        ({"year": 2**32 - 1}, "plan.year"),
        ({"number": 2**32 - 1}, "plan.number"),
        ({"scopes": (BatchScope("6-31-01-03", 4, ()),) * 51}, "plan.scopes"),
        ({"scopes": (BatchScope("电工", 4, ()),)}, "plan.scopes[0].occupation_code"),
        ({"sittings": (Sitting("T1", None, "", None, None),) * 201}, "plan.sittings"),
        ({"sittings": (Sitting("T\x00", None, "", None, None),)}, "plan.sittings[0].sitting_id"),
        ({"sittings": (Sitting("T1", None, "s" * 201, None, None),)}, "plan.sittings[0].site_id"),
        ({"documents": (Document("plan", "方案", b""),) * 101}, "plan.documents"),
        ({"documents": (Document("plan", "方\x1b案", b""),)}, "plan.documents[0].title"),
        ({"documents": (Document("p" * 201, "方案", b""),)}, "plan.documents[0].kind"),
    ],
)
def test_what_cannot_be_stored_is_named(changes: dict[str, Any], field: str, batch_plan: BatchPlan) -> None:
    with pytest.raises(Problem) as refused:
        refuse_unstorable(ID, replace(batch_plan, **changes))
    assert (refused.value.kind, refused.value.field) == (Kind.INVALID, field)


@pytest.mark.parametrize(
    "id", ["", "1", ID.replace("-", ""), "{" + ID + "}", f"urn:uuid:{ID}", ID.replace("8", "A"), ID + "\x00"]
)
def test_a_batch_is_named_by_a_uuid_in_one_form(id: str, batch_plan: BatchPlan) -> None:
    with pytest.raises(Problem) as refused:
        refuse_unstorable(id, batch_plan)
    assert (refused.value.field, refused.value.code) == ("batch_id", "not-a-uuid")


@pytest.mark.parametrize("scope", [("6-31-01-03", 3), ("6-18-01-01-02", 4), ("6-18-01-01", 3), ("", 0)])
def test_a_scope_beyond_the_filing_is_refused(scope: tuple[str, int], batch_plan: BatchPlan) -> None:
    scopes = (*batch_plan.scopes, BatchScope(*scope, (Part.THEORY,)))
    told = fault(replace(batch_plan, scopes=scopes))
    assert (told.field, told.rule, told.code) == ("plan.scopes[1]", "REG-017", "out-of-scope")


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        (BatchScope("6-18-01-01-02", 3, ()), "plan.scopes[1].parts"),
        (BatchScope("6-18-01-01-02", 3, (None,)), "plan.scopes[1].parts"),
        (BatchScope("6-18-01-01-02", 3, (Part.THEORY, Part.THEORY)), "plan.scopes[1].parts"),
        (BatchScope("6-31-01-03", 4, (Part.THEORY,)), "plan.scopes[0]"),
        (BatchScope("6-18-01-01-02", 3, (Part.COMPREHENSIVE,)), "plan.sittings"),
    ],
)
def test_scopes_have_parts_that_are_held_and_are_named_once(
    scope: BatchScope, field: str, batch_plan: BatchPlan
) -> None:
    assert fault(replace(batch_plan, scopes=(*batch_plan.scopes, scope))).field == field


@pytest.mark.parametrize(
    "changes",
    [
        {"division": "370102"},
        {"pack": pack_named("jilin-filing")},
        {"pack": pack_named("shandong-social")},
        {"kind": None},
        {"division": "650102", "pack": pack_named("shandong-social")},
    ],
)
def test_a_pack_of_another_region_or_kind_is_refused(changes: dict[str, Any], batch_plan: BatchPlan) -> None:
    told = fault(batch_plan, replace(JILIN, **changes))
    assert "plan.pack_id" in fields(told)
    if changes in ({"division": "370102"}, {"kind": None}):
        assert (told.field, told.rule, told.code) == ("plan.pack_id", "REG-035", "pack-does-not-fit")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"registration_opens": ""}, "plan.registration_opens"),
        ({"registration_closes": "15.3.2026"}, "plan.registration_opens"),
        ({"review_closes": ""}, "plan.registration_opens"),
        ({"registration_closes": "2026-03-08"}, "plan.registration_closes"),
        ({"review_closes": "2026-03-14"}, "plan.registration_closes"),
        ({"review_closes": "2026-04-11"}, "plan.registration_closes"),
        (
            {"registration_opens": "2026-03-01", "registration_closes": "2026-03-05"},
            "plan.registration_closes",
        ),
    ],
)
def test_registration_review_and_exam_follow_one_another(
    changes: dict[str, str], field: str, batch_plan: BatchPlan
) -> None:
    told = fault(replace(batch_plan, **changes))  # type: ignore[arg-type]
    assert (told.field, told.rule) == (field, "REG-053")


def test_windows_may_be_as_short_as_a_day(batch_plan: BatchPlan) -> None:
    day = "2026-03-06"
    plan = replace(batch_plan, registration_opens=day, registration_closes=day, review_closes=day)
    refuse_incomplete(plan, JILIN)


@pytest.mark.parametrize(
    ("closes", "right"), [("2026-03-25", False), ("2026-03-26", True), ("2026-03-27", False)]
)
def test_where_the_pack_says_seven_days_registration_is_open_for_seven(
    closes: str, right: bool, shandong: BatchPlan
) -> None:
    plan = replace(shandong, registration_closes=closes, review_closes=closes)
    if right:
        refuse_incomplete(plan, SHANDONG)
        return
    told = fault(plan, SHANDONG)
    assert (told.field, told.rule) == ("plan.registration_closes", "REG-053")
    assert "2026-03-26" in told.zh


def test_review_ends_within_the_packs_days_after_registration(shandong: BatchPlan) -> None:
    told = fault(replace(shandong, review_closes="2026-03-31"), SHANDONG)
    assert (told.field, told.rule) == ("plan.review_closes", "REG-098")
    silent = replace(SHANDONG, pack=overlaid(SHANDONG.pack, {"batch.review.window_days": None}))
    refuse_incomplete(replace(shandong, review_closes="2026-03-31"), silent)


@pytest.mark.requirement("REG-051")
def test_the_plan_is_handed_in_before_the_packs_lead_to_registration(shandong: BatchPlan) -> None:
    # Registration opens on the 20th; the fifth day before is the 15th, until 24:00.
    last = china(2026, 3, 16, 0)
    refuse_incomplete(shandong, replace(SHANDONG, now=last))
    late = replace(SHANDONG, now=last + timedelta(microseconds=1))
    told = fault(shandong, late)
    assert (told.field, told.rule) == ("plan.registration_opens", "REG-051")
    assert "004 S三(一)" in told.clause
    # It binds who hands in, not who confirms later; and where the pack is silent, nobody.
    refuse_incomplete(shandong, replace(late, handed_in=True))
    pack = overlaid(SHANDONG.pack, {"batch.plan.lead_before_registration_days": None})
    refuse_incomplete(shandong, replace(late, pack=pack))


@pytest.mark.requirement("REG-055")
@pytest.mark.parametrize(
    "changes",
    [
        {"name": f"20260412{ORGANISATION}第1期社会化评价"},
        {"name": f"20260411{ORGANISATION}第2期社会化评价"},
        {"name": "20260411长春示例制造有限公司第1期社会化评价"},
        {"name": f"20260411{ORGANISATION}第1期"},
        {"number": 2},
    ],
)
def test_where_the_pack_prescribes_the_name_no_other_is_taken(
    changes: dict[str, Any], shandong: BatchPlan
) -> None:
    told = fault(replace(shandong, **changes), SHANDONG)
    assert (told.field, told.rule) == ("plan.name", "REG-055")
    assert f"20260411{ORGANISATION}第{changes.get('number', 1)}期社会化评价" in told.zh


def test_where_the_pack_leaves_the_name_free_only_none_is_wrong(shandong: BatchPlan) -> None:
    free = {"free": True, "template": {"zh": "{year}年{number}期", "en": "free"}}
    pack = overlaid(SHANDONG.pack, {"batch.name_pattern": free})
    refuse_incomplete(replace(shandong, name="随便"), replace(SHANDONG, pack=pack))
    assert fault(replace(shandong, name=" "), replace(SHANDONG, pack=pack)).field == "plan.name"


def test_a_template_reaches_nothing_but_its_own_words(shandong: BatchPlan) -> None:
    odd = {"free": False, "template": {"zh": "{year}-{number.__class__}{0}{{x}}", "en": "odd"}}
    pack = overlaid(SHANDONG.pack, {"batch.name_pattern": odd})
    refuse_incomplete(replace(shandong, name="2026-{number.__class__}{0}{{x}}"), replace(SHANDONG, pack=pack))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"number": 0}, "plan.number"), ({"year": 2025}, "plan.year"), ({"year": 2027}, "plan.year")],
)
def test_the_running_number_counts_in_the_year_of_the_first_exam(
    changes: dict[str, Any], field: str, batch_plan: BatchPlan
) -> None:
    told = fault(replace(batch_plan, **changes))
    assert (told.field, told.rule) == (field, "REG-055")


def test_the_year_is_that_of_the_day_in_china(batch_plan: BatchPlan) -> None:
    new_year = china(2027, 1, 1, 7)  # still 2026 in UTC
    sittings = tuple(
        replace(each, starts_at=new_year, ends_at=new_year + timedelta(hours=2))
        for each in batch_plan.sittings
    )
    refuse_incomplete(replace(batch_plan, year=2027, sittings=sittings), JILIN)
    assert fault(replace(batch_plan, sittings=sittings)).field == "plan.year"


@pytest.mark.requirement("REG-046")
@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        (china(2026, 4, 3), china(2026, 4, 3, 11), ""),
        (china(2026, 4, 4), china(2026, 4, 4, 11), "starts_at"),
        (china(2026, 4, 6), china(2026, 4, 6, 11), "starts_at"),
        (china(2026, 4, 7), china(2026, 4, 7, 11), ""),
        (china(2026, 4, 3), china(2026, 4, 4, 11), "ends_at"),
        (china(2026, 4, 3), china(2026, 4, 4, 0), ""),  # ends when the holiday begins
        (china(2026, 4, 3), china(2026, 4, 8), "ends_at"),  # over the holiday and beyond
        (china(2026, 4, 3, 23, 30), china(2026, 4, 4, 1), "ends_at"),  # 3 April in UTC
        (china(2026, 4, 11), china(2026, 4, 12), ""),  # a weekend is no holiday
    ],
)
def test_social_evaluation_keeps_off_statutory_holidays(
    starts: datetime, ends: datetime, field: str, batch_plan: BatchPlan
) -> None:
    social = SOCIAL
    plan = held_on(batch_plan, starts, ends)
    if field:
        told = fault(plan, social)
        assert (told.field, told.rule, told.clause) == (f"plan.sittings[0].{field}", "REG-046", "000 A1 4")
    else:
        refuse_incomplete(plan, social)
    # 000 A1 4 speaks of social evaluation only, and where a pack does not ask for it nobody has to.
    refuse_incomplete(plan, JILIN)
    silent = overlaid(social.pack, {"announcement.exclude_public_holidays": None})
    refuse_incomplete(plan, replace(social, pack=silent))


def test_a_year_whose_holidays_nobody_knows_is_refused(batch_plan: BatchPlan) -> None:
    social = replace(SOCIAL, calendar=Calendar(()))
    distant = {
        "year": 2044,
        "sittings": tuple(
            replace(each, starts_at=china(2044, 5, 7), ends_at=china(2044, 5, 7, 11))
            for each in batch_plan.sittings
        ),
    }
    told = fault(replace(batch_plan, **distant), social)
    assert told.field == "plan.sittings[0].starts_at"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sitting_id": " "}, "sitting_id"),
        ({"sitting_id": "S1"}, "sitting_id"),
        ({"part": None}, "part"),
        ({"site_id": ""}, "site_id"),
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": china(2026, 4, 11, 9)}, "ends_at"),
        ({"ends_at": china(2026, 4, 11, 8)}, "ends_at"),
        ({"ends_at": china(2026, 4, 11) + timedelta(MAX_DAYS)}, "ends_at"),
        ({"starts_at": china(2026, 3, 6, 18), "ends_at": china(2026, 3, 6, 20)}, "starts_at"),
    ],
)
def test_a_sitting_with_a_fault_is_named(
    changes: Mapping[str, Any], field: str, batch_plan: BatchPlan
) -> None:
    first, *others = batch_plan.sittings
    told = fault(replace(batch_plan, sittings=(replace(first, **changes), *others)))
    assert f"plan.sittings[0].{field}" in fields(told)


def test_a_document_names_a_file(batch_plan: BatchPlan) -> None:
    for document in (
        Document("exam_affairs_plan", "", b"d" * 32),
        Document("exam_affairs_plan", "计划", b"d" * 31),
    ):
        told = fault(replace(batch_plan, documents=(document,)))
        assert (told.field, told.rule) == ("plan.documents[0]", "REG-057")


def wanting(plan: BatchPlan, *kinds: str, pack: str = "jilin") -> list[tuple[str, str]]:
    documents = tuple(Document(kind, "材料", hashlib.sha256(kind.encode()).digest()) for kind in kinds)
    found = document_faults(replace(plan, documents=documents), pack_named(pack))
    return [(each.field, each.en.rpartition(" ")[2]) for each in found]


@pytest.mark.parametrize(
    ("pack", "needed"),
    [
        ("jilin", {"exam_affairs_plan"}),
        ("shandong-enterprise", {"assessment_plan"}),
        ("shandong-school", {"student_status_table", "implementation_plan"}),
        ("shandong-social", {"implementation_plan"}),
        ("xinjiang-inner-mongolia", {"exam_affairs_plan"}),
    ],
)
def test_each_pack_asks_for_its_own_documents(pack: str, needed: set[str], batch_plan: BatchPlan) -> None:
    assert wanting(batch_plan, *needed, pack=pack) == []
    assert {kind for _, kind in wanting(batch_plan, pack=pack)} == needed
    for missing in needed:
        assert wanting(batch_plan, *(needed - {missing}), pack=pack) == [("documents", missing)]


@pytest.mark.parametrize("pack", pack_names())
def test_no_pack_is_silent_in_a_way_that_breaks_a_decision(pack: str, batch_plan: BatchPlan) -> None:
    document_faults(batch_plan, pack_named(pack))
    said = [key for key in pack_named(pack).answers if key.startswith(("batch.", "announcement."))]
    silent = overlaid(pack_named(pack), dict.fromkeys(said))
    assert list(document_faults(batch_plan, silent)) == []
    head = replace(silent.head, provinces=(), kinds=())
    refuse_incomplete(batch_plan, replace(SHANDONG, pack=replace(silent, head=head)))


@pytest.mark.requirement("REG-042")
def test_a_scope_that_no_line_of_the_plan_names_is_warned_of(
    batch_plan: BatchPlan, lines: tuple[PlanLine, ...]
) -> None:
    plan = replace(batch_plan, scopes=(*batch_plan.scopes, BatchScope("6-18-01-01-02", 3, (Part.SKILL,))))
    assert warnings(plan, lines) == ()
    (one,) = warnings(plan, lines[:1])
    assert (one.rule, "6-18-01-01-02" in one.zh, "6-18-01-01-02" in one.en) == ("REG-042", True, True)
    (level,) = warnings(plan, (lines[1], replace(lines[0], level=3)))
    assert "6-31-01-03" in level.zh
    assert len(warnings(plan, ())) == len(warnings(plan, None)) == 2
