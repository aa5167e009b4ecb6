"""Documents that tell who somebody is: their kinds (000 A4 6, 13; 004 S三(三)1) and numbers.

Travel permits, passports and student numbers have no published check
character: of these only the form is judged, and a slip of one digit is not
found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import MappingProxyType

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers import identity
from jiangheng.rules.numbers.reasons import reason
from jiangheng.rules.pack import Pack
from jiangheng.rules.tables import table

ACCEPTED = "reg.id_types"
# A pack that lists no papers takes any: 其他身份证件 (000 main 20).
_ANY = "other_identity_paper"

_CHECKS: Mapping[str, Callable[[str, date], Explanation | None]] = MappingProxyType(
    {
        "resident_id": identity.check_resident_id,
        "hmt_residence_permit": identity.check_hmt_residence_permit,
        "foreigner_card": identity.check_foreigner_card,
    }
)


@dataclass(frozen=True)
class DocumentKind:
    """One "证件类型": `check` names the check of its number, or `pattern` its whole form."""

    id: str
    zh: str
    en: str
    clause: str
    check: str = ""
    pattern: str = ""


@cache
def document_kinds() -> Mapping[str, DocumentKind]:
    """The kinds of document by their names, in the order of the table."""
    rows = (DocumentKind(**row) for row in table("numbers/documents")["kind"])
    return MappingProxyType({kind.id: kind for kind in rows})


def check_document(kind: str, number: str, on: date) -> Explanation | None:
    """The reason why there is no such document on this day, or None. An unknown kind raises LookupError."""
    row = document_kinds()[kind]
    if row.check:
        return _CHECKS[row.check](number, on)
    return None if re.fullmatch(row.pattern, number) else reason(kind)


def check_accepted(kind: str, pack: Pack) -> Explanation | None:
    """Why the pack takes no such document for an entry, or None (REG-076). Raises NotRegulated."""
    accepted = pack.choices(ACCEPTED)
    if kind in accepted or _ANY in accepted:
        return None
    return replace(reason("document_not_accepted"), clause="; ".join(pack.answer(ACCEPTED).cite))


def explain_document(kind: str, number: str, on: date) -> tuple[Explanation, ...]:
    """Every reason, part by part where the number has parts. Raises LookupError for an unknown kind."""
    if document_kinds()[kind].check == "resident_id":
        return identity.explain_resident_id(number, on)
    wrong = check_document(kind, number, on)
    return (wrong,) if wrong else ()
