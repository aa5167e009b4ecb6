"""The official calendar that an agency keeps: the State Council's yearly notices, as a TOML file.

    [2026]
    number = "国办发明电〔2025〕7号"
    workdays = [2026-01-04, 2026-02-14]
    [2026.holidays]
    "元旦" = [2026-01-01, 2026-01-03]

A year in it overrides what the wheel knows of that year, and extends it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jiangheng.rules.calendar import SATURDAY, Calendar, Holiday, Notice, statutory
from jiangheng.rules.faults import Fault
from jiangheng.rules.toml_file import KINDS, TomlFile, check_table, read_toml

_KEYS = {"number": "string", "workdays": "any", "holidays": "table"}
_YEAR = re.compile(r"20\d\d")


class BadCalendar(ValueError):
    """An official calendar does not hold; it says everything that is wrong, not the first only."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


def read_calendar(path: Path) -> Calendar:
    """The published calendar with the notices of this file. Raises BadCalendar, OSError."""
    file = read_toml(path)
    faults = [*file.faults, *(found for year in file.content for found in _faults_of(file, year))]
    if faults:
        raise BadCalendar(faults)
    return Calendar(notices=tuple(_notice(int(year), row) for year, row in file.content.items()))


def _notice(year: int, row: dict[str, Any]) -> Notice:
    holidays = tuple(Holiday(name, first, last) for name, (first, last) in row["holidays"].items())
    return Notice(year, row["number"], holidays, frozenset(row["workdays"]))


def _faults_of(file: TomlFile, year: str) -> Iterator[Fault]:
    row = file.content[year]
    if not _YEAR.fullmatch(year) or not isinstance(row, dict):
        yield file.fault("calendar_year", year)
        return
    faults = [*check_table(file, (year,), row, _KEYS), *_faults_of_shape(file, year, row)]
    yield from faults or _faults_of_days(file, _notice(int(year), row))


def _faults_of_shape(file: TomlFile, year: str, row: dict[str, Any]) -> Iterator[Fault]:
    if not _are_dates(row.get("workdays", [])):
        yield file.fault("calendar_workdays", year, "workdays")
    holidays = row.get("holidays")
    for name, period in holidays.items() if isinstance(holidays, dict) else ():
        if not (_are_dates(period) and len(period) == 2 and period[0] <= period[1]):
            yield file.fault("calendar_period", year, "holidays", name)


def _faults_of_days(file: TomlFile, notice: Notice) -> Iterator[Fault]:
    year = str(notice.year)
    placed = [(f"holidays.{holiday.name}", day) for holiday in notice.holidays for day in holiday.days()]
    placed += [("workdays", day) for day in sorted(notice.workdays)]
    times = Counter(day for _, day in placed)
    for place, day in placed:
        key = place.split(".", 1)
        if day.year != notice.year and (day.year, day.month) != (notice.year - 1, 12):
            yield file.fault("calendar_elsewhere", year, *key, day=day, year=year)
        if times[day] > 1:
            yield file.fault("calendar_twice", year, *key, day=day)
        if place == "workdays" and day.weekday() < SATURDAY:
            yield file.fault("calendar_weekday", year, *key, day=day)
    for fixed in statutory(notice.year):
        for day in sorted(set(fixed.days()) - notice.days_off):
            yield file.fault("calendar_statutory", year, "holidays", day=day, name=fixed.name)


def _are_dates(value: object) -> bool:
    return isinstance(value, list) and all(map(KINDS["date"], value))
