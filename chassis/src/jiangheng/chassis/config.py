"""Typed configuration: a TOML file, then the environment over it.

Environment variables are JIANGHENG_<SERVICE>_<FIELD>. A key that no field has
is refused, in either place, so that a misspelt setting cannot go unnoticed.
Every value remembers where it came from. Secrets are never printed, nor is the
value of any setting that was found wrong.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, Literal, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError
from pydantic_settings.sources import PydanticBaseSettingsSource

from jiangheng.chassis.loopback import host_of, hosts_of_url, is_loopback

FILE_VARIABLE = "JIANGHENG_CONFIG"
HIDDEN = "********"
DEFAULT = "default"


class ConfigError(Exception):
    """The configuration cannot be used; the message lists every fault and no value."""


class ServiceConfig(BaseSettings):
    """What every service is told. A service adds its own fields in a subclass.

    `profile` "production" (also when nothing is said) refuses what only a
    demonstration may do; see `_production`.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    profile: Literal["demo", "production"] = "production"
    # "sqlite:///path" or "postgresql+psycopg://…", with the rights to read and write rows.
    database_url: SecretStr
    # The same database with the rights to change tables; absent: database_url.
    migration_url: SecretStr | None = None
    # PostgreSQL role that `migrate` gives its rights to; absent: none is changed.
    runtime_role: str | None = None
    database_pool_size: int = Field(default=8, ge=1, le=100)
    amqp_url: SecretStr
    # "host:port" to take calls on; port 0 takes a free one and says which.
    bind: str = Field(default="127.0.0.1:0", pattern=r"^.+:\d{1,5}$")
    tls_cert: Path | None = None
    tls_key: Path | None = None
    # The authority that the other services' certificates are checked against.
    tls_ca: Path | None = None
    reflection: bool = False
    workers: int = Field(default=16, ge=1, le=200)
    # "host:port" of identity, for the key set and this service's own tokens.
    identity_target: str = ""
    # PEM (PKCS 8), Ed25519: this service's own key. Signs its feed and proves it to identity.
    service_key_file: Path | None = None
    # HTTP ports on loopback for Prometheus, of `serve` and of `consume`; absent: no metrics are served.
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    consumer_metrics_port: int | None = Field(default=None, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # Seconds by which the legal clock is ahead. Demonstrations only.
    legal_clock_offset_seconds: int = 0

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # `load` merges the sources itself, so that it can say which value came from where.
        return (init_settings,)

    @property
    def legal_clock_offset(self) -> timedelta:
        return timedelta(seconds=self.legal_clock_offset_seconds)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together: give both or neither")
        if self.tls_cert is None and not is_loopback(host_of(self.bind)):
            raise ValueError("bind is off loopback: tls_cert and tls_key are needed")
        if self.tls_ca is None and self.identity_target and not is_loopback(host_of(self.identity_target)):
            raise ValueError("identity_target is off loopback: tls_ca is needed")
        if self.profile == "production":
            self._production()
        return self

    def _production(self) -> None:
        faults = []
        if self.legal_clock_offset_seconds:
            faults.append("legal_clock_offset_seconds must be 0")
        if self.reflection:
            faults.append("reflection must be off")
        if not _encrypted_amqp(self.amqp_url.get_secret_value()):
            faults.append("amqp_url must be amqps:// off loopback")
        for name, url in (("database_url", self.database_url), ("migration_url", self.migration_url)):
            faults += [f"{name} {fault}" for fault in _database_faults(url.get_secret_value())] if url else []
        if faults:
            raise ValueError("in production " + "; ".join(faults))


def _encrypted_amqp(url: str) -> bool:
    return all(
        part.startswith("amqps://") or all(is_loopback(host) for host in hosts_of_url(part))
        for part in url.split(";")
    )


def _database_faults(url: str) -> list[str]:
    if url.startswith("sqlite"):
        return ["must be PostgreSQL"]
    query = parse_qs(urlsplit(url).query)
    # libpq takes hosts from the query too; a path there is a socket of this machine.
    hosts = hosts_of_url(url) + [host for host in query.get("host", []) if not host.startswith("/")]
    if query.get("sslmode", [""])[0] in ("verify-ca", "verify-full") or all(map(is_loopback, hosts)):
        return []
    return ["must say sslmode=verify-full off loopback"]


C = TypeVar("C", bound=ServiceConfig)


@dataclass(frozen=True)
class Loaded(Generic[C]):
    """A configuration and where each of its values came from."""

    config: C
    origins: Mapping[str, str]

    def rows(self) -> list[tuple[str, Any, str]]:
        """(field, printable value, origin) of every field, secrets hidden."""
        plain = self.config.model_dump(mode="json")
        secret = {name for name in plain if isinstance(getattr(self.config, name), SecretStr)}
        return [
            (name, HIDDEN if name in secret else plain[name], origin) for name, origin in self.origins.items()
        ]


def load(config_type: type[C], service: str, file: Path | None = None) -> Loaded[C]:
    """Read the configuration of `service`: defaults, then the file, then the environment.

    Without `file` the one named by JIANGHENG_CONFIG is read, if any. Raises
    ConfigError with every fault found.
    """
    path = file or (Path(named) if (named := os.environ.get(FILE_VARIABLE)) else None)
    prefix = f"JIANGHENG_{service.upper()}_"
    from_file = _read_file(path) if path else {}
    from_environment = _read_environment(config_type, prefix)
    origins = dict.fromkeys(config_type.model_fields, DEFAULT)
    origins |= dict.fromkeys(from_file, f"file {path}")
    origins |= {name: f"environment {prefix}{name.upper()}" for name in from_environment}
    _refuse_unknown(config_type, origins, prefix)
    try:
        config = config_type(**{**from_file, **from_environment})
    except ValidationError as error:
        raise ConfigError(_explain(error, origins, prefix)) from None
    return Loaded(config, origins)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"file {path}: {error.strerror}") from None
    except ValueError as error:  # also a wrong encoding; neither message quotes a value
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "not UTF-8"
        raise ConfigError(f"file {path}: not valid TOML: {reason}") from None


def _read_environment(config_type: type[C], prefix: str) -> dict[str, Any]:
    try:
        return EnvSettingsSource(config_type, env_prefix=prefix, env_ignore_empty=True)()
    except SettingsError as error:  # names the field, never quotes the value
        raise ConfigError(str(error)) from None


def _refuse_unknown(config_type: type[C], origins: Mapping[str, str], prefix: str) -> None:
    known = config_type.model_fields
    faults = [f"{origin}: unknown key {name}" for name, origin in origins.items() if name not in known]
    named = (variable for variable in sorted(os.environ) if variable.startswith(prefix))
    faults += [
        f"environment: unknown variable {variable}"
        for variable in named
        if variable.removeprefix(prefix).lower() not in known
    ]
    if faults:
        raise ConfigError("\n".join(faults))


def _explain(error: ValidationError, origins: Mapping[str, str], prefix: str) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "\n".join(_line(fault["loc"], fault["msg"], origins, prefix) for fault in faults)


def _line(place: tuple[int | str, ...], message: str, origins: Mapping[str, str], prefix: str) -> str:
    message = message.removeprefix("Value error, ")
    if not place:
        return message
    name = str(place[0])
    origin = origins.get(name, DEFAULT)
    if origin == DEFAULT:
        return f"{name}: not set; say {name} in the file or {prefix}{name.upper()} in the environment"
    return f"{origin}: {name}: {message}"
