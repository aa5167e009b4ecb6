"""The registry of events: complete, exact, and its examples true."""

from __future__ import annotations

import ast
import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from jiangheng.api import registry
from jiangheng.api.policy.v1.policy_pb2 import method_policy
from jiangheng.api.registration.v1.events_pb2 import InstitutionFiled
from jiangheng.api.registration.v1.registration_pb2 import CompleteFilingRequest
from jiangheng.chassis.canonical import canonical_json, message_json

API = Path(registry.__file__).parent
EVENT_PROTOS = ("events_pb2.py", "refusal_pb2.py")
ROOT = Path(__file__).parents[2]
SERVICES = {path.parent.name for path in ROOT.glob("services/*/pyproject.toml")}
TYPE_OF_EVENT = re.compile(r"[a-z_]+\.[a-z_]+\.v[1-9][0-9]*")
ALL = sorted(registry.events())


def stated_messages() -> list[str]:
    """Full names of all messages that a file of events defines at its top."""
    files = [path for path in API.rglob("*_pb2.py") if path.name in EVENT_PROTOS]
    modules = [".".join(("jiangheng.api", *path.relative_to(API).with_suffix("").parts)) for path in files]
    tops = [import_module(module).DESCRIPTOR.message_types_by_name.values() for module in modules]
    return sorted(message.full_name for messages in tops for message in messages)


def test_every_message_of_events_is_registered_exactly_once() -> None:
    assert sorted(event.message for event in registry.events().values()) == stated_messages()


def test_the_name_of_an_event_is_the_name_of_its_message() -> None:
    for event in registry.events().values():
        assert re.fullmatch(r"[a-z]+\.[a-z]+\.v[1-9][0-9]*", event.name)
        noun, verb, _ = event.name.split(".")
        assert event.message.rsplit(".", 1)[1] == noun.capitalize() + verb.capitalize()


def test_a_noun_belongs_to_one_service_except_refusals_which_all_state() -> None:
    owners: dict[str, set[tuple[str, ...]]] = {}
    for event in registry.events().values():
        owners.setdefault(event.noun, set()).add(event.producers)
    assert owners.pop("refusal") == {tuple(sorted(SERVICES))}
    assert all(len(producers) == 1 and len(next(iter(producers))) == 1 for producers in owners.values())


def types_named_in(service: str) -> set[str]:
    """Every type of event that stands as a literal in a service's code."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "services" / service / "src").rglob("*.py")]
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and TYPE_OF_EVENT.fullmatch(value)}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_names_only_events_that_are_registered_and_states_all_of_its_own(service: str) -> None:
    """A misspelt type would be stated without complaint and heard by nobody."""
    named = types_named_in(service)
    assert named <= set(ALL)
    own = {name for name, event in registry.events().items() if event.producers == (service,)}
    assert own <= named


def test_producers_and_consumers_are_services() -> None:
    for event in registry.events().values():
        assert event.producers
        assert set(event.producers) <= SERVICES
        assert set(event.consumers) <= SERVICES


def test_every_event_is_on_the_evidence_ledger() -> None:
    assert all("supervision" in event.consumers for event in registry.events().values())


@pytest.mark.parametrize("name", ALL)
def test_the_example_fills_every_field_and_is_the_same_after_a_round_trip(name: str) -> None:
    event = registry.event_type(name)
    message = event.parse(event.example_json())
    assert unfilled(message) == []
    assert message_json(message) == canonical_json(json.loads(event.example_json()))


@pytest.mark.parametrize("name", ALL)
def test_an_unknown_field_is_refused(name: str) -> None:
    event = registry.event_type(name)
    data = {**json.loads(event.example_json()), "surprise": 1}
    with pytest.raises(json_format.ParseError):
        event.parse(json.dumps(data))


def test_no_example_lies_about_unregistered() -> None:
    kept = {f"examples/{path.name}" for path in (API / "examples").iterdir()}
    assert kept == {event.example for event in registry.events().values()}


def test_an_unregistered_event_is_refused() -> None:
    with pytest.raises(LookupError, match=r"paper\.leaked\.v1"):
        registry.event_type("paper.leaked.v1")


def test_a_signature_is_in_exactly_the_facts_of_signed_acts() -> None:
    for event in registry.events().values():
        has_signature = "signature" in event.message_class().DESCRIPTOR.fields_by_name
        assert has_signature == (event.act_method() is not None)


def test_a_signed_request_can_be_made_again_from_its_fact() -> None:
    for event in registry.events().values():
        method = event.act_method()
        if method is None:
            continue
        assert event.act == f"/{method.containing_service.full_name}/{method.name}"
        assert method.GetOptions().Extensions[method_policy].signed
        asked = {f.name: kind(f) for f in method.input_type.fields}
        told = {f.name: kind(f) for f in event.message_class().DESCRIPTOR.fields}
        assert asked.items() <= told.items()


def test_the_request_of_a_filing_is_what_the_officer_signed() -> None:
    event = registry.event_type("institution.filed.v1")
    fact = event.parse(event.example_json())
    assert isinstance(fact, InstitutionFiled)
    assert event.act_request(fact) == CompleteFilingRequest(
        credit_code=fact.credit_code,
        revision=fact.revision,
        dossier_digest=fact.dossier_digest,
        signature=fact.signature,
    )


def test_no_request_is_made_for_an_unsigned_fact() -> None:
    event = registry.event_type("person.reset.v1")
    with pytest.raises(LookupError):
        event.act_request(event.parse(event.example_json()))


def test_nouns_of_a_service() -> None:
    assert registry.nouns("registration") >= {"institution", "plan", "batch", "application", "refusal"}
    assert registry.nouns("identity") == {"person", "grant", "key", "principal", "refusal"}


def unfilled(message: Message, path: str = "") -> list[str]:
    """Paths of the fields, at any depth, that a message leaves empty."""
    filled = {field.name: value for field, value in message.ListFields()}
    empty = [path + field.name for field in message.DESCRIPTOR.fields if field.name not in filled]
    for name, value in filled.items():
        parts = list(value) if message.DESCRIPTOR.fields_by_name[name].is_repeated else [value]
        for part in parts:
            if isinstance(part, Message) and not part.DESCRIPTOR.full_name.startswith("google.protobuf."):
                empty += unfilled(part, f"{path}{name}.")
    return empty


def kind(field: FieldDescriptor) -> tuple[int, bool, str]:
    """What a field holds, as far as copying it needs to know."""
    named = field.message_type or field.enum_type
    return field.type, field.is_repeated, named.full_name if named else ""
