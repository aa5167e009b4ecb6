"""The envelope of a fact in its three forms: a message on the bus, JSON at rest, a row of the outbox.

On the bus it is a CloudEvent 1.0 in binary mode: the attributes are headers that
begin with "ce-", the body is the fact's own JSON, byte for byte. Every form gives
back an equal envelope, so that a digest over it holds wherever it was received.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Never

import sqlalchemy as sa
from google.protobuf import json_format

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis.canonical import message_json
from jiangheng.chassis.errors import Problem, invalid

SPEC_VERSION = "1.0"
_HIGHEST = 2**63 - 1  # what a database's bigint holds
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_TYPE = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*\.v[1-9][0-9]*")
_REGION = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,255}")
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
FORMS: Mapping[str, re.Pattern[str]] = {
    "id": _UUID,
    "source": _NAME,
    "type": _TYPE,
    "subject": _TEXT,
    "region": _REGION,
    "stream": _NAME,
    "actor": _TEXT,
}


def exchange_of(source: str) -> str:
    """The topic exchange on which a service states its facts."""
    return f"{source}.events"


def noun_of(envelope: Envelope) -> str:
    """The kind of object the fact is about: the first word of its type."""
    return envelope.type.split(".")[0]


def routing_key(envelope: Envelope) -> str:
    """ "<type>.<province>", so that a province can bind only what is its own."""
    return f"{envelope.type}.{envelope.region[:2]}"


def to_amqp(envelope: Envelope) -> tuple[dict[str, Any], bytes]:
    """The AMQP properties (names as in AMQP 0-9-1) and the body of a fact."""
    texts = {name: getattr(envelope, name) for name in FORMS}
    # CloudEvents' integers have 32 bits, ours have 63: they travel as text.
    numbers = {"version": str(envelope.version), "position": str(envelope.position)}
    attributes = {"specversion": SPEC_VERSION, "time": envelope.time.ToJsonString(), **texts, **numbers}
    properties = {
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "delivery_mode": 2,
        "message_id": envelope.id,
        "headers": {f"ce-{name}": value for name, value in attributes.items()},
    }
    return properties, envelope.data.encode()


def from_amqp(headers: Mapping[str, Any], body: bytes) -> Envelope:
    """The envelope of a message. Raises a Problem of kind INVALID for what is not a fact of ours."""
    if _header(headers, "specversion") != SPEC_VERSION:
        _refuse("ce-specversion", f"the version of CloudEvents is not {SPEC_VERSION}")
    envelope = Envelope(
        version=_number(headers, "version"), position=_number(headers, "position"), data=_text(body)
    )
    for name in FORMS:
        setattr(envelope, name, _header(headers, name))
    try:
        envelope.time.FromJsonString(_header(headers, "time"))
    except ValueError as error:
        raise _problem("ce-time", "the time is not one of RFC 3339") from error
    return checked(envelope)


def envelope_json(envelope: Envelope) -> str:
    """The canonical JSON of an envelope: what is parked and what a ledger digests."""
    return message_json(envelope).decode()


def envelope_from_json(text: str) -> Envelope:
    """The envelope that `envelope_json` gave. Raises a Problem of kind INVALID for anything else."""
    try:
        envelope = json_format.Parse(text, Envelope())
    except json_format.ParseError as error:
        raise _problem("envelope", "it is not the JSON of an envelope") from error
    return checked(envelope)


def from_outbox_row(row: sa.Row[Any], source: str) -> Envelope:
    """The envelope of a stamped row of the outbox of the service `source`."""
    envelope = Envelope(
        id=row.event_id,
        source=source,
        type=row.type,
        subject=row.subject,
        version=row.version,
        region=row.region,
        stream=row.stream,
        position=row.position,
        actor=row.actor,
        data=row.data,
    )
    envelope.time.FromDatetime(row.occurred_at)
    return envelope


def checked(envelope: Envelope) -> Envelope:
    """The same envelope, if all its members have the form they must. Raises a Problem of kind INVALID."""
    for name, form in FORMS.items():
        if not form.fullmatch(getattr(envelope, name)):
            _refuse(name, f"{name} does not have its form")
    for name in ("version", "position"):
        if not 1 <= getattr(envelope, name) <= _HIGHEST:
            _refuse(name, f"{name} does not count from 1")
    if not envelope.HasField("time"):
        _refuse("time", "the time is missing")
    _check_data(envelope.data)
    return envelope


def _check_data(data: str) -> None:
    try:
        value = json.loads(data, parse_constant=lambda name: _refuse("data", f"{name} is no JSON"))
    except (ValueError, RecursionError) as error:
        raise _problem("data", "the body is not JSON") from error
    if not isinstance(value, dict):
        _refuse("data", "the body is not a JSON object")


def _header(headers: Mapping[str, Any], name: str) -> str:
    value = headers.get(f"ce-{name}")
    if not isinstance(value, str):
        _refuse(f"ce-{name}", f"the header ce-{name} is missing or not text")
    return value


def _number(headers: Mapping[str, Any], name: str) -> int:
    text = _header(headers, name)
    if not _NUMBER.fullmatch(text) or int(text) > _HIGHEST:
        _refuse(f"ce-{name}", f"the header ce-{name} does not count from 1")
    return int(text)


def _text(body: bytes) -> str:
    try:
        return bytes(body).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _problem("data", "the body is not UTF-8") from error


def _refuse(field: str, en: str) -> Never:
    raise _problem(field, en)


def _problem(field: str, en: str) -> Problem:
    return invalid(
        field, f"事件格式不正确：{field}", f"not a well-formed event: {en}", code="malformed-event"
    )
