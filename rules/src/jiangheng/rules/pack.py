"""Asks a policy pack: what holds here for this parameter, and where does it stand?

A pack's own layers answer first (what it extends, then itself; the later
wins), the national base where they are silent, unless the pack stands alone. Where
both are silent nothing is guessed: NotRegulated. What a source says of some kinds of
institution only, the others do not hear: `Pack.for_kind`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.faults import BadPack, fault
from jiangheng.rules.layer import Answer, Head, Layer, Statements, overlay
from jiangheng.rules.library import BASE, Library
from jiangheng.rules.pack_document import answer_document, answer_of, head_document, head_of
from jiangheng.rules.schema import schema
from jiangheng.rules.values import Duration, Record, Text, Value, plain, problems, typed

T = TypeVar("T")

# Folders, separated as in PATH, in which an agency keeps packs of its own.
PACKS_VARIABLE = "JIANGHENG_PACKS"


class UnknownParameter(LookupError):
    """No parameter has this key: a programming error or a misspelt word."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no parameter {key}")
        self.key = key


class NotRegulated(LookupError):
    """Nothing is said about a parameter, or only to other kinds of institution."""

    def __init__(self, key: str, pack: str, zh: str, en: str, only: tuple[Text, ...] = ()) -> None:
        super().__init__(f"{pack} does not regulate {key}")
        self.key = key
        self.pack = pack
        self._zh, self._en, self._only = zh, en, only

    @property
    def explanation(self) -> Explanation:
        """The same for people; it says for whom there is a rule, if for others."""
        if self._only:
            kinds = "、".join(each.zh for each in self._only)
            kinds_en = ", ".join(each.en for each in self._only)
            zh = f"规则包 {self.pack} 对“{self._zh}”的规定只适用于{kinds}。"
            en = f"Pack {self.pack} regulates “{self._en}” only for: {kinds_en}."
        else:
            zh = f"规则包 {self.pack} 对“{self._zh}”未作规定。"
            en = f"Pack {self.pack} does not regulate “{self._en}”."
        return Explanation(zh, en, rule=self.key, clause=self.pack)


@dataclass(frozen=True)
class Pack:
    """What holds in one jurisdiction, resolved.

    `silent`: keys on which it is silent and says so. `withheld`: keys on which it
    speaks to other kinds of institution only, with these kinds (`for_kind`).
    """

    head: Head
    answers: Mapping[str, Answer]
    silent: frozenset[str] = frozenset()
    conditions: Mapping[str, Any] = field(default_factory=dict)
    withheld: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its name."""
        return self.head.id

    @property
    def version(self) -> str:
        """Its version, e.g. 2026.1."""
        return self.head.version

    @property
    def status(self) -> str:
        """What its rules are worth: draft, trial, in_force."""
        return self.head.status

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON of `document()`: what a batch pins."""
        return hashlib.sha256(canonical(self.document())).hexdigest()

    def answer(self, key: str) -> Answer:
        """What holds for a parameter. Raises NotRegulated, UnknownParameter."""
        try:
            return self.answers[key]
        except KeyError:
            raise self._no_answer(key) from None

    def regulates(self, key: str) -> bool:
        """True if there is an answer. Raises UnknownParameter."""
        try:
            self.answer(key)
        except NotRegulated:
            return False
        return True

    def for_kind(self, kind: str) -> Pack:
        """The pack as it holds for an institution of this kind, an option of `org.kinds`.

        Values that are only for others are gone; what they were laid over holds, if
        there is anything. Raises ValueError if there is no such kind.
        """
        if kind not in schema().kinds:
            raise ValueError(f"there is no kind of institution {kind!r}")
        if not any(each.only for each in self.answers.values()):
            return self
        heard = {key: each.for_kind(kind) for key, each in self.answers.items()}
        withheld = {key: _kinds_of(self.answers[key]) for key, each in heard.items() if each is None}
        return replace(
            self,
            answers=MappingProxyType(_spoken(heard)),
            withheld=MappingProxyType({**self.withheld, **withheld}),
        )

    def flag(self, key: str) -> bool:
        """A yes or no. Raises NotRegulated, UnknownParameter, ValueError if it is of another type."""
        return _as(bool, self.answer(key))

    def integer(self, key: str) -> int:
        """A number in the parameter's unit. Raises as `flag`."""
        answer = self.answer(key)
        if isinstance(answer.value, bool):
            raise _wrong_type(answer, "integer")
        return _as(int, answer)

    def decimal(self, key: str) -> Decimal:
        """A number with a fraction in the parameter's unit. Raises as `flag`."""
        return _as(Decimal, self.answer(key))

    def choice(self, key: str) -> str:
        """The id of one option. Raises as `flag`."""
        return _as(str, self.answer(key))

    def choices(self, key: str) -> tuple[str, ...]:
        """The ids of options, in their order. Raises as `flag`."""
        return _each(str, self.answer(key))

    def text(self, key: str) -> Text:
        """Prose in two languages. Raises as `flag`."""
        return _as(Text, self.answer(key))

    def duration(self, key: str) -> Duration:
        """A length of time with its unit. Raises as `flag`."""
        return _as(Duration, self.answer(key))

    def record(self, key: str) -> Record:
        """Values by field. Raises as `flag`."""
        return _as(Mapping, self.answer(key))  # type: ignore[type-abstract]

    def records(self, key: str) -> tuple[Record, ...]:
        """Several of them. Raises as `flag`."""
        return _each(Mapping, self.answer(key))  # type: ignore[type-abstract]

    def document(self) -> dict[str, Any]:
        """The whole pack as JSON without floats; `from_document` reads it, whatever the schema is by then."""
        withheld = {"withheld": plain(self.withheld)} if self.withheld else {}
        return {
            "pack": head_document(self.head),
            "parameters": {key: answer_document(each) for key, each in sorted(self.answers.items())},
            "not_regulated": sorted(self.silent),
            "conditions": plain(self.conditions),
            **withheld,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Pack:
        """The pack that gave this document. Raises ValueError if none did."""
        try:
            return cls(
                head=head_of(document["pack"]),
                answers=MappingProxyType(
                    {key: answer_of(key, each) for key, each in document["parameters"].items()}
                ),
                silent=frozenset(document["not_regulated"]),
                conditions=document["conditions"],
                withheld=MappingProxyType(
                    {key: tuple(each) for key, each in document.get("withheld", {}).items()}
                ),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not the document of a pack: {error!r}") from error

    def _no_answer(self, key: str) -> LookupError:
        parameter = schema().parameters.get(key)
        if parameter is None and key not in self.silent and key not in self.withheld:
            return UnknownParameter(key)
        zh, en = (parameter.zh, parameter.en) if parameter else (key, key)
        only = tuple(schema().kinds.get(each, Text(each, each)) for each in self.withheld.get(key, ()))
        return NotRegulated(key, self.id, zh, en, only)


def pack_named(name: str, folders: tuple[Path, ...] | None = None) -> Pack:
    """The pack of this id, from the wheel or from one of the agency's folders.

    Without `folders` they are those of the variable JIANGHENG_PACKS. Raises
    BadPack if there is none, or with everything that is wrong in what it is
    made of. Each is read once.
    """
    return _pack_named(name, agency_folders() if folders is None else folders)


def agency_folders() -> tuple[Path, ...]:
    """Where the environment says that an agency keeps packs of its own."""
    return tuple(Path(each) for each in os.environ.get(PACKS_VARIABLE, "").split(os.pathsep) if each)


def pack_names(folders: tuple[Path, ...] | None = None) -> tuple[str, ...]:
    """The ids of all packs, without the base."""
    library = _library(agency_folders() if folders is None else folders)
    return tuple(name for name in library.names if name != BASE)


def resolved(layers: Iterable[Layer], base: Layer) -> Pack:
    """The pack that layers make over the base; the last gives the head. Raises ValueError without a layer.

    Where one of them stands alone, there is no base.
    """
    layers = tuple(layers)
    own: Statements = {}
    below = standing_on(layers, base)
    head, conditions = None, below.conditions if below else None
    for layer in layers:
        own = overlay(own, layer.statements)
        head = layer.head
        conditions = conditions if layer.conditions is None else layer.conditions
    if head is None:
        raise ValueError("a pack has a layer at least")
    answers = _spoken(overlay(_spoken(below.statements if below else {}), _open(own)))
    silent = frozenset(key for key, each in own.items() if each is None and key not in answers)
    return Pack(head, MappingProxyType(answers), silent, conditions or {})


def standing_on(layers: Iterable[Layer], base: Layer) -> Layer | None:
    """The base under these layers; None if one of them stands alone."""
    return None if any(layer.head.stands_alone for layer in layers) else base


def overlaid(pack: Pack, values: Mapping[str, object], cite: tuple[str, ...] = ("overlaid",)) -> Pack:
    """The pack with some values replaced, for tests and for an enterprise's lawful adjustments.

    A value is given as a pack's file would or typed; None stands for silence.
    Raises UnknownParameter, and BadPack if a value does not fit its parameter.
    """
    answers, silent, withheld = dict(pack.answers), set(pack.silent), dict(pack.withheld)
    for key, value in values.items():
        answers.pop(key, None)
        silent.discard(key)
        withheld.pop(key, None)
        if value is None:
            silent.add(key)
        else:
            answers[key] = Answer(key, _fitting(key, plain(value)), cite, "overlaid")
    return replace(pack, answers=MappingProxyType(answers), silent=frozenset(silent), withheld=withheld)


def canonical(document: object) -> bytes:
    """JSON with sorted keys, no spaces, in UTF-8; the same everywhere, as there are no floats."""
    return json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


@cache
def _pack_named(name: str, folders: tuple[Path, ...]) -> Pack:
    library = _library(folders)
    return resolved(library.layers(name), library.layer(BASE))


@cache
def _library(folders: tuple[Path, ...]) -> Library:
    return Library(folders)


def _spoken(statements: Statements) -> dict[str, Answer]:
    return {key: each for key, each in statements.items() if each is not None}


def _open(own: Statements) -> dict[str, Answer]:
    """What is said, without the silences, so that the base answers in their place."""
    return {
        key: replace(each, otherwise=tuple(filter(None, each.otherwise)))
        for key, each in _spoken(own).items()
    }


def _kinds_of(answer: Answer) -> tuple[str, ...]:
    """The kinds for which there is an answer, where there is not one for all."""
    return tuple(dict.fromkeys(kind for each in answer.alternatives if each for kind in each.only))


def _fitting(key: str, raw: object) -> Value:
    parameter = schema().parameters.get(key)
    if parameter is None:
        raise UnknownParameter(key)
    found = list(problems(parameter.shape, raw, schema().units))
    if found:
        raise BadPack(fault(each.kind, file="overlaid", line=1, key=key, **each.said) for each in found)
    return typed(parameter.shape, raw)


def _as(kind: type[T], answer: Answer) -> T:
    if not isinstance(answer.value, kind):
        raise _wrong_type(answer, kind.__name__)
    return answer.value


def _each(kind: type[T], answer: Answer) -> tuple[T, ...]:
    several = answer.value if isinstance(answer.value, tuple) else (None,)
    if not all(isinstance(each, kind) for each in several):
        raise _wrong_type(answer, f"tuple of {kind.__name__}")
    return cast(tuple[T, ...], several)


def _wrong_type(answer: Answer, wanted: str) -> ValueError:
    return ValueError(f"{answer.key} is {type(answer.value).__name__}, asked for as {wanted}")
