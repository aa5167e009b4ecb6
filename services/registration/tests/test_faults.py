"""What can be wrong with a dossier, fault by fault, each beside the dossier without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.dossier import Dossier, Paper, PaperKind, Scope
from jiangheng.registration.domain.faults import refuse_incomplete, refuse_unstorable
from jiangheng.registration.domain.refusal import MORE_FAULTS

CODE = "91220101MA0Y00003N"


def refused(dossier: Dossier, code: str = CODE) -> Problem:
    with pytest.raises(Problem) as raised:
        refuse_incomplete(code, dossier)
    assert raised.value.kind is Kind.INVALID
    return raised.value


def without(dossier: Dossier, kind: PaperKind) -> Dossier:
    return replace(dossier, papers=tuple(paper for paper in dossier.papers if paper.kind is not kind))


@pytest.mark.requirement("REG-006")
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (PaperKind.APPLICATION_FORM, "备案申请表"),
        (PaperKind.WORK_RULES, "工作流程、考务规程及质量管理制度"),
        (PaperKind.STAFF_RULES, "考务管理人员、考评人员、内部质量督导人员及专家队伍使用管理办法"),
        (PaperKind.CERTIFICATE_RULES, "证书核发与管理制度"),
    ],
)
def test_a_missing_part_is_refused_by_name(dossier: Dossier, kind: PaperKind, name: str) -> None:
    refuse_incomplete(CODE, dossier)
    problem = refused(without(dossier, kind))
    assert (problem.field, problem.rule, problem.details["faults"]) == ("dossier.papers", "REG-006", "1")
    assert name in problem.zh
    assert problem.clause.startswith("002 6")


@pytest.mark.requirement("REG-008")
def test_every_occupation_needs_a_plan_of_its_own(dossier: Dossier) -> None:
    only_one = tuple(paper for paper in dossier.papers if paper.occupation_code != "6-18-01-01-02")
    problem = refused(replace(dossier, papers=only_one))
    assert (problem.field, problem.rule, problem.clause) == ("dossier.papers", "REG-008", "002 6(2)")
    assert "6-18-01-01-02" in problem.zh
    assert problem.details["faults"] == "1"


@pytest.mark.requirement("REG-008")
def test_a_plan_for_no_occupation_applied_for_is_refused(dossier: Dossier) -> None:
    stray = Paper(PaperKind.ASSESSMENT_PLAN, "焊工考核方案", b"d" * 32, "6-18-02-04")
    problem = refused(replace(dossier, papers=(*dossier.papers, stray)))
    assert (problem.field, problem.rule) == ("dossier.papers[6].occupation_code", "REG-008")


@pytest.mark.requirement("REG-009")
@pytest.mark.parametrize(
    ("name", "clause"), [("truth_promised", "002 7"), ("signed_by_legal_representative", "002 8")]
)
def test_promise_and_signature_are_demanded(dossier: Dossier, name: str, clause: str) -> None:
    problem = refused(replace(dossier, **{name: False}))
    assert (problem.field, problem.rule, problem.clause) == (f"dossier.{name}", "REG-009", clause)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "dossier.name"),
        ({"address": ""}, "dossier.address"),
        ({"legal_representative": ""}, "dossier.legal_representative"),
        ({"contact_name": ""}, "dossier.contact_name"),
        ({"contact_phone": ""}, "dossier.contact_phone"),
        ({"contact_phone": "call me"}, "dossier.contact_phone"),
        ({"kind": None}, "dossier.kind"),
        ({"division": ""}, "dossier.division"),
        ({"division": "2201"}, "dossier.division"),
        ({"division": "990102"}, "dossier.division"),
        ({"name": "x" * 201}, "dossier.name"),
        ({"name": "长春\x00公司"}, "dossier.name"),
    ],
)
def test_a_fault_of_the_form_is_refused_at_its_field(
    dossier: Dossier, changes: dict[str, Any], field: str
) -> None:
    assert refused(replace(dossier, **changes)).field == field


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        (Scope("6-31-01-03", "", 3), "occupation_name"),
        (Scope("6-31-01-03", "电工", 0), "level"),
        (Scope("6-31-01-03", "电工", 6), "level"),
    ],
)
def test_a_fault_of_an_occupation_is_refused_at_its_place(dossier: Dossier, scope: Scope, field: str) -> None:
    problem = refused(replace(dossier, scopes=(dossier.scopes[1], scope, dossier.scopes[0])))
    assert problem.field == f"dossier.scopes[1].{field}"


@pytest.mark.parametrize("code", ["", "6-31-1-3", "9-31-01-03", "6-31-01-03-1", "电工"])
def test_an_occupation_code_of_no_known_form_is_refused(dossier: Dossier, code: str) -> None:
    plan = replace(dossier.papers[1], occupation_code=code)
    odd = replace(
        dossier, scopes=(Scope(code, "电工", 4),), papers=(dossier.papers[0], plan, *dossier.papers[3:])
    )
    assert "dossier.scopes[0].occupation_code" in str(refused(odd).details) + refused(odd).field


def test_no_occupation_and_one_named_twice_are_refused(dossier: Dossier) -> None:
    plans_gone = without(replace(dossier, scopes=()), PaperKind.ASSESSMENT_PLAN)
    assert refused(plans_gone).field == "dossier.scopes"
    twice = replace(dossier, scopes=(*dossier.scopes, dossier.scopes[0]))
    assert refused(twice).field == "dossier.scopes[0]"


def test_a_paper_without_title_kind_or_whole_digest_is_refused(dossier: Dossier) -> None:
    for changes, field in (
        ({"title": ""}, "title"),
        ({"digest": b"d" * 31}, "digest"),
        ({"digest": b""}, "digest"),
    ):
        papers = (replace(dossier.papers[0], **changes), *dossier.papers[1:])
        assert refused(replace(dossier, papers=papers)).field == f"dossier.papers[0].{field}"
    unknown = Paper(None, "其他", b"d" * 32)
    assert refused(replace(dossier, papers=(*dossier.papers, unknown))).field == "dossier.papers[6].kind"


@pytest.mark.parametrize("code", ["", "91220101MA0Y00003M", "91220101ma0y00003n", "123"])
def test_a_wrong_credit_code_is_not_even_a_draft(dossier: Dossier, code: str) -> None:
    refuse_unstorable(CODE, dossier)
    with pytest.raises(Problem) as raised:
        refuse_unstorable(code, dossier)
    assert raised.value.field == "credit_code"


def test_a_draft_may_have_gaps_but_no_impossible_size() -> None:
    refuse_unstorable(CODE, Dossier())
    for big in (Dossier(scopes=(Scope("", "", 0),) * 201), Dossier(papers=(Paper(None, "", b""),) * 501)):
        with pytest.raises(Problem):
            refuse_unstorable(CODE, big)


def test_all_faults_are_told_at_once_the_first_in_full(dossier: Dossier) -> None:
    problem = refused(replace(without(dossier, PaperKind.WORK_RULES), truth_promised=False, address=""))
    assert problem.field == "dossier.papers"
    assert problem.details["faults"] == "3"
    assert problem.details["fault.2"].startswith("dossier.truth_promised [REG-009, 002 7] ")
    assert problem.details["fault.3"].startswith("dossier.address ")


def test_very_many_faults_are_counted_not_listed(dossier: Dossier) -> None:
    problem = refused(replace(dossier, scopes=tuple(Scope("x", "", 9) for _ in range(200))))
    assert int(problem.details["faults"]) > 600
    assert len(problem.details) == 1 + MORE_FAULTS
    assert sum(len(line.encode()) for line in problem.details.values()) < 4096


@pytest.mark.requirement("REG-006")
def test_the_list_of_papers_names_every_paper_once_in_the_order_of_the_regulation(dossier: Dossier) -> None:
    shuffled = replace(dossier, papers=tuple(reversed(dossier.papers)))
    lines = shuffled.list_of_papers()
    assert [line.split(".")[0] for line in lines] == ["1", "2", "3", "4", "5", "6"]
    assert lines[0] == "1. 备案申请表：备案申请表"
    assert lines[1] == "2. 考核方案、试题来源：车工考核方案（6-18-01-01-02）"
    assert lines[5] == "6. 证书核发与管理制度：证书核发与管理制度"


TEXT = st.text(max_size=30)
SCOPES = st.builds(Scope, TEXT, TEXT, st.integers(0, 2**32 - 1))
PAPERS = st.builds(Paper, st.none() | st.sampled_from(PaperKind), TEXT, st.binary(max_size=40), TEXT)


@given(
    st.builds(
        Dossier,
        name=TEXT,
        division=TEXT,
        contact_phone=TEXT,
        scopes=st.lists(SCOPES, max_size=4).map(tuple),
        papers=st.lists(PAPERS, max_size=4).map(tuple),
        truth_promised=st.booleans(),
    ),
    TEXT,
)
def test_no_dossier_breaks_the_check(dossier: Dossier, code: str) -> None:
    # None of these is whole (no address, no signature): each must be refused, none may crash.
    assert refused(dossier, code).field
