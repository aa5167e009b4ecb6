"""What every operation of registration is handed first."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis.privacy import FieldCipher
from jiangheng.chassis.runtime import Runtime


@dataclass(frozen=True)
class RegistrationRuntime(Runtime):
    """The service's surroundings; `cipher` seals what is personal in a dossier."""

    cipher: FieldCipher
