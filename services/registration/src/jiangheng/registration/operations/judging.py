"""An application beside its batch: the rules it is judged by, and what they find (REG-035, REG-097)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from jiangheng.chassis.clocks import legal_date
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.application import Application, Finding
from jiangheng.registration.domain.application_faults import Setting
from jiangheng.registration.domain.batch import Batch
from jiangheng.registration.domain.evidence import conditions_of, decided_on, finding_of
from jiangheng.registration.domain.form import ApplicationForm
from jiangheng.registration.operations import pins
from jiangheng.registration.operations.dockets import BATCHES
from jiangheng.registration.operations.step import stored
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.standards import standard_for
from jiangheng.rules.eligibility.conditions import Conditions
from jiangheng.rules.eligibility.standard import Standard
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack


@dataclass(frozen=True)
class Bench:
    """A confirmed batch, exactly the rules that it is bound to, and the day of law.

    The conditions of an occupation are read once: that costs more than all that is decided by them.
    """

    runtime: RegistrationRuntime
    batch: Batch
    pack: Pack
    today: date
    _conditions: dict[str, Conditions | Explanation] = field(default_factory=dict, repr=False)

    def finding(self, one: Application) -> Finding:
        """What the rules say to an application now."""
        on, standard = decided_on(self.today, self.batch.plan.closes), self._standard(one.form)
        if standard.occupation not in self._conditions:
            self._conditions[standard.occupation] = conditions_of(self.pack, standard)
        return finding_of(one.form, self._conditions[standard.occupation], standard, on)

    def setting(self, form: ApplicationForm) -> Setting:
        """What a form is judged against."""
        return Setting(self.batch.plan, self.pack, self._standard(form), self.today)

    def _standard(self, form: ApplicationForm) -> Standard:
        return standard_for(self.runtime.standards, form.occupation_code)


def bench_of(runtime: RegistrationRuntime, tx: Tx, batch_id: str) -> Bench:
    """The bench of a batch. Raises Problem NOT_FOUND, WRONG_STATE before the confirmation."""
    batch = stored(runtime, tx, BATCHES, batch_id)
    return Bench(runtime, batch, pins.pack_of(tx, batch), legal_date(runtime.legal_clock.now()))
