"""`make demo`: starts a suite of its own, walks the journey step by step, and leaves a summary."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from jiangheng.chassis.errors import Problem
from jiangheng.local.driver import DoesNotHold, Driver, Endpoints
from jiangheng.local.journey import Journey
from jiangheng.local.steps import STEPS, Step

Before = Callable[[Step], None]
CANDIDATES, SEED = 60, 1


def walk(
    endpoints: Endpoints,
    folder: Path,
    bootstrap_code: Callable[[], str],
    *,
    console: Console,
    before: Before = lambda step: None,
    candidates: int = CANDIDATES,
    seed: int = SEED,
) -> dict[str, object]:
    """Walks every step and returns the summary; raises DoesNotHold at the first that does not hold.

    `before` is called ahead of each step: the failure tests arrange their trouble there.
    """
    driver = Driver(endpoints)
    journey = Journey(driver, folder, bootstrap_code, candidates=candidates, seed=seed)
    try:
        seconds = {step.number: _timed(step, journey, console, before) for step in STEPS}
    finally:
        driver.close()
    return {
        "holds": True,
        "seed": seed,
        "seconds": seconds,
        "facts_acknowledged": len(driver.record.facts),
        "refusals_acknowledged": len(driver.record.refusals),
        **journey.results,
    }


def _timed(step: Step, journey: Journey, console: Console, before: Before) -> float:
    before(step)
    started = time.monotonic()
    console.print(f"[bold]{step.number:>3}[/bold]  {step.zh} [dim]{step.en}[/dim]")
    said = step.act(journey)
    taken = round(time.monotonic() - started, 2)
    console.print(f"      {said} [dim]({taken} s)[/dim]", highlight=False, soft_wrap=True)
    return taken


def run(
    endpoints: Endpoints,
    folder: Path,
    bootstrap_code: Callable[[], str],
    *,
    candidates: int = CANDIDATES,
    seed: int = SEED,
    console: Console | None = None,
) -> int:
    """The demo on a running suite: 0 if everything holds, 1 if anything does not; writes summary.json."""
    console = console or Console()
    try:
        summary = walk(endpoints, folder, bootstrap_code, console=console, candidates=candidates, seed=seed)
    except (DoesNotHold, Problem) as failure:
        summary = {"holds": False, "why": str(failure)}
        console.print(
            f"[bold red]不成立 does not hold:[/bold red] {failure}", highlight=False, soft_wrap=True
        )
    path = folder / "summary.json"
    path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if summary["holds"]:
        _tell(summary, path, console)
    return 0 if summary["holds"] else 1


def _tell(summary: dict[str, object], path: Path, console: Console) -> None:
    console.print()
    console.print("[bold green]成立 everything holds[/bold green]")
    for zh, key in (
        ("机构代码 institution code", "institution_code"),
        ("备案回执 receipt", "receipt_number"),
        ("批次 batch", "batch"),
        ("规则包摘要 rules", "pack_digest"),
        ("报名 candidates", "candidates"),
        ("核定考生 final candidates", "final_candidates"),
        ("座位 seats", "seats"),
        ("准考证 tickets", "tickets"),
        ("准考证样张 a ticket", "ticket_file"),
        ("账本条目 ledger entries", "ledger_entries"),
        ("在案拒绝 refusals on record", "refusals_on_record"),
        ("证据文件 evidence", "evidence_file"),
    ):
        console.print(f"  {zh}: {summary[key]}", highlight=False, soft_wrap=True)
    console.print(f"  摘要 summary: {path}", highlight=False, soft_wrap=True)
