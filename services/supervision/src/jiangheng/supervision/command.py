"""`jiangheng-evidence`: read the evidence ledger, and check it without believing it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jiangheng.api.supervision.v1.ledger_pb2 import GetCheckpointResponse
from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.console import AsJson, Ca, TokenFile, access_token, end, json_text, refusal
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.supervision import evidence_file
from jiangheng.supervision.domain.ledger import Circumstances
from jiangheng.supervision.evidence import (
    Bundle,
    DoesNotHold,
    Kept,
    LedgerKey,
    Report,
    Step,
    assert_follows,
    examine,
    open_checkpoint,
)
from jiangheng.supervision.evidence_client import LedgerReader

FAILED, USAGE = 1, 2
_VERDICTS = {True: "成立 holds", False: "不成立 DOES NOT HOLD", None: "未核验 not checked"}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Reads the evidence ledger and checks it. Exit codes: 0 holds, 1 does not hold, 2 was not checked.",
)

Target = Annotated[str, typer.Option(help="The ledger: host:port.", envvar="JIANGHENG_LEDGER")]
Key = Annotated[
    Path | None, typer.Option(help="The ledger's public key: PEM, or a line <origin>+<id>+<key>.")
]
EventId = Annotated[str, typer.Argument(help="Id of the fact (UUID).", show_default=False)]


@dataclass(frozen=True)
class Place:
    """Where the ledger is, and how to ask it."""

    target: str
    ca: Path | None
    token_file: Path | None

    @contextmanager
    def open(self) -> Iterator[LedgerReader]:
        """Ask; what the ledger answers instead of evidence ends the command."""
        if not self.target:
            _usage("--target is missing: which ledger?")
        try:
            with LedgerReader(self.target, access_token(self.token_file), self.ca) as reader:
                yield reader
        except Problem as problem:
            end(FAILED if problem.kind is Kind.NOT_FOUND else USAGE, refusal(problem))
        except (ConfigError, OSError) as error:
            _usage(str(error))


@app.command()
def verify(
    event_id: Annotated[str, typer.Argument(help="Id of the fact (UUID).", show_default=False)] = "",
    subject: Annotated[str, typer.Option(help="Every fact about this object instead.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="A saved evidence file instead: needs no network.")
    ] = None,
    key: Key = None,
    previous: Annotated[Path | None, typer.Option(help="A checkpoint kept earlier (watch).")] = None,
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Check a fact step by step: checkpoint, leaf, inclusion, consistency, and the person's own signature."""
    if [bool(event_id), bool(subject), file is not None].count(True) != 1:
        _usage("say one of EVENT_ID, --subject, --file")
    place = Place(target, ca, token_file)
    note = _read(previous) if previous else None
    if file is not None:
        reports = [_verify_file(file, key, note)]
    else:
        reports = list(_verify_online(place, event_id, subject, key, note))
    if not reports:
        end(FAILED, f"账本中没有关于 {subject} 的记录。 Nothing about {subject} is on the ledger.")
    _show(reports, as_json)
    raise typer.Exit(0 if all(report.holds for report in reports) else FAILED)


@app.command()
def save(
    event_id: EventId,
    into: Annotated[Path, typer.Option(help="The file to write.")],
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
) -> None:
    """Write a fact's evidence into a file that anybody can check offline (`verify --file`)."""
    with Place(target, ca, token_file).open() as reader:
        _replace(into, evidence_file.to_json(reader.bundle(event_id)))
    typer.echo(f"已保存 saved: {into}")


@app.command("list")
def list_entries(
    source: Annotated[str, typer.Option(help="The service that stated it.")] = "",
    type_: Annotated[str, typer.Option("--type", help="Kind of fact, e.g. institution.filed.v1.")] = "",
    subject: Annotated[str, typer.Option(help="The object it is about.")] = "",
    actor: Annotated[str, typer.Option(help="Who did it, e.g. person:<id>.")] = "",
    target: Target = "",
    ca: Ca = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """List the entries that the token may read, oldest first."""
    with Place(target, ca, token_file).open() as reader:
        for entry in reader.entries(Circumstances(source, type_, subject, actor)):
            fact = entry.envelope
            if as_json:
                typer.echo(json_text(entry))
            else:
                at = fact.time.ToJsonString()
                typer.echo(f"{entry.index:>7}  {at}  {fact.type}  {fact.subject}  {fact.actor}  {fact.id}")


@app.command()
def watch(
    state: Annotated[Path, typer.Option(help="The file in which the last checkpoint is kept.")],
    key: Key = None,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.1)] = 60.0,
    once: Annotated[bool, typer.Option(help="Look once and end.")] = False,
    target: Target = "",
    ca: Ca = None,
) -> None:
    """Keep the ledger to its word: each checkpoint must follow from the last one; ends with 1 otherwise."""
    place = Place(target, ca, None)
    while True:
        try:
            typer.echo(_look(place, key, state))
        except DoesNotHold as error:
            end(FAILED, f"不成立 DOES NOT HOLD: {error}")
        except typer.Exit:
            # The ledger is away: whoever watches it outlives that.
            if once:
                raise
        if once:
            return
        time.sleep(every)


@app.command("key")
def show_key(target: Target = "", ca: Ca = None) -> None:
    """Print the ledger's name and public key as one line, as the ledger itself states them."""
    with Place(target, ca, None).open() as reader:
        typer.echo(evidence_file.verifier_key(_key_of(reader.checkpoint())))


def _verify_file(file: Path, key: Path | None, note: str | None) -> Report:
    if key is None:
        _usage("--file needs --key: offline there is nobody to ask for it")
    try:
        bundle = evidence_file.from_json(_read(file))
    except evidence_file.Unreadable as error:
        end(FAILED, f"不成立 DOES NOT HOLD: {file}: {error}")
    return examine(bundle, _read_key(key), Kept(note, None) if note else None)


def _verify_online(
    place: Place, event_id: str, subject: str, key: Path | None, note: str | None
) -> Iterator[Report]:
    with place.open() as reader:
        ledger_key = _read_key(key) if key else _key_of(reader.checkpoint())
        found = (
            [entry.envelope.id for entry in reader.entries(Circumstances(subject=subject))] if subject else []
        )
        for one in found or ([event_id] if event_id else []):
            bundle = reader.bundle(one)
            yield examine(bundle, ledger_key, _kept(reader, note, ledger_key, bundle))


def _kept(reader: LedgerReader, note: str | None, key: LedgerKey, bundle: Bundle) -> Kept | None:
    if note is None:
        return None
    try:
        return reader.kept(note, key, bundle)
    except DoesNotHold:
        return Kept(note, ())


def _look(place: Place, key: Path | None, state: Path) -> str:
    with place.open() as reader:
        stated = _stated(reader)
        if stated is None and state.exists():
            raise DoesNotHold("the log had entries and is empty")
        if stated is None:
            return "账本尚无记录。 The ledger holds nothing yet."
        ledger_key = _read_key(key) if key else _key_of(stated)
        latest = open_checkpoint(stated.checkpoint.note, ledger_key)
        if state.exists():
            earlier = open_checkpoint(_read(state), ledger_key)
            proof = reader.consistency(earlier.size, latest.size) if earlier.size <= latest.size else ()
            assert_follows(earlier, latest, proof)
        _replace(state, stated.checkpoint.note)
    return f"{latest.time:%Y-%m-%dT%H:%M:%SZ}  size {latest.size}  root {latest.root.hex()}  成立 holds"


def _stated(reader: LedgerReader) -> GetCheckpointResponse | None:
    try:
        return reader.checkpoint()
    except Problem as problem:
        if problem.code == "empty-log":
            return None
        raise


def _key_of(stated: GetCheckpointResponse) -> LedgerKey:
    return LedgerKey(Ed25519PublicKey.from_public_bytes(stated.public_key), stated.checkpoint.origin)


def _show(reports: list[Report], as_json: bool) -> None:
    if as_json:
        typer.echo(json_text([{"holds": report.holds, **asdict(report)} for report in reports]))
        return
    for report in reports:
        typer.echo(f"事件 fact {report.event_id}: {_VERDICTS[report.holds]}")
        for step in report.steps:
            typer.echo(_line(step))
        typer.echo("  仍须自行核对 what you still owe:")
        for owed in report.owed:
            typer.echo(f"    - {owed.zh} {owed.en}")


def _line(step: Step) -> str:
    return f"  {step.number}  {step.zh} {step.en}: {_VERDICTS[step.holds]}: {step.said}"


def _read_key(path: Path) -> LedgerKey:
    try:
        return evidence_file.read_key(path)
    except (OSError, ValueError) as error:
        _usage(f"{path}: {error}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        _usage(f"{path}: {error}")


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)


def _usage(message: str) -> NoReturn:
    end(USAGE, message)


def main() -> None:
    """The entry point of the command."""
    app()
