"""The steps that registering and bootstrapping share: a person is sealed, stored and stated (SEC-001)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from jiangheng.api.identity.v1.events_pb2 import PersonRegistered
from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, exists
from jiangheng.chassis.outbox import Fact
from jiangheng.identity.domain.documents import Document, DocumentType, checked_document
from jiangheng.identity.domain.person import checked_login, checked_name
from jiangheng.identity.runtime import Identity
from jiangheng.identity.store import persons
from jiangheng.identity.store.persons import StoredPerson


@dataclass(frozen=True)
class NewPerson:
    """Who shall be registered, in normal form."""

    login: str
    name: str = field(repr=False)
    document: Document


def checked(identity: Identity, login: str, name: str, kind: DocumentType, number: str) -> NewPerson:
    """The particulars in normal form; raises INVALID, naming the field."""
    document = checked_document(kind, number, legal_date(identity.now()))
    return NewPerson(checked_login(login), checked_name(name), document)


def add(identity: Identity, tx: Tx, new: NewPerson, *, actor: str) -> str:
    """Store the person and state the fact; the new id. Raises EXISTS if document or login is taken."""
    stored = _sealed(identity, new)
    if not persons.add(tx, stored, at=identity.now(), by=actor):
        raise _taken(tx, stored)
    fact = PersonRegistered(person_id=stored.person_id)
    identity.state(tx, Fact("person.registered.v1", stored.person_id, fact), actor)
    return stored.person_id


def open_name(identity: Identity, person: StoredPerson) -> str:
    """The name in clear."""
    return identity.cipher.open(person.name_sealed, _context(person.person_id, "name"))


def open_number(identity: Identity, person: StoredPerson) -> str:
    """The document number in clear; it leaves identity masked only."""
    return identity.cipher.open(person.document_sealed, _context(person.person_id, "document"))


def _sealed(identity: Identity, new: NewPerson) -> StoredPerson:
    person_id, document = str(uuid.uuid4()), new.document
    return StoredPerson(
        person_id=person_id,
        login=new.login,
        document_type=document.type.value,
        document_index=identity.index.of(document.type.value, document.number),
        document_sealed=identity.cipher.seal(document.number, _context(person_id, "document")),
        name_sealed=identity.cipher.seal(new.name, _context(person_id, "name")),
    )


def _context(person_id: str, field: str) -> bytes:
    # A sealed value is bound to its row and column: moved elsewhere it does not open.
    return f"identity.person/{person_id}/{field}".encode()


def _taken(tx: Tx, wanted: StoredPerson) -> Problem:
    same = persons.by_document(tx, wanted.document_index)
    if same is None:
        return exists(
            "该登录名已被使用。",
            "The login is taken.",
            field="login",
            rule="IAM-001",
            clause="001 D2 26, 37",
            code="login-taken",
        )
    return exists(
        "该证件号码已登记，一人只能有一个账号。",
        "A person with this document is registered; one person has one account.",
        field="document_number",
        rule="IAM-001",
        clause="001 D2 26, 37",
        code="person-exists",
        person_id=same.person_id,
    )
