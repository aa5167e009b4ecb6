"""Reading persons within one's area (IAM-011): numbers masked, names in clear for their keepers (SEC-001)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jiangheng.chassis.auth import Caller, Reach
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import forbidden, not_found
from jiangheng.identity.domain.documents import DocumentType
from jiangheng.identity.domain.grant import Grant
from jiangheng.identity.operations import people
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import credentials, grants, persons
from jiangheng.identity.store.persons import StoredPerson
from jiangheng.rules.numbers import masked_identity_number, masked_name

SCOPE = "identity.person.read"
KEEPER = "identity.person.manage"
DEFAULT_PAGE, LARGEST_PAGE = 50, 200


@dataclass(frozen=True)
class PersonView:
    """A person as the caller may see him."""

    person_id: str
    login: str
    name: str
    document_type: DocumentType
    document_masked: str
    locked: bool
    grants: tuple[Grant, ...]


def get_person(identity: Identity, caller: Caller, person_id: str) -> PersonView:
    """One person. Raises NOT_FOUND; FORBIDDEN (IAM-011) outside the caller's reach."""
    with identity.db.read() as tx:
        check_within_reach(tx, person_id, caller.reach(SCOPE))
        stored = persons.get(tx, person_id)
        return _views(identity, tx, caller, [stored] if stored else [])[0]


def list_persons(
    identity: Identity, caller: Caller, *, after: str, size: int
) -> tuple[list[PersonView], str]:
    """A page of the persons within the caller's reach, and after whom the next begins (empty: no more)."""
    limit = min(size or DEFAULT_PAGE, LARGEST_PAGE)
    with identity.db.read() as tx:
        found = persons.page(tx, caller.reach(SCOPE), after=after, limit=limit + 1)
        shown = found[:limit]
        views = _views(identity, tx, caller, shown)
    return views, shown[-1].person_id if len(found) > limit else ""


def check_within_reach(tx: Tx, person_id: str, reach: Reach) -> None:
    """Raises NOT_FOUND for no such person, FORBIDDEN (IAM-011) if he is outside the reach."""
    if persons.get(tx, person_id) is None:
        raise not_found("未找到该人员。", "No such person.", field="person_id")
    if not persons.visible(tx, person_id, reach):
        raise forbidden(
            "IAM-011",
            "该人员不在您的管辖区域内。",
            "The person has no role in your area.",
            clause="002 3; 000 A8 4",
            code="not-in-region",
        )


def _views(identity: Identity, tx: Tx, caller: Caller, stored: Sequence[StoredPerson]) -> list[PersonView]:
    held = grants.of_persons(tx, [person.person_id for person in stored])
    locked = credentials.locked(tx, [person.person_id for person in stored], identity.now())
    in_clear = caller.holds([KEEPER])
    return [
        PersonView(
            person_id=person.person_id,
            login=person.login,
            name=_name(identity, person, in_clear),
            document_type=DocumentType(person.document_type),
            document_masked=masked_identity_number(people.open_number(identity, person)),
            locked=person.person_id in locked,
            grants=tuple(held.get(person.person_id, ())),
        )
        for person in stored
    ]


def _name(identity: Identity, person: StoredPerson, in_clear: bool) -> str:
    name = people.open_name(identity, person)
    return name if in_clear else masked_name(name)
