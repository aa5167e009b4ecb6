"""What processes are given before they start."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiangheng.local.provision import SERVICES, Place, Settings, provision, toml

SECRET = "s3cret-of-the-broker"


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[Place]:
    server = None if database_url.startswith("sqlite") else request.getfixturevalue("postgresql_of_run").url
    place = Place(tmp_path / "run", f"amqp://user:{SECRET}@127.0.0.1:5672/%2F", server)
    provision(place)
    yield place
    if place.database:
        place.database.drop(SERVICES)


def test_every_service_takes_its_configuration_and_shows_no_secret(place: Place) -> None:
    for service in SERVICES:
        command = [sys.executable, "-m", f"jiangheng.{service}", "check-config", "--json"]
        said = subprocess.run(
            [*command, "--config", str(place.config(service))], capture_output=True, text=True
        )
        assert said.returncode == 0, said.stderr
        passwords = json.loads(kept.read_text()) if (kept := place.folder / "passwords.json").exists() else {}
        assert not [
            secret for secret in (SECRET, *passwords.values()) if f":{secret}@" in said.stdout + said.stderr
        ]


def test_nobody_else_reads_keys_and_configuration(place: Place) -> None:
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    secret = [path for path in files if ".public." not in path.name]
    assert len(secret) > 2 * len(SERVICES)
    assert [path for path in secret if path.stat().st_mode & 0o077] == []


def test_a_second_time_keeps_keys_and_passwords(place: Place) -> None:
    kept = [path for path in place.folder.rglob("*") if path.is_file() and path.parent.name != "config"]
    before = {path: path.read_bytes() for path in kept}
    provision(Place(place.folder, place.amqp_url, place.postgresql_url))
    assert {path: path.read_bytes() for path in kept} == before


def test_a_setting_can_be_replaced(tmp_path: Path) -> None:
    changed: Settings = {"identity": {"access_token_seconds": 12}, "supervision": {"log_level": "DEBUG"}}
    place = Place(tmp_path, "amqp://127.0.0.1", settings=changed)
    provision(place)
    assert tomllib.loads(place.config("identity").read_text())["access_token_seconds"] == 12
    assert tomllib.loads(place.config("supervision").read_text())["log_level"] == "DEBUG"


def test_toml_is_read_back_as_it_was_meant() -> None:
    settings = {
        "text": 'a "quoted" \\ 衡\n',
        "number": 3,
        "yes": True,
        "table": {"inner": {"x": "y"}, "z": 1},
    }
    assert tomllib.loads(toml(settings)) == settings
