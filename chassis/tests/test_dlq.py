"""jiangheng-dlq: dead letters are found, shown without personal data, replayed, discarded; none is lost."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis import envelope, routes
from jiangheng.chassis.dlq import app

QUEUE = routes.queue_name("supervision", "registration", "institution")
DEAD = routes.dead_queue_name(QUEUE)
MakeEvent = Callable[..., Envelope]
PERSONAL = {"name": "王小明", "note": "身份证 11010519491231002X"}


class Desk:
    """An operator at a broker with one consumer's queues."""

    def __init__(self, hand: Any, amqp_url: str) -> None:
        self.hand, self.url = hand, amqp_url
        self.make_queues()

    def make_queues(self, **arguments: Any) -> None:
        """As the consumer would; `arguments` are added to those of the queue."""
        channel, exchange = self.hand.channel, routes.dead_letter_exchange("supervision")
        channel.exchange_declare(exchange, "direct", durable=True)
        channel.queue_declare(DEAD, durable=True, arguments=routes.dead_queue_arguments())
        channel.queue_bind(DEAD, exchange, DEAD)
        arguments = routes.queue_arguments("supervision", QUEUE, 20) | arguments
        channel.queue_declare(QUEUE, durable=True, arguments=arguments)

    def bury(self, *events: Envelope) -> None:
        """Let events die, one after the other."""
        for event in events:
            self.bury_message(*envelope.to_amqp(event))

    def bury_message(self, properties: dict[str, Any], body: bytes) -> None:
        buried = self.hand.count(DEAD)
        self.hand.put("", QUEUE, properties, body)
        method, _, _ = self.hand.channel.basic_get(QUEUE)
        self.hand.channel.basic_reject(method.delivery_tag, requeue=False)
        self.hand.wait_for(DEAD, buried + 1)

    def __call__(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, arguments, env={"JIANGHENG_AMQP_URL": self.url})
        assert result.exit_code == code, result.output
        return result

    def ids(self) -> list[str]:
        return [letter["id"] for letter in json.loads(self("show", QUEUE, "--json").stdout)]


@pytest.fixture
def desk(hand: Any, amqp_url: str) -> Desk:
    return Desk(hand, amqp_url)


def test_list_finds_the_queues_of_the_suite(desk: Desk, make_event: MakeEvent) -> None:
    desk.bury(make_event("a", 1), make_event("a", 2))
    assert json.loads(desk("list", "--json").stdout) == [{"queue": DEAD, "letters": 2}]
    assert desk("list").stdout == f"      2  {DEAD}\n"


def test_list_of_a_queue_that_is_not_there(desk: Desk) -> None:
    result = desk("list", "--queue", QUEUE, "--queue", "nobody.dead", code=3)
    assert DEAD in result.stdout
    assert "nobody.dead" in result.stderr


def test_show_says_what_died_and_why_and_takes_nothing_away(desk: Desk, make_event: MakeEvent) -> None:
    first, second = make_event("a", 1), make_event("b", 1)
    desk.bury(first, second)
    for _ in range(2):
        shown = json.loads(desk("show", DEAD, "--json").stdout)
        assert [letter["id"] for letter in shown] == [first.id, second.id]
    assert shown[0]["type"] == "thing.changed.v1"
    assert shown[0]["died_of"] == "rejected"
    assert shown[0]["died_at"].startswith("20")
    assert shown[0]["headers"]["ce-version"] == "1"
    assert shown[0]["body"] == {"subject": "a", "note": "第1"}
    assert desk.hand.count(DEAD) == 2
    assert json.loads(desk("show", QUEUE, second.id, "--json").stdout)[0]["id"] == second.id
    assert len(json.loads(desk("show", QUEUE, "--limit", "1", "--json").stdout)) == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_show_masks_personal_data_unless_told(desk: Desk, make_event: MakeEvent, as_json: bool) -> None:
    desk.bury(make_event(data=PERSONAL))
    desk.bury_message({}, "王小明, no JSON".encode())
    form = ["--json"] if as_json else []
    masked = desk("show", QUEUE, *form).output
    assert "王小明" not in masked
    assert "11010519491231002X" not in masked
    revealed = desk("show", QUEUE, "--reveal", *form).output
    assert revealed.count("王小明") == 2
    assert "11010519491231002X" in revealed


def test_replay_puts_the_chosen_letter_back_as_it_was(desk: Desk, make_event: MakeEvent) -> None:
    first, second, third = (make_event("a", version) for version in (1, 2, 3))
    desk.bury(first, second, third)
    assert json.loads(desk("replay", QUEUE, second.id, "--json").stdout) == {"replayed": [second.id]}
    desk.hand.wait_for(QUEUE, 1)
    _, properties, body = desk.hand.get(QUEUE)
    assert properties.headers.pop("x-delivery-count") == 0  # the broker's, of this delivery
    sent, sent_body = envelope.to_amqp(second)
    assert (properties.headers, body) == (sent["headers"], sent_body)
    assert (properties.content_type, properties.content_encoding) == ("application/json", "utf-8")
    assert (properties.delivery_mode, properties.message_id) == (2, second.id)
    assert desk.ids() == [first.id, third.id]


def test_replay_of_all(desk: Desk, make_event: MakeEvent) -> None:
    events = [make_event("a", version) for version in (1, 2, 3)]
    desk.bury(*events)
    assert desk("replay", QUEUE, "--all").stdout.splitlines() == [*(e.id for e in events), "replayed: 3"]
    desk.hand.wait_for(QUEUE, 3)
    assert desk.hand.count(DEAD) == 0


def test_replay_loses_nothing_when_the_queue_is_gone(desk: Desk, make_event: MakeEvent) -> None:
    desk.bury(make_event())
    desk.hand.channel.queue_delete(QUEUE)
    assert "its consumer" in desk("replay", QUEUE, "--all", code=1).stderr
    desk.hand.wait_for(DEAD, 1)


def test_replay_loses_nothing_when_the_broker_does_not_confirm(desk: Desk, make_event: MakeEvent) -> None:
    """The queue is full and refuses: without the confirm nobody would know."""
    letters = [make_event("a", 1), make_event("a", 2), make_event("a", 3)]
    desk.bury(*letters)
    desk.hand.channel.queue_delete(QUEUE)
    desk.make_queues(**{"x-max-length": 1})
    result = desk("replay", QUEUE, "--all", code=1)
    replayed = [letter.id for letter in letters if letter.id in result.stdout]
    assert 0 < len(replayed) < 3
    desk.hand.wait_for(DEAD, 3 - len(replayed))
    assert desk.hand.count(QUEUE) == len(replayed)


def test_discard_keeps_the_letter_in_a_file(desk: Desk, make_event: MakeEvent, tmp_path: Path) -> None:
    kept, gone = make_event("a", 1), make_event("b", 1, data=PERSONAL)
    desk.bury(kept, gone)
    desk.bury_message({"headers": {"x": 1}}, b"\xff no event")
    into = tmp_path / "discarded.jsonl"
    for chosen in (gone.id, desk.ids()[-1]):
        discarded = desk("discard", DEAD, chosen, "--reason", "a test", "--into", str(into), "--json")
        assert json.loads(discarded.stdout) == {"discarded": [chosen]}
    assert desk.ids() == [kept.id]
    first, second = (json.loads(line) for line in into.read_text().splitlines())
    assert (first["id"], first["reason"], first["queue"]) == (gone.id, "a test", DEAD)
    assert envelope.from_amqp(first["headers"], base64.b64decode(first["body_base64"])) == gone
    assert base64.b64decode(second["body_base64"]) == b"\xff no event"
    assert into.stat().st_mode & 0o777 == 0o600


def test_discard_that_cannot_be_written_down_is_not_done(
    desk: Desk, make_event: MakeEvent, tmp_path: Path
) -> None:
    desk.bury(make_event())
    desk("discard", QUEUE, "--all", "--reason", "a test", "--into", str(tmp_path / "no" / "file"), code=1)
    desk.hand.wait_for(DEAD, 1)


def test_wrong_usage_is_refused_and_nothing_happens(
    desk: Desk, make_event: MakeEvent, tmp_path: Path
) -> None:
    event = make_event()
    desk.bury(event)
    into = str(tmp_path / "discarded.jsonl")
    desk("discard", QUEUE, "--all", "--into", into, code=2)
    desk("discard", QUEUE, "--all", "--reason", "a test", code=2)
    desk("discard", QUEUE, "--all", "--reason", " ", "--into", into, code=2)
    desk("replay", QUEUE, code=2)
    desk("replay", QUEUE, event.id, "--all", code=2)
    assert desk.hand.count(DEAD) == 1


def test_an_id_that_is_not_there_is_said(desk: Desk, make_event: MakeEvent) -> None:
    event = make_event()
    desk.bury(event)
    result = desk("replay", QUEUE, event.id, "no-such-id", code=3)
    assert "no-such-id" in result.stderr
    desk.hand.wait_for(QUEUE, 1)
    desk("show", QUEUE, "no-such-id", code=3)
    desk("show", "nobody.v1", code=3)


def test_a_broker_that_is_away_is_said_without_its_password(tmp_path: Path) -> None:
    command = shutil.which("jiangheng-dlq", path=Path(sys.executable).parent)
    assert command is not None
    url = "amqp://operator:canary-password@127.0.0.1:1/"
    told = subprocess.run(
        [command, "list"], env={"JIANGHENG_AMQP_URL": url}, capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert "away" in told.stderr
    assert "canary-password" not in told.stdout + told.stderr
