"""What a process writes: one JSON line per event, masked, also for libraries and exceptions."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from jiangheng.chassis import telemetry
from jiangheng.chassis.masking import MASK

NUMBER = "11010519491231002X"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    telemetry.configure("identity", "INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_says_when_what_and_who(lines: Lines) -> None:
    telemetry.get_logger("jiangheng.identity").info("person-registered", person_id="p1")
    (line,) = lines()
    assert line["time"].endswith("Z")
    assert {key: line[key] for key in ("level", "event", "service", "logger", "person_id")} == {
        "level": "info",
        "event": "person-registered",
        "service": "identity",
        "logger": "jiangheng.identity",
        "person_id": "p1",
    }


def test_below_the_level_nothing_is_written(lines: Lines) -> None:
    telemetry.get_logger().debug("chatter")
    logging.getLogger("some.library").debug("chatter")
    assert lines() == []


def test_personal_data_is_masked_in_fields_messages_and_exceptions(lines: Lines) -> None:
    log = telemetry.get_logger()
    log.info("registered %s", NUMBER, document_number=NUMBER, person={"name": "张三", "ids": [NUMBER]})
    try:
        raise ValueError(f"no such person: {NUMBER}")
    except ValueError:
        log.exception("failed")
    registered, failed = lines()
    assert registered["event"] == f"registered {MASK}"
    assert registered["document_number"] == MASK
    assert registered["person"] == {"name": MASK, "ids": [MASK]}
    assert f"ValueError: no such person: {MASK}" in failed["exception"]
    assert NUMBER not in json.dumps([registered, failed])


def test_an_exception_behind_an_exception_is_masked(lines: Lines) -> None:
    try:
        try:
            raise KeyError(NUMBER)
        except KeyError as error:
            raise RuntimeError("wrapped") from error
    except RuntimeError:
        telemetry.get_logger().exception("failed")
    (line,) = lines()
    assert "KeyError" in line["exception"]
    assert NUMBER not in line["exception"]


def test_a_library_writes_the_same_lines(lines: Lines) -> None:
    logging.getLogger("some.library").warning("refused for %s", NUMBER)
    try:
        raise OSError(f"amqp://guest:hidden@localhost {NUMBER}")
    except OSError:
        logging.getLogger("some.library").exception("lost")
    refused, lost = lines()
    assert (refused["event"], refused["level"], refused["logger"]) == (
        f"refused for {MASK}",
        "warning",
        "some.library",
    )
    assert "hidden" not in lost["exception"]
    assert NUMBER not in lost["exception"]


def test_context_is_on_every_line(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(call="c1"):
        telemetry.get_logger().info("one")
    telemetry.get_logger().info("two")
    assert [line.get("call") for line in lines()] == ["c1", None]


def test_configuring_again_replaces(lines: Lines) -> None:
    other = io.StringIO()
    telemetry.configure("registration", "warning", other)
    telemetry.get_logger().info("quiet")
    telemetry.get_logger().warning("loud")
    assert lines() == []
    assert json.loads(other.getvalue())["service"] == "registration"


def test_importing_sets_nothing_up() -> None:
    program = (
        "import logging, structlog, jiangheng.chassis.telemetry;"
        "assert logging.getLogger().handlers == [] and not structlog.is_configured()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_metrics_are_served_and_the_port_is_given_back() -> None:
    counted = telemetry.counter("test_counted_total", "For a test.", ("kind",))
    counted.labels("a").inc(3)
    telemetry.gauge("test_depth", "For a test.").set(5)
    telemetry.histogram("test_seconds", "For a test.").observe(0.25)
    endpoint = telemetry.start_metrics(0)
    try:
        address = f"http://127.0.0.1:{endpoint.port}/metrics"
        text = urllib.request.urlopen(address, timeout=10).read().decode()
    finally:
        endpoint.stop()
    assert 'jiangheng_test_counted_total{kind="a"} 3.0' in text
    assert "jiangheng_test_depth 5.0" in text
    assert "jiangheng_test_seconds_sum 0.25" in text
    again = telemetry.start_metrics(endpoint.port)
    again.stop()


def test_a_metric_asked_for_twice_is_one() -> None:
    one = telemetry.counter("test_twice_total", "For a test.")
    assert telemetry.counter("test_twice_total", "For a test.") is one
