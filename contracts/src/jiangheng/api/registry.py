"""The registry of events: which facts exist, who states them, who listens (events.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class EventType:
    """One kind of fact, as events.toml states it."""

    name: str
    message: str
    proto: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    example: str
    act: str = ""

    @property
    def noun(self) -> str:
        """What the fact is about: the first word of its type."""
        return self.name.split(".")[0]

    def message_class(self) -> type[Message]:
        """The generated class of the message that `data` holds."""
        _load(self.proto)
        return GetMessageClass(Default().FindMessageTypeByName(self.message))

    def parse(self, data: str) -> Message:
        """The message in an envelope's `data`.

        Strict: raises json_format.ParseError for an unknown field or a value of the wrong kind.
        """
        return json_format.Parse(data, self.message_class()())

    def example_json(self) -> str:
        """The golden example: proto JSON of the message with every field present."""
        return (FOLDER / self.example).read_text(encoding="utf-8")

    def act_method(self) -> MethodDescriptor | None:
        """The RPC whose request the person signed; None where no signed act led to the fact."""
        if not self.act:
            return None
        _load(self.proto)
        service, method = self.act.removeprefix("/").split("/")
        return Default().FindServiceByName(service).methods_by_name[method]

    def act_request(self, fact: Message) -> Message:
        """The request that was signed, its signature with it, made again from the fact that states the act.

        Raises LookupError where no signed act leads to this kind of fact.
        """
        method = self.act_method()
        if method is None:
            raise LookupError(f"{self.name} states no signed act")
        stated = json_format.MessageToDict(fact, preserving_proto_field_name=True)
        names = stated.keys() & {field.name for field in method.input_type.fields}
        return json_format.ParseDict(
            {name: stated[name] for name in names}, GetMessageClass(method.input_type)()
        )


@cache
def events() -> Mapping[str, EventType]:
    """Every registered kind of fact by its type, in the order of events.toml."""
    stated = tomllib.loads((FOLDER / "events.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _event_type(name, fields) for name, fields in stated.items()})


def event_type(name: str) -> EventType:
    """The kind of fact called `name`, e.g. "institution.filed.v1".

    Raises LookupError for a name that nobody registered.
    """
    try:
        return events()[name]
    except KeyError:
        raise LookupError(f"{name} is not in the registry of events") from None


def nouns(source: str) -> frozenset[str]:
    """The nouns that the service `source` states facts about."""
    return frozenset(event.noun for event in events().values() if source in event.producers)


def _event_type(name: str, fields: Mapping[str, object]) -> EventType:
    lists = {key: tuple(value) for key, value in fields.items() if isinstance(value, list)}
    return EventType(name=name, **{**fields, **lists})  # type: ignore[arg-type]


def _load(proto: str) -> None:
    """Import the generated module of a .proto file, which makes its messages known by name."""
    import_module(proto.removesuffix(".proto").replace("/", ".") + "_pb2")
