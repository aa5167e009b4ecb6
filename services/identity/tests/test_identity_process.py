"""The processes of identity: set up by its operator, started, used, stopped; refused where it must be."""

from __future__ import annotations

import json
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.api.identity.v1 import identity_pb2_grpc as rpc
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.config import ConfigError, load
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.privacy import write_new_keys
from jiangheng.identity import keyring
from jiangheng.identity.__main__ import app
from jiangheng.identity.app import build_serving
from jiangheng.identity.config import IdentityConfig
from jiangheng.local.processes import Child, free_port, wait_until

PASSWORD = "correct horse battery"


class Installation:
    """A folder with everything an operator makes, and the commands he runs there."""

    def __init__(
        self, folder: Path, database_url: str, patch: pytest.MonkeyPatch, read: Callable[[], Any]
    ) -> None:
        self.folder, self.port, self._read = folder, free_port(), read
        key = Ed25519PrivateKey.generate()
        self._write("service.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self._write("service.public.pem", public)
        settings = {
            "PROFILE": "demo",
            "DATABASE_URL": database_url,
            "AMQP_URL": f"amqp://guest:{secrets.token_hex(4)}@127.0.0.1:1/",
            "BIND": f"127.0.0.1:{self.port}",
            "SERVICE_KEY_FILE": str(folder / "service.pem"),
            "FIELD_KEYS_FILE": str(folder / "fields.toml"),
            "TOKEN_KEYS_FOLDER": str(folder / "tokens"),
            "ARGON2_MEMORY_KIB": "8",
            "ARGON2_PASSES": "1",
        }
        for name, value in settings.items():
            patch.setenv(f"JIANGHENG_IDENTITY_{name}", value)
        command = [sys.executable, "-m", "jiangheng.identity", "serve"]
        self.server = Child("identity", command, folder / "serve.log")

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command of `python -m jiangheng.identity`; what it printed."""
        with pytest.raises(SystemExit) as ended:
            app(list(arguments))
        said = self._read()
        assert ended.value.code == code, said.err
        return str(said.out if code == 0 else said.err)

    def call(self, method: str, request: Any) -> Any:
        service, name = method.split("/")
        with channel(f"127.0.0.1:{self.port}") as opened:
            return invoke(getattr(getattr(rpc, f"{service}Stub")(opened), name), request, timeout=20)

    def serves(self) -> bool:
        try:
            return bool(self.call("TokenService/GetKeySet", pb.GetKeySetRequest()).jwks)
        except Problem:
            return False

    def _write(self, name: str, content: bytes) -> None:
        (self.folder / name).touch(0o600)
        (self.folder / name).write_bytes(content)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite only: the databases' differences end in the store, whose tests run on both."""
    return f"sqlite:///{tmp_path / 'process.db'}"


@pytest.fixture
def installation(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Installation]:
    made = Installation(tmp_path, database_url, monkeypatch, capsys.readouterr)
    yield made
    made.server.stop()


def test_an_operator_sets_it_up_and_it_serves_without_a_broker(installation: Installation) -> None:
    installation.run("new-field-keys")
    installation.run("migrate")
    code = installation.run("bootstrap-code").strip()
    for _ in range(2):
        installation.run(
            *("provision-service", "supervision", "--scope", "feed.read"),
            *("--public-key", str(installation.folder / "service.public.pem")),
        )
    installation.server.start()
    installation.server.wait_ready(installation.serves, 30)
    request = pb.BootstrapRequest(
        code=code,
        login="zhao.admin",
        password=PASSWORD,
        name="赵明",
        document_type=pb.DOCUMENT_TYPE_RESIDENT_ID,
        document_number="220102198503120019",
    )
    installation.call("AdministrationService/Bootstrap", request)
    assert "bootstrap-done" in installation.run("bootstrap-code", code=1)
    installation.run("rotate-token-key")
    log_in = pb.LogInRequest(login="zhao.admin", password=PASSWORD, audience="identity")
    assert installation.call("TokenService/LogIn", log_in).access_token
    keys = json.loads(installation.call("TokenService/GetKeySet", pb.GetKeySetRequest()).jwks)["keys"]
    assert len(keys) == 2
    installation.server._process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
    wait_until(lambda: not installation.server.alive(), 40, "the end of serve")
    log = installation.server.log.read_text()
    assert installation.server._process.returncode == 0, log  # type: ignore[union-attr]
    for secret in (code, PASSWORD, "220102198503120019", "赵明", "zhao.admin"):
        assert secret not in log


def test_it_does_not_start_half_set_up(installation: Installation) -> None:
    assert "field_keys_file" in installation.run("bootstrap-code", code=2)
    installation.run("new-field-keys")
    assert "File exists" in installation.run("new-field-keys", code=1)
    installation.server.start()
    wait_until(lambda: not installation.server.alive(), 20, "serve's refusal")
    assert installation.server._process.returncode == 3  # type: ignore[union-attr]
    assert "migrate" in installation.server.log.read_text()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("key_cooling_off_seconds", 3599), ("access_token_seconds", 59), ("argon2_memory_kib", 19455)],
)
def test_production_refuses_what_a_demonstration_may(
    setting: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_production(tmp_path, monkeypatch)
    assert load(IdentityConfig, "identity").config.key_cooling_off_seconds == 86400
    monkeypatch.setenv(f"JIANGHENG_IDENTITY_{setting.upper()}", str(value))
    with pytest.raises(ConfigError, match=setting):
        load(IdentityConfig, "identity")
    monkeypatch.setenv("JIANGHENG_IDENTITY_PROFILE", "demo")
    assert getattr(load(IdentityConfig, "identity").config, setting) == value


def test_production_waits_for_its_operator_to_make_the_first_token_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_production(tmp_path, monkeypatch)
    write_new_keys(tmp_path / "fields.toml", "1")
    config = load(IdentityConfig, "identity").config
    with pytest.raises(ConfigError, match="rotate-token-key"):
        build_serving(config)
    keyring.rotate(config.token_keys_folder, datetime.now(UTC))
    build_serving(config).runtime.db.dispose()


def _in_production(folder: Path, patch: pytest.MonkeyPatch) -> None:
    required = {
        "database_url": "postgresql+psycopg://identity@127.0.0.1/jiangheng",
        "amqp_url": "amqp://127.0.0.1/",
        "field_keys_file": str(folder / "fields.toml"),
        "token_keys_folder": str(folder / "tokens"),
    }
    for name, text in required.items():
        patch.setenv(f"JIANGHENG_IDENTITY_{name.upper()}", text)
