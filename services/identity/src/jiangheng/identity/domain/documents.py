"""Documents that tell who somebody is: kind and number in the one normal form that is compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from jiangheng.chassis.errors import invalid
from jiangheng.rules import codes
from jiangheng.rules.explanation import Explanation

# Shorter than any identity number, so that nobody is registered twice by calling his a passport.
_PASSPORT = re.compile(r"[A-Z0-9]{5,12}")


class DocumentType(StrEnum):
    """The kinds of document a person is registered by."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    RESIDENCE_PERMIT = "residence_permit"


@dataclass(frozen=True)
class Document:
    """A document number in normal form; its repr does not show it."""

    type: DocumentType
    number: str = field(repr=False)


def checked_document(kind: DocumentType, number: str, on: date) -> Document:
    """The document in normal form; raises INVALID, with the standard it breaks, if there can be none such."""
    text = codes.normal_form(number)
    fault = _CHECKS[kind](text, on)
    if fault:
        raise invalid("document_number", fault.zh, fault.en, rule=fault.rule, clause=fault.clause)
    return Document(kind, text)


def _check_passport(number: str, _on: date) -> Explanation | None:
    if _PASSPORT.fullmatch(number):
        return None
    return Explanation(
        "护照号码应为 5–12 位字母和数字。",
        "A passport number has 5 to 12 letters and digits.",
        "ICAO 9303",
        "part 4",
    )


_CHECKS: dict[DocumentType, Callable[[str, date], Explanation | None]] = {
    DocumentType.RESIDENT_ID: codes.check_resident_id,
    DocumentType.PASSPORT: _check_passport,
    DocumentType.RESIDENCE_PERMIT: codes.check_residence_permit,
}
