"""Every kind of code and number under one name, for whoever is given a kind and a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from types import MappingProxyType

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.credit import check_credit_code
from jiangheng.rules.numbers.divisions import check_division
from jiangheng.rules.numbers.documents import document_kinds, explain_document
from jiangheng.rules.numbers.occupation import check_occupation_code
from jiangheng.rules.numbers.structures import explain_parts
from jiangheng.rules.numbers.ticket import explain_ticket
from jiangheng.rules.tables import table


class UnknownKind(LookupError):
    """No code or number goes by this name."""


@dataclass(frozen=True)
class NumberKind:
    """A kind of code or number that `explain` knows."""

    id: str
    zh: str
    en: str


@cache
def number_kinds() -> Mapping[str, NumberKind]:
    """All kinds by name: codes first, then the kinds of identity documents."""
    codes = [NumberKind(name, **row) for name, row in table("numbers/kinds").items()]
    documents = [NumberKind(kind.id, kind.zh, kind.en) for kind in document_kinds().values()]
    return MappingProxyType({kind.id: kind for kind in (*codes, *documents)})


def explain(kind: str, value: str, on: date) -> tuple[Explanation, ...]:
    """Every reason why the value (in normal form) is none of its kind on that day; empty if it is one.

    Raises UnknownKind.
    """
    if kind not in number_kinds():
        raise UnknownKind(kind)
    if kind in _CODES:
        return _CODES[kind](value)
    return explain_document(kind, value, on)


def _reasons(check: Callable[[str], Explanation | None], value: str) -> tuple[Explanation, ...]:
    wrong = check(value)
    return (wrong,) if wrong else ()


_CODES: Mapping[str, Callable[[str], tuple[Explanation, ...]]] = MappingProxyType(
    {
        "certificate": partial(explain_parts, "certificate"),
        "certificate_in_city": partial(explain_parts, "certificate_in_city"),
        "institution": partial(explain_parts, "institution"),
        "institution_in_city": partial(explain_parts, "institution_in_city"),
        "credit_code": partial(_reasons, check_credit_code),
        "occupation": partial(_reasons, check_occupation_code),
        "division": partial(_reasons, check_division),
        "ticket": explain_ticket,
    }
)
