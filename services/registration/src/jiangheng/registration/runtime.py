"""What every operation of registration is handed first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jiangheng.chassis.privacy import BlindIndex, FieldCipher
from jiangheng.chassis.runtime import Runtime
from jiangheng.rules.calendar import PUBLISHED, Calendar
from jiangheng.rules.eligibility.standard import Standard


@dataclass(frozen=True)
class RegistrationRuntime(Runtime):
    """The service's surroundings.

    `cipher` seals what is personal, `index` finds a person's number without
    reading it, `calendar` says which days are worked, `standards` are those that
    the agency maintains, by occupation; what is issued in a `demo` bears the
    TEST mark.
    """

    cipher: FieldCipher
    index: BlindIndex
    calendar: Calendar = PUBLISHED
    demo: bool = False
    standards: Mapping[str, Standard] = field(default_factory=dict)
