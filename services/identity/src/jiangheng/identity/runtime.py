"""What every operation of identity is handed first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jiangheng.chassis.privacy import BlindIndex, FieldCipher
from jiangheng.chassis.runtime import Runtime
from jiangheng.identity.keyring import Keyring
from jiangheng.identity.passwords import Passwords

# Who did it where no caller did: the sweeper, the first bootstrap, a lock-out.
SYSTEM = "system"

REFRESH_LIFE = timedelta(hours=12)
ACTIVATION_LIFE = timedelta(hours=24)
BOOTSTRAP_LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """What an installation decides; see config.py."""

    audiences: frozenset[str]
    access_life: timedelta = timedelta(seconds=600)
    key_cooling_off: timedelta = timedelta(days=1)
    default_grant: timedelta = timedelta(days=365)


@dataclass(frozen=True)
class Identity(Runtime):
    """The surroundings of identity's operations; all of identity's times are the machine clock's."""

    limits: Limits
    cipher: FieldCipher
    index: BlindIndex
    passwords: Passwords
    keyring: Keyring

    def now(self) -> datetime:
        """The present moment; grants, tokens and cooling-off times never follow a moved legal clock."""
        return self.machine_clock.now()
