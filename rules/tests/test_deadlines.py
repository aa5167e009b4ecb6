"""Every row of the table of deadlines, in every pack, and how a clock goes on."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules import deadlines, terms
from jiangheng.rules.calendar import Calendar, CalendarNotPublished, Holiday, Notice
from jiangheng.rules.deadlines import Clock, NoTerm, Row, State, UnknownDeadline
from jiangheng.rules.pack import NotRegulated, Pack, pack_named, pack_names
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table
from jiangheng.rules.terms import SHANGHAI
from jiangheng.rules.values import Shape

# Thursday, 24 September 2026, 9:00 in Shanghai: National Day lies ahead, a Sunday that was worked behind.
START = datetime(2026, 9, 24, 9, 0, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)
PINNED = Path(__file__).with_name("deadlines.csv")
CATALOGUE = Path(__file__).parents[2] / "docs" / "requirements" / "catalogue.md"
PROGRESS = (State.NOT_YET, State.RUNNING, State.WARNED, State.OVERDUE)


def pinned() -> list[Mapping[str, str]]:
    """The rows of deadlines.csv: what each row gives in each pack for an event at START."""
    with PINNED.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


CELLS = [
    pytest.param(line["id"], pack, line[pack], id=f"{line['id']}-{pack}")
    for line in pinned()
    for pack in line
    if pack not in ("id", "requirement")
]
REGULATED = [(cell.values[0], cell.values[1]) for cell in CELLS if cell.values[2] not in ("-", "no term")]


@pytest.mark.parametrize(("id", "pack", "said"), CELLS)
def test_what_every_row_gives_in_every_pack(id: str, pack: str, said: str) -> None:
    assert _said(deadlines.row(id), pack_named(pack)) == said


def test_no_row_is_left_out_and_each_rests_on_a_requirement() -> None:
    assert {line["id"]: line["requirement"] for line in pinned()} == {
        row.id: row.requirement for row in deadlines.rows().values()
    }
    catalogue = CATALOGUE.read_text("utf-8")
    for row in deadlines.rows().values():
        assert f"| {row.requirement} |" in catalogue, row.id


def test_the_table_names_nothing_that_is_not_there() -> None:
    for row in deadlines.rows().values():
        assert row.due or row.opens, row.id
        assert row.keys <= schema().parameters.keys(), row.id
        assert row.event in deadlines.names("event"), row.id
        assert {row.owes, row.escalate} - {""} <= deadlines.names("party").keys(), row.id
        assert row.when is None or row.when.key in schema().parameters
        for term in (row.opens, row.due):
            assert term is None or bool(term.key) != bool(term.given), row.id
            assert term is None or {pack for each in term.given for pack in each.packs} <= set(pack_names())
    events = {row.event for row in deadlines.rows().values()}
    assert events == deadlines.names("event").keys()


def test_every_parameter_with_a_length_of_time_is_a_row() -> None:
    """What is measured in time and is no row, with the reason."""
    no_row = {
        "bank.expert.min_years": "a condition on a person",
        "examiner.leader.min_years": "a condition on a person",
        "examiner.min_age": "a condition on a person",
        "examiner.early_application_years": "a condition on a person",
        "examiner.qualification.examiner": "a condition on a person",
        "examiner.qualification.senior": "a condition on a person",
        "supervisor.qualification": "a condition on a person",
        "reg.min_age": "a condition on a person",
    }
    rows = frozenset(key for row in deadlines.rows().values() for key in row.keys)
    times = {key for key, each in schema().parameters.items() if _in_time(each.shape)}
    assert times - rows - no_row.keys() == set()


@pytest.mark.parametrize(("id", "pack"), REGULATED)
def test_every_clock_cites_and_explains_itself_in_every_state(id: str, pack: str) -> None:
    clock = deadlines.clock(deadlines.row(id), pack_named(pack), START)
    assert clock.cite
    for standing in _standings(clock):
        reason = standing.reason
        assert reason.rule == clock.row.requirement
        assert reason.clause == "; ".join(clock.cite)
        assert clock.row.zh in reason.zh
        assert clock.row.en in reason.en
        assert "{" not in reason.zh + reason.en
        assert re.search(r"20\d\d-\d\d-\d\d", reason.zh)


filing = deadlines.row("filing-completion")
JILIN_FILING = pack_named("jilin-filing")
DUE = datetime(2026, 10, 10, 0, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("done", "now", "state"),
    [
        (None, START, State.RUNNING),
        (None, datetime(2026, 10, 7, 23, 59, tzinfo=SHANGHAI), State.RUNNING),
        (None, datetime(2026, 10, 8, 0, 0, tzinfo=SHANGHAI), State.WARNED),  # a working day before the 9th
        (None, DUE, State.WARNED),  # 24:00 is still in time
        (None, DUE + timedelta(microseconds=1), State.OVERDUE),
        (DUE, DUE + MINUTE, State.MET),
        (DUE + MINUTE, DUE + MINUTE, State.MET_LATE),
        (DUE + MINUTE, DUE - MINUTE, State.WARNED),  # not known yet
    ],
)
def test_how_the_clock_of_a_filing_goes_on(done: datetime | None, now: datetime, state: State) -> None:
    assert deadlines.standing(filing, JILIN_FILING, START, done, now).state is state


@pytest.mark.parametrize(
    ("id", "pack", "done", "state"),
    [
        ("skill-notices", "jilin", datetime(2026, 9, 18, 23, 59, tzinfo=SHANGHAI), State.TOO_EARLY),
        ("skill-notices", "jilin", datetime(2026, 9, 19, 0, 0, tzinfo=SHANGHAI), State.MET),
        ("skill-notices", "jilin", datetime(2026, 9, 22, 0, 0, tzinfo=SHANGHAI), State.MET),
        ("skill-notices", "jilin", datetime(2026, 9, 22, 0, 1, tzinfo=SHANGHAI), State.MET_LATE),
        ("cbt-import", "jilin", datetime(2026, 9, 23, 11, 59, tzinfo=SHANGHAI), State.TOO_EARLY),
        ("cbt-import", "jilin", datetime(2026, 9, 23, 12, 0, tzinfo=SHANGHAI), State.MET),
        ("publicity", "jilin", datetime(2026, 10, 9, 23, 59, tzinfo=SHANGHAI), State.TOO_EARLY),
        ("publicity", "jilin", datetime(2026, 10, 10, 0, 0, tzinfo=SHANGHAI), State.MET),
        ("incident-first-report", "jilin", START + 10 * MINUTE, State.MET),
        ("incident-first-report", "jilin", START + 11 * MINUTE, State.MET_LATE),
        ("theory-late-entry", "jilin", START + 30 * MINUTE, State.MET),
        ("skill-late-entry", "jilin", START + MINUTE, State.MET_LATE),
        # 迟到5分钟取消资格: the fifth minute itself is too late.
        ("skill-late-entry", "xinjiang-inner-mongolia", START + 4 * MINUTE, State.MET),
        ("skill-late-entry", "xinjiang-inner-mongolia", START + 5 * MINUTE, State.MET_LATE),
        ("archive-paper", "jilin", datetime(2029, 9, 24, 12, 0, tzinfo=SHANGHAI), State.TOO_EARLY),
        ("archive-paper", "jilin", datetime(2029, 9, 25, 0, 0, tzinfo=SHANGHAI), State.MET),
    ],
)
def test_too_early_in_time_and_late(id: str, pack: str, done: datetime, state: State) -> None:
    row, now = deadlines.row(id), datetime(2040, 1, 1, tzinfo=UTC)
    assert deadlines.standing(row, pack_named(pack), START, done, now).state is state


def test_what_may_not_be_done_yet_and_then_may() -> None:
    clock = deadlines.clock(deadlines.row("publicity"), pack_named("jilin"), START)
    assert clock.opens is not None
    assert clock.due is None
    assert clock.standing(clock.opens - MINUTE).state is State.NOT_YET
    opened = clock.standing(clock.opens)
    assert opened.state is State.RUNNING
    assert "Allowed since 2026-10-10 0:00" in opened.reason.en


def test_a_reason_in_words() -> None:
    reason = deadlines.standing(filing, JILIN_FILING, START, None, DUE + MINUTE).reason
    assert reason.zh == "完成备案并出具回执：期限至2026-10-09 24:00，已经超过，由人力资源社会保障部门负责。"
    assert reason.en == (
        "Overdue since 2026-10-09 24:00; HR department has to answer for it: "
        "complete the filing and give the receipt."
    )
    assert (reason.rule, reason.clause) == ("REG-011", "002 9")
    late = deadlines.clock(deadlines.row("skill-late-entry"), pack_named("xinjiang-inner-mongolia"), START)
    assert "2026-09-24 09:05之前" in late.standing(START).reason.zh


def test_where_a_pack_is_silent_nothing_is_guessed() -> None:
    with pytest.raises(NotRegulated) as silent:
        deadlines.clock(filing, pack_named("jilin"), START)
    assert not isinstance(silent.value, NoTerm)
    with pytest.raises(NoTerm) as wordy:
        deadlines.clock(deadlines.row("annual-summary"), pack_named("jilin"), START)
    assert "报送年度工作总结" in wordy.value.explanation.zh
    assert "names no term" in wordy.value.explanation.en
    with pytest.raises(NotRegulated):
        deadlines.clock(deadlines.row("registration-fee"), pack_named("jilin"), START)


def test_a_pack_that_extends_another_takes_over_what_its_source_states() -> None:
    social = pack_named("shandong-social")
    other = replace(social, head=replace(social.head, id="my-city", extends=("shandong-social",)))
    clock = deadlines.clock(deadlines.row("registration-fee"), other, START)
    assert clock.cite == ("004 S-A2",)
    stranger = replace(social, head=replace(social.head, id="elsewhere"))
    with pytest.raises(NotRegulated):
        deadlines.clock(deadlines.row("registration-fee"), stranger, START)


DECEMBER = datetime(2026, 12, 28, 9, 0, tzinfo=SHANGHAI)


def test_a_year_that_nobody_has_published_is_answered_provisionally_where_the_rule_allows() -> None:
    clock = deadlines.clock(deadlines.row("certificate-fix"), pack_named("jilin"), DECEMBER)
    assert clock.due == datetime(2027, 1, 27, 0, 0, tzinfo=SHANGHAI)
    (ground,) = clock.provisional
    assert "2027" in ground.zh
    moved = deadlines.clock(deadlines.row("bank-rebuild"), pack_named("jilin"), DECEMBER)
    assert [ground.rule for ground in moved.provisional] == ["CALENDAR"]


def test_what_does_not_count_days_off_is_never_provisional() -> None:
    for id in ("archive-paper", "examiner-card", "incident-first-report"):
        clock = deadlines.clock(deadlines.row(id), pack_named("jilin"), DECEMBER)
        assert clock.provisional == ()
    summary = deadlines.clock(deadlines.row("annual-summary"), pack_named("shandong-social"), DECEMBER)
    assert summary.provisional == ()
    before = deadlines.clock(deadlines.row("ticket-available"), pack_named("shandong-social"), DECEMBER)
    assert before.provisional == ()


def test_where_the_rule_needs_certainty_it_is_refused_until_a_calendar_says() -> None:
    with pytest.raises(CalendarNotPublished):
        deadlines.clock(filing, JILIN_FILING, DECEMBER)
    new_year = Holiday("元旦", date(2027, 1, 1), date(2027, 1, 3))
    calendar = Calendar((Notice(2027, "试", (new_year,), frozenset({date(2027, 1, 9)})),))
    clock = deadlines.clock(filing, JILIN_FILING, DECEMBER, calendar)
    assert clock.due == terms.end_of(date(2027, 1, 5))
    assert clock.provisional == ()


def test_the_last_day() -> None:
    assert deadlines.due_day(filing, JILIN_FILING, START) == date(2026, 10, 9)
    with pytest.raises(ValueError, match="has no end"):
        deadlines.due_day(deadlines.row("publicity"), pack_named("jilin"), START)


def test_an_unknown_row_is_named() -> None:
    with pytest.raises(UnknownDeadline) as unknown:
        deadlines.row("lunch")
    assert unknown.value.id == "lunch"
    assert isinstance(deadlines.rows(), MappingProxyType)


cells = st.sampled_from(REGULATED)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2025, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(cells, moments, moments)
def test_a_later_start_never_gives_an_earlier_end(
    cell: tuple[str, str], one: datetime, other: datetime
) -> None:
    first, second = (_clock(cell, start) for start in sorted((one, other)))
    for sooner, later in ((first.opens, second.opens), (first.due, second.due)):
        assert (sooner is None) == (later is None)
        assert sooner is None or later is None or sooner <= later


@given(cells, moments, moments, moments)
def test_a_later_now_never_goes_back(
    cell: tuple[str, str], start: datetime, one: datetime, other: datetime
) -> None:
    clock = _clock(cell, start)
    states = [clock.standing(now).state for now in sorted((one, other))]
    assert PROGRESS.index(states[0]) <= PROGRESS.index(states[1])


@given(cells, moments, moments, st.timedeltas(timedelta(), timedelta(days=4000)))
def test_what_was_done_stays_as_it_was_done(
    cell: tuple[str, str], start: datetime, done: datetime, later: timedelta
) -> None:
    clock = _clock(cell, start)
    assert clock.standing(done + later, done).state is clock.standing(done, done).state


@given(cells, moments)
def test_what_opens_opens_before_it_is_due(cell: tuple[str, str], start: datetime) -> None:
    clock = _clock(cell, start)
    assert clock.opens is None or clock.due is None or clock.opens < clock.due
    assert clock.warned_from is None or (clock.due is not None and clock.warned_from < clock.due)


def _in_time(shape: Shape) -> bool:
    if shape.fields:
        return any(_in_time(field.shape) for field in shape.fields.values())
    return shape.type == "duration" or bool(shape.unit and shape.unit.time)


def _clock(cell: tuple[str, str], start: datetime) -> Clock:
    id, pack = cell
    return deadlines.clock(deadlines.row(id), pack_named(pack), start)


def _said(row: Row, pack: Pack) -> str:
    try:
        clock = deadlines.clock(row, pack, START)
    except NoTerm:
        return "no term"
    except NotRegulated:
        return "-"
    ends = (("from", clock.opens), ("until", clock.due))
    return " ".join(f"{word} {_local(moment)}" for word, moment in ends if moment)


def _local(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI).replace(tzinfo=None)
    return local.isoformat(" ", "microseconds" if local.microsecond else "minutes")


def _standings(clock: Clock) -> list[deadlines.Standing]:
    moments = [moment for moment in (clock.opens, clock.due, clock.warned_from) if moment]
    nows = [moment + step for moment in moments for step in (-MINUTE, timedelta(), MINUTE)]
    far = max(nows) + timedelta(days=1)
    return [clock.standing(now) for now in nows] + [clock.standing(far, now) for now in nows]


def test_every_state_has_its_words() -> None:
    said = table("deadlines")["reason"].keys()
    assert {state.value for state in State} <= said
    assert {word.removesuffix("_open") for word in said} == {state.value for state in State}
