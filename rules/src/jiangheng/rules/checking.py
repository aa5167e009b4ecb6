"""What may be wrong in the files of a pack; each fault with file, line and key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jiangheng.rules.faults import Fault
from jiangheng.rules.layer import STATUSES
from jiangheng.rules.schema import Schema
from jiangheng.rules.toml_file import KINDS, TomlFile, check_table, wrong_type
from jiangheng.rules.values import problems

SILENCES = "not_regulated"

_TEXT = {"zh": "string", "en": "string"}
_HEAD = {
    "id": "string",
    **_TEXT,
    "source": "string",
    "issuer": "table",
    "interpreter": "table",
    "status": "string",
    "version": "string",
    "extends": "strings",
    "replaces": "strings",
    "provinces": "strings",
    "kinds": "strings",
    "document": "string",
    "issued": "date",
    "effective": "date",
    "stands_alone": "flag",
}
_HEAD_OPTIONAL = (
    "extends",
    "replaces",
    "provinces",
    "kinds",
    "document",
    "issued",
    "effective",
    "stands_alone",
)
_STATEMENT = {
    "value": "any",
    "cite": "strings",
    "inferred": "flag",
    "note": "table",
    "reading": "table",
    "other": "tables",
    "only": "strings",
    "as_a_rule": "flag",
}
_STATEMENT_OPTIONAL = ("cite", "inferred", "note", "reading", "other", "only", "as_a_rule")
_VERSION = re.compile(r"\d+(\.\d+)*")
_PROVINCE = re.compile(r"[1-9]\d")


def head_faults(file: TomlFile, folder: str, schema: Schema) -> Iterator[Fault]:
    """What is wrong in pack.toml of a folder of this name."""
    yield from file.faults
    if file.faults:
        return
    yield from check_table(file, (), file.content, {"pack": "table"})
    head = file.content.get("pack")
    if isinstance(head, dict):
        found = list(check_table(file, ("pack",), head, _HEAD, _HEAD_OPTIONAL))
        yield from found
        faulty = {each.key for each in found}
        sound = {name: raw for name, raw in head.items() if f"pack.{name}" not in faulty}
        yield from _head_meanings(file, sound, folder, schema)


def value_faults(file: TomlFile, schema: Schema) -> Iterator[Fault]:
    """What is wrong in a file of values, seen alone."""
    yield from file.faults
    silences = file.content.get(SILENCES, [])
    if not isinstance(silences, list) or not all(isinstance(key, str) for key in silences):
        yield file.fault("wrong_type", SILENCES, **wrong_type("strings"))
        silences = []
    yield from _silence_faults(file, silences, schema)
    for key, table in file.content.items():
        if key == SILENCES:
            continue
        if key not in schema.parameters:
            yield file.fault("unknown_parameter", key, name=key)
        else:
            yield from _statement_faults(file, key, table, schema)


def condition_faults(file: TomlFile) -> Iterator[Fault]:
    """What is wrong in conditions.toml as far as its form goes; what it means, eligibility checks."""
    yield from file.faults
    yield from _not_plain(file, (), file.content)


def _head_meanings(file: TomlFile, head: Mapping[str, Any], folder: str, schema: Schema) -> Iterator[Fault]:
    if "id" in head and head["id"] != folder:
        yield file.fault("not_its_folder", "pack", "id", folder=folder)
    if head.get("status", "draft") not in STATUSES:
        yield file.fault("unknown_option", "pack", "status", value=head["status"], known=", ".join(STATUSES))
    if not _VERSION.fullmatch(head.get("version", "1")):
        yield file.fault("not_a_version", "pack", "version", value=head["version"])
    for name in ("issuer", "interpreter"):
        yield from check_table(file, ("pack", name), head[name], _TEXT) if name in head else ()
    yield from _audience_faults(file, head, schema)


def _audience_faults(file: TomlFile, head: Mapping[str, Any], schema: Schema) -> Iterator[Fault]:
    """Provinces and kinds of institution."""
    for province in head.get("provinces", ()):
        if not _PROVINCE.fullmatch(province):
            yield file.fault("not_a_province", "pack", "provinces", value=province)
    yield from _kind_faults(file, ("pack", "kinds"), head.get("kinds", ()), schema)


def _kind_faults(
    file: TomlFile, path: tuple[str, ...], found: Iterable[str], schema: Schema
) -> Iterator[Fault]:
    """Kinds of institution that there are not, as far as the schema lists them."""
    for kind in found:
        if schema.kinds and kind not in schema.kinds:
            yield file.fault("unknown_option", *path, value=kind, known=", ".join(schema.kinds))


def _silence_faults(file: TomlFile, silences: list[str], schema: Schema) -> Iterator[Fault]:
    for place, key in enumerate(silences):
        if key not in schema.parameters:
            yield file.fault_at_word("unknown_parameter", SILENCES, word=key, name=key)
        if key in file.content:
            yield file.fault("silent_and_valued", key)
        if key in silences[:place]:
            yield file.fault_at_word("silent_twice", SILENCES, word=key)


def _statement_faults(file: TomlFile, key: str, table: object, schema: Schema) -> Iterator[Fault]:
    found = list(check_table(file, (key,), table, _STATEMENT, _STATEMENT_OPTIONAL))
    yield from found
    if not isinstance(table, dict):
        return
    yield from _value_faults(file, (key,), key, table, schema)
    yield from _only_faults(file, key, table, schema)
    for name in ("note", "reading"):
        if isinstance(table.get(name), dict):
            yield from check_table(file, (key, name), table[name], _TEXT)
    others = table.get("other", [])
    for place, each in enumerate(others if isinstance(others, list) else []):
        path = (key, "other", f"[{place + 1}]")
        yield from check_table(file, path, each, {"value": "any", "cite": "strings"}, ("cite",))
        yield from _value_faults(file, path, key, each, schema) if isinstance(each, dict) else ()
    if others and "reading" not in table:
        yield file.fault("missing_field", key, name="reading")


def _only_faults(file: TomlFile, key: str, table: Mapping[str, Any], schema: Schema) -> Iterator[Fault]:
    """Faults of the kinds of institution for which alone a value holds."""
    if "only" not in table or not KINDS["strings"](table["only"]):
        return
    only: list[str] = table["only"]
    if not only:
        yield file.fault("empty", key, "only")
    yield from _kind_faults(file, (key, "only"), dict.fromkeys(only), schema)
    for kind in dict.fromkeys(each for each in only if only.count(each) > 1):
        yield file.fault("option_twice", key, "only", value=kind)


def _value_faults(
    file: TomlFile, path: tuple[str, ...], key: str, table: Mapping[str, Any], schema: Schema
) -> Iterator[Fault]:
    """Faults of a value and its citation, the reading chosen or another one."""
    cite = table.get("cite", [])
    if isinstance(cite, list) and not any(isinstance(each, str) and each.strip() for each in cite):
        yield file.fault("missing_citation", *path, "cite")
    if "value" in table:
        for found in problems(schema.parameters[key].shape, table["value"], schema.units):
            yield file.fault(found.kind, *path, "value", *found.path, **found.said)


def two_files(files: list[TomlFile]) -> Iterator[Fault]:
    """Keys that one file of a pack gives and another gives too, as value or as silence."""
    first: dict[str, tuple[TomlFile, bool]] = {}
    for file in files:
        silent = [key for key in file.content.get(SILENCES, ()) if isinstance(key, str)]
        for key in [*(key for key in file.content if key != SILENCES), *silent]:
            before, was_silent = first.setdefault(key, (file, key in silent))
            if before is not file and was_silent != (key in silent):
                yield file.fault_at_word("silent_and_valued", SILENCES, word=key)
            elif before is not file:
                yield file.fault_at_word("key_in_two_files", SILENCES, word=key, other=before.name)


def _not_plain(file: TomlFile, path: tuple[str, ...], raw: object) -> Iterator[Fault]:
    """Whatever JSON could not hold as it is: the digest is over JSON."""
    if isinstance(raw, dict):
        for name, each in raw.items():
            yield from _not_plain(file, (*path, name), each)
    elif isinstance(raw, list):
        for place, each in enumerate(raw):
            yield from _not_plain(file, (*path, f"[{place + 1}]"), each)
    elif not isinstance(raw, str | int):
        yield file.fault("not_plain", *path)
