"""Who may hold what, and what may not be held together."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules import duties
from jiangheng.rules.tables import table

OF_INSTITUTIONS = ("exam_affairs_officer", "registration_clerk", "qualification_reviewer", "institution_head")
OF_AUTHORITIES = ("plan_officer", "appraisal_centre_officer")
# Roles of services to come; every one of them changes records.
CHANGING = [
    "item_developer",
    "item_reviewer",
    "acceptance_member",
    "bank_manager",
    "vault_custodian",
    "item_collector",
    "chief",
    "proctor",
    "examiner_leader",
    "marker",
    "mark_entry_clerk",
    "mark_checker",
    "objection_handler",
    "internal_supervisor",
    "external_supervisor",
    "supervision_officer",
    "sanction_officer",
    "archive_clerk",
    "archive_leader",
    "certificate_keeper",
    "certificate_officer",
    "certificate_approver",
    "certificate_data_manager",
]
CONFLICTING = [
    ("X09", "hr_department_staff", "examiner"),
    ("X09", "filing_officer", "examiner"),  # by what a filing officer implies
    ("X09", "plan_officer", "examiner"),
    ("IAM-014", "auditor", "identity_administrator"),
    ("IAM-014", "auditor", "key_approver"),
    ("IAM-014", "auditor", "institution_officer"),
    ("IAM-014", "auditor", "filing_officer"),
    ("IAM-014", "auditor", "examiner"),
    ("FILING-SELF", "institution_officer", "filing_officer"),
    ("KEY-FOUR-EYES", "identity_administrator", "key_approver"),
    *(("IAM-014", "auditor", role) for role in (*OF_INSTITUTIONS, *OF_AUTHORITIES)),
    *(("PLAN-SELF", *pair) for pair in product(OF_INSTITUTIONS, OF_AUTHORITIES)),
    ("X09", "hr_department_staff", "examiner_leader"),
    ("X09", "filing_officer", "examiner_leader"),
    ("X09", "plan_officer", "examiner_leader"),
    ("X09", "sanction_officer", "examiner"),
    ("X09", "sanction_officer", "examiner_leader"),
    ("IAM-010", "certificate_keeper", "certificate_officer"),
    ("IAM-010", "certificate_keeper", "certificate_approver"),
    ("IAM-010", "certificate_officer", "certificate_approver"),
    ("X25", "archive_clerk", "archive_leader"),
    ("SANCTION-FOUR-EYES", "supervision_officer", "sanction_officer"),
    ("ADMINISTRATOR-NO-WEIGHT", "identity_administrator", "vault_custodian"),
    ("ADMINISTRATOR-NO-WEIGHT", "identity_administrator", "sanction_officer"),
    ("ADMINISTRATOR-NO-WEIGHT", "identity_administrator", "archive_leader"),
    ("ADMINISTRATOR-NO-WEIGHT", "identity_administrator", "certificate_approver"),
    *(("IAM-014", "auditor", role) for role in CHANGING),
]
PAIRS = list(combinations(sorted(duties.roles()), 2))


@pytest.mark.requirement("IAM-006")
@pytest.mark.parametrize(("rule", "one", "other"), CONFLICTING)
def test_roles_that_one_person_may_not_hold(rule: str, one: str, other: str) -> None:
    found = duties.conflicts([one, other])
    assert [conflict.rule for conflict in found] == [rule]
    assert all(conflict.zh and conflict.en and conflict.clause for conflict in found)


@pytest.mark.requirement("IAM-006")
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_other_pair_may_be_held(pair: tuple[str, str]) -> None:
    forbidden = {frozenset(names) for _rule, *names in CONFLICTING}
    assert bool(duties.conflicts(pair)) is (frozenset(pair) in forbidden)


@pytest.mark.requirement("IAM-014")
def test_an_auditor_carries_no_scope_that_changes_records() -> None:
    carried = duties.scopes_of(["auditor"])
    assert carried
    assert not [name for name in carried if duties.scopes()[name].changes]


@pytest.mark.parametrize("name", sorted(duties.roles()))
def test_no_role_conflicts_with_itself(name: str) -> None:
    assert duties.conflicts([name]) == ()


@given(st.sets(st.sampled_from(sorted(duties.roles()))), st.sampled_from(sorted(duties.roles())))
def test_another_role_never_heals_a_conflict(held: set[str], more: str) -> None:
    assert set(duties.conflicts(held)) <= set(duties.conflicts(held | {more}))


def test_closure_takes_in_what_is_implied() -> None:
    assert duties.closure(["filing_officer"]) == {"filing_officer", "hr_department_staff"}
    assert duties.closure(["examiner", "examiner"]) == {"examiner"}
    assert duties.closure([]) == frozenset()


def test_a_filing_officer_decides_and_reads() -> None:
    assert duties.scopes_of(["filing_officer"]) == {
        "registration.filing.decide",
        "registration.institution.read",
    }


def test_an_unknown_role_is_named() -> None:
    with pytest.raises(duties.UnknownRole) as caught:
        duties.conflicts(["examiner", "emperor"])
    assert caught.value.role == "emperor"


def test_the_table_names_nothing_that_it_does_not_hold() -> None:
    for role in duties.roles().values():
        assert role.implies <= set(duties.roles())
        assert role.scopes <= set(duties.scopes())
        assert all(duties.scopes()[name].holder == "person" for name in role.scopes)
        assert role.per in {"institution", "region", "country"}
    for conflict in duties.static_conflicts():
        for side in (conflict.a, conflict.b):
            assert side.roles or side.scopes
            assert side.roles <= set(duties.roles())
            assert side.scopes <= set(duties.scopes())


def test_no_name_stands_twice_in_the_table() -> None:
    for kind in ("scope", "role"):
        names = [row["id"] for row in table("duties")[kind]]
        assert len(names) == len(set(names))


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        duties.roles()["emperor"] = duties.role("examiner")  # type: ignore[index]
    with pytest.raises(AttributeError):
        duties.role("examiner").per = "country"  # type: ignore[misc]
