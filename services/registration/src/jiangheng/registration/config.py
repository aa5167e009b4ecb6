"""What an installation of registration decides; the rest is chassis.config.ServiceConfig."""

from __future__ import annotations

from pathlib import Path

from jiangheng.chassis.config import ServiceConfig


class RegistrationConfig(ServiceConfig):
    """Configuration of registration; variables are JIANGHENG_REGISTRATION_<FIELD>."""

    # Keys that what is personal in a dossier is sealed with; mode 0600. See `new-field-keys`.
    field_keys_file: Path
    # The State Council's notices that the wheel does not have yet; see docs/runbooks/calendar.md.
    calendar_file: Path | None = None
    # Standards of occupations that the agency maintains, one TOML file each; see docs/rules.md.
    standards_folder: Path | None = None
