"""Makes what the processes of a suite need before they start: databases, keys and one configuration each.

Everything lies in the run's folder. Keys, passwords and the names on PostgreSQL are made once and kept;
ports are new each time. Every file with a secret in it is private (0600).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.privacy import write_new_keys
from jiangheng.local.databases import Access, PostgreSQLPlace, on_sqlite
from jiangheng.local.files import write_private
from jiangheng.local.processes import free_port
from jiangheng.rules.calendar import CalendarNotPublished, add_working_days

# One line for each service; FEEDS says whose facts a service completes through the feed.
SERVICES = ("identity", "registration", "supervision")
FEEDS: Mapping[str, tuple[str, ...]] = {"supervision": ("identity", "registration")}

# So many working days the story reaches ahead.
STORY_WORKING_DAYS = 15

Settings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where a run keeps what; `postgresql_url` is an administrator's, none means SQLite."""

    folder: Path
    amqp_url: str = field(repr=False)
    postgresql_url: str | None = field(default=None, repr=False)
    # Values that replace or add to a service's settings.
    settings: Settings = field(default_factory=dict)

    @cached_property
    def ports(self) -> dict[str, int]:
        return {service: free_port() for service in SERVICES}

    def target(self, service: str) -> str:
        """host:port of the service's gRPC server."""
        return f"127.0.0.1:{self.ports[service]}"

    def config(self, service: str) -> Path:
        return self.folder / "config" / f"{service}.toml"

    def key(self, name: str) -> Path:
        """PEM of a private key; see public_key."""
        return self.folder / "keys" / f"{name}.pem"

    def public_key(self, name: str) -> Path:
        return self.folder / "keys" / f"{name}.public.pem"

    @property
    def database(self) -> PostgreSQLPlace | None:
        return PostgreSQLPlace(self.postgresql_url, self._kept("run")) if self.postgresql_url else None

    def password(self, role: str) -> str:
        return self._kept(role)

    def _kept(self, name: str) -> str:
        """A random word that this folder keeps under `name`."""
        file = self.folder / "passwords.json"
        known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        if name not in known:
            known[name] = secrets.token_hex(4 if name == "run" else 16)
            write_private(file, json.dumps(known, indent=2))
        return known[name]


def provision(place: Place) -> None:
    """Make or complete everything in the run's folder and in its databases."""
    for name in ("config", "keys", "keys/tokens", "data", "log"):
        (place.folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (*SERVICES, "ledger"):
        _keep_key(place, name)
    for service in SERVICES:
        if not _field_keys(place, service).exists():
            write_new_keys(_field_keys(place, service), "1")
    access = _databases(place)
    for service in SERVICES:
        write_private(place.config(service), toml(_settings(place, service, access[service])))


def _databases(place: Place) -> Mapping[str, Access]:
    if place.database:
        return place.database.create(SERVICES, place.password)
    return {service: on_sqlite(place.folder / "data", service) for service in SERVICES}


def _keep_key(place: Place, name: str) -> None:
    path = place.key(name)
    if not path.exists():
        new = Ed25519PrivateKey.generate()
        pem = new.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(path, pem.decode())
    key = load_pem_private_key(path.read_bytes(), password=None)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    place.public_key(name).write_bytes(public)


def _field_keys(place: Place, service: str) -> Path:
    return place.folder / "keys" / f"{service}.fields.toml"


def _settings(place: Place, service: str, access: Access) -> dict[str, Any]:
    own = OWN[service](place) if service in OWN else {}
    return {**_common(place, service, access), **own, **place.settings.get(service, {})}


def _common(place: Place, service: str, access: Access) -> dict[str, Any]:
    reached = {name: value for name, value in vars(access).items() if value is not None}
    return {
        "profile": "demo",
        **reached,
        "amqp_url": place.amqp_url,
        "bind": place.target(service),
        "identity_target": place.target("identity"),
        "service_key_file": str(place.key(service)),
        "reflection": True,
    }


def _of_identity(place: Place) -> dict[str, Any]:
    return {
        "field_keys_file": str(_field_keys(place, "identity")),
        "token_keys_folder": str(place.folder / "keys" / "tokens"),
        # A demonstration shows the cooling-off time; it does not wait for a day.
        "key_cooling_off_seconds": 2,
        # Short, so that step 16 of the journey can show an expired token without a wait of ten minutes.
        "access_token_seconds": 20,
    }


def _of_registration(place: Place) -> dict[str, Any]:
    return {
        "field_keys_file": str(_field_keys(place, "registration")),
        "legal_clock_offset_seconds": int(into_known_calendar(legal_date(datetime.now(UTC))).total_seconds()),
    }


def into_known_calendar(today: date) -> timedelta:
    """How far a demonstration moves its legal clock: back by whole weeks, until the exam of its batch, the
    longest term of the story, is in a year whose holidays are published; usually not at all."""
    offset = timedelta()
    while True:
        try:
            add_working_days(today + offset, STORY_WORKING_DAYS)
        except CalendarNotPublished:
            offset -= timedelta(weeks=1)
        else:
            return offset


def _of_supervision(place: Place) -> dict[str, Any]:
    return {
        "ledger_origin": "ledger.jiangheng.example/demo",
        "ledger_key_file": str(place.key("ledger")),
        "checkpoint_file": str(place.folder / "checkpoints.jsonl"),
        "sources": {
            source: {"target": place.target(source), "key_file": str(place.public_key(source))}
            for source in FEEDS["supervision"]
        },
    }


OWN: Mapping[str, Callable[[Place], dict[str, Any]]] = {
    "identity": _of_identity,
    "registration": _of_registration,
    "supervision": _of_supervision,
}


def toml(settings: Mapping[str, Any], table: str = "") -> str:
    """Settings as TOML: tables last, texts quoted as JSON does, which TOML reads alike."""
    plain = {name: value for name, value in settings.items() if not isinstance(value, Mapping)}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in plain.items()]
    for name, value in settings.items():
        if isinstance(value, Mapping):
            path = f"{table}.{name}" if table else name
            lines.append(f"\n[{path}]\n" + toml(value, path))
    return "".join(lines)
