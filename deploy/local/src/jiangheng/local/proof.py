"""Steps 18 to 20 of the journey: the ledger is complete, and anyone can check it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from jiangheng.api.supervision.v1 import ledger_pb2 as ledger
from jiangheng.local import story
from jiangheng.local.driver import PATIENCE, PAUSE, DoesNotHold, Driver
from jiangheng.local.journey import SETTLES, Journey

# Acts that a person has signed.
SIGNED = ("institution.filed.v1", "plan.confirmed.v1", "batch.confirmed.v1", "batch.uploaded.v1")
NOT_CHECKED = 2  # the command's exit code when the ledger could not be asked

# 18


def completeness(journey: Journey) -> str:
    until = time.monotonic() + SETTLES
    while True:
        entries = entries_of(journey)
        try:
            holds_all(entries, journey.driver)
            break
        except DoesNotHold:
            if time.monotonic() > until:
                raise
        time.sleep(PAUSE)
    journey.results["ledger_entries"] = len(entries)
    refusals = sum(entry.envelope.type == "refusal.recorded.v1" for entry in entries)
    journey.results["refusals_on_record"] = refusals
    return f"{len(entries)} entries, {refusals} of them refusals; each fact once, no feed with a gap"


def entries_of(journey: Journey) -> list[ledger.Entry]:
    auditor = journey.actor(story.ZHOU)
    found: list[ledger.Entry] = []
    page = ""
    while True:
        request = ledger.ListEntriesRequest(page_token=page, page_size=500)
        answer = journey.driver.call(auditor, "supervision", journey.driver.ledger.ListEntries, request)
        found += answer.entries
        page = answer.next_page_token
        if not page:
            return found


# 19


def verification(journey: Journey) -> str:
    stated = {entry.envelope.type: entry.envelope.id for entry in entries_of(journey)}
    filed, *others = (stated[kind] for kind in SIGNED)
    evidence = journey.folder / "filing.evidence.json"
    _evidence(journey, "save", filed, "--into", str(evidence))
    key = ("--key", str(journey.driver.endpoints.ledger_key))
    said = _evidence(journey, "verify", filed, *key)
    journey.together(lambda event_id: _evidence(journey, "verify", event_id, *key), others)
    journey.results["evidence_file"] = str(evidence)
    said += f"the signatures of {', '.join(SIGNED[1:])} hold as well"
    return said.strip().replace("\n", "\n      ")


def _evidence(journey: Journey, *arguments: str, offline: bool = False, fails: bool = False) -> str:
    """What the command says; asks again while it could not ask the ledger."""
    until = time.monotonic() + PATIENCE
    while (done := _run(journey, arguments, offline)).returncode == NOT_CHECKED:
        if time.monotonic() > until:
            break
        time.sleep(PAUSE)
    if done.returncode != int(fails):
        raise DoesNotHold(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _run(journey: Journey, arguments: tuple[str, ...], offline: bool) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "jiangheng-evidence"), *arguments]
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    if not offline:
        command += ["--target", journey.driver.endpoints.targets["supervision"]]
        environment["JIANGHENG_TOKEN"] = journey.driver.token(journey.actor(story.ZHOU), "supervision")
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


# 20


def outsider(journey: Journey) -> str:
    evidence = Path(str(journey.results["evidence_file"]))
    key = str(journey.driver.endpoints.ledger_key)
    _evidence(journey, "verify", "--file", str(evidence), "--key", key, offline=True)
    forged = journey.folder / "forged.evidence.json"
    code = str(journey.results["institution_code"])
    forged.write_text(evidence.read_text().replace(code, code[:-1] + ("1" if code[-1] != "1" else "2")))
    _evidence(journey, "verify", "--file", str(forged), "--key", key, offline=True, fails=True)
    return "the saved evidence holds offline; a copy with one changed digit does not"


def holds_all(entries: list[ledger.Entry], driver: Driver) -> None:
    """What was acknowledged to the driver is among the entries, each fact once, no feed with a gap."""
    facts = [(entry.envelope.type, entry.envelope.subject) for entry in entries]
    refused = [refusal_of(entry) for entry in entries if entry.envelope.type == "refusal.recorded.v1"]
    missing = remainder(driver.record.facts, facts) + remainder(driver.record.refusals, refused)
    if missing:
        raise DoesNotHold(f"acknowledged, but not on the ledger: {missing}")
    once_and_without_gap(entries)


def remainder(wanted: list[tuple[str, str]], found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The wanted that are not found, each counted as often as it is wanted."""
    left = list(found)
    missing = []
    for item in wanted:
        if item in left:
            left.remove(item)
        else:
            missing.append(item)
    return missing


def refusal_of(entry: ledger.Entry) -> tuple[str, str]:
    data = json.loads(entry.envelope.data)
    return data["caller"], data["rule"]


def once_and_without_gap(entries: list[ledger.Entry]) -> None:
    """Every event once, every subject's versions and every feed's positions from 1 without a gap."""
    envelopes = [entry.envelope for entry in entries]
    if len({envelope.id for envelope in envelopes}) != len(envelopes):
        raise DoesNotHold("an event is on the ledger twice")
    counted: dict[tuple[str, ...], list[int]] = {}
    for envelope in envelopes:
        counted.setdefault((envelope.source, envelope.stream), []).append(envelope.position)
        noun = envelope.type.split(".")[0]
        counted.setdefault((envelope.source, noun, envelope.subject), []).append(envelope.version)
    for name, numbers in counted.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            raise DoesNotHold(f"{name} has a gap or a repetition: {sorted(numbers)}")
