"""Papers, identity, promises, photo and the rest that a registration is checked for."""

from __future__ import annotations

from datetime import date

import pytest

from jiangheng.rules.eligibility.conditions import Condition
from jiangheng.rules.eligibility.source import pack_conditions
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.documents import document_kinds
from jiangheng.rules.pack import overlaid, pack_named, pack_names
from jiangheng.rules.registration import (
    IDENTITIES,
    PAPERS,
    PHOTO,
    Photo,
    check_category,
    check_change,
    check_identity_paper,
    check_occupations,
    check_photo,
    check_study_phase,
    missing_papers,
    missing_promises,
    required_papers,
)
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table

ON = date(2026, 6, 1)
OWN = "6-31-01-03"
JILIN, XINJIANG = pack_named("jilin"), pack_named("xinjiang-inner-mongolia")
SOCIAL, ENTERPRISE = pack_named("shandong-social"), pack_named("shandong-enterprise")
SCHOOL, FILING = pack_named("shandong-school"), pack_named("jilin-filing")
ID = "110101199003077475"


def condition(id: str) -> Condition:
    found = pack_conditions(JILIN)
    assert found
    return next(row for row in found.levels[int(id[0])] if row.id == id)


def test_every_option_has_its_rule() -> None:
    rules, parameters = table("registration"), schema().parameters
    assert set(rules["paper"]) == set(parameters[PAPERS].shape.options)
    assert set(parameters[IDENTITIES].shape.options) - {"other_identity_paper"} <= set(document_kinds())
    assert set(rules["photo"]) - {"bytes_per_kb"} == set(parameters[PHOTO].shape.fields)


BASIC = ["application_form", "identity_paper", "education_proof"]
PAPERS_BY_CLAIM = [
    ("shandong-social", "4.1", [*BASIC, "work_years_promise_if_claimed"]),
    ("shandong-social", "4.2", [*BASIC, "work_years_promise_if_claimed"]),
    ("shandong-social", "4.3", BASIC),
    ("shandong-social", None, [*BASIC, "work_years_promise_if_claimed"]),
    ("shandong-enterprise", "3.6", BASIC),
    ("shandong-enterprise", "5.2", [*BASIC, "work_years_promise_if_claimed"]),
    ("shandong-school", "4.3", ["study_papers"]),
    ("xinjiang-inner-mongolia", "4.3", ["identity_paper", "education_proof"]),
    ("xinjiang-inner-mongolia", "3.5", ["identity_paper", "education_proof", "previous_certificate"]),
    ("jilin", "4.1", ["work_proof", "education_proof", "candidate_promise", "social_insurance"]),
    (
        "jilin",
        "2.2",
        [
            "work_proof",
            "education_proof",
            "previous_certificate",
            "candidate_promise",
            "social_insurance",
            "supporting_papers",
        ],
    ),
    ("jilin", "5.1", ["education_proof", "candidate_promise"]),
    ("jilin-filing", "4.1", []),
]


@pytest.mark.parametrize(("pack", "claimed", "kinds"), PAPERS_BY_CLAIM)
def test_papers_by_the_condition_claimed(pack: str, claimed: str | None, kinds: list[str]) -> None:
    found = required_papers(pack_named(pack), condition(claimed) if claimed else None)
    assert [paper.kind for paper in found] == kinds


@pytest.mark.parametrize("name", pack_names())
def test_each_paper_that_is_not_there_is_named(name: str) -> None:
    pack, claimed = pack_named(name), condition("2.2")
    whole = required_papers(pack, claimed)
    assert missing_papers(pack, claimed, [paper.kind for paper in whole]) == ()
    for paper in whole:
        (missing,) = missing_papers(pack, claimed, [each.kind for each in whole if each != paper])
        assert paper.zh in missing.zh
        assert paper.en in missing.en
        assert missing.clause == "; ".join(pack.answer(PAPERS).cite)


def test_a_stored_online_check_stands_for_a_paper_where_it_may() -> None:
    claimed = condition("4.2")
    kinds = [paper.kind for paper in required_papers(SOCIAL, claimed)]
    left = [each.zh for each in missing_papers(SOCIAL, claimed, [], kinds)]
    assert left == ["缺少材料：申报表。", "缺少材料：工作年限书面承诺（以工作年限报名的）。"]
    paper_only = overlaid(SOCIAL, {"reg.network_check_replaces_paper": False})
    assert len(missing_papers(paper_only, claimed, [], kinds)) == len(kinds)


@pytest.mark.parametrize(
    ("pack", "given", "missing"),
    [
        ("jilin", [], ["参评人员的承诺", "评价机构的承诺"]),
        ("jilin", ["candidate"], ["评价机构的承诺"]),
        ("jilin", ["candidate", "institution"], []),
        ("shandong-school", ["institution"], ["技工院校的承诺，含学籍和教学完成情况"]),
        ("xinjiang-inner-mongolia", [], []),
    ],
)
def test_promises(pack: str, given: list[str], missing: list[str]) -> None:
    found = missing_promises(pack_named(pack), given)
    assert [each.zh for each in found] == [f"缺少承诺：{name}。" for name in missing]


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("resident_identity_card", ID, ID[:-1] + "6"),
        ("shandong_social_security_card", ID, ID[:-1] + "6"),
        ("residence_permit", ID, ID[:-1] + "6"),
        ("mainland_travel_permit_hong_kong_macao", "H12345678", "X12345678"),
        ("mainland_travel_permit_taiwan", "12345678", "1234567"),
        ("residence_permit_hong_kong_macao_taiwan", "810000199408230021", "810000199408230022"),
        ("foreign_passport", "AB1234567", "!"),
        ("foreign_permanent_residence_card", "ABC123456789012", "ABC12345678901"),
    ],
)
def test_identity_papers_and_their_numbers(kind: str, right: str, wrong: str) -> None:
    assert check_identity_paper(SOCIAL, kind, right, ON) is None
    assert check_identity_paper(SOCIAL, kind, wrong, ON)
    assert check_identity_paper(FILING, kind, right, ON) is None
    refused = check_identity_paper(XINJIANG, kind, right, ON)
    if kind == "resident_identity_card":
        assert refused is None
    else:
        assert refused == Explanation(
            "不接受此类身份证件；可用的有：居民身份证。",
            "This kind of identity paper is not accepted; accepted are: resident identity card.",
            "REG-076",
            "001 D1 7",
        )


def test_where_only_an_identity_paper_is_asked_for_every_kind_is_one() -> None:
    assert check_identity_paper(JILIN, "foreign_passport", "AB1234567", ON) is None
    assert check_identity_paper(JILIN, "foreign_passport", "!", ON)
    assert check_identity_paper(JILIN, "other_identity_paper", "军官证 123", ON) is None
    assert check_identity_paper(SOCIAL, "student_number", "G123", ON)


def test_occupations_of_an_application() -> None:
    assert check_occupations(SOCIAL, [OWN]) == ()
    assert [each.zh for each in check_occupations(SOCIAL, [OWN, "4-02-01-01"])] == [
        "每次申报的职业（工种）数应为1个。"
    ]
    assert [each.clause for each in check_occupations(SOCIAL, [])] == ["004 S-A2"]
    assert check_occupations(ENTERPRISE, [f"{OWN}-01"], post=f"{OWN}-02") == ()
    for post in ("4-02-01-01", ""):
        assert [each.zh for each in check_occupations(ENTERPRISE, [OWN], post)] == [
            "申报的职业（工种）应与实际工作岗位一致。"
        ]
    assert check_occupations(JILIN, [OWN, "4-02-01-01"], post="4-02-01-01") == ()
    assert check_occupations(overlaid(ENTERPRISE, {"reg.occupation_must_match_post": False}), [OWN]) == ()


def test_categories() -> None:
    assert check_category(SOCIAL, "school_student") is None
    assert check_category(JILIN, "anything") is None
    refused = check_category(ENTERPRISE, "school_student")
    assert refused
    assert refused.en == (
        "There is no such category of candidate; there are: normal application, exceptional application."
    )


WHOLE_PHOTO = Photo("jpg", 20 * 1024, "two_inch", True, True, True, True, True)
PHOTOS = [
    (SOCIAL, WHOLE_PHOTO, []),
    (SOCIAL, Photo(), []),
    (SOCIAL, Photo(bytes=20 * 1024 + 1), ["照片文件不得超过20KB。"]),
    (SOCIAL, Photo(format="png"), ["照片格式应为JPG。"]),
    (SOCIAL, Photo(colour=False, white_ground=False), ["照片应为彩色。", "照片应为白底。"]),
    (SOCIAL, Photo(size="one_inch", bareheaded=False, recent=False), []),
    (ENTERPRISE, Photo(size="one_inch"), ["照片应为二寸。"]),
    (ENTERPRISE, Photo(recent=False, bareheaded=False), ["照片应为近期。", "照片应为免冠。"]),
    (SCHOOL, Photo(format="png", electronic=False), ["应为电子照片。"]),
    (JILIN, Photo("png", 10**9, "one_inch", False, False, False, False, False), []),
]


@pytest.mark.parametrize(("pack", "photo", "wrong"), PHOTOS)
def test_photos(pack: object, photo: Photo, wrong: list[str]) -> None:
    assert [each.zh for each in check_photo(pack, photo)] == wrong  # type: ignore[arg-type]


def test_a_flag_that_is_off_demands_nothing() -> None:
    either = overlaid(SOCIAL, {PHOTO: {"colour": False}})
    assert check_photo(either, Photo(colour=True)) == ()


def test_what_is_confirmed_is_frozen() -> None:
    for field in ("name", "identity_number", "occupation", "level", "photo"):
        for pack in (SOCIAL, SCHOOL):
            assert check_change(pack, field, confirmed=True, excepted=False)
            assert check_change(pack, field, confirmed=False, excepted=False) is None
            assert check_change(pack, field, confirmed=True, excepted=True) is None
        assert check_change(JILIN, field, confirmed=True, excepted=False) is None
    assert check_change(SOCIAL, "phone", confirmed=True, excepted=False) is None
    said = check_change(SCHOOL, "name", confirmed=True, excepted=False)
    assert said
    assert (said.zh, said.clause) == ("已确认的姓名原则上不再修改，确需修改须经批准。", "004 T三(五)")


def test_students_apply_after_the_teaching() -> None:
    assert check_study_phase(SCHOOL, teaching_done=True) is None
    said = check_study_phase(SCHOOL, teaching_done=False)
    assert said
    assert said.clause == "004 T三(一)"
    assert check_study_phase(JILIN, teaching_done=False) is None
    assert check_study_phase(SOCIAL, teaching_done=False) is None
