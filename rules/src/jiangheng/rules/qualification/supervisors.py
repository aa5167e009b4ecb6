"""Who may become a supervisor (000 A8 7, main 44; 001 D5 6; 002 14(3))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.qualification.evidence import YEAR, Decision, Supervisor, bar_faults, time_worked
from jiangheng.rules.qualification.grades import SupervisorKind
from jiangheng.rules.records import is_so, number, options
from jiangheng.rules.values import Record
from jiangheng.rules.wording import worded

_REASONS = "qualification/reasons"
SUPERVISOR = "supervisor.qualification"


def qualifies_to_supervise(applicant: Supervisor, kind: SupervisorKind, on: date, pack: Pack) -> Decision:
    """Whether somebody may become a supervisor of this kind (SUP-002, X12, X13). Raises NotRegulated."""
    rule, cite = pack.record(SUPERVISOR), pack.answer(SUPERVISOR).cite
    return Decision(tuple(_supervisor_faults(applicant, kind, rule, cite, on)))


def _supervisor_faults(
    applicant: Supervisor, kind: SupervisorKind, rule: Record, cite: tuple[str, ...], on: date
) -> Iterator[Explanation]:
    yield from bar_faults(applicant.bars, on)
    if is_so(rule, "general_conditions") and not applicant.general_conditions:
        yield worded(_REASONS, "supervisor_conditions", cite)
    if is_so(rule, "internal_from_regular_staff") and kind == "internal" and not applicant.regular_staff:
        yield worded(_REASONS, "not_regular_staff", cite)
    if is_so(rule, "in_provincial_system") and not applicant.registered:
        yield worded(_REASONS, "supervisor_not_registered", cite)
    years = number(rule, "years_as_examiner") or 0
    if options(rule, "backgrounds") and not _has_background(applicant, rule, years, on):
        yield worded(_REASONS, "background", cite, wanted=years)


def _has_background(applicant: Supervisor, rule: Record, years: int, on: date) -> bool:
    fitting = set(options(rule, "backgrounds")) & applicant.backgrounds
    long_enough = time_worked(applicant.assessing, date.min, on) >= years * YEAR
    return bool(fitting - {"good_examiner"}) or ("good_examiner" in fitting and long_enough)
