"""How many proctors, examiners, judges and group members a session needs, and what is missing (X26).

`…_needed` gives the number for a plan, `check_…` the faults of a plan; both by
the pack. What a pack does not regulate is no fault; asked for a number of it,
the plan gets NotRegulated. Where the pack leaves a number to the national
standard of the occupation (or the evaluation specification), the caller gives
it as Standard; without it the check says so, and a number is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.qualification.grades import SUPERVISOR_KINDS
from jiangheng.rules.records import is_so, number, option
from jiangheng.rules.tables import table
from jiangheng.rules.wording import worded

Group = Literal["item_review", "item_acceptance", "special_supervision"]
GROUPS: tuple[Group, ...] = get_args(Group)

PROCTORS = "staff.theory.min_proctors"
PROCTOR_RATIO = "staff.theory.candidates_per_proctor"
EXAMINERS = "staff.skill.min_examiners"
EXAMINERS_ODD = "staff.skill.odd_number"
EXAMINER_RATIO = "staff.skill.station_ratio"
SCORERS = "staff.skill.scorers_per_candidate"
JUDGES = "staff.comprehensive.min_judges"
LEADER = "examiner.leader.min_years"
CHIEF = "staff.chief"
POOL = "examiner.min_per_occupation"
COVERAGE = "supervisor.coverage"
EVERY_SESSION = "every_session"
NATIONAL_STANDARD = "national_standard"


@dataclass(frozen=True)
class Standard:
    """What the occupation's national standard (or specification) says of staff; None: it does not."""

    candidates_per_proctor: int | None = None
    candidates_per_examiner: int | None = None
    min_examiners: int | None = None
    min_scorers: int | None = None


SILENT = Standard()
"""A standard that says nothing of staff, or is not known."""


class StandardNeeded(LookupError):
    """The pack leaves the number to the national standard, and that was not given."""

    def __init__(self, cite: Iterable[str]) -> None:
        self.explanation = worded("staffing", "standard_needed", cite)
        super().__init__(self.explanation.en)


@dataclass(frozen=True)
class Need:
    """So many persons at least, at most (None: no limit), an odd number if `odd`; where it stands."""

    least: int
    most: int | None = None
    odd: bool = False
    cite: tuple[str, ...] = ()


@dataclass(frozen=True)
class TheoryRoom:
    """A theory room of one session as planned; `place` is its name in the plan."""

    place: str
    candidates: int
    proctors: int


@dataclass(frozen=True)
class SkillRoom:
    """A skill room with its examiner group as planned.

    `at_once`: candidates (work places) that are examined at the same time.
    `scorers`: by module, the fewest examiners that score a candidate; under ""
    if the assessment is not divided into modules. `leader_years`: the leader's
    full years as examiner, None without a leader.
    """

    place: str
    at_once: int
    examiners: int
    scorers: Mapping[str, int] = field(default_factory=dict)
    leader_years: int | None = None
    proctors: int = 0


@dataclass(frozen=True)
class ReviewRoom:
    """A room of the comprehensive review with its panel; `scorers`: the fewest judges marking a candidate."""

    place: str
    judges: int
    scorers: int
    has_leader: bool = False
    proctors: int = 0


Room = TheoryRoom | SkillRoom | ReviewRoom


def proctors_needed(candidates: int, pack: Pack, standard: Standard = SILENT) -> Need:
    """Proctors for so many candidates in a room (EXM-015). Raises NotRegulated, StandardNeeded."""
    if candidates < 0:
        raise ValueError("a room has no negative number of candidates")
    rule = pack.answer(PROCTORS)
    record = pack.record(PROCTORS)
    least = number(record, "min") or 0
    ratio = _candidates_per_proctor(pack, standard)
    cite = rule.cite
    if ratio:
        further = number(record, "further_candidates_per_proctor") or ratio
        least += _rounded_up(max(0, candidates - least * ratio), further)
        cite = (*rule.cite, *pack.answer(PROCTOR_RATIO).cite)
    return Need(least, least if is_so(record, "exactly") else None, cite=_once(cite))


def examiners_needed(at_once: int, pack: Pack, standard: Standard = SILENT) -> Need:
    """Examiners of a group for so many candidates at once (EXM-016). Raises NotRegulated, StandardNeeded."""
    numbers = [_least(EXAMINERS, "min", standard.min_examiners, pack)]
    cite = list(pack.answer(EXAMINERS).cite)
    if pack.regulates(SCORERS):
        numbers.append(_least(SCORERS, "min", standard.min_scorers, pack))
        cite.extend(pack.answer(SCORERS).cite)
    if _by_standard(pack):
        numbers.append(_rounded_up(at_once, _candidates_per_examiner(pack, standard)))
        cite.extend(pack.answer(EXAMINER_RATIO).cite)
    odd = _odd(pack)
    least = max(numbers)
    return Need(least + (odd and least % 2 == 0), odd=odd, cite=_once(cite))


def judges_needed(pack: Pack) -> Need:
    """Judges of a comprehensive review (EXM-017). Raises NotRegulated."""
    record = pack.record(JUDGES)
    least, odd = number(record, "min") or 0, is_so(record, "odd")
    return Need(least + (odd and least % 2 == 0), odd=odd, cite=tuple(pack.answer(JUDGES).cite))


def check_rooms(rooms: Iterable[Room], pack: Pack, standard: Standard = SILENT) -> tuple[Explanation, ...]:
    """Everything that is missing in the rooms of a session; empty if they are staffed as the pack wants."""
    return tuple(fault for room in rooms for fault in check_room(room, pack, standard))


def check_room(room: Room, pack: Pack, standard: Standard = SILENT) -> tuple[Explanation, ...]:
    """What is missing in one room (EXM-015 to EXM-017, EXM-019)."""
    match room:
        case TheoryRoom():
            return tuple(_proctor_faults(room.place, room.candidates, room.proctors, pack, standard))
        case SkillRoom():
            return tuple(_skill_faults(room, pack, standard))
        case _:
            return tuple(_review_faults(room, pack, standard))


def check_group(group: Group, members: int, pack: Pack) -> tuple[Explanation, ...]:
    """Why a group is too small (X26: item review, item acceptance, special supervision)."""
    return _too_few(table("staffing")["groups"][group], members, "members_few", pack)


def check_examiner_pool(examiners: int, pack: Pack) -> tuple[Explanation, ...]:
    """Why an institution has too few examiners for an occupation (EXM-046)."""
    return _too_few(POOL, examiners, "examiners_few_in_pool", pack)


def check_heads(heads: int, pack: Pack) -> tuple[Explanation, ...]:
    """Why a site has not the right number of chiefs or site heads (EXM-014)."""
    if not pack.regulates(CHIEF):
        return ()
    rule = pack.answer(CHIEF)
    wanted = number(pack.record(CHIEF), "number")
    if wanted is None or heads == wanted:
        return ()
    return (worded("staffing", "chief_number", rule.cite, wanted=wanted, found=heads),)


def supervisors_needed(pack: Pack) -> tuple[str, ...]:
    """The kinds of supervisors that every session has (SUP-014); none where the pack does not say so."""
    if not pack.regulates(COVERAGE):
        return ()
    return tuple(kind for kind in SUPERVISOR_KINDS if option(pack.record(COVERAGE), kind) == EVERY_SESSION)


def check_supervisors(there: Iterable[str], pack: Pack) -> tuple[Explanation, ...]:
    """Which supervisors a session lacks; `there`: the kinds that were sent."""
    sent = set(there)
    return tuple(
        worded("staffing", f"no_{kind}_supervisor", pack.answer(COVERAGE).cite)
        for kind in supervisors_needed(pack)
        if kind not in sent
    )


def _proctor_faults(
    place: str, candidates: int, found: int, pack: Pack, standard: Standard
) -> Iterator[Explanation]:
    if not pack.regulates(PROCTORS):
        return
    try:
        need = proctors_needed(candidates, pack, standard)
    except StandardNeeded as missing:
        yield missing.explanation
        return
    if found < need.least:
        yield worded("staffing", "proctors_few", need.cite, place=place, wanted=need.least, found=found)
    if need.most is not None and found > need.most:
        yield worded("staffing", "proctors_many", need.cite, place=place, wanted=need.most, found=found)


def _skill_faults(room: SkillRoom, pack: Pack, standard: Standard) -> Iterator[Explanation]:
    yield from _group_faults(room, pack, standard)
    yield from _scorer_faults(room, pack, standard)
    yield from _leader_faults(room, pack)
    if _proctors_everywhere(pack):
        yield from _proctor_faults(room.place, room.at_once, room.proctors, pack, standard)


def _group_faults(room: SkillRoom, pack: Pack, standard: Standard) -> Iterator[Explanation]:
    if not pack.regulates(EXAMINERS):
        return
    try:
        need = examiners_needed(room.at_once, pack, standard)
    except StandardNeeded as missing:
        yield missing.explanation
        need = Need(
            number(pack.record(EXAMINERS), "min") or 0, odd=_odd(pack), cite=pack.answer(EXAMINERS).cite
        )
    found = room.examiners
    if found < need.least:
        yield worded("staffing", "examiners_few", need.cite, place=room.place, wanted=need.least, found=found)
    if need.odd and found % 2 == 0:
        cite = pack.answer(EXAMINERS_ODD).cite
        yield worded("staffing", "examiners_even", cite, place=room.place, found=found)


def _scorer_faults(room: SkillRoom, pack: Pack, standard: Standard) -> Iterator[Explanation]:
    if not pack.regulates(SCORERS):
        return
    cite = pack.answer(SCORERS).cite
    try:
        least = _least(SCORERS, "min", standard.min_scorers, pack)
    except StandardNeeded as missing:
        yield missing.explanation
        least = 0
    most = number(pack.record(SCORERS), "max")
    for module, found in sorted(room.scorers.items()):
        said = {"place": room.place, "module": module, "found": found}
        ending = "_in_module" if module else ""
        if found < least:
            yield worded("staffing", f"scorers_few{ending}", cite, wanted=least, **said)
        if most is not None and found > most:
            yield worded("staffing", f"scorers_many{ending}", cite, wanted=most, **said)


def _leader_faults(room: SkillRoom, pack: Pack) -> Iterator[Explanation]:
    if not pack.regulates(LEADER):
        return
    rule, cite = pack.record(LEADER), pack.answer(LEADER).cite
    wanted = number(rule, "min") or 0
    if room.leader_years is None:
        if is_so(rule, "leader_system"):
            yield worded("staffing", "no_leader", cite, place=room.place)
    elif room.leader_years < wanted:
        yield worded("staffing", "leader_inexperienced", cite, place=room.place, wanted=wanted)


def _review_faults(room: ReviewRoom, pack: Pack, standard: Standard) -> Iterator[Explanation]:
    if pack.regulates(JUDGES):
        yield from _panel_faults(room, pack)
    if _proctors_everywhere(pack):
        # In a review the candidates come in one by one.
        yield from _proctor_faults(room.place, 1, room.proctors, pack, standard)


def _panel_faults(room: ReviewRoom, pack: Pack) -> Iterator[Explanation]:
    need, record = judges_needed(pack), pack.record(JUDGES)
    found = min(room.judges, room.scorers) if is_so(record, "per_candidate") else room.judges
    if found < need.least:
        yield worded("staffing", "judges_few", need.cite, place=room.place, wanted=need.least, found=found)
    if need.odd and room.judges % 2 == 0:
        yield worded("staffing", "judges_even", need.cite, place=room.place, found=room.judges)
    if is_so(record, "leader") and not room.has_leader:
        yield worded("staffing", "no_leader", need.cite, place=room.place)


def _too_few(key: str, found: int, reason: str, pack: Pack) -> tuple[Explanation, ...]:
    if not pack.regulates(key):
        return ()
    wanted = pack.integer(key)
    return (
        (worded("staffing", reason, pack.answer(key).cite, wanted=wanted, found=found),)
        if found < wanted
        else ()
    )


def _candidates_per_proctor(pack: Pack, standard: Standard) -> int | None:
    if not pack.regulates(PROCTOR_RATIO):
        return None
    return _least(PROCTOR_RATIO, "candidates", standard.candidates_per_proctor, pack)


def _candidates_per_examiner(pack: Pack, standard: Standard) -> int:
    if standard.candidates_per_examiner is None:
        raise StandardNeeded(pack.answer(EXAMINER_RATIO).cite)
    return standard.candidates_per_examiner


def _by_standard(pack: Pack) -> bool:
    return pack.regulates(EXAMINER_RATIO) and NATIONAL_STANDARD in pack.choices(EXAMINER_RATIO)


def _odd(pack: Pack) -> bool:
    return pack.regulates(EXAMINERS_ODD) and pack.flag(EXAMINERS_ODD)


def _proctors_everywhere(pack: Pack) -> bool:
    return pack.regulates(PROCTORS) and option(pack.record(PROCTORS), "rooms") == "every"


def _least(key: str, of: str, by_standard: int | None, pack: Pack) -> int:
    """The number itself, or the standard's where the pack leaves it to that. Raises StandardNeeded."""
    record = pack.record(key)
    if option(record, "source") != NATIONAL_STANDARD:
        return number(record, of) or 0
    if by_standard is None:
        raise StandardNeeded(pack.answer(key).cite)
    return by_standard


def _rounded_up(whole: int, part: int) -> int:
    return -(-whole // part)


def _once(cite: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cite))
