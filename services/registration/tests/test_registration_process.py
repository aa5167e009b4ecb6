"""The program itself: what is configured, migrated, wired and stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.api.registration.v1.registration_pb2_grpc import InstitutionServiceStub
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.__main__ import app

Program = Callable[..., Result]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A demonstration on SQLite, without broker and identity: neither is needed to start."""
    key = tmp_path / "service.pem"
    key.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    key.chmod(0o600)
    settings = {
        "PROFILE": "demo",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'registration.db'}",
        "AMQP_URL": "amqp://guest:hidden-word@127.0.0.1:1/",
        "IDENTITY_TARGET": "127.0.0.1:1",
        "SERVICE_KEY_FILE": str(key),
        "FIELD_KEYS_FILE": str(tmp_path / "fields.toml"),
    }
    ours = {f"JIANGHENG_REGISTRATION_{name}": value for name, value in settings.items()}
    return {**os.environ, **ours}


@pytest.fixture
def program(environment: dict[str, str]) -> Program:
    """Runs a command that comes to an end, in this process."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, env=environment)

    return run


def serve(environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "jiangheng.registration", "serve"]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def serving(program: Program, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running `serve` and its port."""
    assert program("new-field-keys").exit_code == 0
    assert program("migrate").exit_code == 0
    with serve(environment) as process:
        try:
            yield process, _port(process)
        finally:
            process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    for line in process.stderr:
        entry: dict[str, Any] = json.loads(line)
        if entry["event"] == "ready":
            return int(entry["port"])
    raise AssertionError("it ended before it was ready")


def test_it_serves_guarded_and_stops_when_told(serving: tuple[subprocess.Popen[str], int]) -> None:
    process, port = serving
    with channel(f"127.0.0.1:{port}") as connection, pytest.raises(Problem) as refused:
        invoke(InstitutionServiceStub(connection).ListInstitutions, pb.ListInstitutionsRequest())
    assert (refused.value.kind, refused.value.code) == (Kind.UNAUTHENTICATED, "token-missing")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def test_it_does_not_serve_before_it_is_migrated_nor_without_field_keys(
    program: Program, environment: dict[str, str]
) -> None:
    for prepare, code, said in (("check-config", 3, "migrate"), ("migrate", 2, "field_keys_file")):
        assert program(prepare).exit_code == 0
        with serve(environment) as process:
            _, told = process.communicate(timeout=60)
        assert (process.returncode, said in told) == (code, True)


def test_a_calendar_with_faults_keeps_it_from_serving(
    program: Program, environment: dict[str, str], tmp_path: Path
) -> None:
    assert [program(prepare).exit_code for prepare in ("new-field-keys", "migrate")] == [0, 0]
    file = tmp_path / "calendar.toml"
    file.write_text("[2027]\n", "utf-8")
    with serve({**environment, "JIANGHENG_REGISTRATION_CALENDAR_FILE": str(file)}) as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "calendar_file" in told
    assert f"{file}:1: 2027" in told


def test_a_standard_with_faults_keeps_it_from_serving(
    program: Program, environment: dict[str, str], tmp_path: Path
) -> None:
    assert [program(prepare).exit_code for prepare in ("new-field-keys", "migrate")] == [0, 0]
    folder = tmp_path / "standards"
    folder.mkdir()
    (folder / "electrician.toml").write_text("[standard]\nmajors = 1\n", "utf-8")
    with serve({**environment, "JIANGHENG_REGISTRATION_STANDARDS_FOLDER": str(folder)}) as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "standards_folder: electrician.toml" in told


def test_field_keys_are_never_replaced(program: Program, tmp_path: Path) -> None:
    assert program("new-field-keys").exit_code == 0
    before = (tmp_path / "fields.toml").read_text()
    assert program("new-field-keys").exit_code == 1
    assert (tmp_path / "fields.toml").read_text() == before


def test_check_config_tells_origins_and_no_secret(program: Program) -> None:
    shown = program("check-config")
    assert shown.exit_code == 0
    assert "JIANGHENG_REGISTRATION_FIELD_KEYS_FILE" in shown.output
    assert "hidden-word" not in shown.output
