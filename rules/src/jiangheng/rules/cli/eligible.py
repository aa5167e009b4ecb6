"""eligible, check-conditions: may a candidate apply, and are own conditions below the standard?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from jiangheng.rules.cli.eligible_text import print_decision
from jiangheng.rules.cli.layout import print_json, print_text
from jiangheng.rules.cli.options import NO, AsJson, Packs, end, folders, print_faults, telling_faults
from jiangheng.rules.eligibility.application import Application, BadApplication, read_application
from jiangheng.rules.eligibility.compare import compare
from jiangheng.rules.eligibility.conditions import Conditions
from jiangheng.rules.eligibility.decide import Attempt, Decision, Finding, decide
from jiangheng.rules.eligibility.reading import conditions_from, faults
from jiangheng.rules.eligibility.source import (
    NotASource,
    conditions_for,
    integers_of,
    pack_conditions,
)
from jiangheng.rules.eligibility.standard import Standard, example_standard, standard_from
from jiangheng.rules.pack import NotRegulated, Pack, pack_named
from jiangheng.rules.terms import SHANGHAI
from jiangheng.rules.toml_file import read_toml

FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
PackName = Annotated[str, typer.Option("--pack", help="The pack whose rules decide.")]
StandardFile = Annotated[
    Path | None,
    typer.Option(
        "--standard",
        exists=True,
        dir_okay=False,
        help="The occupation's standard: related occupations, majors, specialties 职业标准文件.",
    ),
]
OwnFile = Annotated[
    Path | None,
    typer.Option(
        "--conditions", exists=True, dir_okay=False, help="The employer's own conditions 自主申报条件."
    ),
]


def add(app: typer.Typer) -> None:
    """The commands of this module."""
    app.command(epilog="Example: jiangheng-rules eligible candidate.toml --pack jilin --on 2026-06-01")(
        eligible
    )
    app.command("check-conditions", epilog="Example: jiangheng-rules check-conditions own.toml --pack jilin")(
        check_conditions
    )


def eligible(
    file: FileArgument,
    pack: PackName = "jilin",
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; today if left out.")
    ] = None,
    standard: StandardFile = None,
    conditions: OwnFile = None,
    own: Packs = None,
    as_json: AsJson = False,
) -> None:
    """May a candidate apply, and why: 申报资格. Exit code 1 if not."""
    day = (on or datetime.now(SHANGHAI)).date()
    with telling_faults(as_json):
        rules = pack_named(pack, folders(own))
    application = _application(file, as_json)
    counts = _standard(standard, application.occupation)
    decision = _decision(rules, application, counts, conditions, day, as_json)
    if as_json:
        print_json(_decision_json(decision, rules))
    else:
        print_decision(decision, application.evidence, rules)
    if not decision.eligible:
        raise typer.Exit(NO)


def check_conditions(
    file: FileArgument,
    pack: PackName = "jilin",
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            exists=True,
            dir_okay=False,
            help="Conditions to compare with; the pack's if left out.",
        ),
    ] = None,
    own: Packs = None,
    as_json: AsJson = False,
) -> None:
    """What is wrong in own conditions, where they are below the standard: 自主条件校验. Exit code 1 if so."""
    with telling_faults(as_json):
        rules = pack_named(pack, folders(own))
    given = _conditions(file, rules, as_json)
    standard = _conditions(against, rules, as_json) if against else pack_conditions(rules)
    if standard is None:
        end(
            f"规则包 {pack} 没有可供比较的申报条件 the pack has no conditions to compare with: --against FILE"
        )
    below = compare(given, standard)
    if as_json:
        print_json([{"condition": each.own.id, **asdict(each.explanation)} for each in below])
    else:
        said = [f"{each.explanation.zh}\n{each.explanation.en} [{each.explanation.clause}]" for each in below]
        print_text(*(said or ["不低于标准 not below the standard"]))
    if below:
        raise typer.Exit(NO)


def _application(file: Path, as_json: bool) -> Application:
    try:
        return read_application(file)
    except BadApplication as bad:
        print_faults(bad.faults, as_json)
        raise typer.Exit(NO) from None


def _standard(file: Path | None, occupation: str) -> Standard:
    if file is None:
        return example_standard(occupation) or Standard(occupation)
    found = read_toml(file)
    if found.faults:
        print_faults(found.faults, as_json=False)
        raise typer.Exit(NO)
    try:
        return standard_from(found.content)
    except ValueError as error:
        end(f"{file}: {error}")


def _conditions(file: Path, rules: Pack, as_json: bool) -> Conditions:
    found = read_toml(file)
    wrong = tuple(faults(found, integers_of(rules)))
    if wrong:
        print_faults(wrong, as_json)
        raise typer.Exit(NO)
    read = conditions_from(found.content, integers_of(rules))
    return read or end(f"{file}: 没有提供申报条件 no conditions are supplied in it")


def _decision(
    rules: Pack, application: Application, standard: Standard, own: Path | None, on: date, as_json: bool
) -> Decision:
    given = _conditions(own, rules, as_json) if own else None
    try:
        conditions = conditions_for(rules, standard, given)
    except (NotRegulated, NotASource) as no:
        end(f"{no.explanation.zh}\n{no.explanation.en} [{no.explanation.clause}]")
    return decide(conditions, application.evidence, application.level, standard, on)


def _decision_json(decision: Decision, rules: Pack) -> dict[str, Any]:
    return {
        "eligible": decision.eligible,
        "occupation": decision.standard.occupation,
        "level": decision.level,
        "on": decision.on,
        "from_day": decision.from_day,
        "waiting": asdict(decision.waiting),
        "pack": {"id": rules.id, "version": rules.version, "digest": rules.digest},
        "source": {"id": decision.source.source, "zh": decision.source.zh, "en": decision.source.en},
        "standard_is_example": decision.standard.example,
        "conditions": [_attempt_json(attempt) for attempt in decision.attempts],
    }


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    row = attempt.condition
    return {
        "id": row.id,
        "clause": row.clause,
        "zh": row.zh,
        "en": row.en,
        "met": attempt.met,
        "from_day": attempt.from_day,
        "needs": [_finding_json(finding) for finding in attempt.findings],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "met": finding.met,
        "from_day": finding.from_day,
        "evidence": [asdict(piece) for piece in finding.pieces],
        "gap": asdict(finding.gap) if finding.gap else None,
    }
