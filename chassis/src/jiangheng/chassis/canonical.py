"""One byte form for one value, so that digests and signatures can be repeated anywhere.

Canonical JSON here is: UTF-8, no spaces, members sorted by the code points of
their names, numbers whole. Fractions are refused because two languages print
them differently; a mark or an amount travels as a decimal string.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message


def canonical_json(value: Any) -> bytes:
    """The canonical JSON of a value made of dicts, lists, strings, integers, booleans and None.

    Raises TypeError for anything else, a float among it, and UnicodeEncodeError
    for a text that is not Unicode (a lone surrogate).
    """
    _check(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def message_json(message: Message) -> bytes:
    """The canonical JSON of a protobuf message: field names as in the .proto, unset fields left out.

    A field added later and left empty therefore does not change a digest taken earlier.
    """
    return canonical_json(MessageToDict(message, preserving_proto_field_name=True))


def digest(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def _check(value: Any) -> None:
    if isinstance(value, dict):
        for name, member in value.items():
            if not isinstance(name, str):
                raise TypeError(f"canonical JSON: a member's name must be text, not {type(name).__name__}")
            _check(member)
    elif isinstance(value, list | tuple):
        for element in value:
            _check(element)
    elif value is not None and not isinstance(value, str | int):
        raise TypeError(f"canonical JSON: no form for {type(value).__name__}")
