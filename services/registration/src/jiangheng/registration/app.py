"""Composition root of registration: the only place that wires."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.privacy import PrivacyError, load_keys
from jiangheng.chassis.process import Program, Serving, open_runtime
from jiangheng.chassis.worker import Worker
from jiangheng.registration import api
from jiangheng.registration.config import RegistrationConfig
from jiangheng.registration.operations.watch_deadlines import watch_deadlines
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.standards import BadStandard, read_standards
from jiangheng.rules.calendar import PUBLISHED, Calendar
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.notices import BadCalendar, read_calendar

NAME = "registration"
DEADLINE_SECONDS = 3600.0


def build_registration(config: RegistrationConfig) -> RegistrationRuntime:
    """The surroundings of the operations. Raises ConfigError if a file cannot be used."""
    try:
        keys = load_keys(config.field_keys_file)
    except (OSError, PrivacyError) as error:
        raise ConfigError(f"field_keys_file: {error}") from None
    calendar, standards = _calendar(config.calendar_file), _standards(config.standards_folder)
    return RegistrationRuntime(
        **vars(open_runtime(NAME, config)),
        cipher=keys.cipher(),
        index=keys.blind_index(),
        calendar=calendar,
        standards=standards,
    )


def _calendar(file: Path | None) -> Calendar:
    try:
        return read_calendar(file) if file else PUBLISHED
    except (OSError, BadCalendar) as error:
        raise ConfigError(f"calendar_file: {error}") from None


def _standards(folder: Path | None) -> Mapping[str, Standard]:
    try:
        return read_standards(folder) if folder else {}
    except (OSError, BadStandard) as error:
        raise ConfigError(f"standards_folder: {error}") from None


def build_serving(config: RegistrationConfig) -> Serving:
    """The gRPC process."""
    runtime = build_registration(config)
    return Serving(
        runtime=runtime,
        mounted=api.mounted(runtime),
        owners=api.owners(runtime),
        # It only looks and reports, so every replica may.
        workers=(Worker("deadlines", DEADLINE_SECONDS, lambda: watch_deadlines(runtime)),),
    )


PROGRAM = Program(
    name=NAME,
    config_type=RegistrationConfig,
    build_serving=build_serving,
    # Registration listens to nobody yet.
    build_consuming=None,
    migrations="jiangheng.registration.migrations",
)
