"""deadlines, due, calendar: which clocks there are, when one ends, and which days are worked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from jiangheng.rules import deadlines as table
from jiangheng.rules.calendar import PUBLISHED, Calendar, CalendarNotPublished
from jiangheng.rules.cli.layout import print_json, print_rows, print_text
from jiangheng.rules.cli.options import NO, AsJson, Packs, end, folders, packs, print_faults, telling_faults
from jiangheng.rules.deadlines import NoTerm, Row, Span, Standing
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.notices import BadCalendar, read_calendar
from jiangheng.rules.pack import NotRegulated, Pack, pack_named
from jiangheng.rules.schema import schema
from jiangheng.rules.terms import SHANGHAI

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
_SPANS = {
    ("due", "after"): "{event}后{n}内 within {n_en} after",
    ("due", "before"): "{event}前{n}，至迟 at least {n_en} before",
    ("due", "month"): "{n}月底前 by the end of month {n}",
    ("opens", "after"): "{event}满{n}后 not before {n_en} after",
    ("opens", "before"): "{event}前{n}起 not earlier than {n_en} before",
}

Chosen = Annotated[
    list[str] | None, typer.Option("--pack", help="Only this pack; may be given several times.")
]
CalendarFile = Annotated[
    Path | None,
    typer.Option(
        "--calendar",
        exists=True,
        dir_okay=False,
        help="Your official calendar 官方日历文件; see docs/rules.md.",
    ),
]


def add(app: typer.Typer) -> None:
    """The commands of this module."""
    app.command(epilog="Example: jiangheng-rules deadlines 备案 --pack jilin-filing")(deadlines)
    app.command(
        epilog="Example: jiangheng-rules due filing-completion --from 2026-09-30 --pack jilin-filing"
    )(due)
    app.command(
        epilog="Example: jiangheng-rules calendar 2026    jiangheng-rules calendar --validate own.toml"
    )(calendar)


def deadlines(
    word: Annotated[str, typer.Argument(help="Only rows with this in id, words or requirement.")] = "",
    chosen: Chosen = None,
    own: Packs = None,
    as_json: AsJson = False,
) -> None:
    """The table of deadlines, with the length by each pack: 期限一览."""
    with telling_faults(as_json):
        every = packs(chosen, own)
    found = [row for row in table.rows().values() if word.lower() in _searched(row)]
    if as_json:
        print_json(
            [
                {**_row_json(row), "packs": {pack.id: _spans_json(row, pack) for pack in every}}
                for row in found
            ]
        )
        return
    columns = ("期限 deadline", "起算 starts with", "责任人 who owes", "各地规定 by pack")
    print_rows(columns, [_row_text(row, every) for row in found])


def due(
    id: Annotated[str, typer.Argument(metavar="ROW", help="A row, e.g. filing-completion; see `deadlines`.")],
    start: Annotated[
        datetime, typer.Option("--from", formats=FORMATS, help="The event, in Shanghai's time.")
    ],
    pack: Annotated[str, typer.Option("--pack", help="The pack whose numbers count.")],
    done: Annotated[
        datetime | None, typer.Option(formats=FORMATS, help="When it was done, if it was.")
    ] = None,
    now: Annotated[
        datetime | None, typer.Option(formats=FORMATS, help="As of when; now if left out.")
    ] = None,
    file: CalendarFile = None,
    own: Packs = None,
    as_json: AsJson = False,
) -> None:
    """When one deadline opens and ends, how it stands, and why: 期限计算. Exit code 1 without an answer."""
    with telling_faults(as_json):
        rules = pack_named(pack, folders(own))
    moment = now.replace(tzinfo=SHANGHAI) if now else datetime.now(SHANGHAI)
    try:
        clock = table.clock(table.row(id), rules, start.replace(tzinfo=SHANGHAI), _calendar(file, as_json))
    except table.UnknownDeadline:
        end(f"没有这一期限 no deadline {id}; jiangheng-rules deadlines")
    except (NotRegulated, CalendarNotPublished) as no:
        end(f"{no.explanation.zh}\n{no.explanation.en} [{no.explanation.clause}]")
    standing = clock.standing(moment, done.replace(tzinfo=SHANGHAI) if done else None)
    if as_json:
        print_json(_standing_json(standing))
    else:
        _print_standing(standing)


def calendar(
    year: Annotated[int | None, typer.Argument(help="A year.", min=1900, max=2999)] = None,
    validate: Annotated[
        Path | None,
        typer.Option("--validate", exists=True, dir_okay=False, help="Check an official calendar."),
    ] = None,
    file: CalendarFile = None,
    as_json: AsJson = False,
) -> None:
    """Holidays and make-up workdays of a year, or the check of an official calendar: 工作日历."""
    given = _calendar(validate or file, as_json)
    years = [year] if year else [notice.year for notice in given.notices]
    if not years:
        end("请给出年份或 --validate 文件 a year is wanted, or --validate FILE")
    try:
        shown = [_year_json(given.or_provisional, each) for each in years]
    except CalendarNotPublished as no:
        end(f"{no.explanation.zh}\n{no.explanation.en}")
    if as_json:
        print_json(shown)
        return
    for each in shown:
        _print_year(each)


def _calendar(file: Path | None, as_json: bool) -> Calendar:
    try:
        return read_calendar(file) if file else PUBLISHED
    except BadCalendar as bad:
        print_faults(bad.faults, as_json)
        raise typer.Exit(NO) from None


def _searched(row: Row) -> str:
    event = table.names("event")[row.event]
    return " ".join((row.id, row.zh, row.en, row.requirement, event.zh, event.en)).lower()


def _row_text(row: Row, every: list[Pack]) -> tuple[str, ...]:
    event, party = table.names("event")[row.event], table.names("party")[row.owes]
    packs_say = [f"{pack.id}: {said}" for pack in every if (said := _spans_text(row, pack))]
    return (
        f"{row.id}\n{row.zh}\n{row.en}\n{row.requirement}",
        f"{event.zh}\n{event.en}",
        f"{party.zh}\n{party.en}",
        "\n".join(packs_say) or "未作规定 not regulated",
    )


def _spans_text(row: Row, pack: Pack) -> str:
    try:
        spans = table.measured(row, pack).values()
    except NoTerm:
        return "期限未定 no term that can be counted"
    except NotRegulated:
        return ""
    return "; ".join(f"{_span_text(row, span)} [{'; '.join(span.cite)}]" for span in spans)


def _span_text(row: Row, span: Span) -> str:
    length = span.length
    unit = schema().units[length.unit]
    number = "" if span.term.way == "month" else unit.zh
    return _SPANS[span.end, span.term.way].format(
        event=table.names("event")[row.event].zh,
        n=f"{length.length}{number}",
        n_en=f"{length.length} {unit.en}",
    )


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "zh": row.zh,
        "en": row.en,
        "requirement": row.requirement,
        "event": row.event,
        "owes": row.owes,
        "warn": vars(row.warn) if row.warn else None,
        "escalate": row.escalate or None,
        "certain": row.certain,
    }


def _spans_json(row: Row, pack: Pack) -> dict[str, Any] | None:
    """The ends by a pack: none where it names no term, None where it is silent."""
    try:
        spans = table.measured(row, pack)
    except NoTerm:
        return {}
    except NotRegulated:
        return None
    return {
        end: {
            "way": span.term.way,
            "length": span.length.length,
            "unit": span.length.unit,
            "cite": list(span.cite),
        }
        for end, span in spans.items()
    }


def _standing_json(standing: Standing) -> dict[str, Any]:
    clock = standing.clock
    return {
        "id": clock.row.id,
        "opens": _iso(clock.opens),
        "due": _iso(clock.due),
        "warned_from": _iso(clock.warned_from),
        "state": standing.state.value,
        "reason": vars(standing.reason),
        "provisional": [vars(ground) for ground in clock.provisional],
    }


def _print_standing(standing: Standing) -> None:
    clock, reason = standing.clock, standing.reason
    ends = (
        ("起 opens", table.moment_text(clock.opens, "zh", opens=True)),
        ("止 due", table.moment_text(clock.due, "zh")),
        ("提醒 warned from", table.moment_text(clock.warned_from, "zh", opens=True)),
    )
    print_text(*(f"{name}: {said}" for name, said in ends if said))
    print_text(f"状态 state: {standing.state.value}", *_explained(reason))
    for ground in clock.provisional:
        print_text(*_explained(ground))


def _explained(found: Explanation) -> tuple[str, ...]:
    return found.zh, f"{found.en} [{found.rule}, {found.clause}]"


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(SHANGHAI).isoformat() if moment else None


def _year_json(known: Calendar, year: int) -> dict[str, Any]:
    worked = known.working_days(year)
    notice = next((each for each in known.notices if each.year == year), None)
    return {
        "year": year,
        "published": known.publishes(year),
        "notice": notice.number if notice else None,
        "holidays": [
            {"name": each.name, "first": each.first, "last": each.last} for each in known.holidays(year)
        ],
        "made_up": [day for day in worked if day.weekday() >= 5],
        "working_days": len(worked),
        "provisional": [vars(ground) for ground in known.grounds(worked[0], worked[0])],
    }


def _print_year(shown: dict[str, Any]) -> None:
    print_text(f"{shown['year']} {shown['notice'] or ''}".rstrip())
    columns = ("放假 holiday", "第一天 first day", "最后一天 last day")
    print_rows(columns, [(each["name"], str(each["first"]), str(each["last"])) for each in shown["holidays"]])
    print_text(
        f"调休上班 made up: {', '.join(map(str, shown['made_up'])) or '-'}",
        f"工作日 working days: {shown['working_days']}",
    )
    for ground in shown["provisional"]:
        print_text(ground["zh"], ground["en"])
