"""Every clock of the catalogue: what starts it, how long it runs by which pack, who owes what, how it stands.

The table is deadlines.toml; numbers come from the pack. A row says when an act
may be done at the earliest (`opens`), at the latest (`due`), or both. How terms
are counted is said in terms.py.

    clock = deadlines.clock(deadlines.row("filing-completion"), pack, start=accepted_at)
    clock.due, clock.standing(now).state, clock.standing(now).reason
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Literal, cast

from jiangheng.rules import terms
from jiangheng.rules.calendar import PUBLISHED, Calendar
from jiangheng.rules.deadline_rows import Row, Term, UnknownDeadline, names, row, rows
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import NotRegulated, Pack
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table
from jiangheng.rules.values import Duration, Value

__all__ = [
    "Clock",
    "NoTerm",
    "Row",
    "Span",
    "Standing",
    "State",
    "UnknownDeadline",
    "clock",
    "due_day",
    "measured",
    "moment_text",
    "names",
    "row",
    "rows",
    "standing",
]

_INSTANT = timedelta(microseconds=1)
_BEFORE = {"zh": "{:%Y-%m-%d %H:%M}之前", "en": "just before {:%Y-%m-%d %H:%M}"}


class NoTerm(NotRegulated):
    """The pack speaks of it but names no term that can be counted, or counts it from another event."""

    @property
    def explanation(self) -> Explanation:
        """The same for people."""
        return Explanation(
            zh=f"规则包 {self.pack} 对“{self._zh}”没有规定可以计算的期限。",
            en=f"Pack {self.pack} names no term that can be counted for “{self._en}”.",
            rule=self.key,
            clause=self.pack,
        )


class State(Enum):
    """How a clock stands."""

    NOT_YET = "not_yet"  # not done, and it may not be done yet
    RUNNING = "running"
    WARNED = "warned"  # the warning lead has begun
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"
    TOO_EARLY = "too_early"  # done before it was allowed


End = Literal["opens", "due"]


@dataclass(frozen=True)
class Span:
    """One end of a row as a pack has it: its length, and where that stands."""

    end: End
    term: Term
    length: Duration
    cite: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """True if its last day moves off days off: somebody must act in a term of days or longer."""
        term = self.term
        counts_days = self.length.unit not in terms.CLOCK and self.length.unit != "working_day"
        return self.end == "due" and term.way == "after" and term.moves and counts_days


@dataclass(frozen=True)
class Clock:
    """A row with its moments (UTC): done from `opens`, until `due`, warned of from `warned_from`.

    `due` itself is still in time. `provisional` says which years nobody has published.
    """

    row: Row
    opens: datetime | None
    due: datetime | None
    warned_from: datetime | None
    cite: tuple[str, ...]
    provisional: tuple[Explanation, ...]

    def standing(self, now: datetime, done: datetime | None = None) -> Standing:
        """How it stands at a moment; what was done later than `now` is not known then."""
        return Standing(self, self._state(now, done if done and done <= now else None))

    def _state(self, now: datetime, done: datetime | None) -> State:
        if done is not None:
            return self._done(done)
        if self.due and now > self.due:
            return State.OVERDUE
        if self.opens and now < self.opens:
            return State.NOT_YET
        return State.WARNED if self.warned_from and now >= self.warned_from else State.RUNNING

    def _done(self, done: datetime) -> State:
        if self.opens and done < self.opens:
            return State.TOO_EARLY
        return State.MET_LATE if self.due and done > self.due else State.MET


@dataclass(frozen=True)
class Standing:
    """The state of a clock, and why."""

    clock: Clock
    state: State

    @property
    def reason(self) -> Explanation:
        """The state in words, with the requirement and the clauses it rests on."""
        row, said = self.clock.row, table("deadlines")["reason"]
        ended = "" if self.clock.due or f"{self.state.value}_open" not in said else "_open"
        words = said[self.state.value + ended]
        zh, en = (
            words[language].format(
                what=getattr(row, language),
                due=moment_text(self.clock.due, language),
                opens=moment_text(self.clock.opens, language, opens=True),
                owes=getattr(names("party")[row.owes], language),
            )
            for language in ("zh", "en")
        )
        return Explanation(zh, en, rule=row.requirement, clause="; ".join(self.clock.cite))


def clock(row: Row, pack: Pack, start: datetime, calendar: Calendar = PUBLISHED) -> Clock:
    """The moments of a row by a pack, from the moment of its event.

    Raises NotRegulated where the pack is silent, NoTerm where it names no term,
    CalendarNotPublished where the row needs certainty and a year is not published.
    """
    calendar = calendar if row.certain else calendar.or_provisional
    spans = measured(row, pack)
    moments = {end: _moment_of(span, pack, start, calendar) for end, span in spans.items()}
    due = moments.get("due")
    grounds = [ground for end in spans for ground in _grounds(spans[end], start, moments[end], calendar)]
    return Clock(
        row=row,
        opens=moments.get("opens"),
        due=due,
        warned_from=_warned_from(row.warn, due, calendar),
        cite=tuple(dict.fromkeys(cite for span in spans.values() for cite in span.cite)),
        provisional=tuple(dict.fromkeys(grounds)),
    )


def measured(row: Row, pack: Pack) -> Mapping[End, Span]:
    """The length of each end of a row by a pack. Raises NotRegulated, NoTerm."""
    _applies(row, pack)
    ends: dict[End, Term | None] = {"opens": row.opens, "due": row.due}
    return {end: Span(end, term, *_length(term, row, pack)) for end, term in ends.items() if term}


def due_day(row: Row, pack: Pack, start: datetime, calendar: Calendar = PUBLISHED) -> date:
    """The last day, in Asia/Shanghai, on which it is in time. Raises as clock; ValueError without an end."""
    due = clock(row, pack, start, calendar).due
    if due is None:
        raise ValueError(f"{row.id} has no end")
    return terms.day_of(due - _INSTANT)


def standing(
    row: Row,
    pack: Pack,
    start: datetime,
    done: datetime | None,
    now: datetime,
    calendar: Calendar = PUBLISHED,
) -> Standing:
    """How a row stands at `now`; see clock."""
    return clock(row, pack, start, calendar).standing(now, done)


def _moment_of(span: Span, pack: Pack, start: datetime, calendar: Calendar) -> datetime:
    term = span.term
    moment = _counted(span, start, calendar)
    if term.hour:
        moment += timedelta(hours=cast(int, pack.record(term.key)[term.hour]))
    if term.excluded and pack.record(term.key).get(term.excluded):
        moment -= _INSTANT
    return moment


def _counted(span: Span, start: datetime, calendar: Calendar) -> datetime:
    way, length, unit = span.term.way, span.length.length, cast(terms.Unit, span.length.unit)
    if way == "month":
        return terms.end_of_month(terms.day_of(start).year, length)
    if way == "after":
        counted = length - span.term.first_counts
        return terms.after(start, counted, unit, calendar=calendar, moves=span.moves)
    if span.end == "due" or unit in terms.CLOCK:
        return terms.before(start, length, unit, calendar=calendar)
    return terms.start_of(terms.day_before(terms.day_of(start), length, unit, calendar=calendar))


def _grounds(span: Span, start: datetime, moment: datetime, calendar: Calendar) -> tuple[Explanation, ...]:
    """Why the moment is provisional: it was counted or moved by days of a year nobody has published."""
    counted = span.length.unit == "working_day"
    if not (counted or span.moves):
        return ()
    last = terms.day_of(moment - _INSTANT)
    first = terms.day_of(start) if counted else last
    return calendar.grounds(min(first, last), max(first, last))


def _warned_from(lead: Duration | None, due: datetime | None, calendar: Calendar) -> datetime | None:
    if lead is None or due is None:
        return None
    unit = cast(terms.Unit, lead.unit)
    if unit in terms.CLOCK:
        return terms.before(due, lead.length, unit)
    last = terms.day_of(due - _INSTANT)
    return terms.start_of(terms.day_before(last, lead.length, unit, calendar=calendar))


def _applies(row: Row, pack: Pack) -> None:
    if row.when is None:
        return
    value: Any = pack.answer(row.when.key).value
    if row.when.field:
        value = value.get(row.when.field)
    held = value if isinstance(value, tuple) else (value,)
    if row.when.value is not None and row.when.value not in held:
        raise NoTerm(row.when.key, pack.id, row.zh, row.en)


def _length(term: Term, row: Row, pack: Pack) -> tuple[Duration, tuple[str, ...]]:
    """The term's length by the pack, and its clauses. Raises NotRegulated, NoTerm."""
    if term.given:
        return _given(term, row, pack)
    answer = pack.answer(term.key)
    shape = schema().parameters[term.key].shape
    value: Value | None = answer.value
    if term.field:
        value = cast(Mapping[str, Any], value).get(term.field)
        shape = shape.fields[term.field].shape
    if isinstance(value, Duration):
        return value, answer.cite
    if type(value) is int and shape.unit:
        return Duration(value, shape.unit.id), answer.cite
    raise NoTerm(term.key, pack.id, row.zh, row.en)


def _given(term: Term, row: Row, pack: Pack) -> tuple[Duration, tuple[str, ...]]:
    for given in term.given:
        if not given.packs or {pack.id, *pack.head.extends} & set(given.packs):
            cite = given.cite if row.when is None else pack.answer(row.when.key).cite
            return Duration(given.length, given.unit), cite
    raise NotRegulated(row.id, pack.id, row.zh, row.en)


def moment_text(moment: datetime | None, language: str, *, opens: bool = False) -> str:
    """A moment for people, in Shanghai: 24:00 of a day is named by that day, when something ends."""
    if moment is None:
        return ""
    local = moment.astimezone(terms.SHANGHAI)
    if local.microsecond:  # the instant before, where the moment itself is too late
        return _BEFORE[language].format(local + _INSTANT)
    if local.hour or local.minute:
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local:%Y-%m-%d} 0:00" if opens else f"{local - _INSTANT:%Y-%m-%d} 24:00"
