"""What every operation of registration is handed first."""

from __future__ import annotations

from dataclasses import dataclass

from jiangheng.chassis.privacy import FieldCipher
from jiangheng.chassis.runtime import Runtime
from jiangheng.rules.calendar import PUBLISHED, Calendar


@dataclass(frozen=True)
class RegistrationRuntime(Runtime):
    """The service's surroundings; `cipher` seals what is personal, `calendar` says which days are worked."""

    cipher: FieldCipher
    calendar: Calendar = PUBLISHED
