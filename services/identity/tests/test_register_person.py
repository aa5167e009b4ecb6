"""Persons: one per document, sealed at rest, masked in answers, silent on the bus."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.operations.read_persons import get_person, list_persons
from jiangheng.identity.operations.register_person import register_person
from jiangheng.identity.store.tables import metadata

NUMBER = "11010519491231002X"


def register(world: Any, login: str, number: str = NUMBER, name: str = "吴晓") -> str:
    new = world.new_person(login, name, number)
    return register_person(world.identity, world.admin, new).person_id


def refused(world: Any, login: str, number: str) -> Problem:
    before = world.facts()
    with pytest.raises(Problem) as problem:
        register(world, login, number)
    assert world.facts() == before
    return problem.value


@pytest.mark.requirement("IAM-001")
def test_a_document_is_registered_once(world: Any) -> None:
    person_id = register(world, "wu.xiao")
    for spelling in (NUMBER, NUMBER.lower(), "110105-19491231-002x"):
        problem = refused(world, "another.login", spelling)
        assert (problem.kind, problem.rule, problem.field) == (Kind.EXISTS, "IAM-001", "document_number")
        assert problem.details["person_id"] == person_id
    assert [fact["type"] for fact in world.facts()] == ["person.registered.v1"]


@pytest.mark.requirement("IAM-001")
def test_a_login_is_one_persons(world: Any) -> None:
    register(world, "wu.xiao")
    problem = refused(world, "WU.xiao", "110101199003070070")
    assert (problem.kind, problem.field) == (Kind.EXISTS, "login")
    assert "person_id" not in problem.details


def test_names_and_numbers_lie_sealed_and_travel_nowhere(world: Any) -> None:
    person_id = register(world, "wu.xiao")
    assert world.facts() == [
        {
            "person_id": person_id,
            "type": "person.registered.v1",
            "subject": person_id,
            "actor": "person:admin",
        }
    ]
    for table in metadata.sorted_tables:
        stored = repr([tuple(row) for row in world.rows(table)])
        for secret in (NUMBER, "吴晓", repr("吴晓".encode())[2:-1]):
            assert secret not in stored, table.name


def test_a_sealed_field_opens_in_its_own_row_only(world: Any) -> None:
    first, second = register(world, "wu.xiao"), world.register("someone.else")
    person = metadata.tables["person"]
    with world.identity.db.write() as tx:
        moved = sa.select(person.c.name_sealed).where(person.c.person_id == first).scalar_subquery()
        tx.execute(sa.update(person).where(person.c.person_id == second).values(name_sealed=moved))
    with pytest.raises(Exception, match="not of this place"):
        get_person(world.identity, world.admin, second)


def test_numbers_are_masked_and_names_shown_to_their_keepers_only(world: Any) -> None:
    person_id = register(world, "wu.xiao")
    world.grant(person_id, "examiner", region="2201")
    by_admin = get_person(world.identity, world.admin, person_id)
    by_auditor = get_person(world.identity, world.caller("a", ("auditor", "", "22")), person_id)
    assert (by_admin.name, by_auditor.name) == ("吴晓", "吴*")
    for view in (by_admin, by_auditor):
        assert view.document_masked == "11**************2X"
        assert NUMBER not in json.dumps(vars(view), default=str)


@pytest.mark.requirement("IAM-011")
def test_readers_see_their_own_area_only(world: Any) -> None:
    mine, institutions, elsewhere = (world.register() for _ in range(3))
    world.grant(mine, "examiner", region="2201")
    world.grant(institutions, "institution_officer", institution="52220101MJ12345679")
    world.grant(elsewhere, "examiner", region="37")
    auditor = world.caller("a", ("auditor", "", "22"))
    seen, after = list_persons(world.identity, auditor, after="", size=0)
    assert {person.person_id for person in seen} == {mine, institutions}
    assert after == ""
    with pytest.raises(Problem) as problem:
        get_person(world.identity, auditor, elsewhere)
    assert (problem.value.kind, problem.value.rule) == (Kind.FORBIDDEN, "IAM-011")
    whole, _ = list_persons(world.identity, world.caller("b", ("auditor", "", "00")), after="", size=0)
    assert {person.person_id for person in whole} == {mine, institutions, elsewhere}
    with pytest.raises(Problem) as unknown:
        get_person(world.identity, auditor, "nobody")
    assert unknown.value.kind is Kind.NOT_FOUND


def test_lists_come_in_pages(world: Any) -> None:
    registered = sorted(world.register() for _ in range(5))
    found, after = [], ""
    for _ in range(3):
        page, after = list_persons(world.identity, world.admin, after=after, size=2)
        assert len(page) <= 2
        found += [person.person_id for person in page]
    assert (found, after) == (registered, "")
