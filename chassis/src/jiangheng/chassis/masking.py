"""Takes personal data and secrets out of what is written to logs.

Two nets, because neither holds everything: names of fields whose values are
never logged, and patterns for what hides in free text (identity numbers,
telephone numbers, tokens, passwords in addresses, rows quoted by a database).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

MASK = "********"

SENSITIVE_NAMES = frozenset(
    {
        "activation_code",
        "address",
        "assertion",
        "authorization",
        "code",
        "contact_name",
        "contact_phone",
        "document_number",
        "legal_representative",
        "login",
        "name",
        "passphrase",
        "password",
        "person_name",
        "phone",
        "private_key",
        "secret",
        "token",
    }
)
SENSITIVE_ENDINGS = ("_password", "_private_key", "_secret", "_token")

_DEEPEST = 12

_QUOTED = r"(?:\"[^\"]*\"|'[^']*')"
_NAMES = "|".join(sorted(SENSITIVE_NAMES))
_SECRETS = r"passw(?:or)?d|passphrase|secret|token|private_key|activation_code|assertion"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in (
        # What a database quotes when it refuses a row: parameters, keys, whole rows.
        (r"\[parameters: .*?\](?=\s*(?:\n|\(Background|$))", f"[parameters: {MASK}]"),
        (r"(Failing row contains )\(.*?\)\.", rf"\1({MASK})."),
        (r"(Key \([^)]*\)=)\(.*?\)(?= (?:already|is|conflicts))", rf"\1({MASK})"),
        # What a validator quotes when it refuses a value.
        (r"(input_value=).*?(?=, input_type=)", rf"\1{MASK}"),
        # Passwords in addresses, tokens, keys, and the form name="value" of a repr.
        (r"(://[^\s:/@]*:)\S+@", rf"\1{MASK}@"),
        (r"\b(bearer\s+)[\w.~+/=-]{16,}", rf"\1{MASK}"),
        (r"\beyJ[\w-]+\.[\w-]+\.[\w-]*", MASK),
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", MASK),
        (rf"((?:{_SECRETS})[\"']?\s*[:=]\s*)(?:{_QUOTED}|[^\s,;}})\]]+)", rf"\1{MASK}"),
        (rf"(?<!\w)((?:{_NAMES})[\"']?\s*[:=]\s*){_QUOTED}", rf"\1{MASK}"),
        # Identity numbers of 18 and 15 characters, written in groups too; telephones.
        (r"(?<!\d)(?:\d{17}[\dx]|\d{15}|\d{6}[ -]\d{8}[ -]\d{3}[\dx])(?!\d)", MASK),
        (r"(?<!\d)(?:86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)", MASK),
    )
)


def is_sensitive(name: str) -> bool:
    """True if the value under this name is never logged."""
    plain = name.lower().replace("-", "_")
    return plain in SENSITIVE_NAMES or plain.endswith(SENSITIVE_ENDINGS)


def mask_text(text: str) -> str:
    """The text without what the patterns know."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def mask_value(value: Any, depth: int = 0) -> Any:
    """A copy that may be logged: made of dicts, lists, text, numbers, booleans and None only.

    Objects of unknown kind are given by their class, never by their repr, which
    may hold anything.
    """
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {mask_text(str(name)): _member(str(name), member, depth) for name, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_value(element, depth + 1) for element in value]
    return _scalar(value)


def _member(name: str, value: Any, depth: int) -> Any:
    if is_sensitive(name) and value is not None:
        return MASK
    return mask_value(value, depth + 1)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if mask_text(str(value)) == str(value) else MASK
    if isinstance(value, Enum):
        return mask_text(value.name)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {mask_text(str(value))}"
    if isinstance(value, str | UUID | Decimal | date | PurePath):
        return mask_text(str(value))
    return f"<{type(value).__name__}>"
