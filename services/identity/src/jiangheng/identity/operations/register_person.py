"""Registering a person (IAM-001). He sets his password himself, with a code that is shown once."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis.auth import Caller
from jiangheng.identity import onetime
from jiangheng.identity.operations import people
from jiangheng.identity.operations.people import NewPerson
from jiangheng.identity.runtime import ACTIVATION_LIFE, Identity
from jiangheng.identity.store import credentials


@dataclass(frozen=True)
class Registered:
    """The new person and the code that activates his credential within 24 hours."""

    person_id: str
    activation_code: str


def register_person(identity: Identity, caller: Caller, new: NewPerson) -> Registered:
    """Register the person. Raises EXISTS, with the person's id, if the document is registered already."""
    code = onetime.new_code()
    with identity.db.write() as tx:
        person_id = people.add(identity, tx, new, actor=caller.actor)
        credentials.add(tx, person_id)
        credentials.add_code(tx, onetime.code_digest(code), person_id, identity.now() + ACTIVATION_LIFE)
    return Registered(person_id, code)
