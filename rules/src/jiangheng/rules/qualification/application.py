"""Who may become examiner or senior examiner (000 A7 6-9, 17-18; 001 D4 6; 002 14(2)).

The answer says what is missing by how much, and which certificate, title,
practice or earlier entry the yes rests on. Years are added up as for
candidates (eligibility.tenure): N years are full on the day of the same number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from jiangheng.rules.eligibility.tenure import position
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.provenance import follows
from jiangheng.rules.qualification.early import NO_EARLIER, earlier_entry
from jiangheng.rules.qualification.evidence import (
    TITLE_RANKS,
    YEAR,
    Applicant,
    Certificate,
    Decision,
    Title,
    bar_faults,
    months,
    time_worked,
)
from jiangheng.rules.qualification.grades import Grade
from jiangheng.rules.records import is_so, number, option, options
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table
from jiangheng.rules.values import Record, Text
from jiangheng.rules.wording import worded

_REASONS = "qualification/reasons"
ENTRY: dict[Grade, str] = {
    "examiner": "examiner.qualification.examiner",
    "senior": "examiner.qualification.senior",
}
MIN_AGE = "examiner.min_age"
HR_EXCLUDED = "examiner.hr_staff_excluded"
HOURS = "examiner.training.min_hours"
TEST = "examiner.exam.pass_mark"


def qualifies(applicant: Applicant, grade: Grade, on: date, pack: Pack) -> Decision:
    """Whether somebody may apply for this grade that day (EXM-034 to 036, X09, X12). Raises NotRegulated."""
    refusals = tuple(_personal_faults(applicant, on, pack))
    entry = _Entry(applicant, pack.record(ENTRY[grade]), on, pack.answer(ENTRY[grade]).cite)
    missing = entry.faults(0)
    early = earlier_entry(applicant.merits, grade, applicant.consented, on, pack) if missing else NO_EARLIER
    if missing and early.years:
        missing = entry.faults(early.years)
    if missing and not early.waives:
        return Decision((*refusals, *missing, *early.needs_consent))
    return Decision(refusals, () if refusals else (*entry.grounds(), *early.grounds))


def check_training(general_hours: int, special_hours: int, pack: Pack) -> tuple[Explanation, ...]:
    """Why somebody may not sit the entry test yet: both parts of the training count together (EXM-037)."""
    found = general_hours + special_hours
    if not pack.regulates(HOURS) or found >= pack.integer(HOURS):
        return ()
    return (
        worded(_REASONS, "training_short", pack.answer(HOURS).cite, wanted=pack.integer(HOURS), found=found),
    )


def check_test(marks: Mapping[str, int], pack: Pack) -> tuple[Explanation, ...]:
    """Which parts of the entry test are failed or missing; `marks` by the parts of the pack (EXM-039).

    A pack that names no mark leaves it to whoever tests: then a part must only be there.
    """
    if not pack.regulates(TEST):
        return ()
    rule, cite = pack.record(TEST), pack.answer(TEST).cite
    wanted = number(rule, "mark") or 0
    named = schema().parameters[TEST].shape.fields["parts"].shape.options
    failed = [part for part in options(rule, "parts") if part not in marks or marks[part] < wanted]
    return tuple(
        worded(_REASONS, "test_failed", cite, part=named[part].zh, part_en=named[part].en, wanted=wanted)
        for part in failed
    )


def _personal_faults(applicant: Applicant, on: date, pack: Pack) -> Iterator[Explanation]:
    yield from bar_faults(applicant.bars, on)
    if applicant.hr_staff and pack.regulates(HR_EXCLUDED) and pack.flag(HR_EXCLUDED):
        yield worded(_REASONS, "hr_staff", pack.answer(HR_EXCLUDED).cite)
    if pack.regulates(MIN_AGE) and not _is_old_enough(applicant.born, pack.integer(MIN_AGE), on):
        yield worded(_REASONS, "too_young", pack.answer(MIN_AGE).cite, wanted=pack.integer(MIN_AGE))
    papers = table(_REASONS)["papers"]["general_conditions"]
    asked = any(follows(paper, ENTRY.values(), pack) for paper in papers)
    if asked and not applicant.general_conditions:
        yield worded(_REASONS, "general_conditions")


def _is_old_enough(born: date, years: int, on: date) -> bool:
    return position(on) - position(born) >= years * YEAR


@dataclass(frozen=True)
class _Entry:
    """An applicant against the entry rule of a grade."""

    applicant: Applicant
    rule: Record
    on: date
    cite: tuple[str, ...]

    def faults(self, earlier: int) -> list[Explanation]:
        """What is missing if so many years less are asked for."""
        return [*self._basis_faults(), *self._practice_faults(earlier), *self._assessing_faults(earlier)]

    def grounds(self) -> Iterator[Explanation]:
        """What of certificate and title a yes rests on."""
        levels = [each.level for each in self._certificates()]
        if levels:
            yield worded(_REASONS, "by_certificate", self.cite, level=min(levels))
        for rank in sorted({each.rank for each in self._titles()}):
            yield worded(_REASONS, "by_title", self.cite, title=_title(rank).zh, title_en=_title(rank).en)

    def _certificates(self) -> list[Certificate]:
        level = number(self.rule, "level") or 0
        return [
            each for each in self.applicant.certificates if each.level <= level and each.issued <= self.on
        ]

    def _titles(self) -> list[Title]:
        ranks = TITLE_RANKS[TITLE_RANKS.index(str(self.rule["title"])) :]
        return [each for each in self.applicant.titles if each.rank in ranks and each.conferred <= self.on]

    def _basis_faults(self) -> Iterator[Explanation]:
        level, title = self.rule["level"], _title(str(self.rule["title"]))
        if option(self.rule, "needed") == "either":
            if not self._certificates() and not self._titles():
                said = {"wanted": level, "title": title.zh, "title_en": title.en}
                yield worded(_REASONS, "level_or_title_needed", self.cite, **said)
            return
        waived = number(self.rule, "level_waived_if_highest_is") == self.applicant.highest_level
        if not self._certificates() and not waived:
            yield worded(_REASONS, "level_needed", self.cite, wanted=level)
        if not self._titles():
            yield worded(_REASONS, "title_needed", self.cite, wanted=title.zh, wanted_en=title.en)

    def _since(self) -> date:
        """From which day practice counts: that of the first certificate or title, where the rule says so."""
        if not is_so(self.rule, "practice_after_qualification"):
            return date.min
        days = [each.issued for each in self._certificates()] + [each.conferred for each in self._titles()]
        return min(days, default=self.on)

    def _practice_faults(self, earlier: int) -> Iterator[Explanation]:
        own_only = option(self.rule, "practice_in") == "occupation"
        counted = [each for each in self.applicant.practice if each.own or not own_only]
        found = time_worked(counted, self._since(), self.on)
        yield from self._short("practice_short", "practice_years", earlier, found)

    def _assessing_faults(self, earlier: int) -> Iterator[Explanation]:
        found = time_worked(self.applicant.assessing, date.min, self.on)
        yield from self._short("assessing_short", "years_as_examiner", earlier, found)
        if is_so(self.rule, "card_of_occupation") and not self.applicant.holds_card_of_occupation:
            yield worded(_REASONS, "card_of_occupation", self.cite)
        if is_so(self.rule, "practical_assessing") and not self.applicant.assessing:
            yield worded(_REASONS, "practical_assessing", self.cite)

    def _short(self, reason: str, field: str, earlier: int, found: int) -> Iterator[Explanation]:
        wanted = max(0, (number(self.rule, field) or 0) - earlier)
        if found < wanted * YEAR:
            yield worded(_REASONS, reason, self.cite, wanted=wanted, missing=months(wanted * YEAR - found))


def _title(rank: str) -> Text:
    return Text(**table(_REASONS)["titles"][rank])
