"""What is shown of personal data and codes where the whole is not needed (SEC-001).

The mask keeps the length, one * for each hidden character. A value that holds
a * itself is hidden whole, so that no masked value can be taken for a whole one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from jiangheng.rules.tables import table

MASK = "*"


@dataclass(frozen=True)
class MaskKind:
    """How many characters stay at either end, and how many must be hidden for any to stay."""

    id: str
    zh: str
    en: str
    head: int
    tail: int
    hidden: int


@cache
def mask_kinds() -> Mapping[str, MaskKind]:
    """What can be masked: name, identity_number, telephone, certificate_code."""
    return MappingProxyType({name: MaskKind(name, **row) for name, row in table("numbers/masking").items()})


def mask(kind: str, value: str) -> str:
    """The value as it may be shown, of the same length. Raises LookupError for an unknown kind."""
    head, tail = _shown(mask_kinds()[kind], value)
    return value[:head] + MASK * (len(value) - head - tail) + value[len(value) - tail :]


def masked_name(name: str) -> str:
    """A person's name with its first character only: 张**."""
    return mask("name", name)


def masked_identity_number(number: str) -> str:
    """The number of an identity document with its province and its last two characters."""
    return mask("identity_number", number)


def masked_telephone(number: str) -> str:
    """A telephone number without its middle: 138****5678."""
    return mask("telephone", number)


def masked_certificate_code(code: str) -> str:
    """A certificate's number with kind, body and province, and the last four digits."""
    return mask("certificate_code", code)


def _shown(kind: MaskKind, value: str) -> tuple[int, int]:
    if MASK in value:
        return 0, 0
    room = len(value) - kind.hidden
    for head, tail in ((kind.head, kind.tail), (0, kind.tail)):
        if head + tail <= room:
            return head, tail
    return 0, 0
