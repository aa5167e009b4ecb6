"""How pages for people are laid out: labels and values in columns, words of fixed lists in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from jiangheng.chassis.clocks import SHANGHAI, legal_date

LABEL_COLUMNS = 34
PART_ZH = {0: "?", 1: "理论知识考试", 2: "技能操作考核", 3: "综合评审"}


def wide(text: str, columns: int) -> str:
    """The text filled up to so many columns; a Chinese character takes two."""
    width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(0, columns - width)


def row(label: str, value: object) -> str:
    """Label and value in columns."""
    return f"{wide(label, LABEL_COLUMNS - 2)}  {value}"


def rows(*pairs: tuple[str, object]) -> list[str]:
    """A row for each label that has a value."""
    return [row(label, value) for label, value in pairs if value]


def parts(found: Iterable[int]) -> str:
    """The parts of an assessment."""
    return "、".join(PART_ZH.get(part, "?") for part in found)


def when(stamp: Timestamp) -> str:
    """A moment on the clocks of China; empty if it is not set."""
    if not stamp.ByteSize():
        return ""
    return stamp.ToDatetime(tzinfo=UTC).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def today() -> date:
    """The date of law now."""
    return legal_date(datetime.now(UTC))


def yes(value: bool) -> str:
    """A box that is ticked or not."""
    return "是 yes" if value else "否 no"


def state(number: int, names: Any, zh: Mapping[Any, str]) -> str:
    """A state in both languages: `names` is the contract's enum, `zh` the domain's words."""
    common = names.DESCRIPTOR.values[0].name.removesuffix("UNSPECIFIED")
    word = names.Name(number).removeprefix(common).lower()
    found = {each.value: text for each, text in zh.items()}
    return f"{found.get(word, '?')} {word}"


def wanted(found: Enum | None, names: Any) -> int:
    """The contract's value for a state of the domain; None stands for any."""
    common = names.DESCRIPTOR.values[0].name.removesuffix("UNSPECIFIED")
    return int(names.Value(f"{common}{found.name if found else 'UNSPECIFIED'}"))
