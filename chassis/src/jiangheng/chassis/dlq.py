"""jiangheng-dlq: the command with which an operator looks after dead letters."""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, NoReturn

import pika.exceptions
import typer

from jiangheng.chassis.dead_letters import DeadLetters, Letter, NoSuchQueue, known_queues
from jiangheng.chassis.routes import DEAD, dead_queue_name

FAILED, NOT_FOUND = 1, 3

_HELP = (
    "Look after dead letters: events that a consumer rejected, or failed on too often.",
    'A dead letter waits in the queue "<consumer>.<source>.<noun>.v1.dead" until somebody decides. The usual'
    " way: list; show, to learn why; mend the cause; replay. An event that is replayed twice, or that the"
    " feed has brought meanwhile, takes effect once.",
    "Discard is for what is no event at all: where order matters, the later events of a subject wait for one"
    " that was discarded, until the feed brings it.",
    "Exit codes: 0 done; 1 the broker refused or is away, what was printed as done is done; 2 wrong usage;"
    " 3 no such queue or letter.",
)
app = typer.Typer(
    help="\n\n".join(_HELP),
    epilog="Example: jiangheng-dlq replay supervision.registration.institution.v1 --all",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, the broker's password among them
)

AmqpUrl = Annotated[
    str,
    typer.Option(
        "--amqp-url",
        envvar="JIANGHENG_AMQP_URL",
        show_envvar=True,
        help="The broker. Prefer the environment: other users of the machine see options.",
    ),
]
Ca = Annotated[
    Path | None,
    typer.Option("--ca", envvar="JIANGHENG_TLS_CA", show_envvar=True, help="Who vouches for it (PEM)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Queue = Annotated[str, typer.Argument(help="The dead-letter queue, or the queue it belongs to.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Ids of letters, as list and show print them.")]
All = Annotated[bool, typer.Option("--all", help="All letters that are in the queue now.")]


@app.command("list", epilog="Example: jiangheng-dlq list --json")
def list_queues(
    amqp_url: AmqpUrl,
    queue: Annotated[
        list[str] | None, typer.Option("--queue", help="Only these; by default every one of the suite.")
    ] = None,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """How many dead letters there are, by queue. Queues that no consumer has made yet are left out."""
    with _at_the_broker(amqp_url, ca) as letters:
        given = [_dead(name) for name in queue or ()]
        found = letters.counts(given or known_queues())
    missing = [name for name in given if name not in found]
    if as_json:
        typer.echo(json.dumps([{"queue": name, "letters": count} for name, count in found.items()]))
    else:
        _print_table([{"letters": str(count), "queue": name} for name, count in found.items()])
    if missing:
        _end(NOT_FOUND, f"no such queue: {', '.join(missing)}")


@app.command(epilog="Example: jiangheng-dlq show supervision.identity.grant.v1 --limit 5")
def show(
    queue: Queue,
    amqp_url: AmqpUrl,
    ids: Ids = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")] = 20,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show personal data too, and what is not JSON.")
    ] = False,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """What the letters of a queue are, and why they died. Nothing is taken away."""
    with _at_the_broker(amqp_url, ca) as letters:
        wanted = (letter for letter in letters.read(_dead(queue)) if not ids or letter.id in ids)
        chosen = list(islice(wanted, limit))
    _complain_of_missing(ids, [letter.id for letter in chosen])
    shown = [{**letter.summary(), **letter.content(reveal=reveal)} for letter in chosen]
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for each in shown:
        for name, value in each.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
            typer.echo(f"{name:8} {text}")
        typer.echo()


@app.command(epilog="Example: jiangheng-dlq replay supervision.identity.grant.v1 --all")
def replay(
    queue: Queue,
    amqp_url: AmqpUrl,
    ids: Ids = None,
    everything: All = False,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Put letters back into the queue they came from. First mend what they died of, or they come again."""
    _settle(queue, amqp_url, ca, ids, everything, as_json, DeadLetters.replay, "replayed")


@app.command(epilog='Example: jiangheng-dlq discard q.dead ID --reason "not an event" --into discarded.jsonl')
def discard(
    queue: Queue,
    amqp_url: AmqpUrl,
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever reads the file later.")],
    into: Annotated[
        Path, typer.Option("--into", help="File that keeps what is discarded; lines are added to it.")
    ],
    ids: Ids = None,
    everything: All = False,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Take letters away for good, and keep them in a file (unmasked, readable by its owner only)."""
    if not reason.strip():
        raise typer.BadParameter("say why", param_hint="--reason")

    def keep_and_remove(letters: DeadLetters, letter: Letter) -> None:
        _keep(letter, reason, into)
        letters.remove(letter)

    _settle(queue, amqp_url, ca, ids, everything, as_json, keep_and_remove, "discarded")


def main() -> None:
    """The command's entry point."""
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # what it would log, the exceptions say
    app()


def _settle(
    queue: str,
    amqp_url: str,
    ca: Path | None,
    ids: list[str] | None,
    everything: bool,
    as_json: bool,
    settle: Callable[[DeadLetters, Letter], None],
    done_word: str,
) -> None:
    if bool(ids) == everything:
        raise typer.BadParameter("name letters by id, or say --all", param_hint="IDS")
    done: list[str] = []
    try:
        with _at_the_broker(amqp_url, ca) as letters:
            for letter in letters.read(_dead(queue)):
                if everything or letter.id in (ids or ()):
                    settle(letters, letter)
                    done.append(letter.id)
    finally:  # also when the broker goes away in the middle: what is done is done
        _print_done(done, done_word, as_json)
    _complain_of_missing(ids, done)


def _print_done(done: list[str], word: str, as_json: bool) -> None:
    typer.echo(json.dumps({word: done}) if as_json else "\n".join([*done, f"{word}: {len(done)}"]))


def _keep(letter: Letter, reason: str, into: Path) -> None:
    """Write the letter down, on the disk before it leaves the broker."""
    kept: dict[str, Any] = {
        "discarded_at": datetime.now(UTC).isoformat(),
        "reason": reason,
        "queue": letter.queue,
        **letter.summary(),
        "headers": letter.headers,
        "content_type": letter.properties.content_type,
        "body_base64": base64.b64encode(letter.body).decode(),
    }
    line = json.dumps(kept, ensure_ascii=False, default=str) + "\n"
    descriptor = os.open(into, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _at_the_broker(amqp_url: str, ca: Path | None) -> Iterator[DeadLetters]:
    """The broker's dead letters; says in one line what is wrong, never the address with its password."""
    try:
        with DeadLetters(amqp_url, ca) as letters:
            yield letters
    except NoSuchQueue as missing:
        _end(NOT_FOUND, f"no such queue: {missing}")
    except pika.exceptions.UnroutableError:
        _end(FAILED, "the queue it came from is not there: start its consumer once, which makes it")
    except pika.exceptions.AMQPError as error:
        _end(FAILED, f"the broker refused or is away: {type(error).__name__} {error}".rstrip())
    except OSError as error:
        _end(FAILED, f"not done: {error}")


def _dead(queue: str) -> str:
    return queue if queue.endswith(DEAD) else dead_queue_name(queue)


def _complain_of_missing(ids: list[str] | None, found: list[str]) -> None:
    missing = [each for each in ids or () if each not in found]
    if missing:
        _end(NOT_FOUND, f"not in the queue: {', '.join(missing)}")


def _print_table(rows: list[dict[str, str]]) -> None:
    for row in rows:
        typer.echo("  ".join(f"{value:>7}" for value in row.values()))
    if not rows:
        typer.echo("no dead-letter queue is there yet")


def _end(code: int, message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
