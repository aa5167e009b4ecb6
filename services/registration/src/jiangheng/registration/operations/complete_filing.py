"""CompleteFiling: the institution gets its code and its receipt (赋予机构代码, 备案回执; 002 9).

The officer signs with an own key for exactly one dossier at one revision; the
Guard has verified the signature, here it is checked to be about what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jiangheng.api.policy.v1.policy_pb2 import ActSignature
from jiangheng.api.registration.v1 import events_pb2 as events
from jiangheng.chassis.auth import Caller, Owner
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import invalid
from jiangheng.registration.domain import numbers
from jiangheng.registration.domain.institution import DECIDE, Act, Filing, Institution
from jiangheng.registration.operations.dockets import INSTITUTIONS
from jiangheng.registration.operations.step import take
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import institutions
from jiangheng.registration.store.steps import Step
from jiangheng.registration.wire import institutions as wire


@dataclass(frozen=True)
class SignedDecision:
    """What the officer saw and signed for."""

    dossier_digest: bytes
    key_id: str
    signature: bytes


def complete_filing(
    runtime: RegistrationRuntime, caller: Caller, credit_code: str, revision: int, decision: SignedDecision
) -> Institution:
    """File the accepted dossier of `revision` and assign institution code and receipt number.

    Raises Problem INVALID if the officer signed for another dossier, FORBIDDEN
    for whoever prepared it, EXHAUSTED when a province has no serials left.
    """

    def filed(tx: Tx, found: Institution) -> tuple[Institution, events.InstitutionFiled]:
        _refuse_other_dossier(found, decision)
        filing = _filing(runtime, tx, caller, found, decision)
        return replace(found, filing=filing), _fact(found, filing)

    step = Step(Act.COMPLETE, credit_code, revision, decision.dossier_digest.hex())
    return take(runtime, caller, INSTITUTIONS, step, filed, states="institution.filed.v1")


def _refuse_other_dossier(found: Institution, decision: SignedDecision) -> None:
    if decision.dossier_digest != found.dossier_digest:
        raise invalid(
            "dossier_digest",
            "签名所针对的备案材料与所存材料不一致。",
            "the signature is for another dossier than the stored one",
            rule="REG-012",
            clause="002 9",
            code="other-dossier",
        )


def _filing(
    runtime: RegistrationRuntime, tx: Tx, caller: Caller, found: Institution, decision: SignedDecision
) -> Filing:
    letter, province = numbers.letter(found.dossier), numbers.province(found.dossier)
    serial = institutions.next_serial(tx, letter, province)
    now = runtime.legal_clock.now()
    return Filing(
        institution_code=numbers.institution_code(letter, province, serial),
        receipt_number=numbers.receipt_number(letter, province, serial, now),
        filed_at=now,
        authority=_authority(caller, found),
        key_id=decision.key_id,
        signature=decision.signature,
    )


def _authority(caller: Caller, found: Institution) -> str:
    """The narrowest region the officer decides for that holds the institution (REG-004)."""
    owner = Owner(found.credit_code, found.dossier.division)
    regions = [grant.region for grant in caller.with_scope(DECIDE) if grant.covers(owner)]
    return max(regions, key=lambda region: (region != "00", len(region)))


def _fact(decided_on: Institution, filing: Filing) -> events.InstitutionFiled:
    return events.InstitutionFiled(
        credit_code=decided_on.credit_code,
        institution_code=filing.institution_code,
        receipt_number=filing.receipt_number,
        name=decided_on.dossier.name,
        kind=wire.kind_to_wire(decided_on.dossier.kind),
        division=decided_on.dossier.division,
        scopes=[wire.scope_to_wire(scope) for scope in decided_on.dossier.scopes],
        dossier_digest=decided_on.dossier_digest,
        # As in the request that was signed, so that anyone can make it again and verify it.
        revision=decided_on.revision,
        signature=ActSignature(key_id=filing.key_id, signature=filing.signature),
        authority=filing.authority,
    )
