"""What an installation of identity decides; the rest is chassis.config.ServiceConfig."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from jiangheng.chassis.config import ServiceConfig

# The services that tokens are made for (design 2).
AUDIENCES = frozenset(
    {"identity", "registration", "itembank", "exam", "certificate", "supervision", "portal"}
)


class IdentityConfig(ServiceConfig):
    """Configuration of identity; variables are JIANGHENG_IDENTITY_<FIELD>."""

    # Keys that names and document numbers are sealed and indexed with; mode 0600.
    field_keys_file: Path
    # Folder of the keys that access tokens are signed with; see `rotate-token-key`.
    token_keys_folder: Path
    # The services that tokens may be asked for.
    audiences: frozenset[str] = AUDIENCES
    # Life of a person's access token.
    access_token_seconds: int = Field(default=600, ge=1, le=600)
    # From the second approval of a person's signing key until it may be used (design 6).
    key_cooling_off_seconds: int = Field(default=86400, ge=0)
    # Length of a grant for which no end is asked.
    default_grant_days: int = Field(default=365, ge=1, le=1830)
    # Argon2id (RFC 9106): memory and passes of one password hash.
    argon2_memory_kib: int = Field(default=65536, ge=8)
    argon2_passes: int = Field(default=3, ge=1)

    @model_validator(mode="after")
    def _identity_in_production(self) -> Self:
        if self.profile != "production":
            return self
        least = {"key_cooling_off_seconds": 3600, "access_token_seconds": 60, "argon2_memory_kib": 19456}
        faults = [
            f"{name} must be at least {low}" for name, low in least.items() if getattr(self, name) < low
        ]
        if faults:
            raise ValueError("in production " + "; ".join(faults))
        return self
