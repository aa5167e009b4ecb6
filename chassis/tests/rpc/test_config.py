"""Settings: where they come from, what is refused, and that no secret is ever shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from jiangheng.chassis.config import HIDDEN, ConfigError, Loaded, ServiceConfig, load
from jiangheng.chassis.loopback import host_of, hosts_of_url, is_loopback

PASSWORD = "s3cret-Passw0rd"
DEMO = {"profile": "demo", "database_url": f"sqlite:///{PASSWORD}.db", "amqp_url": f"amqp://u:{PASSWORD}@mq/"}
SOUND = {
    "database_url": f"postgresql+psycopg://u:{PASSWORD}@db/toy?sslmode=verify-full",
    "amqp_url": f"amqps://u:{PASSWORD}@mq/;amqps://u:{PASSWORD}@mq2/",
}


class ToyConfig(ServiceConfig):
    pin: SecretStr | None = None
    rooms: frozenset[str] = frozenset()


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("JIANGHENG_")]:
        monkeypatch.delenv(name)


def file_of(folder: Path, settings: Mapping[str, object]) -> Path:
    path = folder / "toy.toml"
    lines = (
        f"{name} = {value if isinstance(value, int) else repr(value)}" for name, value in settings.items()
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def rows(loaded: Loaded[ToyConfig]) -> dict[str, tuple[object, str]]:
    return {name: (value, origin) for name, value, origin in loaded.rows()}


def test_every_value_tells_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(tmp_path, {**DEMO, "workers": 3, "pin": PASSWORD})
    monkeypatch.setenv("JIANGHENG_TOY_WORKERS", "5")
    monkeypatch.setenv("JIANGHENG_TOY_ROOMS", '["a"]')
    found = rows(load(ToyConfig, "toy", path))
    assert found["workers"] == (5, "environment JIANGHENG_TOY_WORKERS")
    assert found["rooms"] == (["a"], "environment JIANGHENG_TOY_ROOMS")
    assert found["profile"] == ("demo", f"file {path}")
    assert found["log_level"] == ("INFO", "default")
    assert found["database_url"] == found["amqp_url"] == found["pin"] == (HIDDEN, f"file {path}")
    assert PASSWORD not in str(found)


def test_the_file_may_be_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANGHENG_CONFIG", str(file_of(tmp_path, DEMO)))
    assert load(ToyConfig, "toy").config.profile == "demo"


def faults(tmp_path: Path, settings: Mapping[str, object]) -> str:
    with pytest.raises(ConfigError) as raised:
        load(ToyConfig, "toy", file_of(tmp_path, settings))
    assert PASSWORD not in str(raised.value)
    assert raised.value.__cause__ is None  # no traceback brings back what the message leaves out
    return str(raised.value)


def test_an_unknown_key_is_refused_naming_file_and_key(tmp_path: Path) -> None:
    found = faults(tmp_path, {**DEMO, "databse_url": PASSWORD, "wokers": 3})
    assert (
        found
        == f"file {tmp_path}/toy.toml: unknown key databse_url\nfile {tmp_path}/toy.toml: unknown key wokers"
    )


def test_an_unknown_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANGHENG_TOY_DATABSE_URL", PASSWORD)
    monkeypatch.setenv("JIANGHENG_TOYS_ANYTHING", "is another service's")
    assert faults(tmp_path, DEMO) == "environment: unknown variable JIANGHENG_TOY_DATABSE_URL"


def test_no_fault_shows_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANGHENG_TOY_METRICS_PORT", PASSWORD)
    found = faults(tmp_path, {**DEMO, "workers": PASSWORD, "amqp_url": 7, "log_level": PASSWORD})
    assert f"file {tmp_path}/toy.toml: workers: " in found
    assert "environment JIANGHENG_TOY_METRICS_PORT: metrics_port: " in found
    assert len(found.splitlines()) == 4


def test_neither_does_a_fault_that_escapes() -> None:
    with pytest.raises(ValidationError) as raised:
        ToyConfig(database_url=PASSWORD, amqp_url=PASSWORD, workers=PASSWORD)
    assert PASSWORD not in str(raised.value)


def test_what_cannot_be_parsed_does_not_show_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(tmp_path, DEMO)
    monkeypatch.setenv("JIANGHENG_TOY_ROOMS", f"[{PASSWORD}")
    with pytest.raises(ConfigError, match="rooms") as raised:
        load(ToyConfig, "toy", path)
    assert PASSWORD not in str(raised.value)
    monkeypatch.delenv("JIANGHENG_TOY_ROOMS")
    path.write_text(f'pin = "{PASSWORD}\n')
    with pytest.raises(ConfigError, match="not valid TOML") as raised:
        load(ToyConfig, "toy", path)
    assert PASSWORD not in str(raised.value)


def test_a_missing_value_says_how_to_give_it(tmp_path: Path) -> None:
    found = faults(tmp_path, {"profile": "demo"})
    assert "database_url: not set; say database_url in the file or JIANGHENG_TOY_DATABASE_URL in" in found
    assert "amqp_url: not set" in found


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: No such file"):
        load(ToyConfig, "toy", tmp_path / "absent.toml")


def test_production_is_what_holds_when_nothing_is_said(tmp_path: Path) -> None:
    assert load(ToyConfig, "toy", file_of(tmp_path, SOUND)).config.profile == "production"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"legal_clock_offset_seconds": 60}, "legal_clock_offset_seconds must be 0"),
        ({"reflection": 1}, "reflection must be off"),
        ({"amqp_url": "amqp://u:p@mq/"}, "amqp_url must be amqps:// off loopback"),
        ({"amqp_url": "amqps://u:p@mq/;amqp://u:p@mq2/"}, "amqp_url must be amqps:// off loopback"),
        ({"database_url": "sqlite:///toy.db"}, "database_url must be PostgreSQL"),
        ({"database_url": "postgresql+psycopg://u:p@db/toy"}, "database_url must say sslmode=verify-full"),
        (
            {"database_url": "postgresql+psycopg://u:p@db/toy?sslmode=require"},
            "database_url must say sslmode=verify-full",
        ),
        (
            {"database_url": "postgresql+psycopg://u:p@/toy?host=db"},
            "database_url must say sslmode=verify-full",
        ),
        ({"migration_url": "postgresql+psycopg://u:p@db/toy"}, "migration_url must say sslmode=verify-full"),
    ],
)
def test_production_refuses_what_is_for_demonstrations(
    tmp_path: Path, changed: dict[str, object], fault: str
) -> None:
    assert fault in faults(tmp_path, {**SOUND, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"amqp_url": "amqp://u:p@127.0.0.1:5672/"},
        {"amqp_url": "amqp://u:p@localhost/;amqps://u:p@mq/"},
        {"database_url": "postgresql+psycopg://u:p@localhost/toy"},
        {"database_url": "postgresql+psycopg://u:p@/toy?host=/run/postgresql"},
    ],
)
def test_production_allows_plain_talk_within_the_machine(tmp_path: Path, changed: dict[str, object]) -> None:
    load(ToyConfig, "toy", file_of(tmp_path, {**SOUND, **changed}))


def test_a_certificate_comes_with_its_key(tmp_path: Path) -> None:
    assert "tls_cert and tls_key belong together" in faults(tmp_path, {**DEMO, "tls_cert": "a.pem"})


def test_a_port_open_to_the_network_needs_a_certificate(tmp_path: Path) -> None:
    assert "off loopback" in faults(tmp_path, {**DEMO, "bind": "0.0.0.0:50051"})
    assert "off loopback" in faults(tmp_path, {**DEMO, "identity_target": "identity:50051"})
    given = {"tls_cert": "a.pem", "tls_key": "a.key", "tls_ca": "ca.pem"}
    load(
        ToyConfig, "toy", file_of(tmp_path, {**DEMO, **given, "bind": "0.0.0.0:1", "identity_target": "i:1"})
    )


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_this_is_only_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "10.0.0.1", "localhost.example.org", "db", "127.1"])  # noqa: S104
def test_this_may_be_another_machine(host: str) -> None:
    assert not is_loopback(host)


def test_hosts_are_found_in_targets_and_urls() -> None:
    assert [host_of(target) for target in ("a:1", "[::1]:1", "dns:///a.b:1")] == ["a", "::1", "a.b"]
    assert hosts_of_url("amqp://u:p@a:1/v;amqps://b") == ["a", "b"]
    assert hosts_of_url("postgresql+psycopg://u:p@/db") == []
