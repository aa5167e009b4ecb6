"""Who sees what: by id, in lists, page by page, and what is masked."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.privacy import PrivacyError
from jiangheng.registration import tables
from jiangheng.registration.domain.dossier import Paper
from jiangheng.registration.domain.institution import State
from jiangheng.registration.operations.list_institutions import list_institutions
from jiangheng.registration.operations.pages import after_of, token_of


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def listed(office: Any, caller: Caller, state: State | None = None, size: int = 2) -> list[str]:
    """Every credit code the caller can list, page by page."""
    codes: list[str] = []
    token = ""
    while True:
        page = list_institutions(office.runtime, caller, state=state, token=token, size=size)
        assert len(page.institutions) <= size
        codes += [one.credit_code for one in page.institutions]
        token = page.next_token
        if not token:
            return codes


@pytest.mark.requirement("IAM-011")
@pytest.mark.requirement("IAM-012")
def test_a_list_holds_exactly_what_the_grants_reach(office: Any) -> None:
    codes = [office.code(number) for number in range(1, 7)]
    divisions = ["220102", "220103", "220202", "370102", "370102", "220102"]
    for code, division in zip(codes, divisions, strict=True):
        office.save(code, division=division)
    of = dict(zip(codes, divisions, strict=True))
    for region in ("00", "22", "2201", "220102", "37", "11"):
        wanted = sorted(code for code in codes if region == "00" or of[code].startswith(region))
        assert listed(office, office.officer(region)) == wanted
    assert listed(office, office.applicant(codes[3])) == [codes[3]]
    assert listed(office, office.applicant(office.code(99))) == []
    two = Caller("person", "li", (*office.officer("37").grants, *office.applicant(codes[0]).grants))
    assert listed(office, two) == sorted([codes[0], codes[3], codes[4]])
    assert listed(office, office.holder("feng", "examiner", region="22")) == []


def test_a_list_of_one_state_holds_only_that_state(office: Any) -> None:
    codes = sorted(office.code(number) for number in range(1, 6))
    for code in codes[:2]:
        office.save(code)
    for code in codes[2:]:
        office.submit(code)
    assert listed(office, office.officer(), State.SUBMITTED) == codes[2:]
    assert listed(office, office.officer(), State.DRAFT, size=1) == codes[:2]
    assert listed(office, office.officer(), State.FILED) == []


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_no_page_token_of_a_strangers_making_breaks_or_opens_anything(token: str) -> None:
    with suppress(Problem):
        after = after_of(token, "filed")
        assert token == "" or (after.isprintable() and after.isascii())


def test_a_page_token_belongs_to_its_query() -> None:
    token = token_of("91220101MA0Y00003N", "filed")
    assert after_of(token, "filed") == "91220101MA0Y00003N"
    for other in ("", "draft"):
        assert refused(lambda other=other: after_of(token, other)).field == "page_token"


def test_a_page_of_large_dossiers_is_cut_to_what_an_answer_holds(counter: Any, office: Any) -> None:
    papers = tuple(Paper(None, "长" * 200, b"d" * 64, "6" * 100) for _ in range(500))
    codes = sorted(office.code(number) for number in range(1, 13))
    for code in codes:
        office.save(code, papers=papers)
    seen, token = [], ""
    while True:
        request = pb.ListInstitutionsRequest(page_size=200, page_token=token)
        page = counter.call(office.officer(), "ListInstitutions", request)
        seen.append([one.credit_code for one in page.institutions])
        token = page.next_page_token
        if not token:
            break
    assert [code for page in seen for code in page] == codes
    assert len(seen) > 1


def test_sizes_states_and_tokens_out_of_range_are_refused(counter: Any, office: Any) -> None:
    for request, field in (
        (pb.ListInstitutionsRequest(page_size=201), "page_size"),
        (pb.ListInstitutionsRequest(page_token="x"), "page_token"),
        (pb.ListInstitutionsRequest(state=99), "state"),  # type: ignore[arg-type]
    ):
        problem = refused(lambda r=request: counter.call(office.officer(), "ListInstitutions", r))
        assert (problem.kind, problem.field) == (Kind.INVALID, field)


@pytest.mark.requirement("IAM-011")
@pytest.mark.requirement("IAM-012")
def test_by_id_as_by_list(counter: Any, office: Any) -> None:
    code = office.code()
    office.save(code)
    request = pb.GetInstitutionRequest(credit_code=code)
    for rule, caller in (
        ("IAM-012", office.applicant(office.code(2))),
        ("IAM-011", office.officer("37")),
        ("IAM-002", office.holder("feng", "examiner", region="22")),
    ):
        problem = refused(lambda caller=caller: counter.call(caller, "GetInstitution", request))
        assert (problem.kind, problem.rule) == (Kind.FORBIDDEN, rule)
    for caller in (
        office.applicant(code),
        office.officer("2201"),
        office.holder("z", "auditor", region="00"),
    ):
        assert counter.call(caller, "GetInstitution", request).institution.credit_code == code


def test_names_and_telephone_are_masked_for_those_who_need_not_know(counter: Any, office: Any) -> None:
    code = office.code()
    office.submit(code)
    auditor = office.holder("zhou", "auditor", region="00")
    by_id = counter.call(auditor, "GetInstitution", pb.GetInstitutionRequest(credit_code=code)).institution
    in_list = counter.call(auditor, "ListInstitutions", pb.ListInstitutionsRequest()).institutions[0]
    for seen in (by_id, in_list):
        dossier = seen.dossier
        assert (dossier.contact_name, dossier.contact_phone) == ("吴*", "139****0001")
        assert dossier.legal_representative == "何*"
        assert dossier.name == "长春示例制造有限公司"
    for caller in (office.applicant(code), office.officer()):
        seen = counter.call(caller, "GetInstitution", pb.GetInstitutionRequest(credit_code=code)).institution
        assert (seen.dossier.contact_name, seen.dossier.contact_phone) == ("吴晓", "13900000001")


def test_nothing_personal_lies_readable_in_the_database(office: Any) -> None:
    office.complete(office.accept(office.submit(office.code())))
    stored = "".join(
        value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)
        for table in tables.metadata.sorted_tables
        for row in office.rows(table)
        for value in row.values()
    )
    assert "长春示例制造有限公司" in stored
    for secret in ("何静", "吴晓", "13900000001", "示例路"):
        assert secret not in stored


def test_a_sealed_contact_does_not_open_in_another_row(office: Any) -> None:
    ours, theirs = office.code(1), office.code(2)
    office.save(ours)
    office.save(theirs, contact_name="别人")
    table = tables.institution
    with office.runtime.db.write() as tx:
        sealed = tx.execute(table.select().where(table.c.credit_code == theirs)).one().personal
        tx.execute(table.update().where(table.c.credit_code == ours).values(personal=sealed))
    with pytest.raises(PrivacyError):
        listed(office, office.applicant(ours))
    assert listed(office, office.applicant(theirs)) == [theirs]


def test_the_draft_that_moves_region_moves_out_of_reach(office: Any) -> None:
    code = office.code()
    office.save(code)
    assert listed(office, office.officer("22")) == [code]
    office.save(code, division="370102")
    assert listed(office, office.officer("22")) == []
    assert listed(office, office.officer("37")) == [code]
