"""What is wrong in a file of parameters or of a pack: file, line, key, a sentence in each language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jiangheng.rules.tables import table


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong; `kind` is its name in faults.toml, `line` counts from 1."""

    file: str
    line: int
    key: str
    kind: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.zh} {self.en}"


class BadPack(ValueError):
    """A pack, a schema or a value for one does not hold; all that is wrong, not the first only."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


def fault(kind: str, *, file: str, line: int, key: str, **said: object) -> Fault:
    """A fault of this kind; `said` fills in the sentences of faults.toml."""
    sentences = table("faults")[kind]
    zh, en = (sentences[language].format(**said) for language in ("zh", "en"))
    return Fault(file, line, key, kind, zh, en)
