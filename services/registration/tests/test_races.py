"""Several at once: one wins, the others are told, and no number is lost or given twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from jiangheng.chassis.db import schema_drift
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration import tables
from jiangheng.registration.domain.dossier import InstitutionKind as Kinds
from jiangheng.registration.domain.institution import Institution, State
from jiangheng.registration.operations.get_institution import get_institution
from jiangheng.registration.store import institutions as store
from jiangheng.registration.store import steps

AT_ONCE = 8


def at_once(acts: Sequence[Callable[[], Institution]]) -> list[Institution | Problem]:
    """What each of the acts came to, all begun at the same moment."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Institution]) -> Institution | Problem:
        gate.wait(30)
        try:
            return act()
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def winners(results: Sequence[Institution | Problem]) -> list[Institution]:
    return [result for result in results if isinstance(result, Institution)]


def test_of_officers_who_accept_at_once_one_wins_and_the_others_learn_it(office: Any) -> None:
    code = office.code()
    submitted = office.submit(code)
    officers = [office.officer(person=f"officer-{number}") for number in range(AT_ONCE)]
    results = at_once([lambda by=by: office.accept(submitted, by) for by in officers])
    assert len(winners(results)) == 1
    for result in results:
        if isinstance(result, Problem):
            assert result.kind is Kind.WRONG_STATE
            assert result.details == {"state": "accepted", "revision": "3"}
    accepted = [fact for fact in office.facts(code) if fact["type"] == "institution.accepted.v1"]
    assert len(accepted) == 1


def test_one_officer_who_sends_the_same_twice_at_once_is_answered_twice_and_counted_once(office: Any) -> None:
    accepted = office.accept(office.submit(office.code()))
    results = at_once([lambda: office.complete(accepted)] * AT_ONCE)
    assert len(winners(results)) == AT_ONCE
    assert {one.filing.institution_code for one in winners(results) if one.filing} == {"Y000022000001"}
    assert [fact["type"] for fact in office.facts()].count("institution.filed.v1") == 1


def test_accepting_and_returning_at_once_leaves_one_of_the_two(office: Any) -> None:
    code = office.code()
    submitted = office.submit(code)
    acts = [
        lambda: office.accept(submitted),
        lambda: office.send_back(submitted, office.officer(person="li")),
    ]
    assert len(winners(at_once(acts))) == 1
    found = get_institution(office.runtime, office.officer(), code)
    assert found.state in (State.ACCEPTED, State.RETURNED)
    assert found.revision == 3
    assert len(office.rows(tables.step)) == 3


@pytest.mark.requirement("REG-012")
def test_serials_have_no_gap_and_no_twin_however_many_file_at_once(office: Any) -> None:
    cases = [office.accept(office.submit(office.code(number))) for number in range(1, AT_ONCE + 1)]
    spoilt = b"x" * 32  # half of them sign for another dossier first: what fails takes no number
    acts = [lambda one=one: office.complete(one) for one in cases]
    acts += [lambda one=one: office.complete(one, digest=spoilt) for one in cases]
    filed = winners(at_once(acts))
    serials = sorted(one.filing.institution_code for one in filed if one.filing)
    assert serials == [f"Y000022{number:06d}" for number in range(1, AT_ONCE + 1)]
    assert office.file(office.code(99)).filing.institution_code == f"Y000022{AT_ONCE + 1:06d}"


@pytest.mark.requirement("REG-012")
def test_a_filing_that_fails_after_its_number_gives_it_back(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (office.accept(office.submit(office.code(number))) for number in (1, 2))
    with monkeypatch.context() as broken:
        broken.setattr(steps, "record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            office.complete(first)
    assert office.complete(second).filing.institution_code == "Y000022000001"
    assert office.complete(first).filing.institution_code == "Y000022000002"


def test_first_drafts_saved_at_once_are_one_institution(office: Any) -> None:
    code = office.code()
    results = at_once([lambda name=f"第{n}稿": office.save(code, name=name) for n in range(AT_ONCE)])
    assert len(winners(results)) == AT_ONCE
    acts = office.rows(tables.step)
    assert sorted(act["revision"] for act in acts) == list(range(AT_ONCE))
    assert office.rows(tables.institution)[0]["revision"] == AT_ONCE


def test_what_was_read_before_another_changed_it_is_not_written_back(office: Any) -> None:
    code = office.code()
    stale = office.save(code)
    office.submit(code)
    with pytest.raises(Problem) as refused, office.runtime.db.write() as tx:
        store.change(tx, office.runtime.cipher, stale, replace(stale, revision=2))
    assert refused.value.kind is Kind.CONFLICT
    assert get_institution(office.runtime, office.officer(), code).state is State.SUBMITTED


def test_serials_count_per_letter_and_province(office: Any) -> None:
    country = office.officer("00")
    for number, (kind, division, expected) in enumerate(
        [
            (Kinds.EMPLOYER, "220102", "Y000022000001"),
            (Kinds.SOCIAL_ORGANISATION, "220102", "S000022000001"),
            (Kinds.VOCATIONAL_SCHOOL, "220202", "S000022000002"),
            (Kinds.EMPLOYER, "370102", "Y000037000001"),
            (Kinds.EMPLOYER, "220202", "Y000022000002"),
        ]
    ):
        accepted = office.accept(office.submit(office.code(number), kind=kind, division=division), country)
        assert office.complete(accepted, country).filing.institution_code == expected


def test_the_database_itself_refuses_a_code_given_twice(office: Any) -> None:
    office.file(office.code(1))
    office.file(office.code(2))
    table = tables.institution
    change = table.update().where(table.c.credit_code == office.code(2))
    for twin in ({"institution_code": "Y000022000001"}, {"receipt_number": "22-2026-Y000001"}):
        with pytest.raises(sa.exc.IntegrityError), office.runtime.db.write() as tx:
            tx.execute(change.values(**twin))


def test_the_database_itself_refuses_filed_without_code_and_unknown_states(office: Any) -> None:
    office.submit(office.code())
    for values in ({"state": "filed"}, {"institution_code": "Y000022000009"}, {"state": "gone"}):
        with pytest.raises(sa.exc.IntegrityError), office.runtime.db.write() as tx:
            tx.execute(tables.institution.update().values(**values))


def test_the_migrations_make_the_tables_the_code_declares(office: Any) -> None:
    assert schema_drift(office.url, tables.metadata) == []
