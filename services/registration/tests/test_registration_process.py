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

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.api.registration.v1.registration_pb2_grpc import InstitutionServiceStub
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.desk import SERVICE

Program = Callable[..., subprocess.CompletedProcess[str]]


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
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "jiangheng.registration", *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture
def serving(program: Program, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running `serve` and its port."""
    assert program("new-field-keys").returncode == 0
    assert program("migrate").returncode == 0
    command = [sys.executable, "-m", "jiangheng.registration", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
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
    with channel(f"127.0.0.1:{port}", [SERVICE]) as connection, pytest.raises(Problem) as refused:
        invoke(InstitutionServiceStub(connection).ListInstitutions, pb.ListInstitutionsRequest())
    assert (refused.value.kind, refused.value.code) == (Kind.UNAUTHENTICATED, "token-missing")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def test_it_does_not_serve_on_a_database_that_was_not_migrated(program: Program) -> None:
    program("new-field-keys")
    ended = program("serve")
    assert (ended.returncode, "migrate" in ended.stderr) == (3, True)


def test_it_does_not_serve_without_field_keys_and_never_replaces_them(
    program: Program, tmp_path: Path
) -> None:
    program("migrate")
    ended = program("serve")
    assert (ended.returncode, "field_keys_file" in ended.stderr) == (2, True)
    assert program("new-field-keys").returncode == 0
    before = (tmp_path / "fields.toml").read_text()
    assert program("new-field-keys").returncode == 1
    assert (tmp_path / "fields.toml").read_text() == before


def test_check_config_tells_origins_and_no_secret(program: Program) -> None:
    shown = program("check-config")
    assert shown.returncode == 0
    assert "JIANGHENG_REGISTRATION_FIELD_KEYS_FILE" in shown.stdout
    assert "hidden-word" not in shown.stdout + shown.stderr
