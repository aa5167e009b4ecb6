"""Finds packs by name: in the wheel, and in folders where an agency keeps its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from jiangheng.rules.faults import BadPack, Fault, fault
from jiangheng.rules.layer import Layer
from jiangheng.rules.loading import HEAD, read_layer
from jiangheng.rules.schema import Schema, schema
from jiangheng.rules.toml_file import read_toml

WHEEL = Path(__file__).parent / "packs"
BASE = "national"


class Library:
    """The packs of the wheel and of some folders more; no pack replaces another of its name unseen."""

    def __init__(
        self, folders: tuple[Path, ...] = (), wheel: Path = WHEEL, known: Schema | None = None
    ) -> None:
        self._places = (wheel, *folders)
        self._schema = known or schema()
        self._read: dict[str, Layer] = {}

    @cached_property
    def _folders(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        faults: list[Fault] = []
        for head in (head for place in self._places for head in sorted(place.glob(f"*/{HEAD}"))):
            folder = head.parent
            other = found.setdefault(folder.name, folder)
            if other != folder:
                faults.append(fault("pack_twice", file=str(head), line=1, key=folder.name, other=other))
        if faults:
            raise BadPack(faults)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of all packs, those of the wheel first. Raises BadPack if two bear one name."""
        return tuple(self._folders)

    def folder(self, name: str) -> Path:
        """Where a pack stands. Raises BadPack if there is none."""
        if name not in self._folders:
            places = ", ".join(map(str, self._places))
            raise BadPack([fault("no_pack", file=places, line=1, key=name, name=name)])
        return self._folders[name]

    def layer(self, name: str) -> Layer:
        """A pack alone. Raises BadPack."""
        if name not in self._read:
            self._read[name] = read_layer(self.folder(name), self._schema)
        return self._read[name]

    def layers(self, name: str) -> tuple[Layer, ...]:
        """A pack over those that it extends, the last wins. Raises BadPack with the faults of all of them."""
        self.folder(name)
        faults = list(self._faults(name, ()))
        if faults:
            raise BadPack(faults)
        return tuple(self._chain(name))

    def _chain(self, name: str) -> Iterator[Layer]:
        for below in self.layer(name).head.extends:
            yield from self._chain(below)
        yield self.layer(name)

    def _faults(self, name: str, above: tuple[str, ...]) -> Iterator[Fault]:
        """Faults of a pack and of what it extends."""
        try:
            extends = self.layer(name).head.extends
        except BadPack as bad:
            yield from bad.faults
            return
        for below in extends:
            if below in (*above, name):
                yield self._head_fault("circular_extends", name, circle=" → ".join((*above, name, below)))
            elif below not in self._folders:
                yield self._head_fault("unknown_extends", name, name=below)
            else:
                yield from self._faults(below, (*above, name))

    def _head_fault(self, kind: str, pack: str, **said: object) -> Fault:
        return read_toml(self.folder(pack) / HEAD).fault(kind, "pack", "extends", **said)
