"""Forms as a person writes them: TOML files beside the papers that they name.

The keys are the fields of the contract (jiangheng.api.registration.v1). Words of a fixed list are written
without what they have in common: `kind = "work_rules"` is PAPER_KIND_WORK_RULES. Days and times are TOML's
own, 2026-03-02 and 2026-03-02T09:00:00, and a time is China's unless it says another offset. A file stands
for its SHA-256: `file = "papers/plan.pdf"`, or `sha256 = "<64 hex digits>"`, where the contract has `digest`;
`promise_file`, `evidence_file` and so on where it has `promise_digest`, `evidence`. All forms are in
docs/examples.
"""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, TypeVar, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from jiangheng.chassis.clocks import SHANGHAI

M = TypeVar("M", bound=Message)
_TIMESTAMP = "google.protobuf.Timestamp"


class FileError(Exception):
    """The file cannot be read as what it should be; the message says where and why."""


def load(path: Path) -> dict[str, Any]:
    """The file's content. Raises FileError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: {error}") from None


def taken(content: dict[str, Any], key: str, path: Path) -> Any:
    """A key that is not the form's own, taken out of it. Raises FileError if it is missing."""
    try:
        return content.pop(key)
    except KeyError:
        raise FileError(f"{path}: {key} is missing") from None


def form(content: Mapping[str, Any], into: type[M], path: Path) -> M:
    """The message that the content says; papers lie beside `path`. Raises FileError; no key is ignored."""
    try:
        return ParseDict(_members(content, cast(Descriptor, into.DESCRIPTOR), path.parent), into())
    except (OSError, ValueError, TypeError, AttributeError, KeyError, ParseError) as error:
        raise FileError(f"{path}: {error}") from None


def _members(content: Mapping[str, Any], descriptor: Descriptor, folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in content.items():
        field = descriptor.fields_by_name.get(name)
        if field is None or field.type == FieldDescriptor.TYPE_BYTES:
            field, digest = _digest(name, value, descriptor, folder)
            if field.name in made:
                raise ValueError(f"{_title(content)}say one of file, sha256")
            made[field.name] = b64encode(digest).decode()
        elif isinstance(value, list):
            made[name] = [_member(each, field, folder) for each in value]
        else:
            made[name] = _member(value, field, folder)
    if "digest" in descriptor.fields_by_name and not {"digest", "network_check"} & made.keys():
        raise ValueError(f"{_title(content)}say one of file, sha256")
    return made


def _member(value: Any, field: FieldDescriptor, folder: Path) -> Any:
    if field.message_type is not None and field.message_type.full_name != _TIMESTAMP:
        return _members(value, field.message_type, folder)
    if field.enum_type is not None:
        common = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        return f"{common}{value.upper()}"
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=SHANGHAI)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _digest(name: str, value: str, descriptor: Descriptor, folder: Path) -> tuple[FieldDescriptor, bytes]:
    """The field that a key like "file", "sha256", "promise_file" stands for, and what to put there."""
    what, _, how = name.rpartition("_")
    names = (f"{what}_digest" if what else "digest", what)
    field = next(
        (descriptor.fields_by_name[each] for each in names if each in descriptor.fields_by_name), None
    )
    if field is None or field.type != FieldDescriptor.TYPE_BYTES or how not in ("file", "sha256"):
        raise ValueError(f"{name}: there is no such key")
    return field, bytes.fromhex(value) if how == "sha256" else _file_digest(folder / value)


def _title(content: Mapping[str, Any]) -> str:
    return f"{content.get('kind', '')} {content.get('title', '')!r}: "


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()
