"""A pack's head and answers as JSON, and back: the form that digests pin and that no schema is needed for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from jiangheng.rules.layer import Answer, Head, Other
from jiangheng.rules.values import Text, decoded, encoded, plain


def head_document(head: Head) -> dict[str, Any]:
    """A head as JSON. What goes without saying is left out: a field added later changes no earlier digest."""
    said = {each.name: getattr(head, each.name) for each in fields(Head)}
    defaults = {each.name: each.default for each in fields(Head)}
    return {
        name: each.isoformat() if isinstance(each, date) else plain(each)
        for name, each in said.items()
        if each != defaults[name]
    }


def head_of(written: Mapping[str, Any]) -> Head:
    """The head of what `head_document` wrote. Raises KeyError, TypeError, ValueError for anything else."""
    read: dict[str, Any] = {
        name: tuple(each) if isinstance(each, list) else each for name, each in written.items()
    }
    for name in ("issued", "effective"):
        if name in read:
            read[name] = date.fromisoformat(read[name])
    return Head(
        **{**read, "issuer": Text(**written["issuer"]), "interpreter": Text(**written["interpreter"])}
    )


def answer_document(answer: Answer) -> dict[str, Any]:
    """An answer of a resolved pack as JSON, what goes without saying left out."""
    written = {
        "value": encoded(answer.value),
        "cite": list(answer.cite),
        "origin": answer.origin,
        "inferred": answer.inferred,
        "reading": plain(answer.reading),
        "note": plain(answer.note),
        "other": [{"value": encoded(each.value), "cite": list(each.cite)} for each in answer.other],
        "only": list(answer.only),
        "as_a_rule": answer.as_a_rule or None,
        "otherwise": [answer_document(each) for each in answer.otherwise if each],
    }
    return {name: each for name, each in written.items() if each not in (None, [])}


def answer_of(key: str, written: Mapping[str, Any]) -> Answer:
    """The answer of what `answer_document` wrote. Raises as `head_of`."""
    return Answer(
        key=key,
        value=decoded(written["value"]),
        cite=tuple(written.get("cite", ())),
        origin=written["origin"],
        reading=Text(**written["reading"]) if "reading" in written else None,
        other=tuple(Other(decoded(each["value"]), tuple(each["cite"])) for each in written.get("other", ())),
        note=Text(**written["note"]) if "note" in written else None,
        inferred=written["inferred"],
        only=tuple(written.get("only", ())),
        as_a_rule=written.get("as_a_rule", False),
        otherwise=tuple(answer_of(key, each) for each in written.get("otherwise", ())),
    )
