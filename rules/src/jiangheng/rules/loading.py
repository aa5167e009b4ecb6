"""Reads the folder of a pack.

A folder bears the pack's id and holds pack.toml (the head), conditions.toml if
it has conditions of its own, and any other *.toml with values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jiangheng.rules.checking import SILENCES, condition_faults, head_faults, two_files, value_faults
from jiangheng.rules.faults import BadPack
from jiangheng.rules.layer import Answer, Head, Layer, Other
from jiangheng.rules.schema import Schema
from jiangheng.rules.toml_file import TomlFile, read_toml
from jiangheng.rules.values import Text, typed

HEAD, CONDITIONS = "pack.toml", "conditions.toml"


def read_layer(folder: Path, schema: Schema) -> Layer:
    """What stands in a pack's folder. Raises BadPack with every fault of every file, OSError."""
    head = read_toml(folder / HEAD)
    files = [read_toml(path) for path in value_files(folder)]
    conditions = read_toml(folder / CONDITIONS) if (folder / CONDITIONS).exists() else None
    faults = [*head_faults(head, folder.name, schema), *two_files(files)]
    faults += [fault for file in files for fault in value_faults(file, schema)]
    faults += condition_faults(conditions) if conditions else []
    if faults:
        raise BadPack(faults)
    statements = {each.key: each for file in files for each in _answers(file, folder.name, schema)}
    silences = {key: None for file in files for key in file.content.get(SILENCES, ())}
    return Layer(
        head=_head(head.content["pack"]),
        statements=MappingProxyType({**statements, **silences}),
        conditions=conditions.content if conditions else None,
    )


def value_files(folder: Path) -> list[Path]:
    """The files of a pack that hold values."""
    return [path for path in sorted(folder.glob("*.toml")) if path.name not in {HEAD, CONDITIONS}]


def _head(raw: Mapping[str, Any]) -> Head:
    listed = {name: tuple(each) for name, each in raw.items() if isinstance(each, list)}
    texts = {name: Text(**raw[name]) for name in ("issuer", "interpreter")}
    return Head(**{**raw, **listed, **texts})


def _answers(file: TomlFile, origin: str, schema: Schema) -> Iterator[Answer]:
    for key, table in file.content.items():
        if key != SILENCES:
            shape = schema.parameters[key].shape
            yield Answer(
                key=key,
                value=typed(shape, table["value"]),
                cite=tuple(table["cite"]),
                origin=origin,
                reading=Text(**table["reading"]) if "reading" in table else None,
                other=tuple(
                    Other(typed(shape, each["value"]), tuple(each["cite"])) for each in table.get("other", ())
                ),
                note=Text(**table["note"]) if "note" in table else None,
                inferred=table.get("inferred", False),
                only=tuple(table.get("only", ())),
                as_a_rule=table.get("as_a_rule", False),
            )
