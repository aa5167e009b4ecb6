"""Between the messages of identity's contract and what the operations take and give."""

from __future__ import annotations

from datetime import datetime

from google.protobuf.message import Message

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.chassis.errors import invalid
from jiangheng.identity.domain.documents import DocumentType
from jiangheng.identity.domain.grant import Grant
from jiangheng.identity.domain.signing_key import KeyState, SigningKey
from jiangheng.identity.moments import moment, timestamp
from jiangheng.identity.operations.read_persons import PersonView

_DOCUMENT_TYPES = {
    pb.DOCUMENT_TYPE_RESIDENT_ID: DocumentType.RESIDENT_ID,
    pb.DOCUMENT_TYPE_PASSPORT: DocumentType.PASSPORT,
    pb.DOCUMENT_TYPE_RESIDENCE_PERMIT: DocumentType.RESIDENCE_PERMIT,
}
_DOCUMENT_TYPE_NUMBERS = {kind: number for number, kind in _DOCUMENT_TYPES.items()}
_KEY_STATES = {
    KeyState.PROPOSED: pb.KEY_STATE_PROPOSED,
    KeyState.COOLING: pb.KEY_STATE_COOLING,
    KeyState.ACTIVE: pb.KEY_STATE_ACTIVE,
    KeyState.SUPERSEDED: pb.KEY_STATE_SUPERSEDED,
    KeyState.REVOKED: pb.KEY_STATE_REVOKED,
}


def document_type(number: pb.DocumentType.ValueType) -> DocumentType:
    """The kind of document; raises INVALID if none was named."""
    if number not in _DOCUMENT_TYPES:
        raise invalid("document_type", "请指定证件类型。", "Name the kind of document.", rule="IAM-001")
    return _DOCUMENT_TYPES[number]


def optional_moment(request: Message, field: str) -> datetime | None:
    """The moment in a field of the request, or None if it is not set; raises INVALID if it is none."""
    if not request.HasField(field):
        return None
    try:
        return moment(getattr(request, field))
    except (ValueError, OverflowError):
        raise invalid(field, "时间超出范围。", "The time is out of range.") from None


def grant_message(grant: Grant) -> pb.Grant:
    """A grant; its end is the moment it was ended, if it was."""
    return pb.Grant(
        grant_id=grant.grant_id,
        person_id=grant.person_id,
        role=grant.role,
        institution=grant.target.institution,
        region=grant.target.region,
        valid_from=timestamp(grant.valid_from),
        valid_until=timestamp(grant.valid_until),
        granted_by=grant.granted_by,
    )


def key_message(key: SigningKey) -> pb.SigningKey:
    """A signing key; `active_from` is set once it is approved."""
    return pb.SigningKey(
        key_id=key.key_id,
        person_id=key.person_id,
        public_key=key.public_key,
        state=_KEY_STATES[key.state],
        proposed_at=timestamp(key.proposed_at),
        approvers=key.approvers,
        active_from=timestamp(key.active_from) if key.active_from else None,
    )


def person_message(person: PersonView) -> pb.Person:
    """A person as the caller may see him."""
    return pb.Person(
        person_id=person.person_id,
        login=person.login,
        name=person.name,
        document_type=_DOCUMENT_TYPE_NUMBERS[person.document_type],
        document_number_masked=person.document_masked,
        locked=person.locked,
        grants=[grant_message(grant) for grant in person.grants],
    )
