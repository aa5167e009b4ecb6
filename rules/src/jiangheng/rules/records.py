"""Reads the fields of a pack's record, of which many are optional."""

from __future__ import annotations

from jiangheng.rules.values import Record


def number(record: Record, name: str) -> int | None:
    """A number, None if the record leaves it open. Raises ValueError if the field is none."""
    value = record.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise _wrong(name, "integer")


def is_so(record: Record, name: str) -> bool:
    """A flag; left out it is false. Raises ValueError if the field is none."""
    value = record.get(name, False)
    if isinstance(value, bool):
        return value
    raise _wrong(name, "flag")


def option(record: Record, name: str) -> str | None:
    """The chosen option, None if the record leaves it open. Raises ValueError if the field is none."""
    value = record.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(name, "choice")


def options(record: Record, name: str) -> tuple[str, ...]:
    """The chosen options, none if the record leaves them open. Raises ValueError if the field holds none."""
    value = record.get(name, ())
    if isinstance(value, tuple):
        return value
    raise _wrong(name, "choices")


def _wrong(name: str, wanted: str) -> ValueError:
    return ValueError(f"the field {name} is no {wanted}")
