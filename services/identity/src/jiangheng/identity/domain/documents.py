"""Documents that tell who somebody is: kind and number in the one normal form that is compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial

from jiangheng.chassis.errors import invalid
from jiangheng.rules import numbers
from jiangheng.rules.explanation import Explanation


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
    text = numbers.normal_form(number)
    fault = _CHECKS[kind](text, on)
    if fault:
        raise invalid("document_number", fault.zh, fault.en, rule=fault.rule, clause=fault.clause)
    return Document(kind, text)


_CHECKS: dict[DocumentType, Callable[[str, date], Explanation | None]] = {
    DocumentType.RESIDENT_ID: numbers.check_resident_id,
    DocumentType.PASSPORT: partial(numbers.check_document, "foreign_passport"),
    DocumentType.RESIDENCE_PERMIT: numbers.check_residence_permit,
}
