"""Warns before the limit of a filing and reports after it (REG-011, 002 9), found from state."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.telemetry import gauge, get_logger
from jiangheng.registration.domain.deadline import warned_until
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import institutions

_log = get_logger(__name__)
_open = gauge("registration_filings_open", "Accepted filings near or over their limit.", ("urgency",))


@dataclass(frozen=True)
class Deadlines:
    """Credit codes of accepted filings: due by the end of the next working day, and over the limit."""

    due_soon: tuple[str, ...]
    overdue: tuple[str, ...]


def watch_deadlines(runtime: RegistrationRuntime) -> Deadlines:
    """Look through the accepted filings; say what is urgent in the log and in the metrics."""
    today = legal_date(runtime.legal_clock.now())
    with runtime.db.read() as tx:
        urgent = institutions.accepted_until(tx, warned_until(today, runtime.calendar))
    deadlines = Deadlines(
        due_soon=tuple(code for code, due in urgent if due >= today),
        overdue=tuple(code for code, due in urgent if due < today),
    )
    _open.labels("due_soon").set(len(deadlines.due_soon))
    _open.labels("overdue").set(len(deadlines.overdue))
    _report(deadlines)
    return deadlines


def _report(deadlines: Deadlines) -> None:
    if deadlines.due_soon:
        _log.warning("filings due", institutions=list(deadlines.due_soon), rule="REG-011", clause="002 9")
    if deadlines.overdue:
        _log.error("filings overdue", institutions=list(deadlines.overdue), rule="REG-011", clause="002 9")
